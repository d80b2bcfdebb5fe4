package org.bongsu.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.bongsu.log.Cursor;
import org.bongsu.log.Draft;
import org.bongsu.log.Message;
import org.bongsu.log.Topic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JournalTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00.123Z");
    private static final int MOST = 10;

    /** Of the file. */
    private static final int HEADER = 8;

    @TempDir
    private Path home;

    private Path file;
    private Journal journal;

    @BeforeEach
    void start() throws Exception {
        SteadyFilePath.register();
        file = home.resolve("log.journal");
        journal = journal();
        journal.start();
    }

    @AfterEach
    void close() {
        journal.close();
    }

    // What it leaves to the next start

    @Test
    void theFirstStartFindsNothing() throws Exception {
        journal.remove();
        assertEquals(List.of(), journal().left());
    }

    @Test
    void everyFieldOfEveryGroupComesBack() throws Exception {
        Draft plain = draft(1);
        Draft full = new Draft(
                new Topic("ops/Backups.1~x_y-z"),
                "chat",
                "urgent",
                "kim@REALM",
                NOON.plusMillis(7),
                NOON.plusMillis(86_400_123),
                "{\"title\":\"안녕 \uD83D\uDE00\"}");
        KeyTable.Known key = new KeyTable.Known("id", "지문", "k7f3a", 5, 2);
        List<Journal.Entry> groups = List.of(
                new Journal.Entry("k7f3a", 4, NOON, List.of(plain), List.of()),
                new Journal.Entry("k7f3a", 5, NOON.plusMillis(1), List.of(full, plain), List.of(key)));
        for (Journal.Entry group : groups) append(group);
        assertEquals(groups, journal().left());
        assertEquals(groups, journal().left(), "as often as it is asked");
    }

    @Test
    void aGroupThatIsCutShortAnywhereIsNone() throws Exception {
        append(group(1, 1));
        append(group(2, 1));
        int start = HEADER + 2 * Journal.record(group(1, 1)).length;
        byte[] before = Files.readAllBytes(file);
        append(group(3, 2));
        byte[] after = Files.readAllBytes(file);
        int length = Journal.record(group(3, 2)).length;
        for (int cut = 0; cut < length; cut++) {
            byte[] torn = after.clone();
            System.arraycopy(before, start + cut, torn, start + cut, length - cut);
            if (cut >= length - 1 - trailingZeros(after, start + length)) continue;
            Files.write(file, torn);
            assertEquals(List.of(group(1, 1), group(2, 1)), journal().left(), "cut after " + cut + " bytes");
        }
        Files.write(file, after);
        assertEquals(3, journal().left().size());
    }

    /** What is not told from zeros when it is missing. */
    private static int trailingZeros(byte[] bytes, int end) {
        int zeros = 0;
        while (bytes[end - 1 - zeros] == 0) zeros++;
        return zeros;
    }

    @Test
    void aByteThatHasChangedEndsIt() throws Exception {
        append(group(1, 1));
        int length = Journal.record(group(1, 1)).length;
        append(group(2, 1));
        append(group(3, 1));
        byte[] sound = Files.readAllBytes(file);
        for (int i = 0; i < length; i++) {
            byte[] changed = sound.clone();
            changed[HEADER + length + i] ^= 1;
            Files.write(file, changed);
            assertEquals(List.of(group(1, 1)), journal().left(), "byte " + i);
        }
    }

    @Test
    void whatIsLeftOfAnEarlierRoundDoesNotCount() throws Exception {
        for (int i = 1; i <= 5; i++) append(group(i, 1));
        journal.forget();
        assertEquals(
                IntStream.rangeClosed(1, 5).mapToObj(i -> group(i, 1)).toList(),
                journal().left(),
                "the tables have these, and know it");
        append(group(6, 1));
        assertEquals(List.of(group(6, 1)), journal().left());
    }

    @Test
    void anotherEpochDoesNotGoOnWhereOneEnds() throws Exception {
        append(group(1, 1));
        append(new Journal.Entry("other", 2, NOON, List.of(draft(2)), List.of()));
        assertEquals(List.of(group(1, 1)), journal().left());
    }

    @Test
    void aStartForgetsAllThereWas() throws Exception {
        append(group(1, 1));
        Journal next = journal();
        next.start();
        next.close();
        assertEquals(List.of(), journal().left());
        assertEquals(Journal.CAPACITY, Files.size(file));
    }

    @Test
    void zerosAreAnEmptyJournal() throws Exception {
        for (int size : new int[] {0, 1, 7, 8, 9, 1_000, Journal.CAPACITY, Journal.CAPACITY + 1}) {
            Files.write(file, new byte[size]);
            assertEquals(List.of(), journal().left(), size + " zeros");
        }
    }

    @Test
    void aJournalOfAnotherReleaseIsNotTakenForEmpty() throws Exception {
        append(group(1, 1));
        byte[] bytes = Files.readAllBytes(file);
        bytes[3]++;
        Files.write(file, bytes);
        IOException refusal = assertThrows(IOException.class, () -> journal().left());
        assertTrue(refusal.toString().contains("release"), refusal.toString());
    }

    @Test
    void whatThisProcessHasAcknowledgedDoesNotDependOnTheFile() throws Exception {
        append(group(1, 1));
        append(group(2, 1));
        byte[] sound = Files.readAllBytes(file);
        Files.delete(file);
        assertEquals(List.of(group(1, 1), group(2, 1)), journal.left());

        // Written, but not acknowledged, since its sync failed.
        byte[] third = Journal.record(group(3, 1));
        System.arraycopy(third, 0, sound, HEADER + 2 * third.length, third.length);
        Files.write(file, sound);
        assertEquals(List.of(group(1, 1), group(2, 1), group(3, 1)), journal.left());
    }

    @Test
    void itRemembersThatTheTablesAreNotToBeTrusted() throws Exception {
        append(group(1, 1));
        assertFalse(journal().isDistrusted());
        journal.distrust();
        assertTrue(journal().isDistrusted());
        assertEquals(List.of(group(1, 1)), journal().left());
        journal.start();
        assertFalse(journal().isDistrusted());
    }

    // Room

    @Test
    void itTakesSoManyMessagesAndNoMore() throws Exception {
        for (int i = 1; i <= MOST; i++) {
            assertTrue(journal.takes(length(group(i, 1))));
            append(group(i, 1));
        }
        assertFalse(journal.takes(length(group(MOST + 1, 1))));
        journal.forget();
        assertTrue(journal.takes(length(group(MOST + 1, 1))));
    }

    @Test
    void aRecordIsNotLargerThanItsMessagesMayMakeIt() {
        Draft longest = new Draft(
                new Topic("t".repeat(64)),
                "event",
                "normal",
                "나".repeat(100),
                NOON,
                NOON,
                "\"" + "다".repeat(500) + "\"");
        Draft shortest = new Draft(new Topic("t"), "e", "n", "", NOON, null, "{}");
        for (Draft draft : List.of(longest, shortest)) {
            for (int count : new int[] {1, 3}) {
                List<Draft> drafts = Collections.nCopies(count, draft);
                Journal.Entry group = new Journal.Entry("k7f3ab", Long.MAX_VALUE, NOON, drafts, List.of());
                assertTrue(length(group) <= count * Journal.mostBytes(draft), length(group) + " bytes");
            }
        }
    }

    @Test
    void itTakesWhatFitsIntoItsFile() throws Exception {
        long offset = 1;
        while (journal.takes(length(large(offset)))) append(large(offset++));
        assertEquals(4, offset, "three of 300 kB");
        assertEquals(3, journal().left().size());
        assertEquals(Journal.CAPACITY, Files.size(file));
    }

    private static int length(Journal.Entry group) {
        return Journal.record(group).length;
    }

    private static Journal.Entry large(long first) {
        Draft draft =
                new Draft(new Topic("t"), "notice", "normal", "alice", NOON, null, "\"" + "x".repeat(300_000) + "\"");
        return new Journal.Entry("k7f3a", first, NOON, List.of(draft), List.of());
    }

    // What it tells those who read

    @Test
    void itKnowsWhatTheTablesDoNotHave() throws Exception {
        assertTrue(journal.isEmpty());
        assertNull(journal.end());
        append(group(4, 2));
        append(new Journal.Entry(
                "k7f3a", 6, NOON, List.of(draft(6)), List.of(new KeyTable.Known("id", "", "k7f3a", 6, 1))));
        assertFalse(journal.isEmpty());
        assertEquals(new Cursor("k7f3a", 6), journal.end());
        assertEquals(2, journal.entries().size());
        assertNull(journal.find(3));
        for (int offset = 4; offset <= 6; offset++) {
            Message found = journal.find(offset);
            assertNotNull(found);
            assertEquals(new Cursor("k7f3a", offset), found.id());
            assertEquals(draft(offset), found.draft());
        }
        assertNull(journal.find(7));
        assertTrue(journal.knowsAny(List.of("other", "id")));
        assertFalse(journal.knowsAny(List.of("other")));
        journal.forget();
        assertTrue(journal.isEmpty());
        assertNull(journal.find(6));
        assertFalse(journal.knowsAny(List.of("id")));
    }

    private Journal journal() {
        return new Journal(SteadyFilePath.SCHEME + ":" + file, true, MOST);
    }

    private void append(Journal.Entry group) throws Exception {
        journal.append(group, Journal.record(group));
    }

    private static Journal.Entry group(int first, int count) {
        List<Draft> drafts = new ArrayList<>();
        for (int i = 0; i < count; i++) drafts.add(draft(first + i));
        return new Journal.Entry("k7f3a", first, NOON, drafts, List.of());
    }

    private static Draft draft(int number) {
        return new Draft(new Topic("t"), "notice", "normal", "alice", NOON, null, "{\"number\":" + number + "}");
    }
}
