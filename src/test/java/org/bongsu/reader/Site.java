package org.bongsu.reader;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.bongsu.Await;

/** A running portal as its clients see it: a base address, and people who log in with their names as passwords. */
public final class Site {
    private final URI base;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Await.PATIENCE).build();

    /** @param base ends with a slash */
    public Site(URI base) {
        this.base = base;
    }

    public URI base() {
        return base;
    }

    public HttpClient client() {
        return client;
    }

    public URI uri(String path) {
        return base.resolve(path);
    }

    static String authorization(String user) {
        byte[] credentials = (user + ':' + user).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(credentials);
    }

    public HttpRequest.Builder request(String user, String path) {
        return HttpRequest.newBuilder(uri(path)).timeout(Await.PATIENCE).header("Authorization", authorization(user));
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError("no answer from " + base + ": " + e, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Publishes a text as the administrator and returns its id. */
    public String publish(String topic, String body) {
        HttpResponse<String> response = send(request("admin", "api/topics/" + topic)
                .header("Content-Type", "text/plain;charset=UTF-8")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
        if (response.statusCode() != 201) {
            throw new AssertionError("publishing answered " + response.statusCode() + ": " + response.body());
        }
        return json(response.body()).getString("id");
    }

    public static JsonObject json(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return Objects.requireNonNull(reader.readObject());
        }
    }

    static String query(List<String> topics) {
        return topics.stream()
                .map(topic -> "topic=" + URLEncoder.encode(topic, StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
