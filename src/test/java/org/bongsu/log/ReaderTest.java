package org.bongsu.log;

import static org.bongsu.log.LogFixture.MANY;
import static org.bongsu.log.LogFixture.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a reader of the log is owed: contract §1, "The promise". */
class ReaderTest {

    @Nested
    class Reading {

        /** In memory, partly in memory, and (nearly) all in the store. */
        @ParameterizedTest
        @ValueSource(ints = {MANY, 7, 1})
        void everyPlaceLeadsToExactlyWhatComesAfterIt(int tail) {
            try (LogFixture f = LogFixture.open(tail)) {
                List<String> all = new ArrayList<>();
                for (int i = 1; i <= 20; i++) {
                    String topic = i % 3 == 0 ? "b" : "a";
                    f.publish(topic, "x");
                    if (topic.equals("a")) all.add("a:" + i);
                }
                for (int after = 0; after <= 20; after++) {
                    int from = after;
                    List<String> expected = all.stream()
                            .filter(s -> Integer.parseInt(s.substring(2)) > from)
                            .toList();
                    Reader reader = f.reader(new Cursor("m0", after), "a");
                    assertEquals(expected, f.drain(reader, 3), "after " + after);
                    assertEquals(new Cursor("m0", 20), reader.position(), "it moves past others' messages");
                    reader.close();
                }
                assertEquals(all, f.drain(f.reader(Position.Edge.EARLIEST, "a")));
                assertEquals(List.of(), f.drain(f.reader(Position.Edge.LATEST, "a")));
            }
        }

        @Test
        void aLiveReaderGetsWhatComesInTheOrderOfTheLog() {
            try (LogFixture f = LogFixture.open(MANY)) {
                f.publish("a", "before");
                Reader reader = f.reader(Position.Edge.LATEST, "a", "b/*");
                f.publish("a", "x");
                f.publish("c", "x");
                f.publish("b/1", "x");
                assertEquals(List.of("a:2", "b/1:4"), f.drain(reader));
                f.publish("b/2", "a topic that nobody knew");
                assertEquals(List.of("b/2:5"), f.drain(reader));
            }
        }

