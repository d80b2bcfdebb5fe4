package org.bongsu.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import org.bongsu.Await;
import org.bongsu.log.Cursor;
import org.bongsu.log.Draft;
import org.bongsu.log.Head;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an acknowledgement of the embedded database is worth, on a disk that fails. A kill passes without any sync, since the
 * system keeps what was written; so this is proved below H2, at its file system.
 */
final class H2DurabilityIT {
    private static final int BURSTS = 5;
    private static final int BURST = 6;
    private static final List<String> SUFFIXES = List.of(".mv.db", ".journal");

    /** The failures are meant, and there are many. */
    private final Logger writersLogger = Logger.getLogger("org.bongsu.log.GroupCommit");

    @TempDir
    private Path folder;

    private int homes;

    /** How many messages the journal holds: some groups fill it, so that the tables are written, too. */
    private int journaled = 10;

    @BeforeEach
    void beQuiet() {
        writersLogger.setLevel(Level.OFF);
    }

    @AfterEach
    void speakAgain() {
        writersLogger.setLevel(null);
    }

    @Test
    void everyAcknowledgedGroupHasBeenForcedToTheDisk() throws Exception {
        FaultyDisk disk = FaultyDisk.insert();
        try (MessageStore store = store(folder)) {
            store.open();
            for (int i = 0; i < 50; i++) {
                int forces = disk.forces();
                store.append(List.of(publication(i), publication(1_000 + i)));
                assertTrue(disk.forces() > forces, "a force before acknowledgement " + i);
                assertEquals(0, disk.unforcedWrites(), "writes left behind by acknowledgement " + i);
            }
        }
        cut(disk, folder);
        assertEquals(100, contents(folder.resolve("cut")).size());
    }

    /** Before each write and force, in the journal and in the tables: what is durable, or all but half of the last write. */
    @ParameterizedTest
    @ValueSource(ints = {0, 3, 10})
    void aPowerCutAtAnyMomentLosesNothingAcknowledged(int journaled) throws Exception {
        this.journaled = journaled;
        FaultyDisk disk = FaultyDisk.insert();
        List<Cut> cuts = new ArrayList<>();
        AtomicInteger acknowledged = new AtomicInteger();
        Path home = Files.createDirectory(folder.resolve("home"));
        JdbcMessageStore store = store(home);
        try (store) {
            store.open();
            disk.beforeEach(() -> cuts.add(new Cut(disk, home, folder, cuts.size(), acknowledged.get())));
            for (int i = 0; i < 24; i++) {
                store.append(List.of(publication(i)));
                acknowledged.incrementAndGet();
                // Both bring the journal into the tables.
                if (i == 5) store.trim(Retention.UNLIMITED, Instant.now());
                if (i == 16) store.open();
            }
        }
        disk.beforeEach(() -> {});
        assertTrue(cuts.size() > 2 * 24, cuts.size() + " cuts");
        check(cuts);
    }

    /** Killed at a write or sync, and then the power fails at any write or sync of the next start. */
    @ParameterizedTest
    @ValueSource(ints = {3, 10})
    void aPowerCutAfterAKillLosesNothingAcknowledged(int journaled) throws Exception {
        this.journaled = journaled;
        for (int n = 1; ; n += 3) {
            Path home = Files.createDirectory(folder.resolve("home" + ++homes));
            FaultyDisk disk = FaultyDisk.insert();
            int acknowledged = publishUntilKilled(disk, home, n);
            boolean survived = disk.operations() < n;
            disk.heal();
            List<Cut> cuts = new ArrayList<>();
            disk.beforeEach(() -> cuts.add(new Cut(disk, home, home, cuts.size(), acknowledged)));
            try (JdbcMessageStore next = store(home)) {
                next.open();
            }
            disk.beforeEach(() -> {});
            check(cuts);
            if (survived) return;
        }
    }

    private int publishUntilKilled(FaultyDisk disk, Path home, int n) {
        int acknowledged = 0;
        try (JdbcMessageStore store = store(home)) {
            store.open();
            disk.dieAt(n);
            while (acknowledged < 8) {
                store.append(List.of(publication(acknowledged)));
                acknowledged++;
                if (acknowledged == 5) store.trim(Retention.UNLIMITED, Instant.now());
            }
        } catch (StoreException e) {
            // killed
        }
        return acknowledged;
    }

