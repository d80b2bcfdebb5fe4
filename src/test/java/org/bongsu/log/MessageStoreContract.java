package org.bongsu.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bongsu.log.MessageStore.Appended;
import org.bongsu.log.MessageStore.Page;
import org.bongsu.log.MessageStore.Selection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link MessageStore} promises. Each adapter runs it against storage of its own, empty before each test. */
public abstract class MessageStoreContract {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Rights ALL = topic -> true;

    private final List<MessageStore> stores = new ArrayList<>();
    protected final TestClock clock = new TestClock(NOON);

    protected MessageStore store;

    /** A store, not open yet, over this test's storage; it finds there what an earlier one has left. */
    protected abstract MessageStore newStore(Clock clock) throws Exception;

    @BeforeEach
    final void openStore() throws Exception {
        store = another();
        store.open();
    }

    @AfterEach
    final void closeStores() {
        stores.forEach(MessageStore::close);
    }

    // Appending

    @Test
    void anEmptyLogEndsAtOffsetZero() throws Exception {
        assertEquals(0, store.head().offset());
        assertEquals(0, store.head().trims());
        assertEquals(store.open(), store.head());
        assertEquals(List.of(), offsets(read(0, 0)));
    }

    @Test
    void theFirstMessageHasOffsetOneAndOffsetsAreDense() throws Exception {
        Appended first = append("a", "b");
        Appended second = append("a");
        assertEquals(0, first.before());
        assertEquals(2, second.before());
        assertEquals(store.head().epoch(), first.epoch());
        assertEquals(List.of(1L, 2L), ids(first));
        assertEquals(List.of(3L), ids(second));
        assertEquals(3, store.head().offset());
    }

    @Test
    void aGroupKeepsTheOrderOfItsPublicationsAndDrafts() throws Exception {
        Publication two = new Publication(List.of(draft("a", 1), draft("b", 2)), null);
        Publication one = new Publication(List.of(draft("a", 3)), null);
        Appended appended = store.append(List.of(two, one));
        assertEquals(List.of(published(appended, 1, 2), published(appended, 3)), appended.receipts());
        assertEquals(
                List.of(draft("a", 1), draft("b", 2), draft("a", 3)),
                read(0, 3).messages().stream().map(Message::draft).toList());
    }

    @Test
    void whatIsAppendedAtOnceIsAppendedAndWhatIsNotLeavesNothing() throws Exception {
        append("a");
        Publication one = new Publication(List.of(draft("b", 2), draft("c", 3)), null);
        Appended appended = store.appendAtOnce(List.of(one));
        if (appended == null) {
            assertEquals(1, store.head().offset());
            appended = store.append(List.of(one));
        }
        assertEquals(1, appended.before());
        assertEquals(List.of(published(appended, 2, 3)), appended.receipts());
        assertEquals(List.of(4L), ids(append("d")));
        restart();
        assertEquals(List.of(1L, 2L, 3L, 4L), offsets(read(0, 4)));
    }

    @Test
    void whatHasToBeLookedUpIsNotAppendedAtOnce() throws Exception {
        append("a");
        List<Publication> keyed = List.of(once("key", "print", draft("b", 2)));
        assertNull(store.appendAtOnce(keyed));
        assertEquals(1, store.head().offset());
        assertEquals(List.of(2L), ids(store.append(keyed)));
    }

    @Test
    void everyFieldOfAMessageComesBack() throws Exception {
        Instant expires = NOON.plusMillis(86_400_123);
        Draft draft = new Draft(
                new Topic("ops/Backups.1~x_y-z"),
                "chat",
                "urgent",
                "kim@REALM",
                NOON.plusMillis(7),
                expires,
                "{\"title\":\"안녕 \uD83D\uDE00 \\\"quoted\\\" \\u0000 'x' %_ \\\\\"}");
        store.append(List.of(new Publication(List.of(draft), null)));
        Message found = store.find(1);
        assertNotNull(found);
        assertEquals(draft, found.draft());
        assertEquals(new Cursor(store.head().epoch(), 1), found.id());
        assertEquals(draft, read(0, 1).messages().get(0).draft());
        restart();
        assertEquals(draft, read(0, 1).messages().get(0).draft());
    }

