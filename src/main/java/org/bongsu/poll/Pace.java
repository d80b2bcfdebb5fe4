package org.bongsu.poll;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How soon after its beginning a poll is answered: the later the more there are.
 *
 * <p>A round of answer and next request costs a server some 50 µs, a hundred times what one more message in the answer does.
 * When messages follow each other closely and each is told to everybody at once, the rounds take all of the machine, and
 * those who publish wait for them too. A client that asks again has just had an answer; so what comes soon after a poll's
 * beginning follows another message closely, and is held until the round is due, for more to ride along. What comes after a
 * pause is told at once.
 *
 * <p>Threads: any.
 */
final class Pace {
    /** For how long the largest number is remembered, and for as long again: in the middle of a round few are waiting. */
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final long nanosPerPoll;
    private final long longestNanos;
    private final LongSupplier nanoTime;

    // Guarded by this monitor.
    private int waiting;
    private int most;
    private int mostBefore;
    private long windowBegan;

    /** For this machine: a round that keeps half of the cores busy comes after a pause half as long again. */
    static Pace ofThisMachine() {
        long micros = 140 / Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        return new Pace(
                Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(micros)), Duration.ofMillis(200), System::nanoTime);
    }

    /**
     * @param perPoll how much later for each poll that waits
     * @param longest how late at most
     */
    Pace(Duration perPoll, Duration longest, LongSupplier nanoTime) {
        this.nanosPerPoll = perPoll.toNanos();
        this.longestNanos = longest.toNanos();
        this.nanoTime = nanoTime;
        this.windowBegan = nanoTime.getAsLong();
    }

    /** One more waits. */
    synchronized void begun() {
        waiting++;
        most = Math.max(most, waiting);
    }

    /** One waits no more. */
    synchronized void ended() {
        waiting--;
    }

    /** How long after its beginning a poll is told of messages at the earliest, at present. */
    synchronized long nanos() {
        long now = nanoTime.getAsLong();
        if (now - windowBegan >= WINDOW_NANOS) {
            mostBefore = now - windowBegan >= 2 * WINDOW_NANOS ? 0 : most;
            most = waiting;
            windowBegan = now;
        }
        return Math.min(longestNanos, nanosPerPoll * Math.max(most, mostBefore));
    }
}
