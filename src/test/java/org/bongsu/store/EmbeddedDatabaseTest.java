package org.bongsu.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bongsu.Await;
import org.bongsu.log.Cursor;
import org.bongsu.log.Draft;
import org.bongsu.log.Head;
import org.bongsu.log.Interest;
import org.bongsu.log.Message;
import org.bongsu.log.MessageStore;
import org.bongsu.log.Publication;
import org.bongsu.log.Receipt;
import org.bongsu.log.Retention;
import org.bongsu.log.StoreException;
import org.bongsu.log.TestClock;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guards of the embedded database: settings, release, and a database that is not the one that was left. */
final class EmbeddedDatabaseTest {
    @TempDir
    private Path home;

    // What is refused

    @Test
    void anotherReleaseOfH2IsRefused() {
        EmbeddedDatabase strict = new EmbeddedDatabase(home.resolve("bongsu"), Durability.STRICT);
        StoreException refusal = assertThrows(StoreException.class, () -> strict.checkVersion("2.5.252"));
        assertTrue(refusal.toString().contains("H2 2.5.252"), refusal.toString());
        assertTrue(refusal.toString().contains("allowed: H2 2.4.240"), refusal.toString());
    }

    @Test
    void anotherReleaseOfH2IsAcceptedWhereDurabilityIsRelaxed() throws Exception {
        new EmbeddedDatabase(home.resolve("bongsu"), Durability.RELAXED).checkVersion("2.5.252");
    }

    @Test
    void delayedWritesAreRefused() {
        assertRefused(";WRITE_DELAY=500;DB_CLOSE_ON_EXIT=FALSE", "500 ms");
        assertRefused(";DB_CLOSE_ON_EXIT=FALSE", "WRITE_DELAY=0");
    }

    @Test
    void overwritingOldDataAtOnceIsRefused() {
        assertRefused(EmbeddedDatabase.SETTINGS + ";RETENTION_TIME=0", "RETENTION_TIME");
    }

    private void assertRefused(String settings, String sentence) {
        try (JdbcMessageStore strict = store(EmbeddedDatabase.FILES, settings, Durability.STRICT);
                JdbcMessageStore relaxed = store(EmbeddedDatabase.FILES, settings, Durability.RELAXED)) {
            StoreException refusal = assertThrows(StoreException.class, strict::open);
            assertTrue(refusal.toString().contains(sentence), refusal.toString());
            relaxed.open();
        } catch (StoreException e) {
            throw new AssertionError("relaxed takes it", e);
        }
    }

    @Test
    void aSecondProcessIsKeptOut() throws Exception {
        try (JdbcMessageStore first = store();
                JdbcMessageStore second = store("", EmbeddedDatabase.SETTINGS, Durability.STRICT)) {
            first.open();
            assertThrows(StoreException.class, second::open);
            first.append(List.of(publication(1)));
        }
    }

    @Test
    void tablesOfALaterReleaseAreRefused() throws Exception {
        try (JdbcMessageStore store = store()) {
            store.open();
        }
        execute("update schema_version set version = 1000");
        try (JdbcMessageStore store = store()) {
            StoreException refusal = assertThrows(StoreException.class, store::open);
            assertTrue(refusal.toString().contains("version 1000"), refusal.toString());
        }
    }

    @Test
    void aMigrationThatStoppedHalfWayIsFinished() throws Exception {
        Head before;
        try (JdbcMessageStore store = store()) {
            store.open();
            store.append(List.of(publication(1)));
            before = store.head();
        }
        execute("drop table expiry", "delete from schema_version");
        try (JdbcMessageStore store = store()) {
            assertEquals(before, store.open());
            store.append(List.of(publication(2)));
        }
    }

    @Test
    void itSaysWhatItIs() throws Exception {
        try (JdbcMessageStore store = store()) {
            store.open();
            assertTrue(store.description().contains("H2 2.4.240"), store.description());
            assertTrue(store.description().contains("synced at every commit"), store.description());
        }
    }

