package org.bongsu.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.Site;
import org.junit.jupiter.api.Test;

/** What ends with a session, over a real server. */
public abstract class WhatEndsWithASession {
    /** The portal under test. */
    protected abstract Site site();

    @Test
    void aLogoutEndsEveryStreamOfThatSessionAndNoOther() throws Exception {
        String one = site().login("alice");
        String other = site().login("alice");
        BufferedReader first = open(one);
        BufferedReader second = open(one);
        BufferedReader untouched = open(other);
        CompletableFuture<HttpResponse<String>> poll = poll(one);
        assertEquals(
                204,
                site().send(site().request("/api/session")
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
        site().publish("backup-job", "ops/later", "to the other");
        List<String> rest = upTo("to the other", untouched).get(Await.SECONDS, TimeUnit.SECONDS);
        assertTrue(rest.get(rest.size() - 1).contains("to the other"), rest.toString());
        assertFalse(rest.contains("event: bye"), rest.toString());
        untouched.close();
    }

    @Test
    void aLoginAsSomebodyElseEndsTheStreamsOfTheFirst() throws Exception {
        String alice = site().login("alice");
        BufferedReader stream = open(alice);
        site().send(site().request("/api/session")
                .header("Cookie", alice)
                .header("X-Bongsu", "1")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("user=bob&password=bob")));
        assertTrue(toTheEnd(stream).get(Await.SECONDS, TimeUnit.SECONDS).contains("data: {\"reason\":\"logout\"}"));
    }

    final BufferedReader open(String cookie) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = site().client()
                .send(
                        site().request("/api/stream?topic=**")
                                .header("Cookie", cookie)
                                .build(),
                        BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        BufferedReader stream = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        while (!String.valueOf(stream.readLine()).equals("event: ready")) {
            // padding and retry come first
        }
        return stream;
    }

    /** Begins a poll and returns when the portal has it. */
    private CompletableFuture<HttpResponse<String>> poll(String cookie) {
        String cursor = site().send(site().request("/api/poll?wait=0").header("Cookie", cookie))
                .body()
                .split("\"", 5)[3];
        CompletableFuture<HttpResponse<String>> poll = site().client()
                .sendAsync(
                        site().request("/api/poll?after=" + cursor)
                                .header("Cookie", cookie)
                                .build(),
                        BodyHandlers.ofString());
        // Nothing tells when it has arrived; either way its session's end answers it with 401.
        return poll;
    }

    static CompletableFuture<List<String>> toTheEnd(BufferedReader stream) {
        return upTo("\n", stream);
    }

    /** The lines up to the first with this text, or to the end. */
    private static CompletableFuture<List<String>> upTo(String text, BufferedReader stream) {
        return CompletableFuture.supplyAsync(() -> {
            List<String> lines = new ArrayList<>();
            try {
                for (String line = stream.readLine(); line != null; line = stream.readLine()) {
                    lines.add(line);
                    if (line.contains(text)) break;
                }
            } catch (IOException endedAbruptly) {
                lines.add("abrupt end");
            }
            return lines;
        });
    }

    final int status(String cookie, String path) {
        return site().send(site().request(path).header("Cookie", cookie)).statusCode();
    }
}
