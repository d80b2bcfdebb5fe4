package org.bongsu.websocket;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.Await;
import org.bongsu.Metronome;
import org.bongsu.Site;
import org.bongsu.fanout.Courier;
import org.bongsu.fanout.Deadlines;
import org.bongsu.fanout.Loop;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What only clients that fill the server's own sockets, or threads, bring to light; with short deadlines. What others are
 * given up for, over any server: {@link WhatEndsASocket}.
 */
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
            Await.until("silence has lasted", () -> {
                assertStillTold(socket);
                return System.nanoTime() - start > SHORT.liveness().toNanos() * 5 / 4;
            });
            int pings = socket.pings.get();
            held.countDown();
            Await.until("pings go again", () -> {
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
        Await.until("too many hang", () -> {
            if (courier.isFree()) loop.execute(() -> courier.hand(errand));
            return !courier.isFree();
        });
    }

    @Test
    void aClientThatPingsAndNeverReadsHoldsUpNobody() throws InterruptedException {
        try (RawSocket good = server.greeted("alice");
                RawSocket bad =
                        RawSocket.handshake(server.site(), "/ws", 4_096, "Authorization: " + Site.basic("alice"))) {
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
            Await.until("the flood is stuck", () -> {
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
            Await.until("the bad one is cut", () -> server.fanOut.find(badId) == null);
            bad.close();
            flood.join(Await.MILLIS);
            assertTrue(!flood.isAlive());
        }
    }

    /** The connection's id, as its greeting tells it. */
    private static String id(String ready) {
        int start = ready.indexOf("\"connection\":\"") + 14;
        return ready.substring(start, ready.indexOf('"', start));
    }
}