    // Whether it is the same history

    @Test
    void theHeadIsRememberedBesideTheDatabase() throws Exception {
        Head head = publish(3);
        Cursor remembered = new HeadFile(home.resolve("head")).read();
        assertEquals(new Cursor(head.epoch(), 3), remembered);
    }

    @Test
    void theHeadIsWrittenDownWhileRunning() throws Exception {
        try (JdbcMessageStore store = store()) {
            store.open();
            store.append(List.of(publication(1)));
            Cursor expected = new Cursor(store.head().epoch(), 1);
            Await.until("it is written soon", () -> expected.equals(new HeadFile(home.resolve("head")).read()));
        }
    }

    @Test
    void aWipedDatabaseHasAnotherEpoch() throws Exception {
        Head before = publish(3);
        Files.delete(home.resolve("bongsu.mv.db"));
        Head after = publish(1);
        assertNotEquals(before.epoch(), after.epoch());
        assertEquals(1, after.offset());
    }

    @Test
    void anEmptyHomeGetsAnEpochOfItsOwn() throws Exception {
        Head before = publish(3);
        Files.delete(home.resolve("bongsu.mv.db"));
        Files.delete(home.resolve("head"));
        assertNotEquals(before.epoch(), publish(1).epoch());
    }

    @Test
    void anOlderCopyOfTheDatabaseHasAnotherEpoch() throws Exception {
        Head old = publish(3);
        Path copy = home.resolve("copy");
        Files.copy(home.resolve("bongsu.mv.db"), copy);
        Head before = publish(2);
        assertEquals(old.epoch(), before.epoch());
        Files.move(copy, home.resolve("bongsu.mv.db"), StandardCopyOption.REPLACE_EXISTING);
        Head after = publish(1);
        assertNotEquals(before.epoch(), after.epoch());
        assertEquals(4, after.offset());
        assertEquals(after, publish(0), "only once");
    }

    @Test
    void anOlderCopyFromBeforeALostHistoryHasAnotherEpoch() throws Exception {
        Head first = publish(3);
        Path copy = home.resolve("copy");
        Files.copy(home.resolve("bongsu.mv.db"), copy);
        Files.delete(home.resolve("bongsu.mv.db"));
        Head second = publish(10);
        Files.move(copy, home.resolve("bongsu.mv.db"), StandardCopyOption.REPLACE_EXISTING);
        assertFalse(Set.of(first.epoch(), second.epoch()).contains(publish(0).epoch()));
    }

    @Test
    void aFileThatIsBehindTheDatabaseIsNoReasonForAnotherEpoch() throws Exception {
        publish(3);
        byte[] behind = Files.readAllBytes(home.resolve("head"));
        Head before = publish(2);
        Files.write(home.resolve("head"), behind);
        assertEquals(before, publish(0));
    }

    @Test
    void aMissingOrUnreadableFileIsNoError() throws Exception {
        Head before = publish(3);
        for (String content : new String[] {"", "nonsense", "k7f3a-10 0", "k7f3a-10\n", "\u0000\u00ff"}) {
            Files.writeString(home.resolve("head"), content);
            assertEquals(before, publish(0));
        }
        Files.delete(home.resolve("head"));
        assertEquals(before, publish(0));
    }

    // The journal beside it

    @Test
    void whatWasOnlyInTheJournalIsThereAfterAKill() throws Exception {
        try (JdbcMessageStore store = store()) {
            store.open();
            for (int i = 0; i < 5; i++) store.append(List.of(publication(i)));
            Path killed = copyOfHome("killed");
            try (JdbcMessageStore after = JdbcMessageStore.embedded(killed, Durability.STRICT, Clock.systemUTC())) {
                assertEquals(store.head(), after.open());
                assertEquals(json(store), json(after));
                after.append(List.of(publication(5)));
                assertEquals(6, after.head().offset());
            }
        }
    }