    @Test
    void aMessageOfTwoHundredKilobytesComesBack() throws Exception {
        Draft draft = new Draft(
                new Topic("big"), "event", "normal", "a", NOON, null, "{\"body\":\"" + "가나다".repeat(70_000) + "\"}");
        store.append(List.of(new Publication(List.of(draft), null)));
        assertEquals(draft, read(0, 1).messages().get(0).draft());
    }

    @Test
    void aGroupOfAThousandMessagesIsAppendedWhole() throws Exception {
        List<Draft> drafts =
                IntStream.range(0, 1_000).mapToObj(i -> draft("t/" + i % 7, i)).toList();
        store.append(List.of(new Publication(drafts, null)));
        assertEquals(
                drafts,
                store.readAfter(0, 1_000, everything(), 2_000, Long.MAX_VALUE).messages().stream()
                        .map(Message::draft)
                        .toList());
    }

    @Test
    void whatHasBeenAppendedIsThereAfterARestart() throws Exception {
        append("a", "b", "c");
        Head before = store.head();
        assertEquals(before, restart());
        assertEquals(List.of(1L, 2L, 3L), offsets(read(0, 3)));
        assertEquals(List.of(4L), ids(append("a")));
    }

    @Test
    void openingAnOpenStoreAgainChangesNothing() throws Exception {
        append("a", "b");
        Head before = store.head();
        assertEquals(before, store.open());
        assertEquals(before, store.open());
        assertEquals(List.of(3L), ids(append("a")));
    }

    @Test
    void closingTwiceIsHarmless() {
        store.close();
        store.close();
    }

    // Idempotency

    @Test
    void aRepeatedKeyIsAnsweredFromTheRecordAndAppendsNothing() throws Exception {
        Publication publication = once("key", "print", draft("a", 1), draft("a", 2));
        Appended first = store.append(List.of(publication));
        Appended second = store.append(List.of(publication));
        assertEquals(List.of(new Receipt.Repeated(cursors(first.epoch(), 1, 2))), second.receipts());
        assertEquals(2, second.before());
        assertEquals(2, store.head().offset());
    }

    @Test
    void aKeyIsRememberedAcrossARestart() throws Exception {
        Publication publication = once("key", "print", draft("a", 1));
        Appended first = store.append(List.of(publication));
        restart();
        assertEquals(
                List.of(new Receipt.Repeated(cursors(first.epoch(), 1))),
                store.append(List.of(publication)).receipts());
    }

    @Test
    void aKeyUsedForAnotherContentAppendsNothing() throws Exception {
        store.append(List.of(once("key", "print", draft("a", 1))));
        Appended second = store.append(List.of(once("key", "other", draft("a", 2))));
        assertEquals(List.of(new Receipt.KeyReused()), second.receipts());
        assertEquals(1, store.head().offset());
    }

    @Test
    void whatHasExpiredWhenItIsHandedInCanOnlyRepeatWhatCameInTime() throws Exception {
        Draft inTime = expiring("a", 1, NOON.plusSeconds(60));
        Draft late = new Draft(
                inTime.topic(),
                inTime.type(),
                inTime.priority(),
                inTime.sender(),
                NOON.plusSeconds(60),
                inTime.expires(),
                inTime.content());
        Appended first = store.append(List.of(once("key", "print", inTime)));
        Appended second = store.append(List.of(
                once("key", "print", late),
                once("key", "other", late),
                once("new", "print", draft("a", 2), late),
                new Publication(List.of(late), null)));
        assertEquals(
                List.of(
                        new Receipt.Repeated(cursors(first.epoch(), 1)),
                        new Receipt.KeyReused(),
                        new Receipt.Late(),
                        new Receipt.Late()),
                second.receipts());
        assertEquals(1, store.head().offset());
        assertEquals(
                List.of(new Receipt.Published(cursors(first.epoch(), 2))),
                store.append(List.of(once("new", "another", draft("a", 2)))).receipts(),
                "its key has not been used up");
    }

    @Test
    void twinsInOneGroupAreAppendedOnce() throws Exception {
        Publication twin = once("key", "print", draft("a", 1), draft("a", 2));
        Publication other = once("key", "other", draft("a", 3));
        Publication last = new Publication(List.of(draft("a", 4)), null);
        Appended appended = store.append(List.of(twin, twin, other, last));
        assertEquals(
                List.of(
                        published(appended, 1, 2),
                        new Receipt.Repeated(cursors(appended.epoch(), 1, 2)),
                        new Receipt.KeyReused(),
                        published(appended, 3)),
                appended.receipts());
        assertEquals(3, store.head().offset());
    }

