package org.bongsu;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A running portal as its clients see it, wherever it runs: a base address, and people who log in with their names as passwords
 * ({@link PortalServer} says who). All paths begin with a slash, as in {@code /api/poll?wait=0}.
 */
public final class Site {
    /** One for all tests: each new client would start threads of its own. No cookies. */
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Await.PATIENCE)
            .build();

    private final URI base;
    private final HttpClient client;

    /** @param base ends with a slash */
    public Site(URI base) {
        this(base, CLIENT);
    }

    /** @param client trusts the site, and speaks the version of HTTP that is wanted */
    public Site(URI base, HttpClient client) {
        this.base = base;
        this.client = client;
    }

    /**
     * The same site, asked on connections of its own. For whoever gives requests up: the client then ends the connection, which may
     * carry somebody else's request by that time (JDK 17).
     */
    public Site apart() {
        return new Site(
                base,
                HttpClient.newBuilder()
                        .version(client.version())
                        .connectTimeout(Await.PATIENCE)
                        .sslContext(client.sslContext())
                        .build());
    }

    public URI base() {
        return base;
    }

    public HttpClient client() {
        return client;
    }

    public URI url(String path) {
        if (!path.startsWith("/")) throw new IllegalArgumentException("a path begins with a slash: " + path);
        return base.resolve(path.substring(1));
    }

    /** As {@link #url}, for WebSockets. */
    public URI wsUrl(String path) {
        return URI.create(url(path).toString().replaceFirst("http", "ws"));
    }

    /** What the portal's own pages send as {@code Origin}. */
    public String origin() {
        return base.getScheme() + "://" + base.getAuthority();
    }

    /** The value of an {@code Authorization} header. */
    public static String basic(String userAndPassword) {
        String credentials = userAndPassword + ':' + userAndPassword;
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    /** A request as this person, by Basic. */
    public HttpRequest.Builder request(String user, String path) {
        return request(path).header("Authorization", basic(user));
    }

    /** A request as nobody. */
    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url(path)).timeout(Await.PATIENCE);
    }

    /** Sends and reads the whole answer. */
    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError("no answer from " + base + ": " + e, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public HttpResponse<String> get(String user, String path) {
        return send(request(user, path));
    }

    /** Publishes a text as the administrator and returns its id. */
    public String publish(String topic, String body) {
        return publish("admin", topic, body);
    }

    /** Publishes a text and returns its id. */
    public String publish(String user, String topic, String body) {
        HttpResponse<String> response = send(request(user, "/api/topics/" + topic)
                .header("Content-Type", "text/plain;charset=UTF-8")
                .POST(BodyPublishers.ofString(body, StandardCharsets.UTF_8)));
        if (response.statusCode() != HttpURLConnection.HTTP_CREATED) {
            throw new AssertionError("publishing was answered " + response.statusCode() + ": " + response.body());
        }
        return json(response.body()).getString("id");
    }

    /** Logs in as a page would and returns its cookies (the session's, and what a server adds to it), to be sent as {@code Cookie}. */
    public String login(String user) {
        HttpResponse<String> response = send(request("/api/session")
                .header("Origin", origin())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"user\":\"" + user + "\",\"password\":\"" + user + "\"}")));
        if (response.statusCode() != HttpURLConnection.HTTP_NO_CONTENT) {
            throw new AssertionError("the login was answered " + response.statusCode() + ": " + response.body());
        }
        // A changed id is set by a second header: the last one of a name counts, as in a browser.
        Map<String, String> cookies = new LinkedHashMap<>();
        for (String cookie : response.headers().allValues("Set-Cookie")) {
            String[] nameAndValue = cookie.split(";", 2)[0].split("=", 2);
            cookies.put(nameAndValue[0], nameAndValue[1]);
        }
        cookies.values().removeIf(String::isEmpty);
        if (cookies.isEmpty()) throw new AssertionError("the login set no cookie");
        return cookies.entrySet().stream()
                .map(cookie -> cookie.getKey() + '=' + cookie.getValue())
                .collect(Collectors.joining("; "));
    }

    public static JsonObject json(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return Objects.requireNonNull(reader.readObject());
        }
    }

    /** The parameters that ask for these topics. */
    public static String query(List<String> topics) {
        return topics.stream()
                .map(topic -> "topic=" + URLEncoder.encode(topic, StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
