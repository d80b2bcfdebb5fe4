package org.bongsu.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the benchmark speaks to a portal, whatever server that is on. */
final class PortalRequests {
    static final String UPGRADE = String.join(
            "\r\n",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            "");

    private static final String READER = "alice";
    private static final String PUBLISHER = "backup-job";

    private final int port;
    private final boolean json;
    private final String reader;
    private final String publisher;

    /**
     * @param cookie a session in place of Basic
     * @param json publishes a JSON object in place of the bare text
     */
    PortalRequests(int port, boolean cookie, boolean json) throws IOException {
        this.port = port;
        this.json = json;
        this.reader = credentials(READER, cookie);
        this.publisher = credentials(PUBLISHER, cookie);
    }

    /** The header line that says who asks. */
    private String credentials(String user, boolean cookie) throws IOException {
        if (!cookie) {
            String pair = user + ":" + user;
            return "Authorization: Basic "
                    + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8))
                    + "\r\n";
        }
        HttpRequest login = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/bongsu/api/session"))
                .header("X-Bongsu", "1")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"user\":\"" + user + "\",\"password\":\"" + user + "\"}"))
                .build();
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient().send(login, HttpResponse.BodyHandlers.ofString());
            List<String> cookies = answer.headers().allValues("set-cookie");
            if (answer.statusCode() != 204 || cookies.isEmpty()) {
                throw new IOException("the login was answered " + answer.statusCode() + ": " + answer.body());
            }
            // A changed id comes last.
            return "Cookie: " + cookies.get(cookies.size() - 1).split(";", 2)[0]
                    + "\r\nX-Bongsu: 1\r\nOrigin: http://127.0.0.1:" + port + "\r\n";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private String get(String path) {
        return "GET /bongsu" + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + reader;
    }

    Subscriber subscriber(Transport transport, String topic) {
        return switch (transport) {
            case SSE ->
                new SseSubscriber(
                        get("/api/stream?topic=" + topic) + "Accept: text/event-stream\r\n\r\n", "event: ready");
            case WEBSOCKET ->
                new WebSocketSubscriber(
                        get("/ws") + UPGRADE + "\r\n",
                        List.of(new WebSocketSubscriber.Step(
                                "\"op\":\"ready\"", "{\"op\":\"subscribe\",\"topics\":[\"" + topic + "\"],\"ref\":1}")),
                        "\"op\":\"ok\"");
            case POLL -> new PollSubscriber(new Polling(get("/api/poll?limit=1000&wait=25&topic=" + topic)));
        };
    }

    Publisher.Dialect publishing(String topic) {
        String type = json ? "application/json" : "text/plain;charset=UTF-8";
        return new Publisher.Dialect() {
            @Override
            public String head(int bodyLength) {
                return "POST /bongsu/api/topics/" + topic + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + publisher
                        + "Content-Type: " + type + "\r\nContent-Length: " + bodyLength + "\r\n\r\n";
            }

            @Override
            public String before() {
                return json ? "{\"body\":\"" : "";
            }

            @Override
            public String after() {
                return json ? "\"}" : "";
            }
        };
    }

    /** The header lines of a reader and of the publisher, for other clients. */
    String readerHeader() {
        return reader.split("\r\n", 2)[0];
    }

    String publisherHeader() {
        return publisher.split("\r\n", 2)[0];
    }

    private record Polling(String get) implements PollSubscriber.Dialect {
        private static final byte[] CURSOR = Subscriber.ascii("\"cursor\":\"");
        private static final byte[] RESET = Subscriber.ascii("\"reset\":");

        @Override
        public byte[] request(@Nullable String cursor) {
            // The path ends where the protocol begins; the cursor joins the query.
            int end = get.indexOf(" HTTP/1.1");
            return Subscriber.ascii(
                    (cursor == null ? get : get.substring(0, end) + "&after=" + cursor + get.substring(end)) + "\r\n");
        }

        @Override
        public boolean answersFirst() {
            return true;
        }

        @Override
        public String cursor(Head head, byte[] bytes, int bodyFrom, int bodyTo) throws IOException {
            // Both stand before the messages.
            int start = Subscriber.indexOf(bytes, bodyFrom, bodyTo, CURSOR);
            if (start < 0) throw new IOException("an answer without a cursor");
            if (Subscriber.indexOf(bytes, bodyFrom, Math.min(bodyTo, bodyFrom + 100), RESET) >= 0) {
                throw new IOException("the server said reset");
            }
            int end = start + CURSOR.length;
            StringBuilder cursor = new StringBuilder();
            while (bytes[end] != '"') cursor.append((char) bytes[end++]);
            return cursor.toString();
        }
    }
}
