package org.bongsu.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.bongsu.Await;
import org.bongsu.log.Drafts;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Position;
import org.bongsu.log.Reader;
import org.bongsu.log.Retention;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private static final int CROWD = 100;

    private final Turns turns = new Turns(1);
    private final AtomicInteger walking = new AtomicInteger();
    private final AtomicInteger mostWalking = new AtomicInteger();
    private final AtomicInteger visits = new AtomicInteger();

    private MessageLog log;
    private final List<Loop> loops = new ArrayList<>();
    private Reader reader;

    @BeforeEach
    void open() throws Exception {
        log = MessageLog.open(
                new MemoryMessageStore(),
                Clock.systemUTC(),
                new MessageLog.Settings(
                        10_000, 1 << 24, Duration.ofMillis(50), Duration.ofMinutes(1), Retention.UNLIMITED));
        reader = log.reader(Drafts.interest("news"), Position.Edge.LATEST);
        for (int i = 0; i < 3; i++) loops.add(new Loop("loop-" + i, log::head, turns));
        loops.forEach(Loop::start);
    }

    @AfterEach
    void close() throws Exception {
        loops.forEach(Loop::stop);
        for (Loop loop : loops) loop.join(Await.MILLIS);
        reader.close();
        log.close();
    }

    @Test
    void aTurnIsHandedToWhoWaitsAndFreeAfterThat() throws Exception {
        Walk one = new Walk(loops.get(0), log::head);
        Walk other = new Walk(loops.get(1), log::head);
        assertTrue(turns.take(one));
        assertFalse(turns.take(other));
        turns.end();
        // The other walks, on its loop, and gives its turn back.
        CountDownLatch walked = new CountDownLatch(1);
        loops.get(1).execute(walked::countDown);
        await(walked);
        assertTrue(turns.take(one));
    }

    @Test
    void oneLoopWalksAtATimeAndEveryFollowerHearsOfEveryMessage() throws Exception {
        // Long enough for the others to begin, if they may.
        followBy(() -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2)));
        for (int message = 1; message <= 20; message++) publish("" + message);
        assertEquals(1, mostWalking.get(), "walks at once");
    }

    @Test
    void aLoopThatWaitsForItsTurnDoesOtherThings() throws Exception {
        CountDownLatch goOn = haltInTheFirstWalk();
        othersGoOn();
        goOn.countDown();
        everybodyHears(loops.size() * CROWD);
    }

    @Test
    void whoHasWaitedIsCalledEvenIfThereIsMuchToWriteByThen() throws Exception {
        CountDownLatch goOn = haltInTheFirstWalk();
        // They have asked for their turn by then.
        othersGoOn();
        for (int i = 0; i < 20; i++) {
            log.append(Drafts.publication(Drafts.draft("elsewhere", "" + i))).join();
        }
        goOn.countDown();
        everybodyHears(loops.size() * CROWD);
    }

    /** Returns when one loop is in the midst of a walk, in which it stays until the latch is let down. */
    private CountDownLatch haltInTheFirstWalk() throws Exception {
        CountDownLatch halted = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        followBy(() -> {
            halted.countDown();
            await(goOn);
        });
        log.append(Drafts.publication(Drafts.draft("news", "1"))).join();
        await(halted);
        return goOn;
    }

    /** Returns when all loops but one have done what they had been asked before. */
    private void othersGoOn() {
        CountDownLatch others = new CountDownLatch(loops.size() - 1);
        for (Loop loop : loops) loop.execute(() -> loop.execute(others::countDown));
        await(others);
    }

    /** Lets a crowd on each loop hear of news, and {@code first} run in the midst of each walk. */
    private void followBy(Runnable first) {
        CountDownLatch joined = new CountDownLatch(loops.size());
        for (Loop loop : loops) {
            AtomicInteger visited = new AtomicInteger();
            loop.execute(() -> {
                for (int i = 0; i < CROWD; i++) {
                    loop.follow(reader.feed(), upTo -> {
                        if (visited.getAndIncrement() % CROWD == 0) {
                            mostWalking.accumulateAndGet(walking.incrementAndGet(), Math::max);
                            first.run();
                        }
                        if (visited.get() % CROWD == 0) walking.decrementAndGet();
                        visits.incrementAndGet();
                    });
                }
                joined.countDown();
            });
        }
        await(joined);
    }

    private static void await(CountDownLatch latch) {
        Await.until("the others", () -> latch.getCount() == 0);
    }

    private void publish(String body) throws Exception {
        int before = visits.get();
        log.append(Drafts.publication(Drafts.draft("news", body))).join();
        everybodyHears(before + loops.size() * CROWD);
    }

    private void everybodyHears(int visitsByThen) {
        Await.until("everybody heard", () -> visits.get() == visitsByThen);
    }
}
