package org.bongsu.websocket;

import static org.bongsu.websocket.WebSocketTest.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.fanout.Deadlines;
import org.bongsu.websocket.RawSocket.Frame;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Clients that say nothing, read nothing, or go in bad order; with short deadlines. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebSocketLivenessIT {
    private static final Deadlines SHORT =
            new Deadlines(Duration.ofMillis(300), Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofHours(1));

    private SocketServer server;

    @BeforeAll
    void start() {
        server = new SocketServer(SHORT);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void aClientThatAnswersPingsStaysAndIsPingedEachHeartbeat() {
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"stay\"]}").text();
            long start = System.nanoTime();
            // The last of several pings comes well after the time that silence would have taken.
            Thread reader = new Thread(() -> socket.text());
            reader.start();
            await("many pings", () -> socket.pings.get() >= 14);
            assertTrue(System.nanoTime() - start > SHORT.liveness().toNanos());
            server.publish("stay", "here");
            await("the message has come", () -> !reader.isAlive());
        }
    }

    @Test
    void aClientThatAnswersNoPingIsClosedAsSilent() {
        try (RawSocket socket = server.greeted("alice")) {
            socket.answersPings = false;
            Frame close = socket.closed();
            assertEquals(4408, close.code());
            assertEquals("silent for 3 s", close.reason());
            assertTrue(socket.pings.get() > 0);
        }
    }

    @Test
    void aClientThatStopsReadingIsCutAndDelaysNobody() {
        String large = "x".repeat(30_000);
        try (RawSocket deaf = RawSocket.handshake(
                        server.port(), "/bongsu/ws", 4_096, "Authorization: " + SocketServer.basic("alice"));
                RawSocket good = server.greeted("alice")) {
            String deafId = id(deaf.text());
            deaf.send("{\"op\":\"subscribe\",\"topics\":[\"slow\"]}").text();
            good.send("{\"op\":\"subscribe\",\"topics\":[\"slow\"]}").text();
            long slowest = 0;
            int published = 0;
            // Until the sockets of the deaf one are full, for whatever they hold, and then until it is cut.
            while (server.fanOut.find(deafId) != null) {
                long start = System.nanoTime();
                server.publish("slow", large);
                published++;
                assertTrue(good.text().contains(large));
                slowest = Math.max(slowest, System.nanoTime() - start);
                assertTrue(published < 100_000, "the deaf client is never cut");
            }
            assertTrue(
                    slowest < TimeUnit.MILLISECONDS.toNanos(1_900), "slowest delivery: " + slowest / 1_000_000 + " ms");
        }
    }

    @Test
    void aClientThatPingsAndNeverReadsHoldsUpNobody() throws InterruptedException {
        try (RawSocket good = server.greeted("alice");
                RawSocket bad = RawSocket.handshake(
                        server.port(), "/bongsu/ws", 4_096, "Authorization: " + SocketServer.basic("alice"))) {
            good.send("{\"op\":\"subscribe\",\"topics\":[\"flood\"]}").text();
            String badId = id(bad.text());
            bad.send("{\"op\":\"subscribe\",\"topics\":[\"flood\"]}").text();
            AtomicInteger sent = new AtomicInteger();
            // The container answers each ping itself, blocking, until the socket is full and its thread hangs.
            Thread flood = new Thread(() -> {
                try {
                    while (true) {
                        bad.send(RawSocket.PING, true, new byte[100]);
                        sent.incrementAndGet();
                    }
                } catch (AssertionError cut) {
                    // As it should be.
                }
            });
            flood.start();
            int[] seen = {-1};
            long[] since = {System.nanoTime()};
            await("the flood is stuck", () -> {
                if (sent.get() != seen[0]) since[0] = System.nanoTime();
                seen[0] = sent.get();
                return sent.get() > 1_000 && System.nanoTime() - since[0] > 300_000_000L;
            });
            for (int i = 0; i < 50; i++) {
                long start = System.nanoTime();
                server.publish("flood", "m" + i);
                assertTrue(good.text().contains("\"m" + i + "\""));
                long took = System.nanoTime() - start;
                assertTrue(took < TimeUnit.MILLISECONDS.toNanos(1_900), took / 1_000_000 + " ms");
            }
            await("the bad one is cut", () -> server.fanOut.find(badId) == null);
            bad.close();
            flood.join(20_000);
            assertTrue(!flood.isAlive());
        }
    }

    @Test
    void aClientThatNeverAnswersACloseIsFreed() {
        await("the others are gone", () -> server.openSockets() <= 1);
        long before = server.openSockets();
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"auth\",\"token\":\"t\"}");
            assertEquals(1008, socket.closed().code());
            // Tomcat looks every 10 s for closes that nobody answered.
            await("its socket is freed", () -> server.openSockets() <= before);
        }
    }

    /** The connection's id, as its greeting tells it. */
    private static String id(String ready) {
        int start = ready.indexOf("\"connection\":\"") + 14;
        return ready.substring(start, ready.indexOf('"', start));
    }
}
