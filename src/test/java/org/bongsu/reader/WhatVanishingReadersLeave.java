package org.bongsu.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.bongsu.Await;
import org.bongsu.Metronome;
import org.bongsu.Site;
import org.bongsu.reader.SseSwarm.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Clients that crash, stop reading or fall silent: they harm nobody, and are not kept. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class WhatVanishingReadersLeave {
    /** Clients that vanish together; {@code -Dwave=2000} by hand. */
    private static final int WAVE = Integer.getInteger("wave", 600);

    /** How often they do; {@code -Dwaves=200} by hand. */
    private static final int WAVES = Integer.getInteger("waves", 10);

    private static final int WRITE_SECONDS = 5;

    /** What takes so long has waited for the deadline of somebody else. */
    private static final Duration HELD_UP =
            Duration.ofSeconds(WRITE_SECONDS).multipliedBy(3).dividedBy(4);

    /** What the portal has to be started with. */
    public static final Map<String, String> SETTINGS = Map.of(
            "heartbeat",
            "3s",
            "durability",
            "relaxed",
            "deadline.write",
            WRITE_SECONDS + "s",
            "retention.count",
            "100000");

    private final AtomicLong published = new AtomicLong();

    /** The portal under test. */
    protected abstract Site site();

    /** How many file descriptors its process has open; those of the clients may count, too. */
    protected abstract long openDescriptors();

    /**
     * A write to a vanished client fails on our thread while the container already gives its response to the next client:
     * without the lock around every touch of a response, innocent clients are cut or go deaf.
     */
    @Test
    void wavesOfClientsThatVanishWithResetHarmNoInnocentClient() throws Exception {
        Random random = new Random(42);
        Site site = site();
        try (SseSwarm swarm = new SseSwarm(site, "alice", "topic=wave/*")) {
            List<Client> innocent = swarm.connect(200);
            long start = openDescriptors();
            AtomicBoolean stop = new AtomicBoolean();
            Thread publisher = new Thread(() -> {
                while (!stop.get()) {
                    publishNext(site, "wave/" + published.get() % 3, "");
                    LockSupport.parkNanos(50_000_000);
                }
            });
            publisher.start();
            List<Client> present = swarm.connect(WAVE);
            for (int round = 0; round < WAVES; round++) {
                List<Client> next = new ArrayList<>();
                for (Client leaving : present) {
                    leaving.reset();
                    next.add(swarm.connect());
                    if (random.nextInt(50) == 0) LockSupport.parkNanos(1_000_000);
                }
                for (Client client : next) client.awaitReady();
                present = next;
            }
            stop.set(true);
            publisher.join();
            // For those, too, who came after the last one.
            for (int i = 0; i < 3; i++) publishNext(site, "wave/" + i, "");
            long last = published.get() - 1;
            List<Client> staying = new ArrayList<>(innocent);
            staying.addAll(present);
            awaitLast(staying, last);
            assertEquals(
                    List.of(),
                    staying.stream()
                            .filter(client -> client.fault != null)
                            .map(client -> "client " + staying.indexOf(client) + ' ' + client.fault)
                            .toList());
            for (Client client : staying) {
                assertFalse(client.ended, "an innocent client was cut");
                assertEquals(last, client.last);
                assertEquals(last - client.first + 1, client.received.get());
            }
            for (Client client : present) client.reset();
            Await.until("descriptors are back to where they began", () -> openDescriptors() <= start + 20);
        }
    }

    @Test
    void aClientThatStopsReadingIsCutAndDelaysNobody() throws Exception {
        Site site = site();
        try (SseSwarm swarm = new SseSwarm(site, "alice", "topic=big/*")) {
            Client stalled = swarm.connect(1).get(0);
            // On whichever of the fan-out's threads the stalled one is.
            List<Client> reading =
                    swarm.connect(2 * Math.min(8, Runtime.getRuntime().availableProcessors()));
            swarm.stopReading(stalled);
            String ballast = "x".repeat(60_000);
            Duration longest = Duration.ZERO;
            try (Metronome time = new Metronome()) {
                for (int i = 0; i < 300; i++) {
                    long begun = time.millis();
                    publishNext(site, "big/1", ballast);
                    // So that never more than its buffers hold is on its way to one that reads, however slowly.
                    Await.until("the other clients have it", () -> reading.stream()
                            .allMatch(client -> client.last == published.get() - 1));
                    Duration taken = time.since(begun);
                    if (taken.compareTo(longest) > 0) longest = taken;
                }
            }
            assertEquals(
                    List.of(),
                    reading.stream()
                            .map(client -> client.fault)
                            .filter(Objects::nonNull)
                            .toList());
            assertTrue(longest.compareTo(HELD_UP) < 0, "a message took " + longest);
            if (keepsDeafClients()) {
                long begun = System.nanoTime();
                Await.until(
                        "the deadline for writes has passed three times",
                        () -> System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(3 * WRITE_SECONDS));
                swarm.readAgain(stalled);
                Await.until("the stalled client has read what was on its way", () -> stalled.ended);
                assertTrue(stalled.last < reading.get(0).last, "it was still told of messages");
                return;
            }
            // The write deadline of this server, and what the container itself takes to let go of the socket.
            Await.until(
                    "the stalled client's socket is closed",
                    () -> !Sockets.isEstablished(site.base().getPort(), stalled.port()));
        }
    }

    /** Whether the server keeps a connection until the client has read what is on its way, though the portal has ended it. */
    protected boolean keepsDeafClients() {
        return false;
    }

    /** Waits as long as anything still arrives: a busy machine is slow, but a deaf client gets nothing at all. */
    private static void awaitLast(List<Client> clients, long last) {
        long received = -1;
        long silentSince = System.nanoTime();
        while (true) {
            List<Client> behind = clients.stream()
                    .filter(client -> client.last != last && client.fault == null && !client.ended)
                    .toList();
            if (behind.isEmpty()) return;
            long now =
                    behind.stream().mapToLong(client -> client.received.get()).sum() - behind.size();
            if (now != received) silentSince = System.nanoTime();
            received = now;
            if (System.nanoTime() - silentSince > Await.PATIENCE.toNanos()) {
                throw new AssertionError(behind.size() + " of " + clients.size()
                        + " clients went deaf, the first after #" + behind.get(0).last + " of #" + last);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** Publishes the next number; whoever reads all topics of a test sees them without a gap. */
    private void publishNext(Site site, String topic, String ballast) {
        long number = published.get();
        String json = "{\"body\":\"#" + number + "\",\"data\":\"" + ballast + "\"}";
        var response = site.send(site.request("admin", "/api/topics/" + topic)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
        assertEquals(201, response.statusCode(), response.body());
        published.incrementAndGet();
    }
}
