package org.bongsu.websocket;

import static org.bongsu.websocket.WebSocketTest.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.Await;
import org.bongsu.Metronome;
import org.bongsu.fanout.Deadlines;
import org.bongsu.fanout.Loop;
import org.bongsu.websocket.RawSocket.Frame;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Clients that say nothing, read nothing, or go in bad order; with short deadlines. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebSocketLivenessIT {
    private static final Deadlines SHORT =
            new Deadlines(Duration.ofMillis(300), Duration.ofSeconds(4), Duration.ofSeconds(12), Duration.ofHours(1));
    /** Whoever had to wait for one that is cut would wait so long; in the time of a {@link Metronome}. */
    private static final long HELD_UP_MILLIS = SHORT.write().toMillis() * 3 / 4;

    private final Metronome time = new Metronome();
    private SocketServer server;

    @BeforeAll
    void start() {
        server = new SocketServer(SHORT);
    }

    @AfterAll
    void stop() {
        server.close();
        time.close();
    }

    @Test
    void aClientThatAnswersPingsStaysAndIsPingedEachHeartbeat() {
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"stay\"]}").text();
            long start = System.nanoTime();
            // The last of several pings comes well after the time that silence would have taken.
            Thread reader = new Thread(() -> socket.text());
            reader.start();
            await(
                    "many pings",
                    () -> System.nanoTime() - start
                            > SHORT.liveness().plusSeconds(2).toNanos());
            assertTrue(socket.pings.get() > 5, "pings: " + socket.pings);
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
            assertEquals("silent for 12 s", close.reason());
            assertTrue(socket.pings.get() > 0);
        }
    }

    /** Pings can only be sent blocking; while too many others hold up the threads for that, none is. */
    @Test
    void aClientThatCouldBeSentNoPingIsNotTakenForSilent() {
        CountDownLatch held = new CountDownLatch(1);
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"unasked\"]}").text();
            Set<Loop> loops = new HashSet<>();
            for (Loop loop = server.fanOut.assign(); loops.add(loop); loop = server.fanOut.assign()) {
                holdUp(loop, server.threads.courierOf(loop), held);
            }
            long start = System.nanoTime();
            await("silence has lasted", () -> {
                assertStillTold(socket);
                return System.nanoTime() - start > SHORT.liveness().toNanos() * 5 / 4;
            });
            int pings = socket.pings.get();
            held.countDown();
            await("pings go again", () -> {
                assertStillTold(socket);
                return socket.pings.get() > pings;
            });
        } finally {
            held.countDown();
        }
    }

    private void assertStillTold(RawSocket socket) {
        server.publish("unasked", "still here");
        assertTrue(socket.text().contains("still here"));
    }

    private static void holdUp(Loop loop, Courier courier, CountDownLatch held) {
        Courier.Errand errand = new Courier.Errand() {
            @Override
            public void carry() {
                try {
                    held.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public void turnAway() {
                // One more than there was room for.
            }
        };
        await("too many hang", () -> {
            if (courier.isFree()) loop.execute(() -> courier.hand(errand));
            return !courier.isFree();
        });
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
                long start = time.millis();
                server.publish("slow", large);
                published++;
                assertTrue(good.text().contains(large));
                slowest = Math.max(slowest, time.millis() - start);
                assertTrue(published < 100_000, "the deaf client is never cut");
            }
            assertTrue(slowest < HELD_UP_MILLIS, "slowest delivery: " + slowest + " ms");
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
                long start = time.millis();
                server.publish("flood", "m" + i);
                assertTrue(good.text().contains("\"m" + i + "\""));
                long took = time.millis() - start;
                assertTrue(took < HELD_UP_MILLIS, took + " ms");
            }
            await("the bad one is cut", () -> server.fanOut.find(badId) == null);
            bad.close();
            flood.join(Await.MILLIS);
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