    @Test
    void theTablesHaveAllOfItSoon() throws Exception {
        EmbeddedDatabase database = new EmbeddedDatabase(home.resolve("bongsu"), Durability.STRICT);
        try (JdbcMessageStore store = new JdbcMessageStore(database, home, Clock.systemUTC())) {
            store.open();
            store.append(List.of(publication(1)));
            assertFalse(database.journal().isEmpty());
            Await.until("the journal has been drained", () -> database.journal().isEmpty());
            assertEquals(1, read(store, 0).messages().size());
        }
    }

    @Test
    void anOrderlyEndLeavesNoJournal() throws Exception {
        publish(3);
        assertFalse(Files.exists(home.resolve("bongsu.journal")));
    }

    @Test
    void aJournalThatIsGoneIsNoticed() throws Exception {
        Path killed;
        Head before;
        try (JdbcMessageStore store = store()) {
            store.open();
            for (int i = 0; i < 3; i++) store.append(List.of(publication(i)));
            before = store.head();
            killed = copyOfHome("killed");
        }
        // As it is written down every few seconds.
        new HeadFile(killed.resolve("head")).write(new Cursor(before.epoch(), before.offset()));
        Files.delete(killed.resolve("bongsu.journal"));
        try (JdbcMessageStore after = JdbcMessageStore.embedded(killed, Durability.STRICT, Clock.systemUTC())) {
            assertNotEquals(before.epoch(), after.open().epoch());
        }
    }

    @Test
    void anOlderCopyOfTheDatabaseDoesNotTakeWhatIsInTheJournal() throws Exception {
        publish(3);
        Path old = home.resolve("copy");
        Files.copy(home.resolve("bongsu.mv.db"), old);
        publish(5);
        try (JdbcMessageStore store = store()) {
            Head before = store.open();
            store.append(List.of(publication(8)));
            Path killed = copyOfHome("killed");
            Files.copy(old, killed.resolve("bongsu.mv.db"), StandardCopyOption.REPLACE_EXISTING);
            byte[] journal = Files.readAllBytes(killed.resolve("bongsu.journal"));
            // It tells on its own that the log has been further.
            Files.deleteIfExists(killed.resolve("head"));
            try (JdbcMessageStore after = JdbcMessageStore.embedded(killed, Durability.STRICT, Clock.systemUTC())) {
                Head head = after.open();
                assertNotEquals(before.epoch(), head.epoch());
                assertEquals(3, head.offset());
                assertArrayEquals(journal, Files.readAllBytes(killed.resolve("bongsu.journal.left")), "set aside");
            }
        }
    }

    @Test
    void whatTheTablesRefuseIsNotAcknowledged() throws Exception {
        Draft draft = draft(1);
        Draft refused = new Draft(
                draft.topic(), draft.type(), draft.priority(), "a".repeat(1_001), draft.time(), null, draft.content());
        try (JdbcMessageStore store = store()) {
            store.open();
            store.append(List.of(publication(1)));
            List<Publication> group = List.of(new Publication(List.of(refused), null));
            assertThrows(StoreException.class, () -> store.append(group));
            store.open();
            assertNull(store.settle(group, false));
            store.append(List.of(publication(2)));
        }
        assertEquals(2, publish(0).offset());
    }