    @Test
    void keysOfDifferentPrincipalsAreDifferent() throws Exception {
        Draft draft = draft("a", 1);
        Publication alice = new Publication(List.of(draft), new Publication.Once("alice", "key", "print"));
        Publication bob = new Publication(List.of(draft), new Publication.Once("bob", "key", "print"));
        Publication shifted = new Publication(List.of(draft), new Publication.Once("bobk", "ey", "print"));
        assertEquals(List.of(1L, 2L, 3L), ids(store.append(List.of(alice, bob, shifted))));
    }

    @Test
    void aKeyIsForgottenAfterADay() throws Exception {
        Publication publication = once("key", "print", draft("a", 1));
        store.append(List.of(publication));
        clock.pass(Duration.ofHours(24).minusMillis(1));
        assertInstanceOf(
                Receipt.Repeated.class,
                store.append(List.of(publication)).receipts().get(0));
        clock.pass(Duration.ofMillis(1));
        assertEquals(List.of(2L), ids(store.append(List.of(publication))));
        // Remembered anew from here.
        assertEquals(
                List.of(new Receipt.Repeated(cursors(store.head().epoch(), 2))),
                store.append(List.of(publication)).receipts());
    }

    @Test
    void trimmingForgetsOldKeysAndNoOthers() throws Exception {
        Publication old = once("old", "print", draft("a", 1));
        Publication young = once("young", "print", draft("a", 2));
        store.append(List.of(old));
        clock.pass(Duration.ofHours(23));
        store.append(List.of(young));
        clock.pass(Duration.ofHours(1));
        store.trim(Retention.UNLIMITED, clock.instant());
        assertInstanceOf(
                Receipt.Repeated.class, store.append(List.of(young)).receipts().get(0));
        assertInstanceOf(
                Receipt.Published.class, store.append(List.of(old)).receipts().get(0));
    }

    @Test
    void aGroupMayConsistOfManyKeys() throws Exception {
        List<Publication> group = IntStream.range(0, 300)
                .mapToObj(i -> once("key" + i, "print", draft("a", i)))
                .toList();
        assertEquals(300, ids(store.append(group)).size());
        assertTrue(store.append(group).receipts().stream().allMatch(Receipt.Repeated.class::isInstance));
        assertEquals(300, store.head().offset());
    }

    // Reading

