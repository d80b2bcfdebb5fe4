package org.bongsu.fanout;

import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.bongsu.log.Feed;
import org.jspecify.annotations.Nullable;

/**
 * One thread that serves many connections: it runs tasks, time-outs, and the walks of the feeds that its connections follow.
 *
 * <p>Nothing that runs here may block. {@link #execute} may be called by any thread, as may what says so; everything else
 * only by the loop's own.
 */
public final class Loop implements Executor {
    private static final System.Logger LOGGER = System.getLogger(Loop.class.getName());
    private static final long LONGEST_PAUSE_MILLIS = 1_000;
    /** Between how many tasks the clock is looked at. */
    private static final int TASKS_PER_LOOK = 64;

    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final LongSupplier head;
    private final Turns turns;
    private volatile boolean parked;
    private volatile long time = clockMillis();

    // The loop's thread only.
    private boolean stopped;
    private final Timers timers = new Timers(nowMillis());
    private final Map<Feed, Walk> walks = new HashMap<>();

    Loop(String name, LongSupplier head, Turns turns) {
        this.head = head;
        this.turns = turns;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    Turns turns() {
        return turns;
    }

    /** Whether the caller is this loop's thread. Any thread. */
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Runs {@code task} soon, after what was handed in before. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (parked) LockSupport.unpark(thread);
    }

    public Timeout schedule(Runnable task, long delayMillis) {
        return timers.set(task, nowMillis(), delayMillis);
    }

    /** Lets {@code follower} hear of news in {@code feed}; it must read once by itself after this. */
    public Following follow(Feed feed, Follower follower) {
        Walk walk = walks.get(feed);
        if (walk == null) {
            walk = new Walk(this, head);
            walks.put(feed, walk);
            feed.onNews(walk);
        }
        Walk.Step step = walk.add(follower);
        return new Following(this, feed, walk, step);
    }

    /** A follower's place, to be given up once. */
    public static final class Following {
        private final Loop loop;
        private final Feed feed;
        private final Walk walk;
        private Walk.@Nullable Step step;

        Following(Loop loop, Feed feed, Walk walk, Walk.Step step) {
            this.loop = loop;
            this.feed = feed;
            this.walk = walk;
            this.step = step;
        }

        /** Hears nothing from now on. On the loop's thread; idempotent. */
        public void end() {
            if (step == null) return;
            if (walk.remove(step)) {
                loop.walks.remove(feed);
                feed.removeOnNews(walk);
            }
            step = null;
        }
    }

    /**
     * The milliseconds of {@link System#nanoTime}, up to a second old: for whoever writes to many, one after the other, and
     * does not need to know it better. Any thread.
     */
    public long time() {
        return time;
    }

    void lookAtClock() {
        time = clockMillis();
    }

    private static long clockMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** Ends the loop after what was handed in before, without the walks that rest or wait for their turn. */
    void stop() {
        execute(() -> stopped = true);
    }

    void join(long millis) throws InterruptedException {
        thread.join(millis);
        if (thread.isAlive()) LOGGER.log(System.Logger.Level.WARNING, "{0} did not end in time", thread.getName());
    }

    /** Runs {@code task}; what it throws is a bug, told once here, and does no harm to others. */
    void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    static void failed(Throwable e) {
        LOGGER.log(System.Logger.Level.ERROR, "a task of the fan-out failed", e);
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        while (!stopped) {
            lookAtClock();
            int done = 0;
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                run(task);
                if (stopped) return;
                if (++done % TASKS_PER_LOOK == 0) timers.advance(nowMillis(), this);
            }
            timers.advance(nowMillis(), this);
            parked = true;
            if (tasks.isEmpty() && !stopped) {
                long millis = timers.idleMillis(nowMillis(), LONGEST_PAUSE_MILLIS);
                if (millis > 0) LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(millis));
            }
            parked = false;
            // An interrupt that a task left behind would keep the loop from ever resting again.
            Thread.interrupted();
        }
    }

    static long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - ORIGIN);
    }

    private static final long ORIGIN = System.nanoTime();
}
