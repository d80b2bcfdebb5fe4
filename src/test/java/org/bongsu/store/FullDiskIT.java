package org.bongsu.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.bongsu.Await;
import org.bongsu.Metronome;
import org.bongsu.log.Cursor;
import org.bongsu.log.Draft;
import org.bongsu.log.Interest;
import org.bongsu.log.Message;
import org.bongsu.log.MessageLog;
import org.bongsu.log.MessageStore;
import org.bongsu.log.Publication;
import org.bongsu.log.Receipt;
import org.bongsu.log.Retention;
import org.bongsu.log.StoreException;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;
import org.bongsu.log.Unavailable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full: a small one of our own, which takes the right to mount it. */
final class FullDiskIT {
    /** The failures are meant, and there are many. */
    private final Logger writersLogger = Logger.getLogger("org.bongsu.log.GroupCommit");

    @TempDir
    private Path disk;

    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=16m", "bongsu-test", disk.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(mount.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        mounted = mount.waitFor() == 0;
        assumeTrue(mounted, "no small disk can be mounted here (" + said.strip() + "), so none can be filled");
        writersLogger.setLevel(Level.OFF);
    }

    @AfterEach
    void unmount() throws Exception {
        writersLogger.setLevel(null);
        if (mounted) new ProcessBuilder("umount", disk.toString()).start().waitFor();
    }

    @Test
    void aFullDiskRefusesLosesNothingAndHealsWithinTenSeconds() throws Exception {
        Path ballast = disk.resolve("ballast");
        Files.write(ballast, new byte[6 * 1024 * 1024]);
        Path home = Files.createDirectory(disk.resolve("home"));
        List<Cursor> acknowledged = new ArrayList<>();
        JdbcMessageStore store = JdbcMessageStore.embedded(home, Durability.STRICT, Clock.systemUTC());
        try (MessageLog log = MessageLog.open(store, Clock.systemUTC(), settings())) {
            CompletionException refusal = null;
            while (refusal == null) {
                assertTrue(acknowledged.size() < 10_000, "the disk is full at last");
                refusal = publish(log, acknowledged);
            }
            assertInstanceOf(Unavailable.class, refusal.getCause());
            int before = acknowledged.size();
            for (int i = 0; i < 5; i++) {
                // A message may still find a hole to go into; whatever happens is told truly.
                publish(log, acknowledged);
                TimeUnit.MILLISECONDS.sleep(100);
            }
            assertTrue(acknowledged.size() < before + 5, "still full");
            assertEquals(acknowledged, ids(awaitReading(store)), "read from a full disk");

            Files.delete(ballast);
            int full = acknowledged.size();
            try (Metronome sinceFreed = new Metronome()) {
                while (acknowledged.size() == full) {
                    publish(log, acknowledged);
                    assertTrue(sinceFreed.millis() < 10_000, "healed within 10 s");
                    TimeUnit.MILLISECONDS.sleep(20);
                }
            }
        }
        try (JdbcMessageStore again = JdbcMessageStore.embedded(home, Durability.STRICT, Clock.systemUTC())) {
            again.open();
            assertEquals(acknowledged, ids(messages(again)));
        }
    }

    private static @Nullable CompletionException publish(MessageLog log, List<Cursor> acknowledged) {
        String content = "{\"body\":\"" + "x".repeat(20_000) + "\"}";
        Draft draft = new Draft(new Topic("t"), "notice", "normal", "alice", Instant.now(), null, content);
        try {
            Receipt receipt = log.append(new Publication(List.of(draft), null)).join();
            acknowledged.addAll(((Receipt.Published) receipt).ids());
            return null;
        } catch (CompletionException e) {
            return e;
        }
    }

    private static List<Message> awaitReading(MessageStore store) throws Exception {
        long deadline = System.nanoTime() + Await.PATIENCE.toNanos();
        while (true) {
            try {
                return messages(store);
            } catch (StoreException e) {
                if (System.nanoTime() > deadline) throw e;
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    private static List<Message> messages(MessageStore store) throws StoreException {
        Interest all = new Interest(List.of(new TopicPattern("**")), topic -> true);
        return store.readAfter(0, 1_000_000, new MessageStore.Selection(all, Instant.now()), 1_000_000, Long.MAX_VALUE)
                .messages();
    }

    private static List<Cursor> ids(List<Message> messages) {
        return messages.stream().map(Message::id).toList();
    }

    private static MessageLog.Settings settings() {
        return new MessageLog.Settings(
                1_000, 1_000_000, Duration.ofSeconds(1), Duration.ofMinutes(10), Retention.UNLIMITED);
    }
}