    /** The end brings the journal into the tables. If a sync of theirs fails, what they show is not on the disk. */
    @Test
    void aFailureAtTheEndLosesNothingAcknowledged() throws Exception {
        for (int n = 1; n < 12; n++) {
            Path home = Files.createDirectory(folder.resolve("home" + ++homes));
            FaultyDisk disk = FaultyDisk.insert();
            try (JdbcMessageStore store = store(home)) {
                store.open();
                for (int i = 0; i < 3; i++) store.append(List.of(publication(i)));
                disk.fail(n, 1, FaultyDisk.Fault.FAIL);
            }
            disk.heal();
            check(List.of(new Cut(disk, home, home, 1, 3)));
            try (JdbcMessageStore next = store(home)) {
                next.open();
                check(List.of(new Cut(disk, home, home, 2, 3)));
            }
            check(List.of(new Cut(disk, home, home, 3, 3)));
        }
    }

    @Test
    void aRefusedGroupThatHadReachedTheJournalIsNeverSeenAgain() throws Exception {
        FaultyDisk disk = FaultyDisk.insert();
        try (JdbcMessageStore store = store(folder)) {
            store.open();
            store.append(List.of(publication(0)));
            List<Publication> refused = List.of(publication(7), publication(8));
            // Its record is written, the sync fails.
            disk.fail(2, 1, FaultyDisk.Fault.FAIL);
            assertThrows(StoreException.class, () -> store.append(refused));
            assertEquals(3, store.open().offset(), "it is there");
            assertNull(store.settle(refused, true));
            check(List.of(new Cut(disk, folder, folder, 1, 1)));
            store.append(List.of(publication(1)));
            check(List.of(new Cut(disk, folder, folder, 2, 2)));
            store.append(List.of(publication(2)));
            check(List.of(new Cut(disk, folder, folder, 3, 3)));
        }
        check(List.of(new Cut(disk, folder, folder, 4, 3)));
    }

    private static void check(List<Cut> cuts) throws StoreException {
        for (Cut cut : cuts) {
            for (Path database : cut.databases) {
                List<Message> found = contents(database);
                String when = database + " with " + cut.acknowledged + " acknowledged";
                // One more may have been on its way.
                assertTrue(
                        found.size() == cut.acknowledged || found.size() == cut.acknowledged + 1, when + ": " + found);
                for (int i = 0; i < found.size(); i++) {
                    assertEquals(i + 1, found.get(i).offset(), when);
                    assertTrue(found.get(i).draft().content().startsWith("{\"number\":" + i + ","), when);
                }
            }
        }
    }

    /** What power cuts would leave at one moment. */
    private static final class Cut {
        final List<Path> databases;
        final int acknowledged;