    @Test
    void readingGoesForwardFromAfterTheCursorUpToTheBound() throws Exception {
        append("a", "a", "a", "a", "a");
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L), offsets(read(0, 5)));
        assertEquals(List.of(3L, 4L), offsets(read(2, 4)));
        assertEquals(List.of(), offsets(read(5, 5)));
        assertEquals(4, read(2, 4).scannedTo());
        assertEquals(5, read(5, 5).scannedTo());
    }

    @Test
    void readingGoesBackwardNewestFirst() throws Exception {
        append("a", "b", "a", "b", "a");
        Page page = store.readBefore(6, of("a"), 2, Long.MAX_VALUE);
        assertEquals(List.of(5L, 3L), offsets(page));
        assertEquals(3, page.scannedTo());
        Page rest = store.readBefore(page.scannedTo(), of("a"), 2, Long.MAX_VALUE);
        assertEquals(List.of(1L), offsets(rest));
        assertEquals(1, rest.scannedTo());
        assertEquals(List.of(), offsets(store.readBefore(rest.scannedTo(), of("a"), 2, Long.MAX_VALUE)));
    }

    @Test
    void aPageEndsAtItsLimitAndReadingGoesOnFromThere() throws Exception {
        append("a", "b", "a", "b", "a");
        Page page = store.readAfter(0, 5, of("a"), 2, Long.MAX_VALUE);
        assertEquals(List.of(1L, 3L), offsets(page));
        assertEquals(3, page.scannedTo());
        Page rest = store.readAfter(3, 5, of("a"), 2, Long.MAX_VALUE);
        assertEquals(List.of(5L), offsets(rest));
        assertEquals(5, rest.scannedTo());
    }

    @Test
    void aPageEndsWithTheMessageThatReachesItsSize() throws Exception {
        append("a", "a", "a", "a");
        long size = read(0, 1).messages().get(0).json().length;
        assertEquals(List.of(1L), offsets(store.readAfter(0, 4, everything(), 10, 1)));
        assertEquals(List.of(1L), offsets(store.readAfter(0, 4, everything(), 10, size)));
        assertEquals(List.of(1L, 2L), offsets(store.readAfter(0, 4, everything(), 10, size + 1)));
        assertEquals(2, store.readAfter(0, 4, everything(), 10, size + 1).scannedTo());
        assertEquals(List.of(4L, 3L), offsets(store.readBefore(5, everything(), 10, size + 1)));
    }

    @Test
    void patternsSelectTopics() throws Exception {
        append("ops", "ops/a", "ops/a/b", "opsx", "ops/a", "hr/a", "OPS/a");
        assertEquals(List.of(2L, 5L), offsets(all("ops/*")));
        assertEquals(List.of(2L, 3L, 5L), offsets(all("ops/**")));
        assertEquals(List.of(1L), offsets(all("ops")));
        assertEquals(List.of(2L, 5L, 6L, 7L), offsets(all("*/a")));
        assertEquals(List.of(1L, 2L, 5L, 6L), offsets(all("ops/a", "hr/*", "ops")));
        assertEquals(List.of(4L, 6L), offsets(all("hr/a", "opsx")));
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L), offsets(all("**")));
        assertEquals(List.of(), offsets(all("none", "none/*")));
    }

    @Test
    void aPatternsCharactersMeanThemselves() throws Exception {
        append("a_b/x", "aXb/x", "a.b/x", "a~b/x", "a-b/x");
        assertEquals(List.of(1L), offsets(all("a_b/*")));
        assertEquals(List.of(3L), offsets(all("a.b/**")));
        assertEquals(List.of(4L, 5L), offsets(all("a~b/*", "a-b/x")));
    }

    @Test
    void aTopicWithoutTheRightToReadItIsNotRead() throws Exception {
        append("open", "secret", "open", "secret");
        Rights rights = topic -> !topic.name().startsWith("secret");
        for (String[] patterns : new String[][] {{"**"}, {"open", "secret"}, {"*"}}) {
            Selection selection = new Selection(interest(rights, patterns), NOON);
            assertEquals(List.of(1L, 3L), offsets(store.readAfter(0, 4, selection, 10, Long.MAX_VALUE)));
            assertEquals(List.of(3L, 1L), offsets(store.readBefore(5, selection, 10, Long.MAX_VALUE)));
        }
        Page nothing = store.readAfter(0, 4, new Selection(interest(rights, "secret"), NOON), 10, Long.MAX_VALUE);
        assertEquals(List.of(), offsets(nothing));
        assertEquals(4, nothing.scannedTo());
    }

    @Test
    void manyTopicsAreReadTogetherInTheOrderOfTheLog() throws Exception {
        String[] topics = IntStream.range(0, 320).mapToObj(i -> "t/" + i % 80).toArray(String[]::new);
        append(topics);
        String[] wanted = IntStream.range(0, 64).mapToObj(i -> "t/" + i).toArray(String[]::new);
        List<Long> expected = LongStream.rangeClosed(1, 320)
                .filter(offset -> (offset - 1) % 80 < 64)
                .boxed()
                .toList();
        List<Long> seen = new ArrayList<>();
        long after = 0;
        while (after < 320) {
            Page page = store.readAfter(after, 320, of(wanted), 50, Long.MAX_VALUE);
            assertTrue(page.scannedTo() > after, "reading goes on");
            seen.addAll(offsets(page));
            after = page.scannedTo();
        }
        assertEquals(expected, seen);
    }

    @Test
    void typesAndPrioritiesSelect() throws Exception {
        store.append(List.of(new Publication(
                List.of(
                        new Draft(new Topic("a"), "notice", "high", "x", NOON, null, content(1)),
                        new Draft(new Topic("a"), "chat", "normal", "x", NOON, null, content(2)),
                        new Draft(new Topic("a"), "chat", "high", "x", NOON, null, content(3))),
                null)));
        Interest all = interest(ALL, "**");
        assertEquals(
                List.of(2L, 3L),
                offsets(store.readAfter(0, 3, new Selection(all, Set.of("chat"), Set.of(), NOON), 10, Long.MAX_VALUE)));
        assertEquals(
                List.of(1L, 3L),
                offsets(store.readAfter(
                        0, 3, new Selection(all, Set.of(), Set.of("high", "urgent"), NOON), 10, Long.MAX_VALUE)));
        assertEquals(
                List.of(3L),
                offsets(store.readBefore(
                        4, new Selection(all, Set.of("chat"), Set.of("high"), NOON), 10, Long.MAX_VALUE)));
    }

    @Test
    void anExpiredMessageIsNotReadButFound() throws Exception {
        store.append(List.of(new Publication(List.of(expiring("a", 1, NOON.plusSeconds(60)), draft("a", 2)), null)));
        assertEquals(List.of(1L, 2L), offsets(readAt(NOON.plusMillis(59_999))));
        assertEquals(List.of(2L), offsets(readAt(NOON.plusSeconds(60))));
        assertNotNull(store.find(1));
    }

    @Test
    void aSelectionThatMatchesNothingComesToTheEndInSteps() throws Exception {
        List<Draft> drafts =
                IntStream.range(0, 1_000).mapToObj(i -> draft("noise", i)).toList();
        for (int i = 0; i < 25; i++) store.append(List.of(new Publication(drafts, null)));
        for (Selection nothing : List.of(
                of("quiet"),
                of("quiet/*"),
                of("*/quiet"),
                new Selection(interest(topic -> false, "**"), NOON),
                new Selection(interest(ALL, "noise"), Set.of("chat"), Set.of(), NOON))) {
            long after = 0;
            int steps = 0;
            while (after < 25_000) {
                Page page = store.readAfter(after, 25_000, nothing, 100, Long.MAX_VALUE);
                assertEquals(List.of(), offsets(page));
                assertTrue(page.scannedTo() > after, "reading goes on");
                after = page.scannedTo();
                steps++;
            }
            assertEquals(25_000, after);
            assertTrue(steps <= 10, steps + " steps");
            long before = 25_001;
            while (before > 1) {
                Page page = store.readBefore(before, nothing, 100, Long.MAX_VALUE);
                assertEquals(List.of(), offsets(page));
                assertTrue(page.scannedTo() < before, "reading goes on");
                before = page.scannedTo();
            }
        }
    }

    @Test
    void aMessageIsFoundByItsOffset() throws Exception {
        append("a", "b");
        Message found = store.find(2);
        assertNotNull(found);
        assertEquals("b", found.topic().name());
        assertNull(store.find(3));
        assertNull(store.find(0));
    }

    // Retention

    @Test
    void nothingIsTrimmedWithoutALimit() throws Exception {
        append("a", "b");
        clock.pass(Duration.ofDays(10_000));
        store.trim(Retention.UNLIMITED, clock.instant());
        assertEquals(List.of(1L, 2L), offsets(read(0, 2)));
        assertEquals(List.of(), store.trimsSince(0));
        assertEquals(0, store.head().trims());
    }

    @Test
    void messagesOlderThanTheAgeAreTrimmed() throws Exception {
        append("a", "b", "a");
        clock.pass(Duration.ofHours(2));
        append("a", "b");
        store.trim(new Retention(Duration.ofHours(1), 0, 0), clock.instant());
        assertEquals(List.of(4L, 5L), offsets(read(0, 5)));
        assertEquals(Set.of("a:3", "b:2"), trims(0));
        assertNull(store.find(1));
        assertEquals(5, store.head().offset());
    }

    @Test
    void aMessageWithAClockFromTheFutureDoesNotStopTheAgeing() throws Exception {
        clock.pass(Duration.ofDays(3_000));
        append("a");
        clock.pass(Duration.ofDays(-3_000));
        append("a", "b");
        clock.pass(Duration.ofHours(2));
        store.trim(new Retention(Duration.ofHours(1), 0, 0), clock.instant());
        assertEquals(List.of(1L), offsets(read(0, 3)));
        append("a");
        clock.pass(Duration.ofHours(2));
        store.trim(new Retention(Duration.ofHours(1), 0, 0), clock.instant());
        assertEquals(List.of(1L), offsets(read(0, 4)));
    }

    @Test
    void onlyTheNewestOfEachTopicAreKept() throws Exception {
        append("a", "b", "a", "a", "b", "c");
        store.trim(new Retention(Duration.ZERO, 2, 0), clock.instant());
        assertEquals(List.of(2L, 3L, 4L, 5L, 6L), offsets(read(0, 6)));
        assertEquals(Set.of("a:1"), trims(0));
        append("b", "c");
        store.trim(new Retention(Duration.ZERO, 2, 0), clock.instant());
        assertEquals(List.of(3L, 4L, 5L, 6L, 7L, 8L), offsets(read(0, 8)));
        assertEquals(Set.of("a:1", "b:2"), trims(0));
    }

    @Test
    void theBytesOfEachTopicAreLimited() throws Exception {
        append("a", "b", "a", "a");
        long size = content(1).length();
        store.trim(new Retention(Duration.ZERO, 0, 2 * size), clock.instant());
        assertEquals(List.of(2L, 3L, 4L), offsets(read(0, 4)));
        store.trim(new Retention(Duration.ZERO, 0, 2 * size - 1), clock.instant());
        assertEquals(List.of(2L, 4L), offsets(read(0, 4)));
        store.trim(new Retention(Duration.ZERO, 0, 1), clock.instant());
        assertEquals(List.of(), offsets(read(0, 4)));
        assertEquals(Set.of("a:4", "b:2"), trims(0));
    }

    @Test
    void trimmingManyMessagesOfManyTopicsKeepsExactlyWhatItShould() throws Exception {
        for (int g = 0; g < 4; g++) {
            store.append(List.of(new Publication(
                    IntStream.range(0, 1_000)
                            .mapToObj(i -> draft("t/" + i % 10, i))
                            .toList(),
                    null)));
        }
        store.trim(new Retention(Duration.ZERO, 30, 0), clock.instant());
        Page kept = store.readAfter(0, 4_000, everything(), 10_000, Long.MAX_VALUE);
        assertEquals(LongStream.rangeClosed(3_701, 4_000).boxed().toList(), offsets(kept));
        assertEquals(
                IntStream.range(0, 10)
                        .mapToObj(i -> "t/" + i + ":" + (3_691 + i))
                        .collect(Collectors.toSet()),
                trims(0));
        restart();
        append("t/0");
        store.trim(new Retention(Duration.ZERO, 30, 0), clock.instant());
        assertNull(store.find(3_701));
        assertNotNull(store.find(3_702));
    }

    @Test
    void aTrimIsToldOnceAndItsVersionGrows() throws Exception {
        append("a", "a", "b");
        store.trim(new Retention(Duration.ZERO, 1, 0), clock.instant());
        Head first = store.head();
        assertTrue(first.trims() > 0);
        assertEquals(Set.of(), trims(first.trims()));
        assertEquals(first.trims(), read(0, 3).trims());
        append("b");
        store.trim(new Retention(Duration.ZERO, 1, 0), clock.instant());
        assertEquals(Set.of("b:3"), trims(first.trims()));
        assertTrue(store.head().trims() > first.trims());
        store.trim(new Retention(Duration.ZERO, 1, 0), clock.instant());
        assertEquals(Set.of("b:3"), trims(first.trims()));
        Head last = store.head();
        assertEquals(last, restart());
        assertEquals(Set.of("a:1", "b:3"), trims(0));
    }

    /** Of a message that went alone, after newer ones of its topic, nobody was told. */
    @Test
    void aMessageTrimmedAfterNewerOnesOfItsTopicIsToldOf() throws Exception {
        clock.pass(Duration.ofDays(3_000));
        append("a");
        clock.pass(Duration.ofDays(-3_000));
        append("a");
        clock.pass(Duration.ofHours(2));
        store.trim(new Retention(Duration.ofHours(1), 0, 0), clock.instant());
        assertEquals(List.of(1L), offsets(read(0, 2)));
        long first = store.head().trims();
        append("a");
        store.trim(new Retention(Duration.ZERO, 1, 0), clock.instant());
        assertEquals(List.of(3L), offsets(read(0, 3)));
        assertEquals(Set.of("a:2"), trims(first));
        assertEquals(newestTrim(), store.head().trims());
    }

    @Test
    void anExpiredMessageGoesWithoutATrim() throws Exception {
        store.append(List.of(new Publication(
                List.of(expiring("a", 1, NOON.plusSeconds(60)), draft("a", 2), expiring("b", 3, NOON.plusSeconds(120))),
                null)));
        store.trim(Retention.UNLIMITED, NOON.plusSeconds(60));
        assertNull(store.find(1));
        assertEquals(List.of(2L, 3L), offsets(read(0, 3)));
        clock.pass(Duration.ofHours(2));
        store.trim(new Retention(Duration.ofHours(1), 1, 1_000_000), clock.instant());
        assertNull(store.find(3));
        assertEquals(Set.of("a:2"), trims(0));
    }

    @Test
    void expiredMessagesDoNotCountAgainstTheirTopic() throws Exception {
        store.append(List.of(new Publication(
                List.of(draft("a", 1), expiring("a", 2, NOON.plusSeconds(60)), expiring("a", 3, NOON.plusSeconds(60))),
                null)));
        store.trim(new Retention(Duration.ZERO, 1, 0), NOON.plusSeconds(60));
        assertEquals(List.of(1L), offsets(read(0, 3)));
        assertEquals(Set.of(), trims(0));
    }

    // Settling

    @Test
    void settlingFindsAGroupThatNeverCameAbsent() throws Exception {
        append("a");
        store.open();
        assertNull(store.settle(List.of(new Publication(List.of(draft("a", 9)), null)), false));
        assertEquals(1, store.head().offset());
    }

    // For the tests

    protected final MessageStore another() throws Exception {
        MessageStore another = newStore(clock);
        stores.add(another);
        return another;
    }

    /** Closes the store and opens another one over the same storage. */
    protected final Head restart() throws Exception {
        store.close();
        stores.remove(store);
        store = another();
        return store.open();
    }

    protected final Appended append(String... topics) throws StoreException {
        return store.append(Arrays.stream(topics)
                .map(topic -> new Publication(List.of(draft(topic, 1)), null))
                .toList());
    }

    protected final Draft draft(String topic, int number) {
        return new Draft(new Topic(topic), "notice", "normal", "alice", clock.instant(), null, content(number));
    }

    private Draft expiring(String topic, int number, @Nullable Instant expires) {
        return new Draft(new Topic(topic), "notice", "normal", "alice", clock.instant(), expires, content(number));
    }

    private static String content(int number) {
        return "{\"title\":\"number " + number + "\",\"body\":\"" + "x".repeat(150) + "\"}";
    }

    protected static Publication once(String key, String fingerprint, Draft... drafts) {
        return new Publication(List.of(drafts), new Publication.Once("alice", key, fingerprint));
    }

    protected static Interest interest(Rights rights, String... patterns) {
        return new Interest(Arrays.stream(patterns).map(TopicPattern::new).toList(), rights);
    }

    protected static Selection of(String... patterns) {
        return new Selection(interest(ALL, patterns), NOON);
    }

    protected static Selection everything() {
        return of("**");
    }

    private Page all(String... patterns) throws StoreException {
        return store.readAfter(0, store.head().offset(), of(patterns), 1_000, Long.MAX_VALUE);
    }

    protected final Page read(long after, long upTo) throws StoreException {
        return store.readAfter(after, upTo, everything(), 1_000, Long.MAX_VALUE);
    }

    private Page readAt(Instant now) throws StoreException {
        return store.readAfter(
                0, store.head().offset(), new Selection(interest(ALL, "**"), now), 1_000, Long.MAX_VALUE);
    }

    protected static List<Long> offsets(Page page) {
        return page.messages().stream().map(Message::offset).toList();
    }

    /** The offsets that this group has published. */
    protected static List<Long> ids(Appended appended) {
        return appended.receipts().stream()
                .filter(Receipt.Published.class::isInstance)
                .flatMap(receipt -> ((Receipt.Published) receipt).ids().stream())
                .map(Cursor::offset)
                .toList();
    }

    private static Receipt published(Appended appended, long... offsets) {
        return new Receipt.Published(cursors(appended.epoch(), offsets));
    }

    protected static List<Cursor> cursors(String epoch, long... offsets) {
        return LongStream.of(offsets)
                .mapToObj(offset -> new Cursor(epoch, offset))
                .toList();
    }

    /** The greatest version that a trim carries; {@link Head#trims} must be the same, or nodes wait for one in vain. */
    protected final long newestTrim() throws StoreException {
        return store.trimsSince(0).stream().mapToLong(Trim::version).max().orElse(0);
    }

    private Set<String> trims(long since) throws StoreException {
        return store.trimsSince(since).stream()
                .map(trim -> trim.topic().name() + ":" + trim.through())
                .collect(Collectors.toSet());
    }
}
