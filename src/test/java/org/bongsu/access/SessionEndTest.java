package org.bongsu.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.TestClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What ends with a session, and when a session ends, on a Tomcat in this JVM. */
final class SessionEndTest extends WhatEndsWithASession {
    private final TestClock clock = new TestClock(Instant.parse("2026-11-21T08:00:00Z"));
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

    @Override
    protected Site site() {
        return portal.site();
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
}
