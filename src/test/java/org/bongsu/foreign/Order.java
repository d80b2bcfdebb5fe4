package org.bongsu.foreign;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a client is asked to read.
 *
 * @param base the portal, as the client reaches it; ends with a slash
 * @param after a position, or empty
 * @param padding so many bytes of comment first
 * @param headers credentials
 */
record Order(URI base, String topic, String after, int padding, Map<String, String> headers) {
    Order after(String position) {
        return new Order(base, topic, position, padding, headers);
    }

    Order padded(int bytes) {
        return new Order(base, topic, after, bytes, headers);
    }

    Order with(Map<String, String> otherHeaders) {
        return new Order(base, topic, after, padding, otherHeaders);
    }

    URI stream() {
        return base.resolve("api/stream?topic=" + URLEncoder.encode(topic, StandardCharsets.UTF_8)
                + (after.isEmpty() ? "" : "&after=" + after)
                + (padding == 0 ? "" : "&padding=" + padding));
    }

    URI socket() {
        return URI.create(base.resolve("ws").toString().replaceFirst("http", "ws"));
    }

    /** What is sent first over a socket. */
    String subscribe() {
        return "{\"op\":\"subscribe\",\"id\":\"main\",\"ref\":1,\"topics\":[\"" + topic + "\"]"
                + (after.isEmpty() ? "" : ",\"after\":\"" + after + '"') + '}';
    }

    /** As {@code src/test/node/told.mjs} takes it. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of(base.toString(), topic, after, String.valueOf(padding)));
        headers.forEach((name, value) -> arguments.add(name + ": " + value));
        return arguments;
    }
}
