package org.bongsu.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What memory holds, whom a message touches, and what is let go. */
class BoardTest {
    private static final String EPOCH = "e1";

    private final Board board = board(1_000);
    private long offset;

    @Test
    void amongAHundredThousandFeedsAMessageWakesThoseItConcerns() {
        int count = 100_000;
        AtomicInteger woken = new AtomicInteger();
        AtomicInteger concerned = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            Feed feed = board.acquire(Drafts.interest("user/u" + i));
            feed.onNews(i == 77 ? concerned::incrementAndGet : woken::incrementAndGet);
        }
        Feed wildcard = board.acquire(Drafts.interest("user/*"));
        wildcard.onNews(concerned::incrementAndGet);
        board.acquire(Drafts.interest("ops/**")).onNews(woken::incrementAndGet);

        show("user/u77");
        assertEquals(0, woken.get());
        assertEquals(2, concerned.get());
        show("nobody/follows");
        assertEquals(0, woken.get());
        show("user/newcomer");
        assertEquals(3, concerned.get(), "a wildcard meets a topic born later");
        assertEquals(count + 2, board.feedCount());
        assertEquals(count + 2, board.lineCount());
    }

    @Test
    void theReadersOfATopicAreThoseWhoFollowItAndMayReadIt() {
        Feed named = board.acquire(Drafts.interest("ops/a"));
        board.acquire(Drafts.interest("ops/a"));
        board.acquire(Drafts.interest("ops/*", "chat/b"));
        board.acquire(Drafts.interest(topic -> !topic.name().equals("ops/a"), "**"));
        assertEquals(3, board.readersOf(new Topic("ops/a")));
        assertEquals(2, board.readersOf(new Topic("ops/new")), "which nobody knew of");
        assertEquals(1, board.readersOf(new Topic("elsewhere")));
        show("ops/a");
        board.release(named);
        assertEquals(2, board.readersOf(new Topic("ops/a")));
        for (int i = 0; i < 1_000; i++) board.readersOf(new Topic("asked/" + i));
        assertEquals(1, board.lineCount(), "asking keeps nothing");
    }

    @Test
    void feedsAreKeptForAWhileAfterTheirLastReaderAndThenForgotten() {
        Feed feed = board.acquire(Drafts.interest("a", "b"));
        Feed wildcard = board.acquire(Drafts.interest("*"));
        board.forgetUnused(0);
        assertSame(feed, board.acquire(Drafts.interest("b", "a", "a")), "in use");
        board.release(feed);
        board.release(feed);
        board.release(wildcard);
        board.forgetUnused(Long.MAX_VALUE);
        assertEquals(2, board.feedCount(), "not yet");
        board.forgetUnused(0);
        assertEquals(0, board.feedCount());
        assertEquals(0, board.lineCount());
        AtomicInteger woken = new AtomicInteger();
        feed.onNews(woken::incrementAndGet);
        wildcard.onNews(woken::incrementAndGet);
        show("a");
        assertEquals(0, woken.get());
        assertNotSame(feed, board.acquire(Drafts.interest("a", "b")));
    }

    @Test
    void onlyTheForgottenOfManyLeave() {
        List<Feed> feeds = new ArrayList<>();
        AtomicInteger woken = new AtomicInteger();
        for (int i = 0; i < 5_000; i++) {
            feeds.add(board.acquire(Drafts.interest("shared", "own/" + i)));
            feeds.get(i).onNews(woken::incrementAndGet);
        }
        for (int i = 0; i < 5_000; i += 2) board.release(feeds.get(i));
        board.forgetUnused(0);
        show("shared");
        assertEquals(2_500, woken.get());
    }

    @Test
    void topicsThatHaveGoneQuietAreLetGo() {
        Board small = board(10);
        small.acquire(Drafts.interest("**"));
        small.acquire(Drafts.interest("kept"));
        for (int i = 1; i <= 1_000; i++) small.show(List.of(Drafts.message(i, "t/" + i, "x")), i);
        assertEquals(11, small.lineCount());
        small.showTrims(EPOCH, List.of(new Trim(new Topic("t/1"), 1, 1)), 1);
        assertEquals(11, small.lineCount());
    }

    /** Lines that held messages when a history was replaced stayed for ever. */
    @Test
    void topicsOfAHistoryThatIsReplacedAreLetGo() {
        board.acquire(Drafts.interest("kept"));
        for (int i = 0; i < 100; i++) show("t/" + i);
        board.replaceEpoch("e2", 0);
        assertEquals(1, board.lineCount());
        assertEquals(new Cursor("e2", 0), board.headCursor());
    }

    /** Lines of quiet topics went on knowing a forgotten wildcard feed, and it kept all it had in memory. */
    @Test
    void aForgottenFeedKeepsNoMessage() throws Exception {
        try (LogFixture f = LogFixture.open(5)) {
            f.reader(Position.Edge.LATEST, "quiet");
            Reader wildcard = f.reader(Position.Edge.LATEST, "**");
            f.publish("quiet", "x");
            WeakReference<Message> message = newest(f, wildcard);
            wildcard.close();
            f.log.forgetUnused(0);
            f.publish(10, "loud");
            assertLetGo(message);
        }
    }

    /** A remembered range kept the messages of a quiet feed, however old. */
    @Test
    void whatHasLeftTheTailIsKeptByNoFeed() throws Exception {
        try (LogFixture f = LogFixture.open(5)) {
            Reader reader = f.reader(Position.Edge.LATEST, "quiet");
            f.publish("quiet", "x");
            WeakReference<Message> message = newest(f, reader);
            f.publish(10, "loud");
            assertLetGo(message);
            assertEquals(List.of(), f.drain(reader));
        }
    }

    /** Each of ten thousand people follows an interest of their own, and of nobody else who could share a range. */
    @Test
    void aFeedWithOneReaderRemembersNoRange() throws Exception {
        try (LogFixture f = LogFixture.open(100)) {
            Reader one = f.reader(Position.Edge.LATEST, "a");
            f.publish(2, "a");
            assertLetGo(range(f, one));

            Reader two = f.reader(new Cursor("m0", 0), "a");
            assertLetGo(range(f, two), two::close);
        }
    }

    private static WeakReference<Range> range(LogFixture f, Reader reader) {
        return new WeakReference<>((Range) reader.next(100, 1 << 20, f.log.head()));
    }

    /** A new feed used to look at the trims of all topics: seconds, with everybody waiting, when many came at once. */
    @Test
    void aNewFeedLooksAtTheTrimsOfItsTopicsOnly() {
        int count = 50_000;
        List<Trim> trims = new ArrayList<>();
        for (int i = 1; i <= count; i++) trims.add(new Trim(new Topic("user/u" + i), i, i));
        board.showTrims(EPOCH, trims, count);
        // What this thread has computed, not what has passed: a busy machine makes it wait.
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        for (int i = 1; i <= count; i++) {
            Feed feed = board.acquire(Drafts.interest("user/u" + i, "user/u" + (i - 1)));
            assertEquals(i, feed.trimVersion());
            long seconds = TimeUnit.NANOSECONDS.toSeconds(threads.getCurrentThreadCpuTime() - start);
            assertTrue(seconds < 20, "after " + i + " feeds");
        }
        Rights none = topic -> false;
        assertEquals(0, board.acquire(Drafts.interest(none, "user/u7")).trimVersion());
        Feed both = board.acquire(Drafts.interest("user/u9", "user/u7", "ops/*"));
        assertTrue(both.hasTrimmedAfter(8, 0));
        assertFalse(both.hasTrimmedAfter(6, 9));
    }

    /** Two threads had asked the store for trims; the older answer came second and hid the newer trim. */
    @Test
    void anOlderTrimThatComesLateChangesNothing() {
        Topic topic = new Topic("a");
        Feed feed = board.acquire(Drafts.interest("a"));
        board.showTrims(EPOCH, List.of(new Trim(topic, 60, 6)), 6);
        board.showTrims(EPOCH, List.of(new Trim(topic, 50, 5)), 5);
        assertTrue(feed.hasTrimmedAfter(55, 5));
        assertEquals(6, board.trimVersion());
        assertTrue(board.acquire(Drafts.interest("*")).hasTrimmedAfter(55, 0));
        assertFalse(feed.hasTrimmedAfter(60, 0));
        assertFalse(feed.hasTrimmedAfter(55, 6));
    }

    @Test
    void theTrimsOfSeveralTopicsAreToldToEachByWhatItFollows() {
        Feed both = board.acquire(Drafts.interest("a", "b"));
        Feed onlyB = board.acquire(Drafts.interest("b"));
        board.showTrims(EPOCH, List.of(new Trim(new Topic("b"), 20, 2), new Trim(new Topic("a"), 90, 1)), 2);
        assertTrue(both.hasTrimmedAfter(50, 0), "of a");
        assertFalse(both.hasTrimmedAfter(50, 1), "told already");
        assertTrue(both.hasTrimmedAfter(10, 1), "of b");
        assertFalse(onlyB.hasTrimmedAfter(50, 0));
    }

    @Test
    void trimsOfAnotherEpochAreNotTold() {
        Feed feed = board.acquire(Drafts.interest("a"));
        board.showTrims("e0", List.of(new Trim(new Topic("a"), 60, 6)), 6);
        assertFalse(feed.hasTrimmedAfter(0, 0));
        assertEquals(0, board.trimVersion());
    }

    @Test
    void messagesThatWereShownAlreadyAreNotShownAgain() {
        Feed feed = board.acquire(Drafts.interest("a"));
        AtomicInteger woken = new AtomicInteger();
        feed.onNews(woken::incrementAndGet);
        board.show(List.of(Drafts.message(1, "a", "x"), Drafts.message(2, "a", "x")), 2);
        board.show(List.of(Drafts.message(2, "a", "x")), 2);
        assertEquals(1, woken.get());
        assertEquals(2, board.head());
        board.show(List.of(), 1);
        assertEquals(2, board.head(), "the head never goes back");
    }

    private static Board board(int tail) {
        return new Board(new TestClock(Drafts.TIME), tail, 1 << 24, EPOCH, 0);
    }

    private void show(String topic) {
        offset++;
        board.show(List.of(Drafts.message(offset, topic, "x")), offset);
    }

    private static WeakReference<Message> newest(LogFixture f, Reader reader) {
        Range range = (Range) reader.next(100, 1 << 20, f.log.head());
        return new WeakReference<>(range.messages().get(0));
    }

    private static void assertLetGo(WeakReference<Range> range, Runnable after) {
        assertNotNull(range.get(), "remembered for the other reader");
        after.run();
        assertLetGo(range);
    }

    private static void assertLetGo(WeakReference<?> reference) {
        LogFixture.eventually("it is let go", () -> {
            System.gc();
            return reference.get() == null;
        });
    }
}
