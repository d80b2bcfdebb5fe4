package org.bongsu.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.Metronome;
import org.bongsu.Site;
import org.bongsu.reader.Sockets;
import org.bongsu.websocket.RawSocket.Frame;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What becomes of clients of {@code ws} that say nothing, read nothing, or never part, over a real server on this machine: its
 * sockets are seen in the kernel's tables, whichever process holds them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class WhatEndsASocket {
    private static final int LIVENESS_SECONDS = 45;
    private static final int WRITE_SECONDS = 8;

    /** What the portal has to be started with: the shortest deadlines that tests can tell from a machine that stands still. */
    public static final Map<String, String> SETTINGS = Map.of(
            "heartbeat",
            "1s",
            "deadline.liveness",
            LIVENESS_SECONDS + "s",
            "deadline.write",
            WRITE_SECONDS + "s",
            "durability",
            "relaxed");

    /** Whoever had to wait for one that is cut would wait so long; in the time of a {@link Metronome}. */
    private static final Duration HELD_UP = Duration.ofSeconds(WRITE_SECONDS * 3 / 4);

    private final Metronome time = new Metronome();
    private Site site;

    /** The portal under test. */
    protected abstract Site site();

    @BeforeEach
    final void know() {
        site = site();
    }

    @AfterAll
    final void stopTime() {
        time.close();
    }

    @Test
    void whoAnswersNoPingIsClosedAsSilentAndWhoAnswersThemStays() throws Exception {
        try (RawSocket lively = RawSocket.greeted(site, "alice");
                RawSocket silent = RawSocket.greeted(site, "alice")) {
            lively.send("{\"op\":\"subscribe\",\"topics\":[\"stay\"]}").text();
            CompletableFuture<String> told = CompletableFuture.supplyAsync(lively::text);
            silent.answersPings = false;
            Frame close = silent.closed();
            assertEquals(4408, close.code());
            assertEquals("silent for " + LIVENESS_SECONDS + " s", close.reason());
            assertTrue(silent.pings.get() > 1, "pings: " + silent.pings);
            // The other one has been there for longer. Now its time is over, too.
            int pings = lively.pings.get();
            assertTrue(pings > 1, "pings: " + pings);
            Await.until("it is still pinged, or told of an end", () -> lively.pings.get() > pings + 3 || told.isDone());
            site.publish("stay", "here");
            String frame = told.get(Await.SECONDS, TimeUnit.SECONDS);
            assertTrue(frame.contains("\"here\""), frame);
        }
    }

    @Test
    void aClientThatStopsReadingIsCutAndDelaysNobody() {
        String large = "x".repeat(30_000);
        // On whichever of the fan-out's threads the deaf one is.
        List<RawSocket> good = new ArrayList<>();
        try (RawSocket deaf = RawSocket.handshake(site, "/ws", 4_096, "Authorization: " + Site.basic("alice"))) {
            assertTrue(deaf.text().startsWith("{\"op\":\"ready\""));
            deaf.send("{\"op\":\"subscribe\",\"topics\":[\"slow\"]}").text();
            for (int i = 0; i < 2 * Math.min(8, Runtime.getRuntime().availableProcessors()); i++) {
                good.add(RawSocket.greeted(site, "alice"));
                good.get(i).send("{\"op\":\"subscribe\",\"topics\":[\"slow\"]}").text();
            }
            long begun = time.millis();
            long slowest = 0;
            // Until the sockets of the deaf one are full, for whatever they hold, and then until it is cut.
            while (keepsDeafClients() ? time.since(begun).toSeconds() < 3 * WRITE_SECONDS : isOpen(deaf)) {
                long start = time.millis();
                site.publish("slow", large);
                for (RawSocket one : good) assertTrue(one.text().contains(large));
                slowest = Math.max(slowest, time.millis() - start);
                assertTrue(time.since(begun).compareTo(Await.PATIENCE) < 0, "the deaf client is never cut");
            }
            assertTrue(slowest < HELD_UP.toMillis(), "slowest delivery: " + slowest + " ms");
            if (keepsDeafClients()) {
                // Were it still the portal's, it would now be told all the rest, and stay. Not every word may get out.
                int code = deaf.closed().code();
                assertTrue(code == 4408 || code == 1006, () -> "closed with " + code);
            }
        } finally {
            good.forEach(RawSocket::close);
        }
    }

    @Test
    void aClientThatNeverAnswersACloseIsFreed() {
        try (RawSocket socket = RawSocket.greeted(site, "alice")) {
            socket.send("{\"op\":\"auth\",\"token\":\"t\"}");
            socket.assertClosed(1008);
            // Servers wait a while for the answer: Tomcat 5 s, and looks every 10 s.
            Await.until("its socket is freed", () -> !isOpen(socket));
        }
    }

    /** Whether the server keeps a connection until the client has read what is on its way, though the portal has closed it. */
    protected boolean keepsDeafClients() {
        return false;
    }

    private boolean isOpen(RawSocket client) {
        return Sockets.isEstablished(site.base().getPort(), client.port());
    }
}