        Cut(FaultyDisk disk, Path home, Path folder, int number, int acknowledged) {
            databases = List.of(folder.resolve("cut-" + number), folder.resolve("late-cut-" + number));
            this.acknowledged = acknowledged;
            try {
                for (String suffix : SUFFIXES) {
                    Path file = home.resolve("bongsu" + suffix);
                    disk.copyAfterPowerCut(file, Path.of(databases.get(0) + suffix));
                    disk.copyAfterLatePowerCut(file, Path.of(databases.get(1) + suffix));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void cut(FaultyDisk disk, Path home) throws IOException {
        for (String suffix : SUFFIXES)
            disk.copyAfterPowerCut(home.resolve("bongsu" + suffix), home.resolve("cut" + suffix));
    }

    @Test
    void whatRetentionRemovesIsForcedBeforeItsSpaceIsUsedAgain() throws Exception {
        FaultyDisk disk = FaultyDisk.insert();
        try (MessageStore store = store(folder)) {
            store.open();
            for (int i = 0; i < 20; i++) store.append(List.of(publication(i)));
            store.trim(new Retention(Duration.ZERO, 3, 0), Instant.now());
            assertEquals(0, disk.unforcedWrites());
        }
    }

    /** The n-th write or force after the start fails, for every n until a run has come through without a failure. */
    @ParameterizedTest
    @EnumSource
    void aFailureAtAnyPointNeitherLosesNorInventsAMessage(FaultyDisk.Fault fault) throws Exception {
        failAtEach(fault, MessageLog::append);
    }

    /** The same for those who publish on their own threads where they can, and have no keys. */
    @ParameterizedTest
    @EnumSource
    void aFailureOfWhoPublishesAtOnceNeitherLosesNorInventsAMessage(FaultyDisk.Fault fault) throws Exception {
        AtomicInteger atOnce = new AtomicInteger();
        failAtEach(fault, (log, keyed) -> {
            Publication publication = new Publication(keyed.drafts(), null);
            CompletableFuture<Receipt> receipt = log.appendAtOnce(publication);
            if (receipt == null) return log.append(publication);
            atOnce.incrementAndGet();
            return receipt;
        });
        assertTrue(atOnce.get() > BURSTS * BURST, atOnce + " at once");
    }

    @Test
    void nothingIsAppendedAtOnceWhileTheStoreIsWriting() throws Exception {
        FaultyDisk disk = FaultyDisk.insert();
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (JdbcMessageStore store = store(folder)) {
            store.open();
            store.append(List.of(publication(0)));
            disk.beforeEach(() -> {
                writing.countDown();
                try {
                    if (!goOn.await(Await.SECONDS, TimeUnit.SECONDS)) throw new AssertionError("forgotten");
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            CompletableFuture<MessageStore.Appended> other = new CompletableFuture<>();
            new Thread(() -> {
                        try {
                            other.complete(store.append(List.of(publication(1))));
                        } catch (StoreException e) {
                            other.completeExceptionally(e);
                        }
                    })
                    .start();
            assertTrue(writing.await(Await.SECONDS, TimeUnit.SECONDS));
            Publication lone = new Publication(publication(2).drafts(), null);
            assertNull(store.appendAtOnce(List.of(lone)));
            goOn.countDown();
            assertEquals(1, other.get(Await.SECONDS, TimeUnit.SECONDS).before());
            assertEquals(2, store.append(List.of(lone)).before());
        } finally {
            goOn.countDown();
            disk.beforeEach(() -> {});
        }
    }

    private interface Publishing {
        CompletableFuture<Receipt> publish(MessageLog log, Publication publication);
    }

    private void failAtEach(FaultyDisk.Fault fault, Publishing publishing) throws Exception {
        int failures = 0;
        for (int n = 1; ; n++) {
            assertTrue(n < 1_000, "a run without a failure comes at last");
            if (!publishOverFailure(n, n % 3 == 0 ? 4 : 1, fault, publishing)) break;
            failures++;
        }
        assertTrue(failures >= 2 * BURSTS, failures + " failures");
    }

    /** The same while the database is being made and opened. */
    @Test
    void aFailureWhileOpeningIsHealedByOpeningAgain() throws Exception {
        for (int n = 1; ; n += 3) {
            assertTrue(n < 3_000, "a run without a failure comes at last");
            Path home = Files.createDirectory(folder.resolve("home" + ++homes));
            FaultyDisk disk = FaultyDisk.insert();
            disk.fail(n, 1, FaultyDisk.Fault.FAIL);
            int failures = 0;
            try (MessageStore store = store(home)) {
                Head head = null;
                while (head == null) {
                    try {
                        head = store.open();
                        store.append(List.of(publication(1)));
                    } catch (StoreException e) {
                        // H2 may meet a database that failed while it was being opened once more before it forgets it.
                        if (++failures > 3) fail("not healed, at " + n, e);
                        head = null;
                    }
                }
                assertEquals(1, store.head().offset());
            }
            cut(disk, home);
            assertEquals(1, contents(home.resolve("cut")).size());
            if (disk.operations() < n) return;
        }
    }

    private boolean publishOverFailure(int n, int count, FaultyDisk.Fault fault, Publishing way) throws Exception {
        String run = fault + " at " + n;
        Path home = Files.createDirectory(folder.resolve("home" + ++homes));
        FaultyDisk disk = FaultyDisk.insert();
        JdbcMessageStore store = store(home);
        Map<Integer, Cursor> acknowledged = new HashMap<>();
        Set<Integer> refused = new HashSet<>();
        try (MessageLog log = MessageLog.open(store, Clock.systemUTC(), settings())) {
            disk.fail(n, count, fault);
            for (int burst = 0; burst < BURSTS; burst++) {
                Map<Integer, CompletableFuture<Receipt>> publishing = new HashMap<>();
                for (int i = 0; i < BURST; i++) {
                    int number = burst * BURST + i;
                    publishing.put(number, way.publish(log, publication(number)));
                }
                publishing.forEach((number, receipt) -> {
                    try {
                        Receipt.Published published = (Receipt.Published) receipt.get(Await.SECONDS, TimeUnit.SECONDS);
                        acknowledged.put(number, published.ids().get(0));
                    } catch (ExecutionException e) {
                        assertInstanceOf(Unavailable.class, e.getCause(), run);
                        assertFalse(e.toString().contains("not known"), run + ": " + e);
                        refused.add(number);
                    } catch (Exception e) {
                        fail(run, e);
                    }
                });
                awaitHealing(log, run);
            }
            assertEquals(BURSTS * BURST, acknowledged.size() + refused.size(), run);
            check(run + ", read by the log", acknowledged, refused, storeContents(store));
        }
        cut(disk, home);
        check(run + ", after a power cut", acknowledged, refused, contents(home.resolve("cut")));
        check(run + ", opened again", acknowledged, refused, contents(home.resolve("bongsu")));
        return disk.operations() >= n;
    }

    private static void check(
            String when, Map<Integer, Cursor> acknowledged, Set<Integer> refused, List<Message> found) {
        Map<Integer, Cursor> stored = new HashMap<>();
        for (Message message : found) {
            String content = message.draft().content();
            int number = Integer.parseInt(content.substring(content.indexOf(':') + 1, content.indexOf(',')));
            assertNull(stored.put(number, message.id()), when + ": stored twice: " + number);
        }
        for (int number : refused) assertFalse(stored.containsKey(number), when + ": refused but stored: " + number);
        assertEquals(acknowledged, stored, when);
        assertEquals(
                LongStream.rangeClosed(1, found.size()).boxed().toList(),
                found.stream().map(Message::offset).toList(),
                when);
    }

    private static void awaitHealing(MessageLog log, String run) {
        Await.until(run + " is healed", () -> log.failure() == null);
    }

    private JdbcMessageStore store(Path home) {
        Database database = new EmbeddedDatabase(
                "faulty:" + EmbeddedDatabase.FILES,
                home.resolve("bongsu"),
                EmbeddedDatabase.SETTINGS,
                Durability.STRICT,
                journaled);
        return new JdbcMessageStore(database, home, Clock.systemUTC());
    }

    /** Reads a database file with H2 as it is. */
    private static List<Message> contents(Path database) throws StoreException {
        try (JdbcMessageStore store =
                new JdbcMessageStore(new EmbeddedDatabase(database, Durability.STRICT), null, Clock.systemUTC())) {
            store.open();
            return storeContents(store);
        }
    }

    private static List<Message> storeContents(MessageStore store) throws StoreException {
        Interest all = new Interest(List.of(new TopicPattern("**")), topic -> true);
        return store.readAfter(0, 1_000_000, new MessageStore.Selection(all, Instant.now()), 1_000_000, Long.MAX_VALUE)
                .messages();
    }

    private static MessageLog.Settings settings() {
        return new MessageLog.Settings(
                1_000, 1_000_000, Duration.ofSeconds(1), Duration.ofMinutes(10), Retention.UNLIMITED);
    }

    private static Publication publication(int number) {
        Draft draft = new Draft(
                new Topic("t/" + number % 3),
                "notice",
                "normal",
                "alice",
                Instant.now(),
                null,
                "{\"number\":" + number + ",\"body\":\"" + "x".repeat(500) + "\"}");
        return new Publication(List.of(draft), new Publication.Once("alice", "key" + number, "print"));
    }
}