    @Test
    void whoeverReadsWhileTheJournalIsDrainedMissesNothingAndGetsNothingTwice() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<Throwable> unexpected = new AtomicReference<>();
        EmbeddedDatabase database = new EmbeddedDatabase(
                EmbeddedDatabase.FILES, home.resolve("bongsu"), EmbeddedDatabase.SETTINGS, Durability.STRICT, 5);
        try (JdbcMessageStore store = new JdbcMessageStore(database, home, Clock.systemUTC())) {
            store.open();
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread reader = new Thread(() -> {
                    try {
                        long head = 0;
                        while (!done.get()) head = readAround(store, head);
                    } catch (Throwable e) {
                        unexpected.set(e);
                    }
                });
                readers.add(reader);
                reader.start();
            }
            for (int i = 1; i <= 1_000 && unexpected.get() == null; i++) store.append(List.of(publication(i)));
            done.set(true);
            for (Thread reader : readers) reader.join();
            if (unexpected.get() != null) throw new AssertionError(unexpected.get());
            assertEquals(1_000, readAround(store, 0));
        }
    }

    /** Reads some messages before and up to the head, in either direction. */
    private static long readAround(JdbcMessageStore store, long headBefore) throws StoreException {
        Interest all = new Interest(List.of(new TopicPattern("**")), topic -> true);
        MessageStore.Selection selection = new MessageStore.Selection(all, Instant.now());
        long head = store.head().offset();
        assertTrue(head >= headBefore, "the head goes back from " + headBefore + " to " + head);
        long from = Math.max(0, head - 20);
        List<Long> expected = LongStream.rangeClosed(from + 1, head).boxed().toList();
        assertEquals(expected, offsets(store.readAfter(from, head, selection, 100, Long.MAX_VALUE)));
        List<Long> newestFirst = new ArrayList<>(expected);
        Collections.reverse(newestFirst);
        assertEquals(newestFirst, offsets(store.readBefore(head + 1, selection, newestFirst.size(), Long.MAX_VALUE)));
        for (long offset : expected) {
            Message found = store.find(offset);
            assertNotNull(found);
            assertEquals(offset, found.offset());
        }
        return head;
    }

    private static List<Long> offsets(MessageStore.Page page) {
        return page.messages().stream().map(Message::offset).toList();
    }

    /** The old use was removed from the tables without a sync, the new one is in the journal: a power cut brings both. */
    @Test
    void aKeyThatWasUsedAgainAfterItsDayIsNoReasonNotToStart() throws Exception {
        TestClock clock = new TestClock(Instant.parse("2026-11-21T12:00:00Z"));
        Publication.Once once = new Publication.Once("alice", "nightly", "print");
        Path killed;
        try (JdbcMessageStore store = JdbcMessageStore.embedded(home, Durability.STRICT, clock)) {
            store.open();
            store.append(List.of(new Publication(List.of(draft(1)), once)));
        }
        byte[] tables = Files.readAllBytes(home.resolve("bongsu.mv.db"));
        clock.pass(Duration.ofHours(25));
        try (JdbcMessageStore store = JdbcMessageStore.embedded(home, Durability.STRICT, clock)) {
            store.open();
            store.append(List.of(new Publication(List.of(draft(2)), once)));
            killed = copyOfHome("killed");
        }
        Files.write(killed.resolve("bongsu.mv.db"), tables);
        try (JdbcMessageStore after = JdbcMessageStore.embedded(killed, Durability.STRICT, clock)) {
            Head head = after.open();
            assertEquals(2, head.offset());
            assertEquals(
                    List.of(new Receipt.Repeated(List.of(new Cursor(head.epoch(), 2)))),
                    after.append(List.of(new Publication(List.of(draft(3)), once)))
                            .receipts());
        }
    }

    private static List<String> json(MessageStore store) throws StoreException {
        return read(store, 0).messages().stream().map(Message::toString).toList();
    }

    /** What a kill would leave. */
    private Path copyOfHome(String name) throws Exception {
        Path copy = Files.createDirectory(home.resolve(name));
        for (String file : List.of("bongsu.mv.db", "bongsu.journal", "head")) {
            if (Files.exists(home.resolve(file))) Files.copy(home.resolve(file), copy.resolve(file));
        }
        return copy;
    }

    // What it lives through

    @Test
    void anInterruptedReaderHarmsNobody() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<Throwable> unexpected = new AtomicReference<>();
        try (JdbcMessageStore store = store()) {
            Head head = store.open();
            for (int i = 0; i < 20; i++) {
                store.append(List.of(new Publication(
                        IntStream.range(0, 500)
                                .mapToObj(EmbeddedDatabaseTest::draft)
                                .toList(),
                        null)));
            }
            // Opened anew, so that the readers go to the disk.
            assertEquals(head.epoch(), store.open().epoch());
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread reader = new Thread(() -> {
                    try {
                        for (long after = 0; !done.get(); after = (after + 777) % 10_000) {
                            Thread.currentThread().interrupt();
                            assertEquals(
                                    after + 1,
                                    read(store, after).messages().get(0).offset());
                        }
                    } catch (Throwable e) {
                        unexpected.set(e);
                    }
                });
                readers.add(reader);
                reader.start();
            }
            for (int i = 0; i < 50; i++) store.append(List.of(publication(i)));
            done.set(true);
            for (Thread reader : readers) reader.join();
            if (unexpected.get() != null) throw new AssertionError(unexpected.get());
            assertEquals(10_050, store.head().offset());
        }
        assertEquals(10_050, publish(0).offset());
    }

    @Test
    void aFileThatHasOutgrownItsContentIsCompactedWhenItCloses() throws Exception {
        Head before = publish(0);
        try (JdbcMessageStore store = store()) {
            store.open();
            for (int i = 0; i < 80; i++) {
                store.append(List.of(new Publication(
                        IntStream.range(0, 2_000)
                                .mapToObj(EmbeddedDatabaseTest::draft)
                                .toList(),
                        null)));
            }
            store.trim(new Retention(Duration.ZERO, 10, 0), Instant.now());
        }
        assertTrue(Files.size(home.resolve("bongsu.mv.db")) < 8_000_000, "small again");
        try (JdbcMessageStore store = store()) {
            Head after = store.open();
            assertEquals(before.epoch(), after.epoch());
            assertEquals(160_000, after.offset());
            assertEquals(30, read(store, 0).messages().size());
            store.append(List.of(publication(1)));
        }
    }

    @Test
    void noThreadIsLeftBehind() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        publish(3);
        long deadline = System.nanoTime() + Await.PATIENCE.toNanos();
        while (true) {
            Set<String> left = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> !before.contains(thread))
                    .map(Thread::getName)
                    .filter(name -> name.startsWith("bongsu") || name.contains("H2") || name.contains("MVStore"))
                    .collect(Collectors.toSet());
            if (left.isEmpty()) return;
            assertTrue(System.nanoTime() < deadline, left.toString());
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private Head publish(int count) throws StoreException {
        try (JdbcMessageStore store = store()) {
            store.open();
            for (int i = 0; i < count; i++) store.append(List.of(publication(i)));
            return store.head();
        }
    }

    private static MessageStore.Page read(MessageStore store, long after) throws StoreException {
        Interest all = new Interest(List.of(new TopicPattern("**")), topic -> true);
        return store.readAfter(after, 1_000_000, new MessageStore.Selection(all, Instant.now()), 100, Long.MAX_VALUE);
    }

    private JdbcMessageStore store() {
        return JdbcMessageStore.embedded(home, Durability.STRICT, Clock.systemUTC());
    }

    private JdbcMessageStore store(String fileSystem, String settings, Durability durability) {
        return new JdbcMessageStore(
                new EmbeddedDatabase(
                        fileSystem, home.resolve("bongsu"), settings, durability, EmbeddedDatabase.JOURNALED),
                home,
                Clock.systemUTC());
    }

    private void execute(String... statements) throws Exception {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:" + home.resolve("bongsu"));
        source.setUser("sa");
        source.setPassword("");
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) statement.execute(sql);
        }
    }

    private static Publication publication(int number) {
        return new Publication(List.of(draft(number)), null);
    }

    private static Draft draft(int number) {
        return new Draft(
                new Topic("t/" + number % 3),
                "notice",
                "normal",
                "alice",
                Instant.now(),
                null,
                "{\"number\":" + number + ",\"body\":\"" + "x".repeat(200) + "\"}");
    }
}
