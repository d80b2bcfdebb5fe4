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

    /** The same after a walk with much to write: whoever reads that is behind in any case, and the next will carry more. */
    private static final int REST_AFTER_MUCH = 3;

    private static final long LONGEST_REST_AFTER_MUCH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** How many followers are approached before they are visited: what they need fits into the smallest cache. */
    private static final int APPROACHED = 8;

    /** With fewer followers a walk is over before taking turns would pay. */
    private static final int CROWD = 100;

    /** So many messages, of the whole log, since the walk before are little to write. */
    private static final int LITTLE = 8;

    private final Loop loop;
    private final LongSupplier head;
    private final AtomicBoolean scheduled = new AtomicBoolean();

    // The loop's thread only.
    /** Apart from their places: a walk touches nothing but the followers. */
    private final List<Follower> followers = new ArrayList<>();

    /** Not before this is the next walk; {@link System#nanoTime}. */
    private long restsUntil = System.nanoTime();

    /** The head at the last walk. */
    private long walkedTo;

    /** Something becomes of what is read in approach, or a compiler would leave the reads out. */
    @SuppressWarnings("unused")
    private int approached;

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
        this.walkedTo = head.getAsLong();
    }

    @Override
    public void wake() {
        if (scheduled.compareAndSet(false, true)) loop.execute(this);
    }

    @Override
    public void run() {
        long rest = TimeUnit.NANOSECONDS.toMillis(restsUntil - System.nanoTime());
        if (rest > 0) {
            loop.schedule(this, rest);
            return;
        }
        boolean crowded = followers.size() >= CROWD;
        if (!crowded || isMuch(head.getAsLong())) walk();
        else if (loop.turns().take(this)) walkInTurn();
    }

    /** It has the turn that it has waited for; by any thread. */
    void call() {
        loop.execute(this::walkInTurn);
    }

    /** Whatever has become of the reason meanwhile, a turn is given back. */
    private void walkInTurn() {
        try {
            walk();
        } finally {
            loop.turns().end();
        }
    }

    private void walk() {
        long start = System.nanoTime();
        scheduled.set(false);
        long upTo = head.getAsLong();
        boolean much = isMuch(upTo);
        walkedTo = upTo;
        // Backwards, because a follower may leave while it is visited, and then the last one takes its place.
        for (int i = followers.size() - 1; i >= 0; ) {
            int last = Math.max(0, i - APPROACHED + 1);
            approach(last, Math.min(i, followers.size() - 1));
            for (; i >= last; i--) {
                if (i < followers.size()) visit(followers.get(i), upTo);
            }
        }
        long end = System.nanoTime();
        long took = end - start;
        restsUntil = end
                + (much
                        ? Math.min(LONGEST_REST_AFTER_MUCH_NANOS, REST_AFTER_MUCH * took)
                        : Math.min(LONGEST_REST_NANOS, REST * took));
    }

    private boolean isMuch(long upTo) {
        return upTo - walkedTo > LITTLE;
    }

    private void approach(int from, int to) {
        loop.lookAtClock();
        int read = 0;
        for (int i = to; i >= from; i--) {
            try {
                read += followers.get(i).approach();
            } catch (RuntimeException | Error e) {
                Loop.failed(e);
            }
        }
        approached = read;
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
