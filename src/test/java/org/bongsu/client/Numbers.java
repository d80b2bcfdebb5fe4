package org.bongsu.client;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bongsu.PortalServer;

/** Messages whose bodies are "0", "1", …: what is lost, doubled or out of order shows. */
public final class Numbers {
    private static final String TOPIC = "ops/numbers";
    private static final int AT_ONCE = 7;

    private Numbers() {}

    /** Publishes those from {@code first} to before {@code end}, a few at a time, one after the other. */
    public static void publish(PortalServer portal, int first, int end) {
        for (int next = first; next < end; next += AT_ONCE) batch(portal, next, Math.min(end, next + AT_ONCE), "");
    }

    /** Publishes them in one request, which takes no more than 1,000; {@code more} is appended to each. */
    static void batch(PortalServer portal, int first, int end, String more) {
        String lines = IntStream.range(first, end)
                .mapToObj(i -> "{\"topic\":\"" + TOPIC + "\",\"body\":\"" + i + more + "\"}")
                .collect(Collectors.joining("\n"));
        HttpResponse<String> answer = portal.send(portal.request("backup-job", "/api/messages")
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(lines)));
        if (answer.statusCode() != 201) throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
}
