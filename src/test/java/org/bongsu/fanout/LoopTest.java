package org.bongsu.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.bongsu.Await;
import org.bongsu.Metronome;
import org.bongsu.log.Draft;
import org.bongsu.log.Drafts;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Position;
import org.bongsu.log.Range;
import org.bongsu.log.Read;
import org.bongsu.log.Reader;
import org.bongsu.log.Retention;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopTest {
    private MessageLog log;
    private Loop loop;

    @BeforeEach
    void open() throws Exception {
        log = MessageLog.open(
                new MemoryMessageStore(),
                Clock.systemUTC(),
                new MessageLog.Settings(
                        10_000, 1 << 24, Duration.ofMillis(50), Duration.ofMinutes(1), Retention.UNLIMITED));
        loop = new Loop("loop-under-test", log::head, new Turns(1));
        loop.start();
    }

    @AfterEach
    void close() throws Exception {
        loop.stop();
        loop.join(Await.MILLIS);
        log.close();
    }

    @Test
    void tasksRunOnTheLoopsThreadInTheirOrder() throws Exception {
        List<Integer> ran = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            int n = i;
            loop.execute(() -> ran.add(n));
        }
        assertEquals("loop-under-test", onLoop(() -> Thread.currentThread().getName()));
        assertEquals(1_000, ran.size());
        for (int i = 0; i < 1_000; i++) assertEquals(i, ran.get(i));
    }

    @Test
    void aWalkThatTookLongIsFollowedByARestInWhichMoreGathers() throws Exception {
        long rest = restAfterAWalkWith(1);
        assertTrue(rest >= TimeUnit.MILLISECONDS.toNanos(20), "rested for " + rest + " ns");
    }

    @Test
    void theRestIsLongerAfterAWalkWithMuchToWrite() throws Exception {
        long rest = restAfterAWalkWith(9);
        assertTrue(rest >= TimeUnit.MILLISECONDS.toNanos(45), "rested for " + rest + " ns");
    }

    /** How long after a walk of 30 ms the next one is, of which the news has come meanwhile. */
    private long restAfterAWalkWith(int messages) throws Exception {
        Reader reader = log.reader(Drafts.interest("busy"), Position.Edge.LATEST);
        List<Long> visits = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        loop.execute(() -> loop.follow(reader.feed(), upTo -> {
            visits.add(System.nanoTime());
            if (visits.size() == 1) {
                // What comes now waits for the next walk.
                log.append(Drafts.publication(Drafts.draft("busy", "later"))).join();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
            }
            ends.add(System.nanoTime());
        }));
        onLoop(() -> true);
        Draft[] first = new Draft[messages];
        Arrays.fill(first, Drafts.draft("busy", "first"));
        log.append(Drafts.publication(first)).join();
        eventually("the second walk", () -> onLoopUnchecked(ends::size) == 2);
        long rest = onLoop(() -> visits.get(1) - ends.get(0));
        reader.close();
        return rest;
    }

    @Test
    void followersAreApproachedAFewAtATimeJustBeforeTheirNews() throws Exception {
        Reader reader = log.reader(Drafts.interest("busy"), Position.Edge.LATEST);
        List<Integer> approached = new ArrayList<>();
        List<Integer> visited = new ArrayList<>();
        List<Integer> together = new ArrayList<>();
        onLoop(() -> {
            for (int i = 0; i < 100; i++) {
                loop.follow(reader.feed(), new Approachable(i, approached, visited, together));
            }
            return true;
        });
        log.append(Drafts.publication(Drafts.draft("busy", "1"))).join();
        eventually("everybody heard", () -> onLoopUnchecked(visited::size) == 100);
        assertEquals(onLoop(() -> visited), onLoop(() -> approached));
        assertTrue(onLoop(() -> together).contains(8), "approached together: " + together);
        reader.close();
    }

    /** Fails at its approach if it is the seventh; hears of the news all the same. */
    private record Approachable(int number, List<Integer> approached, List<Integer> visited, List<Integer> together)
            implements Follower {
        @Override
        public int approach() {
            approached.add(number);
            if (number == 7) throw new IllegalStateException("thrown by a test");
            return number;
        }

        @Override
        public void news(long upTo) {
            assertTrue(approached.contains(number), "visited without approach: " + number);
            together.add(approached.size() - visited.size());
            assertTrue(approached.size() - visited.size() <= 8, "approached too early");
            visited.add(number);
        }
    }

    @Test
    void aTaskOrTimeoutThatThrowsHarmsNoOther() throws Exception {
        loop.execute(() -> {
            throw new IllegalStateException("thrown by a test");
        });
        loop.execute(() -> {
            throw new AssertionError("thrown by a test");
        });
        CountDownLatch ran = new CountDownLatch(1);
        loop.execute(() -> {
            loop.schedule(
                    () -> {
                        throw new IllegalStateException("thrown by a test");
                    },
                    10);
            loop.schedule(ran::countDown, 10);
        });
        assertTrue(ran.await(Await.SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void anInterruptedLoopGoesOn() throws Exception {
        loop.execute(() -> Thread.currentThread().interrupt());
        assertEquals("on", onLoop(() -> "on"));
        eventually(
                "its interrupt is forgotten",
                () -> !onLoopUnchecked(() -> Thread.currentThread().isInterrupted()));
    }

    /** A task that hands itself in again and again had the loop for ever. */
    @Test
    void aLoopThatIsNeverIdleStillKeepsTimeAndEnds() throws Exception {
        CountDownLatch timeout = new CountDownLatch(1);
        loop.execute(() -> loop.schedule(timeout::countDown, 20));
        loop.execute(new Runnable() {
            @Override
            public void run() {
                loop.execute(this);
            }
        });
        assertTrue(timeout.await(Await.SECONDS, TimeUnit.SECONDS));
        loop.stop();
        loop.join(Await.MILLIS);
        assertFalse(loop.isAlive());
    }

    @Test
    void noTaskIsLostWhenTheLoopIsAboutToRest() throws Exception {
        try (Metronome time = new Metronome()) {
            // Each task is handed in when the loop may just have looked for the last time.
            for (int i = 0; i < 50_000; i++) {
                CompletableFuture<Integer> done = new CompletableFuture<>();
                int n = i;
                long start = time.millis();
                loop.execute(() -> done.complete(n));
                assertEquals(n, done.get(Await.SECONDS, TimeUnit.SECONDS));
                // A pause ends by itself after a second, of which this clock counts nine tenths.
                assertTrue(time.millis() - start < 700, "found by chance at the end of the pause, not by being woken");
            }
        }
    }

    /** One follower that failed took the news from those behind it. */
    @Test
    void aFollowerThatThrowsHarmsNoOtherOfItsWalk() throws Exception {
        Reader reader = log.reader(Drafts.interest("a"), Position.Edge.LATEST);
        AtomicInteger heard = new AtomicInteger();
        onLoop(() -> {
            loop.follow(reader.feed(), upTo -> heard.incrementAndGet());
            loop.follow(reader.feed(), upTo -> {
                throw new IllegalStateException("thrown by a test");
            });
            loop.follow(reader.feed(), upTo -> heard.incrementAndGet());
            return "";
        });
        log.append(Drafts.publication(Drafts.draft("a", "x"))).get();
        eventually("both others hear", () -> heard.get() == 2);
    }

    @Test
    void followersMayComeAndGoWhileTheyAreVisited() throws Exception {
        Reader reader = log.reader(Drafts.interest("a"), Position.Edge.LATEST);
        int count = 200;
        int[] visits = new int[count];
        Loop.Following[] followings = new Loop.Following[count];
        AtomicInteger lateComers = new AtomicInteger();
        onLoop(() -> {
            for (int i = 0; i < count; i++) {
                int n = i;
                followings[i] = loop.follow(reader.feed(), upTo -> {
                    visits[n]++;
                    // Each third leaves, each fifth makes its neighbours leave, some bring others.
                    if (n % 3 == 0) followings[n].end();
                    if (n % 5 == 0) followings[(n + 1) % count].end();
                    if (n % 7 == 0) {
                        followings[(n + 2) % count].end();
                        loop.follow(reader.feed(), late -> lateComers.incrementAndGet());
                    }
                });
            }
            return "";
        });
        log.append(Drafts.publication(Drafts.draft("a", "x"))).get();
        eventually("a walk has been made", () -> onLoopUnchecked(() -> visits[1] + visits[2] + visits[4] > 0));
        onLoop(() -> {
            for (int i = 0; i < count; i++) {
                boolean madeToLeave = (i - 1 + count) % count % 5 == 0 || (i - 2 + count) % count % 7 == 0;
                if (!madeToLeave) assertTrue(visits[i] > 0, "follower " + i + " was passed over");
            }
            return "";
        });
    }

    @Test
    void whoHasLeftHearsNothingAndTheFeedIsGivenUp() throws Exception {
        Reader reader = log.reader(Drafts.interest("a"), Position.Edge.LATEST);
        AtomicInteger heard = new AtomicInteger();
        onLoop(() -> {
            Loop.Following following = loop.follow(reader.feed(), upTo -> heard.incrementAndGet());
            following.end();
            following.end();
            // The same feed again, after the walk has been given up.
            loop.follow(reader.feed(), upTo -> heard.addAndGet(100)).end();
            return "";
        });
        log.append(Drafts.publication(Drafts.draft("a", "x"))).get();
        onLoop(() -> "");
        assertEquals(0, heard.get());
    }

    @Test
    void everyFollowerReadsEverythingWhileOthersComeAndGo() throws Exception {
        int messages = 3_000;
        AtomicLong strayFollowers = new AtomicLong();
        List<CompletableFuture<Integer>> done = new ArrayList<>();
        Thread publisher = new Thread(() -> {
            for (int i = 0; i < messages; i++) {
                log.append(Drafts.publication(Drafts.draft("a", "x"))).join();
            }
        });
        publisher.start();
        // Readers join while messages are published: register, then read once, then only when woken.
        for (int i = 0; i < 300; i++) {
            CompletableFuture<Integer> all = new CompletableFuture<>();
            done.add(all);
            loop.execute(() -> {
                Reader reader = log.reader(Drafts.interest("a"), Position.Edge.EARLIEST);
                int[] count = {0};
                Follower follower = upTo -> {
                    for (Read read = reader.next(100, 1 << 20, upTo);
                            read instanceof Range range;
                            read = reader.next(100, 1 << 20, upTo)) {
                        count[0] += range.messages().size();
                    }
                    if (count[0] == messages) all.complete(count[0]);
                };
                loop.follow(reader.feed(), follower);
                follower.news(log.head());
                // And one that leaves at once, so that walks are given up and made anew.
                Reader stray = log.reader(Drafts.interest("a", "b"), Position.Edge.LATEST);
                Loop.Following following = loop.follow(stray.feed(), upTo -> strayFollowers.incrementAndGet());
                loop.schedule(
                        () -> {
                            following.end();
                            stray.close();
                        },
                        1);
            });
        }
        publisher.join();
        for (CompletableFuture<Integer> all : done) {
            try {
                assertEquals(messages, all.get(Await.SECONDS, TimeUnit.SECONDS));
            } catch (TimeoutException e) {
                fail("a follower was not woken for the last message", e);
            }
        }
    }

    private <T> T onLoop(java.util.concurrent.Callable<T> task) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                done.complete(task.call());
            } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        try {
            return done.get(Await.SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    private <T> T onLoopUnchecked(java.util.concurrent.Callable<T> task) {
        try {
            return onLoop(task);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void eventually(String what, BooleanSupplier condition) {
        Await.until(what, condition);
    }
}
