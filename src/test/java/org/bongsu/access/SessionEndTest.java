package org.bongsu.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.PortalServer;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.TestClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What ends with a session, and when a session ends. */
final class SessionEndTest {
    private final TestClock clock = new TestClock(Instant.parse("2026-11-21T08:00:00Z"));
    private final HttpClient client = HttpClient.newHttpClient();
    private PortalServer portal;

    @BeforeEach
    void start() {
        portal = PortalServer.builder()
                .store(new MemoryMessageStore())
                .clock(clock)
                .with("session.idle", "1h")
                .start();
    }

    @AfterEach
    void stop() {
        portal.close();
    }

    @Test
    void aLogoutEndsEveryStreamOfThatSessionAndNoOther() throws Exception {
        String one = portal.login("alice");
        String other = portal.login("alice");
        BufferedReader first = open(one);
        BufferedReader second = open(one);
        BufferedReader untouched = open(other);
        CompletableFuture<HttpResponse<String>> poll = poll(one);
        assertEquals(
                204,
                portal.send(portal.request("/api/session")
                                .header("Cookie", one)
                                .header("X-Bongsu", "1")
                                .DELETE())
                        .statusCode());
        for (BufferedReader stream : List.of(first, second)) {
            List<String> rest = toTheEnd(stream).get(Await.SECONDS, TimeUnit.SECONDS);
            assertTrue(rest.contains("event: bye") && rest.contains("data: {\"reason\":\"logout\"}"), rest.toString());
        }
        assertEquals(401, poll.get(Await.SECONDS, TimeUnit.SECONDS).statusCode());
        assertEquals(401, status(one, "/api/stream"), "the next attempt is refused");
        assertEquals(200, status(other, "/api/session"));
        assertTrue(!toTheEnd(untouched).isDone());
    }

    @Test
    void aLoginAsSomebodyElseEndsTheStreamsOfTheFirst() throws Exception {
        String alice = portal.login("alice");
        BufferedReader stream = open(alice);
        portal.send(portal.request("/api/session")
                .header("Cookie", alice)
                .header("X-Bongsu", "1")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("user=bob&password=bob")));
        assertTrue(toTheEnd(stream).get(Await.SECONDS, TimeUnit.SECONDS).contains("data: {\"reason\":\"logout\"}"));
    }

    @Test
    void streamsPollsAndPingsAreNoActivity() throws Exception {
        String cookie = portal.login("alice");
        BufferedReader stream = open(cookie);
        clock.pass(Duration.ofMinutes(40));
        assertEquals(200, status(cookie, "/api/poll?wait=0"));
        assertEquals(
                404,
                portal.send(portal.request("/api/alive?c=x")
                                .header("Cookie", cookie)
                                .header("X-Bongsu", "1")
                                .POST(BodyPublishers.noBody()))
                        .statusCode());
        clock.pass(Duration.ofMinutes(21));
        List<String> rest = toTheEnd(stream).get(Await.SECONDS, TimeUnit.SECONDS);
        assertTrue(rest.contains("data: {\"reason\":\"expired\"}"), rest.toString());
        assertEquals(401, status(cookie, "/api/poll?wait=0"));
        assertEquals(401, status(cookie, "/api/session"));
    }

    @Test
    void whatAPersonDoesKeepsTheSession() throws Exception {
        String cookie = portal.login("alice");
        BufferedReader stream = open(cookie);
        for (int i = 0; i < 3; i++) {
            clock.pass(Duration.ofMinutes(59));
            assertEquals(200, status(cookie, "/api/session"));
        }
        CompletableFuture<List<String>> rest = toTheEnd(stream);
        clock.pass(Duration.ofMinutes(61));
        assertTrue(rest.get(Await.SECONDS, TimeUnit.SECONDS).contains("data: {\"reason\":\"expired\"}"));
    }

    private BufferedReader open(String cookie) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = client.send(
                portal.request("/api/stream?topic=**").header("Cookie", cookie).build(), BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        BufferedReader stream = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        while (!String.valueOf(stream.readLine()).equals("event: ready")) {
            // padding and retry come first
        }
        return stream;
    }

    /** Begins a poll and returns when the portal has it. */
    private CompletableFuture<HttpResponse<String>> poll(String cookie) {
        String cursor = portal.send(portal.request("/api/poll?wait=0").header("Cookie", cookie))
                .body()
                .split("\"", 5)[3];
        CompletableFuture<HttpResponse<String>> poll = client.sendAsync(
                portal.request("/api/poll?after=" + cursor)
                        .header("Cookie", cookie)
                        .build(),
                BodyHandlers.ofString());
        // Nothing tells when it has arrived; either way its session's end answers it with 401.
        return poll;
    }

    private static CompletableFuture<List<String>> toTheEnd(BufferedReader stream) {
        return CompletableFuture.supplyAsync(() -> {
            List<String> lines = new ArrayList<>();
            try {
                for (String line = stream.readLine(); line != null; line = stream.readLine()) lines.add(line);
            } catch (IOException endedAbruptly) {
                lines.add("abrupt end");
            }
            return lines;
        });
    }

    private int status(String cookie, String path) {
        return portal.send(portal.request(path).header("Cookie", cookie)).statusCode();
    }
}
