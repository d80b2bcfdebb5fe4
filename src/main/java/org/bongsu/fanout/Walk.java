package org.bongsu.fanout;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.bongsu.log.WakeUp;

/**
 * The followers of one feed on one loop, visited one after the other when there is news.
 *
 * <p>What arrives during a walk waits for the next one: the busier the log, the more rides along in one write. After a walk
 * there is a rest, in proportion: else the walks of a busy log would follow each other as closely as they can, each with
 * little to write, and take the processors from those who publish and from those who read.
 */
final class Walk implements WakeUp, Runnable {
    /** How long a rest is, in times of the walk before it. */
    private static final int REST = 2;

    private static final long LONGEST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    private final Loop loop;
    private final LongSupplier head;
    private final AtomicBoolean scheduled = new AtomicBoolean();

    // The loop's thread only.
    /** Apart from their places: a walk touches nothing but the followers. */
    private final List<Follower> followers = new ArrayList<>();

    /** Not before this is the next walk; {@link System#nanoTime}. */
    private long restsUntil = System.nanoTime();

    private final List<Step> steps = new ArrayList<>();

    /** One follower's place in the walk. */
    static final class Step {
        private int index;

        private Step(int index) {
            this.index = index;
        }
    }

    Walk(Loop loop, LongSupplier head) {
        this.loop = loop;
        this.head = head;
    }

    @Override
    public void wake() {
        if (scheduled.compareAndSet(false, true)) loop.execute(this);
    }

    @Override
    public void run() {
        long start = System.nanoTime();
        long rest = TimeUnit.NANOSECONDS.toMillis(restsUntil - start);
        if (rest > 0) {
            loop.schedule(this, rest);
            return;
        }
        scheduled.set(false);
        long upTo = head.getAsLong();
        // Backwards, because a follower may leave while it is visited, and then the last one takes its place.
        for (int i = followers.size() - 1; i >= 0; i--) {
            if (i < followers.size()) visit(followers.get(i), upTo);
        }
        long end = System.nanoTime();
        restsUntil = end + Math.min(LONGEST_REST_NANOS, REST * (end - start));
    }

    private static void visit(Follower follower, long upTo) {
        try {
            follower.news(upTo);
        } catch (RuntimeException | Error e) {
            // Those who come after it in this walk hear of the news all the same.
            Loop.failed(e);
        }
    }

    Step add(Follower follower) {
        Step step = new Step(steps.size());
        followers.add(follower);
        steps.add(step);
        return step;
    }

    /** @return whether nobody is left */
    boolean remove(Step step) {
        Step last = steps.remove(steps.size() - 1);
        Follower lastFollower = followers.remove(followers.size() - 1);
        if (last != step) {
            steps.set(step.index, last);
            followers.set(step.index, lastFollower);
            last.index = step.index;
        }
        return steps.isEmpty();
    }
}