        @Test
        void noMoreIsReadThanTheCallerWants() {
            try (LogFixture f = LogFixture.open(MANY)) {
                f.publish(10, "a");
                Reader reader = f.reader(new Cursor("m0", 0), "a");
                assertEquals(
                        4, ((Range) reader.next(100, 1 << 20, 4)).messages().size());
                assertSame(Read.Nothing.CAUGHT_UP, reader.next(100, 1 << 20, 4));
                assertEquals(2, ((Range) reader.next(2, 1 << 20, 10)).messages().size());
                int size = 20;
                assertEquals(1, ((Range) reader.next(100, size, 10)).messages().size(), "one at least");
                assertEquals(new Cursor("m0", 7), reader.position());
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {MANY, 1})
        void patternsThatOverlapGiveAMessageOnce(int tail) {
            try (LogFixture f = LogFixture.open(tail)) {
                Reader live = f.reader(Position.Edge.LATEST, "ops/a", "ops/*", "ops/**", "**");
                f.publish("ops/a", "x");
                f.publish("ops/a", "y");
                f.publish("ops/b", "z");
                List<String> once = List.of("ops/a:1", "ops/a:2", "ops/b:3");
                assertEquals(once, f.drain(live));
                assertEquals(once, f.drain(f.reader(Position.Edge.EARLIEST, "**", "ops/a", "ops/*", "ops/**")));
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {MANY, 1})
        void whatRightsDoNotAllowIsSilentlyAbsent(int tail) {
            Rights rights = topic -> !topic.name().startsWith("secret");
            try (LogFixture f = LogFixture.open(tail)) {
                Reader live = f.log.reader(Drafts.interest(rights, "secret/x", "*/x"), Position.Edge.LATEST);
                f.publish("secret/x", "x");
                f.publish("open/x", "x");
                assertEquals(List.of("open/x:2"), f.drain(live));
                Reader late = f.log.reader(Drafts.interest(rights, "secret/x", "*/x"), Position.Edge.EARLIEST);
                assertEquals(List.of("open/x:2"), f.drain(late));
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {MANY, 2})
        void expiredMessagesAreNotReplayed(int tail) {
            try (LogFixture f = LogFixture.open(tail)) {
                f.publish(Drafts.expiring("a", "x", Drafts.TIME.plusSeconds(10)));
                f.publish("a", "stays");
                f.publish(Drafts.expiring("a", "y", Drafts.TIME.plusSeconds(20)));
                assertEquals(List.of("a:1", "a:2", "a:3"), f.drain(f.reader(Position.Edge.EARLIEST, "a")));
                f.clock.pass(Duration.ofSeconds(10));
                assertEquals(List.of("a:2", "a:3"), f.drain(f.reader(Position.Edge.EARLIEST, "a")));
                f.clock.pass(Duration.ofSeconds(10));
                assertEquals(List.of("a:2"), f.drain(f.reader(new Cursor("m0", 0), "a")), "expiry is no hole");
            }
        }

        /** A range that was remembered for the next reader at the same place went on giving what had expired. */
        @Test
        void aRememberedRangeIsForgottenWhenAMessageInItExpires() {
            try (LogFixture f = LogFixture.open(MANY)) {
                Reader first = f.reader(Position.Edge.LATEST, "a");
                Reader second = f.reader(Position.Edge.LATEST, "a");
                f.publish("a", "stays");
                f.publish(Drafts.expiring("a", "x", Drafts.TIME.plusSeconds(10)));
                assertEquals(List.of("a:1", "a:2"), f.drain(first));
                f.clock.pass(Duration.ofSeconds(10));
                assertEquals(List.of("a:1"), f.drain(second));
            }
        }

        /** From the third on, what readers in step get is neither looked for nor locked; and it may be over at any time. */
        @Test
        void readersInStepGetTheSameRange() {
            try (LogFixture f = LogFixture.open(MANY)) {
                List<Reader> readers = inStep(f, Position.Edge.LATEST);
                f.publish(2, "a");
                Read first = next(readers.get(0), 2);
                for (int i = 1; i < 4; i++) assertSame(first, next(readers.get(i), 2));
                Reader elsewhere = f.reader(new Cursor("m0", 1), "a");
                assertEquals(1, ((Range) next(elsewhere, 2)).messages().size());
                assertEquals(1, ((Range) next(readers.get(4), 1)).messages().size(), "no more than it wants");
                assertEquals(List.of("a:2"), f.drain(readers.get(4)));
            }
        }

        @Test
        void oneOfThemWhoHasToBeToldSomethingFirstIsTold() {
            try (LogFixture f = LogFixture.open(MANY)) {
                List<Reader> readers = inStep(f, Position.Edge.LATEST);
                f.publish(3, "a");
                for (int i = 0; i < 4; i++) next(readers.get(i), 3);
                f.trimTo(1);
                assertEquals(List.of("reset:trimmed", "a:3"), f.drain(readers.get(4)));
                List<Reader> later = inStep(f, Position.Edge.EARLIEST);
                for (Reader reader : later)
                    assertEquals(3, ((Range) next(reader, 3)).cursor().offset());
                Reader absent = f.reader(new Cursor("m0", 0), "a");
                assertEquals(List.of("reset:trimmed", "a:3"), f.drain(absent), "the others stand where it does");
            }
        }

        @Test
        void whatMemoryHasLetGoOfIsNotGivenToOneOfThem() {
            try (LogFixture f = LogFixture.open(2)) {
                List<Reader> readers = inStep(f, Position.Edge.LATEST);
                f.publish(2, "a");
                for (int i = 0; i < 4; i++) next(readers.get(i), 2);
                f.publish(2, "a");
                assertSame(Read.Nothing.BEHIND, next(readers.get(4), 2));
                assertEquals(List.of("a:1", "a:2", "a:3", "a:4"), f.drain(readers.get(4)));
            }
        }

        @Test
        void aMessageThatExpiresIsNotGivenToOneOfThem() {
            try (LogFixture f = LogFixture.open(MANY)) {
                List<Reader> readers = inStep(f, Position.Edge.LATEST);
                f.publish("a", "stays");
                f.publish(Drafts.expiring("a", "x", Drafts.TIME.plusSeconds(10)));
                for (int i = 0; i < 4; i++)
                    assertEquals(2, ((Range) next(readers.get(i), 2)).messages().size());
                f.clock.pass(Duration.ofSeconds(10));
                assertEquals(List.of("a:1"), f.drain(readers.get(4)));
            }
        }

        private static List<Reader> inStep(LogFixture f, Position start) {
            List<Reader> readers = new ArrayList<>();
            for (int i = 0; i < 5; i++) readers.add(f.reader(start, "a"));
            return readers;
        }

        private static Read next(Reader reader, long upTo) {
            return reader.next(100, 1 << 20, upTo);
        }

        @Test
        void aReaderThatChangesItsInterestGoesOnFromItsCursor() {
            try (LogFixture f = LogFixture.open(3)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                f.publish("a", "1");
                f.publish("b", "2");
                assertEquals(List.of("a:1"), f.drain(reader));
                f.publish("b", "3");
                f.publish("a", "4");
                reader.follow(Drafts.interest("b"), reader.position());
                assertEquals(List.of("b:3"), f.drain(reader));
                f.publish(10, "b");
                reader.follow(Drafts.interest("a", "b"), reader.position());
                assertEquals(10, f.drain(reader).size());
                reader.follow(Drafts.interest("a", "b"), reader.position());
                assertEquals(List.of(), f.drain(reader));
                reader.close();
                reader.close();
            }
        }

        /** Whoever was told of 1 and of nothing after it lost 2, depending on whether the reader had come past it. */
        @Test
        void anotherInterestIsFollowedFromThePlaceThatWasTold() {
            try (LogFixture f = LogFixture.open(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                f.publish("a", "1");
                assertEquals(List.of("a:1"), f.drain(reader));
                Cursor told = reader.position();
                f.publish("b", "2");
                assertEquals(List.of(), f.drain(reader));
                assertEquals(2, reader.position().offset());
                reader.follow(Drafts.interest("a", "b"), told);
                assertEquals(told, reader.position());
                assertEquals(List.of("b:2"), f.drain(reader));
            }
        }

        /** Told that something is missing before the place, one step back it would be told again. */
        @Test
        void anotherInterestFollowedFromBeforeAHoleIsToldOfItOnce() {
            try (LogFixture f = LogFixture.open(MANY)) {
                f.publish(4, "b");
                Reader reader = f.reader(new Cursor("m0", 0), "a");
                assertEquals(List.of(), f.drain(reader));
                f.trimTo(2);
                reader.follow(Drafts.interest("b"), new Cursor("m0", 0));
                assertEquals(List.of("reset:trimmed", "b:3", "b:4"), f.drain(reader));
                reader.follow(Drafts.interest("a", "b"), reader.position());
                assertEquals(List.of(), f.drain(reader));
            }
        }

        @Test
        void aFeedIsGivenUpByItsLastReaderAndTakenUpAgain() {
            try (LogFixture f = LogFixture.open(MANY)) {
                Reader one = f.reader(Position.Edge.LATEST, "a");
                Reader two = f.reader(Position.Edge.LATEST, "a");
                assertSame(one.feed(), two.feed());
                one.close();
                f.publish("a", "1");
                assertEquals(List.of("a:1"), f.drain(two));
                Cursor left = two.position();
                two.close();
                f.publish("a", "2");
                Reader three = f.reader(left, "a");
                assertEquals(List.of("a:2"), f.drain(three));
                assertEquals(1, f.log.feedCount());
            }
        }
    }

    @Nested
    class Resets {

        @Test
        void aCursorOfAnotherEpochIsToldAndReadsEverything() {
            try (LogFixture f = LogFixture.open(2)) {
                f.publish(4, "a");
                List<String> expected = List.of("reset:epoch", "a:1", "a:2", "a:3", "a:4");
                assertEquals(expected, f.drain(f.reader(new Cursor("other", 3), "a")));
                assertEquals(expected, f.drain(f.reader(Position.Edge.UNREADABLE, "a")));
            }
        }

        @Test
        void aCursorBeyondTheHeadIsToldAhead() {
            try (LogFixture f = LogFixture.openAlone(2)) {
                f.publish(2, "a");
                assertEquals(List.of(), f.drain(f.reader(new Cursor("m0", 2), "a")));
                assertEquals(List.of("reset:ahead", "a:1", "a:2"), f.drain(f.reader(new Cursor("m0", 3), "a")));
            }
        }

        @Test
        void aSharedStoreIsAskedBeforeACursorIsCalledAhead() {
            try (LogFixture f = LogFixture.open(MANY);
                    LogFixture other = f.another(MANY)) {
                f.publish(2, "a");
                other.publish(2, "a");
                assertEquals(2, f.log.head());
                Reader reader = f.reader(new Cursor("m0", 4), "a");
                assertEquals(List.of(), f.drain(reader));
                other.publish("a", "5");
                f.follow();
                assertEquals(List.of("a:5"), f.drain(reader));
                assertEquals(
                        List.of("reset:ahead", "a:1", "a:2", "a:3", "a:4", "a:5"),
                        f.drain(f.reader(new Cursor("m0", 6), "a")));
            }
        }

        /** Such a reader waited for ever, or until the head had passed it, and then missed what came before its place. */
        @Test
        void aReaderAheadOfAStoreThatCannotBeAskedIsToldWhenItCan() throws Exception {
            try (LogFixture f = LogFixture.open(MANY)) {
                f.publish(2, "a");
                f.memory.breakDown("gone");
                Reader reader = f.reader(new Cursor("m0", 4), "a");
                assertSame(Read.Nothing.BEHIND, reader.next(100, 1 << 20, f.log.head()));
                CountDownLatch known = new CountDownLatch(1);
                f.log.fetch(reader, known::countDown);
                assertEquals(1, known.getCount());
                f.memory.heal();
                known.await();
                assertEquals(new Read.Reset(ResetReason.AHEAD), reader.next(100, 1 << 20, f.log.head()));
                assertEquals(List.of("a:1", "a:2"), f.drain(reader));
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {MANY, 3})
        void retentionIsToldOnlyWhereSomethingOfTheReadersIsGone(int tail) {
            try (LogFixture f = LogFixture.open(tail)) {
                f.publish(5, "a"); // 1 to 5, of which 4 and 5 stay
                f.publish(2, "b"); // 6, 7
                f.trimTo(2);
                for (int after = 0; after <= 7; after++) {
                    List<String> expected = new ArrayList<>();
                    if (after < 3) expected.add("reset:trimmed");
                    for (int i = Math.max(4, after + 1); i <= 5; i++) expected.add("a:" + i);
                    assertEquals(expected, f.drain(f.reader(new Cursor("m0", after), "a")), "after " + after);
                    List<String> others = new ArrayList<>();
                    for (int i = Math.max(6, after + 1); i <= 7; i++) others.add("b:" + i);
                    assertEquals(others, f.drain(f.reader(new Cursor("m0", after), "b")), "after " + after);
                }
                assertEquals(
                        List.of("reset:trimmed", "a:4", "a:5", "b:6", "b:7"),
                        f.drain(f.reader(new Cursor("m0", 2), "**")));
                Rights noA = topic -> !topic.name().equals("a");
                Reader mayNotRead = f.log.reader(Drafts.interest(noA, "**"), new Cursor("m0", 0));
                assertEquals(List.of("b:6", "b:7"), f.drain(mayNotRead), "not one's own is no hole");
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {MANY, 3})
        void whoeverAsksForWhatIsRetainedMissesNothing(int tail) {
            try (LogFixture f = LogFixture.open(tail)) {
                f.publish(5, "a");
                f.trimTo(2);
                assertEquals(List.of("a:4", "a:5"), f.drain(f.reader(Position.Edge.EARLIEST, "a")));
                assertEquals(List.of(), f.drain(f.reader(Position.Edge.LATEST, "a")));
                assertEquals(
                        List.of("reset:epoch", "a:4", "a:5"),
                        f.drain(f.reader(Position.Edge.UNREADABLE, "a")),
                        "one reset is enough");
            }
        }

        /** The reader learns of the trim from the page it reads, after it has begun. */
        @Test
        void whoeverAsksForWhatIsRetainedIsNotToldOfTrimsThatThisNodeHasNotSeen() {
            try (LogFixture f = LogFixture.open(1)) {
                f.publish(5, "a");
                f.trimSilently(2);
                assertEquals(List.of("a:4", "a:5"), f.drain(f.reader(Position.Edge.EARLIEST, "a")));
            }
            try (LogFixture f = LogFixture.open(1)) {
                f.publish(5, "a");
                f.trimSilently(2);
                assertEquals(List.of("reset:trimmed", "a:4", "a:5"), f.drain(f.reader(new Cursor("m0", 1), "a")));
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {MANY, 2})
        void aLiveReaderThatIsTooSlowIsToldOnceAndAgainAtANewHole(int tail) {
            try (LogFixture f = LogFixture.open(tail)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                f.publish(6, "a");
                f.trimTo(4);
                assertEquals(new Read.Reset(ResetReason.TRIMMED), reader.next(100, 1 << 20, f.log.head()));
                f.trimTo(3);
                assertEquals(List.of("a:4", "a:5", "a:6"), f.drain(reader), "told already");
                f.publish(6, "a");
                f.trimTo(2);
                assertEquals(List.of("reset:trimmed", "a:11", "a:12"), f.drain(reader));
                f.publish(1, "a");
                f.trimTo(1);
                assertEquals(List.of("a:13"), f.drain(reader), "everything was read that is gone");
            }
        }

        @Test
        void aReaderOfAnEmptyLogIsToldOfWhatCameAndWentMeanwhile() {
            try (LogFixture f = LogFixture.open(MANY)) {
                Reader earliest = f.reader(Position.Edge.EARLIEST, "a");
                f.publish(3, "a");
                f.trimTo(1);
                assertEquals(List.of("reset:trimmed", "a:3"), f.drain(earliest));
            }
        }

        @Test
        void aNewInterestBringsItsHolesAndNoneASecondTime() {
            try (LogFixture f = LogFixture.open(MANY)) {
                f.publish(3, "a"); // 1 to 3
                f.publish(3, "b"); // 4 to 6
                f.trimTo(1);
                Reader reader = f.reader(new Cursor("m0", 1), "a");
                assertEquals(new Read.Reset(ResetReason.TRIMMED), reader.next(1, 1 << 20, f.log.head()));
                reader.follow(Drafts.interest("a", "b"), reader.position());
                assertEquals(List.of("a:3", "b:6"), f.drain(reader), "told already, at this very place");
                Reader other = f.reader(new Cursor("m0", 3), "a");
                other.follow(Drafts.interest("b"), other.position());
                assertEquals(List.of("reset:trimmed", "b:6"), f.drain(other));
                Reader earliest = f.reader(Position.Edge.EARLIEST, "a");
                earliest.follow(Drafts.interest("a", "b"), earliest.position());
                assertEquals(List.of("a:3", "b:6"), f.drain(earliest));
            }
        }

        /** The gap was shown first and explained afterwards; who read in between never heard of it. */
        @Test
        void whatGoesBeforeThisNodeHasSeenItIsToldToo() throws Exception {
            try (LogFixture f = LogFixture.open(MANY);
                    LogFixture other = f.another(MANY)) {
                Reader live = f.reader(Position.Edge.LATEST, "a");
                other.publish(5, "a");
                f.trimSilently(2);
                List<String> seen = new ArrayList<>();
                live.feed().onNews(() -> seen.addAll(f.drain(live)));
                f.follow();
                assertEquals(List.of("reset:trimmed", "a:4", "a:5"), seen);
            }
        }

        @Test
        void aFeedThatIsBornAfterATrimKnowsOfIt() {
            try (LogFixture f = LogFixture.open(1)) {
                f.publish(3, "a/1");
                f.publish(3, "a/2");
                f.trimTo(1);
                f.publish(5, "other"); // the topics leave memory
                for (String pattern : List.of("a/1", "a/*", "**")) {
                    List<String> seen = f.drain(f.reader(new Cursor("m0", 0), pattern));
                    assertEquals("reset:trimmed", seen.get(0), pattern);
                    assertEquals(
                            1, seen.stream().filter(s -> s.startsWith("reset")).count());
                }
            }
        }

        @Test
        void anotherHistoryIsToldToEverybodyWhereverTheyStand() {
            try (LogFixture f = LogFixture.open(3)) {
                f.publish(6, "a");
                Reader live = f.reader(Position.Edge.LATEST, "a");
                Reader behind = f.reader(new Cursor("m0", 1), "a");
                Reader wildcard = f.reader(Position.Edge.LATEST, "**");
                Reader untouched = f.reader(Position.Edge.EARLIEST, "a");
                assertSame(Read.Nothing.BEHIND, untouched.next(1, 1 << 20, f.log.head()));
                f.log.fetch(untouched, () -> {});
                f.memory.disk().wipe();
                f.publish("a", "new"); // the writer is the first to see it
                assertEquals(new Cursor("m1", 1), f.log.headCursor());
                List<String> expected = List.of("reset:epoch", "a:1");
                assertEquals(expected, f.drain(live));
                assertEquals(expected, f.drain(behind));
                assertEquals(expected, f.drain(wildcard));
                assertEquals(expected, f.drain(untouched));
                assertEquals(expected, f.drain(f.reader(new Cursor("m0", 1), "a")));
                f.publish("a", "more");
                assertEquals(List.of("a:2"), f.drain(live));
            }
        }

        @Test
        void anotherHistoryIsSeenOnANodeThatOnlyFollows() {
            try (LogFixture f = LogFixture.open(3);
                    LogFixture other = f.another(3)) {
                f.publish(6, "a");
                f.trimTo(3);
                other.follow();
                Reader live = other.reader(Position.Edge.LATEST, "a");
                f.memory.disk().wipe();
                f.publish(9, "a");
                f.trimTo(8);
                other.follow();
                List<String> seen = other.drain(live);
                assertEquals("reset:epoch", seen.get(0));
                assertEquals(9, seen.size(), seen.toString());
                assertEquals("a:9", seen.get(8));
            }
        }

        /** Pages were taken for the old history's: their messages came before the reset, and a cursor among them hid the rest. */
        @Test
        void noPageOfAnotherHistoryIsReadBeforeTheReset() {
            try (LogFixture f = LogFixture.open(2)) {
                f.publish(10, "a");
                Reader behind = f.reader(new Cursor("m0", 3), "a");
                f.memory.disk().wipe();
                try (LogFixture other = f.another(MANY)) {
                    other.publish(12, "a");
                }
                List<String> seen = f.drain(behind);
                assertEquals("reset:epoch", seen.get(0), seen.toString());
                assertEquals(13, seen.size());
                assertEquals(new Cursor("m1", 12), behind.position());
            }
        }

        @Test
        void aLogThatIsReplacedWhileItIsFollowedIsNotMixedWithTheOld() throws Exception {
            try (LogFixture f = LogFixture.open(MANY);
                    LogFixture other = f.another(MANY)) {
                other.publish(5, "a");
                Reader live = f.reader(Position.Edge.LATEST, "a");
                AtomicBoolean once = new AtomicBoolean();
                f.store.beforeRead = () -> {
                    if (once.getAndSet(true)) return;
                    f.memory.disk().wipe();
                    other.publish(9, "a");
                };
                f.log.followNow();
                List<String> seen = f.drain(live);
                assertEquals("reset:epoch", seen.get(0));
                assertEquals(10, seen.size(), seen.toString());
            }
        }

        /** Trims of the old history hid messages of the new one with the same offsets. */
        @Test
        void trimsOfTheOldHistoryHideNothingOfTheNew() throws Exception {
            try (LogFixture f = LogFixture.open(MANY)) {
                f.publish(10, "a");
                f.trimSilently(1);
                Reader live = f.reader(Position.Edge.LATEST, "a");
                AtomicBoolean once = new AtomicBoolean();
                f.store.afterTrims = () -> {
                    // The trims have been read, then everything is replaced before they are told.
                    if (once.getAndSet(true)) return;
                    f.memory.disk().wipe();
                    f.publish(5, "a");
                };
                f.follow();
                assertEquals(List.of("reset:epoch", "a:1", "a:2", "a:3", "a:4", "a:5"), f.drain(live));
            }
        }

        /** A page without messages did not say of which history it was: the head moved on over what was to be shown. */
        @Test
        void noEmptyPageOfAnotherHistoryMovesTheHead() throws Exception {
            try (LogFixture f = LogFixture.open(MANY);
                    LogFixture other = f.another(MANY)) {
                other.publish(5, "a");
                AtomicBoolean once = new AtomicBoolean();
                f.store.beforeRead = () -> {
                    if (!once.getAndSet(true)) f.memory.disk().wipe();
                };
                f.log.followNow();
                assertEquals(new Cursor("m1", 0), f.log.headCursor());
            }
        }

        /** The page lacked what a trim had removed, and the trim could be asked for no more: a silent hole. */
        @Test
        void noPageIsReadWhoseTrimsWentWithItsHistory() {
            try (LogFixture f = LogFixture.open(2)) {
                f.publish(10, "a");
                Reader behind = f.reader(new Cursor("m0", 3), "a");
                f.trimSilently(4);
                AtomicBoolean once = new AtomicBoolean();
                f.store.afterRead = () -> {
                    if (!once.getAndSet(true)) f.memory.disk().wipe();
                };
                List<String> seen = f.drain(behind);
                assertEquals(List.of("reset:epoch"), seen);
            }
        }

        /** Its trims are numbered from 1 again: some of them passed for newer ones of the old history. */
        @Test
        void noTrimOfTheNewHistoryIsToldToReadersOfTheOld() throws Exception {
            try (LogFixture f = LogFixture.open(MANY);
                    LogFixture other = f.another(MANY)) {
                f.publish(10, "a");
                Reader live = f.reader(Position.Edge.EARLIEST, "a");
                assertEquals(10, f.drain(live).size());
                f.trimSilently(9);
                AtomicBoolean once = new AtomicBoolean();
                f.store.beforeTrims = () -> {
                    if (once.getAndSet(true)) return;
                    f.memory.disk().wipe();
                    other.publish(30, "a");
                    other.trimSilently(2);
                };
                f.follow();
                assertEquals(List.of(), f.drain(live), "not told yet");
                f.follow();
                List<String> seen = f.drain(live);
                assertEquals("reset:epoch", seen.get(0), seen.toString());
            }
        }

        /**
         * A trim between the reader's look at the trims and its reading hid messages that nobody had told it of. Here one
         * thread trims while another reads: each message is read, or a reset comes first.
         */
        @ParameterizedTest
        @ValueSource(ints = {MANY, 40})
        void aTrimThatMeetsAReaderIsToldBeforeItIsPassedOver(int tail) throws Exception {
            try (LogFixture f = LogFixture.open(tail)) {
                int messages = 4_000;
                Thread publisher = new Thread(() -> {
                    for (int i = 1; i <= messages; i++) {
                        f.publish("a", "x");
                        if (i % 7 == 0) f.trimTo(3);
                    }
                });
                List<Reader> readers = new ArrayList<>();
                for (int i = 0; i < 4; i++) readers.add(f.reader(Position.Edge.LATEST, i < 2 ? "a" : "**"));
                publisher.start();
                long[] last = new long[readers.size()];
                boolean[] told = new boolean[readers.size()];
                boolean running = true;
                while (running) {
                    running = publisher.isAlive();
                    for (int r = 0; r < readers.size(); r++) {
                        for (String seen : f.drain(readers.get(r))) {
                            if (seen.startsWith("reset")) {
                                assertEquals("reset:trimmed", seen);
                                told[r] = true;
                                continue;
                            }
                            long offset = Long.parseLong(seen.substring(2));
                            assertTrue(offset > last[r], "none twice, in order");
                            assertTrue(
                                    told[r] || offset == last[r] + 1,
                                    "a silent hole between " + last[r] + " and " + offset);
                            told[r] = false;
                            last[r] = offset;
                        }
                    }
                }
                for (long offset : last) assertEquals(messages, offset);
            }
        }
    }

    @Nested
    class Sharing {

        @Test
        void readersAtTheSamePlaceShareARangeAndItsEncodings() {
            try (LogFixture f = LogFixture.open(MANY)) {
                AtomicInteger encoded = new AtomicInteger();
                RangeEncoder<Integer> encoder = range -> encoded.incrementAndGet();
                List<Reader> readers = new ArrayList<>();
                for (int i = 0; i < 10; i++) readers.add(f.reader(Position.Edge.LATEST, "a"));
                f.publish(3, "a");
                Range first = null;
                for (Reader reader : readers) {
                    Range range = (Range) reader.next(100, 1 << 16, f.log.head());
                    if (first == null) first = range;
                    assertSame(first, range);
                    range.encoded(encoder);
                }
                assertEquals(1, encoded.get());
            }
        }

        @Test
        void othersMessagesInBetweenDoNotSpoilTheSharing() {
            try (LogFixture f = LogFixture.open(MANY)) {
                Reader one = f.reader(Position.Edge.LATEST, "a");
                Reader two = f.reader(Position.Edge.LATEST, "a");
                f.publish(3, "a");
                Read first = one.next(100, 1 << 16, f.log.head());
                f.publish(3, "b");
                assertSame(first, two.next(100, 1 << 16, f.log.head()));
                f.publish("a", "y");
                Reader three = f.reader(new Cursor("m0", 0), "a");
                assertNotSame(first, three.next(100, 1 << 16, f.log.head()));
            }
        }

        @Test
        void aFullRangeIsSharedWhateverHasComeSince() {
            try (LogFixture f = LogFixture.open(MANY)) {
                Reader one = f.reader(Position.Edge.LATEST, "a");
                Reader two = f.reader(Position.Edge.LATEST, "a");
                f.publish(5, "a");
                Read first = one.next(3, 1 << 16, f.log.head());
                f.publish(5, "a");
                assertSame(first, two.next(3, 1 << 16, f.log.head()));
                assertNotSame(first, f.reader(new Cursor("m0", 0), "a").next(2, 1 << 16, f.log.head()));
            }
        }

        @Test
        void aLoneMessageIsEncodedOnceForAllFeeds() {
            try (LogFixture f = LogFixture.open(MANY)) {
                AtomicInteger encoded = new AtomicInteger();
                RangeEncoder<Integer> encoder = range -> encoded.incrementAndGet();
                List<Reader> readers = List.of(
                        f.reader(Position.Edge.LATEST, "a"),
                        f.reader(Position.Edge.LATEST, "a", "b"),
                        f.reader(Position.Edge.LATEST, "**"));
                f.publish("a", "x");
                for (Reader reader : readers) {
                    ((Range) reader.next(100, 1 << 16, f.log.head())).encoded(encoder);
                }
                assertEquals(1, encoded.get());
            }
        }
    }

    @Nested
    class BehindTheTail {

        @Test
        void aReaderPagesThroughTheStoreUntilItHasCaughtUp() {
            try (LogFixture f = LogFixture.open(5)) {
                Draft[] batch = new Draft[2_500];
                for (int i = 0; i < batch.length; i++) batch[i] = Drafts.draft(i % 2 == 0 ? "a" : "b", "x");
                f.publish(batch);
                f.store.reads.set(0);
                Reader reader = f.reader(new Cursor("m0", 0), "a");
                assertEquals(1_250, f.drain(reader).size());
                assertTrue(f.store.reads.get() <= 15, "reads: " + f.store.reads.get());
                f.publish("a", "y");
                f.store.reads.set(0);
                assertEquals(List.of("a:2501"), f.drain(reader));
                assertEquals(0, f.store.reads.get(), "in memory from here on");
            }
        }

        /** A whole page was given to a reader that had asked for a few. */
        @Test
        void aPageIsGivenOutInThePortionsAskedFor() throws Exception {
            try (LogFixture f = LogFixture.open(1)) {
                f.publish(10, "a");
                f.publish("b", "x");
                Reader reader = f.reader(new Cursor("m0", 0), "a");
                fetch(f, reader);
                List<Integer> portions = new ArrayList<>();
                for (Read read = reader.next(4, 1 << 20, f.log.head());
                        read instanceof Range range;
                        read = reader.next(4, 1 << 20, f.log.head())) {
                    portions.add(range.messages().size());
                }
                assertEquals(List.of(4, 4, 2), portions);
                assertEquals(new Cursor("m0", 11), reader.position());
            }
        }

        @Test
        void aPageIsDroppedWhenTheReaderHasGoneElsewhereMeanwhile() throws Exception {
            try (LogFixture f = LogFixture.open(1)) {
                f.publish(5, "a");
                f.publish(5, "b");
                Reader reader = f.reader(new Cursor("m0", 0), "a");
                fetch(f, reader);
                reader.follow(Drafts.interest("b"), reader.position());
                assertEquals(List.of("b:6", "b:7", "b:8", "b:9", "b:10"), f.drain(reader));
            }
        }

        @Test
        void aPageThatIsReadWhileTheStoreIsAwayComesLater() throws Exception {
            try (LogFixture f = LogFixture.open(1)) {
                f.publish(5, "a");
                Reader reader = f.reader(new Cursor("m0", 0), "a");
                f.memory.breakDown("gone");
                CountDownLatch read = new CountDownLatch(1);
                f.log.fetch(reader, read::countDown);
                eventually("an attempt", () -> f.store.reads.get() > 0);
                f.memory.heal();
                read.await();
                assertEquals(5, f.drain(reader).size());
            }
        }

        /** Each client that came back during an outage left an attempt behind that was repeated every second. */
        @Test
        void noPageIsReadForAReaderThatHasGone() throws Exception {
            try (LogFixture f = LogFixture.open(1)) {
                f.publish(5, "a");
                f.store.reads.set(0);
                Reader gone = f.reader(new Cursor("m0", 0), "a");
                gone.close();
                for (int i = 0; i < 100; i++) f.log.fetch(gone, () -> {});
                fetch(f, f.reader(new Cursor("m0", 0), "a"));
                fetch(f, f.reader(new Cursor("m0", 0), "a"));
                assertEquals(2, f.store.reads.get());
            }
        }

        private static void fetch(LogFixture f, Reader reader) throws InterruptedException {
            assertSame(Read.Nothing.BEHIND, reader.next(100, 1 << 20, f.log.head()));
            CountDownLatch fetched = new CountDownLatch(1);
            f.log.fetch(reader, fetched::countDown);
            fetched.await();
        }
    }
}
