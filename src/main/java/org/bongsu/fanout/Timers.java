package org.bongsu.fanout;

import org.jspecify.annotations.Nullable;

/**
 * A hashed wheel of time-outs: setting and cancelling one costs the same however many there are. Not thread-safe.
 */
final class Timers {
    static final long TICK_MILLIS = 10;
    private static final int SLOTS = 2048;

    private final @Nullable Timer[] slots = new Timer[SLOTS];
    private long tick;

    /** @param nowMillis of a clock that never steps back */
    Timers(long nowMillis) {
        tick = nowMillis / TICK_MILLIS;
    }

    /** A time-out that has been set; belongs to the thread that owns the wheel. */
    static final class Timer implements Timeout {
        final Runnable task;
        final long dueTick;
        final Timers wheel;
        boolean linked;
        boolean cancelled;

        @Nullable Timer previous;

        @Nullable Timer next;

        Timer(Timers wheel, Runnable task, long dueTick) {
            this.wheel = wheel;
            this.task = task;
            this.dueTick = dueTick;
        }

        @Override
        public void cancel() {
            // Taken off its list already if it is due in this very tick.
            cancelled = true;
            if (linked) wheel.unlink(this);
        }
    }

    Timer set(Runnable task, long nowMillis, long delayMillis) {
        // Rounded up, so that nothing is ever early.
        long due = Math.max(tick + 1, (nowMillis + Math.max(0, delayMillis) + TICK_MILLIS - 1) / TICK_MILLIS);
        Timer timer = new Timer(this, task, due);
        int slot = (int) (due % SLOTS);
        timer.next = slots[slot];
        if (timer.next != null) timer.next.previous = timer;
        slots[slot] = timer;
        timer.linked = true;
        return timer;
    }

    /** Runs what has become due; a task may set and cancel time-outs. */
    void advance(long nowMillis, Loop runner) {
        long target = nowMillis / TICK_MILLIS;
        while (tick < target) {
            tick++;
            Timer timer = slots[(int) (tick % SLOTS)];
            Timer due = null;
            // Taken off first: tasks change the lists.
            while (timer != null) {
                Timer next = timer.next;
                if (timer.dueTick <= tick) {
                    unlink(timer);
                    timer.next = due;
                    due = timer;
                }
                timer = next;
            }
            while (due != null) {
                Timer next = due.next;
                due.next = null;
                if (!due.cancelled) runner.run(due.task);
                due = next;
            }
        }
    }

    /** How long nothing will become due, at most {@code maxMillis}. */
    long idleMillis(long nowMillis, long maxMillis) {
        long last = (nowMillis + maxMillis) / TICK_MILLIS;
        for (long t = tick + 1; t <= last; t++) {
            if (slots[(int) (t % SLOTS)] != null) return Math.max(0, t * TICK_MILLIS - nowMillis);
        }
        return maxMillis;
    }

    private void unlink(Timer timer) {
        if (timer.previous != null) timer.previous.next = timer.next;
        else slots[(int) (timer.dueTick % SLOTS)] = timer.next;
        if (timer.next != null) timer.next.previous = timer.previous;
        timer.previous = null;
        timer.next = null;
        timer.linked = false;
    }
}
