package org.bongsu.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.Await;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One reader, every transport: the cursor is all that it takes along. */
final class HoppingReaderIT {
    /** {@code -Dmessages=100000} by hand. */
    private static final int MESSAGES = Integer.getInteger("messages", 3_000);

    private static final int PUBLISHERS = 8;
    private static final List<String> TOPICS = List.of("hop/*", "other/**");

    @TempDir
    Path home;

    @Test
    void aReaderThatHopsBetweenTransportsAtRandomGetsTheExactSequence() throws Exception {
        long seed = 20261121;
        Random random = new Random(seed);
        ExecutorService publishers = Executors.newFixedThreadPool(PUBLISHERS);
        try (PortalServer server = PortalServer.builder()
                .home(home)
                .with("durability", "relaxed")
                .with("tail.count", "600")
                .start()) {
            Site site = server.site();
            String cursor = site.publish("hop/0", "start");
            ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
            AtomicInteger left = new AtomicInteger(MESSAGES);
            for (int p = 0; p < PUBLISHERS; p++) {
                String topic = p % 2 == 0 ? "hop/" + p : "other/deep/" + p;
                publishers.execute(() -> {
                    while (left.getAndDecrement() > 0) acknowledged.add(site.publish(topic, "message"));
                });
            }

            List<String> received = new ArrayList<>();
            int hops = 0;
            while (received.size() < MESSAGES) {
                int until = Math.min(MESSAGES, received.size() + 1 + random.nextInt(150));
                try (PortalReader reader = hop(site, random.nextInt(4), cursor)) {
                    while (received.size() < until)
                        received.add(reader.message().id());
                }
                cursor = received.get(received.size() - 1);
                hops++;
            }
            publishers.shutdown();
            Await.until("all publishers have been answered", () -> acknowledged.size() == MESSAGES);
            List<String> expected = new ArrayList<>(acknowledged);
            expected.sort(WhatAnyReaderIsOwed::compareIds);
            assertEquals(expected, received, "after " + hops + " hops, seed " + seed);
        } finally {
            publishers.shutdownNow();
        }
    }

    private static PortalReader hop(Site site, int transport, String cursor) {
        return switch (transport) {
            case 0 -> new SseReader(site, "alice", TOPICS, null, cursor);
            case 1 -> new WebSocketReader(site, "alice", TOPICS, cursor);
            case 2 -> new PollReader(site, "alice", TOPICS, cursor, 25);
            default -> new PollReader(site, "alice", TOPICS, cursor, 0);
        };
    }
}
