package org.bongsu.network;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One thread that does everything for its sockets, and the timers of that thread: what it alone touches needs no lock.
 *
 * <p>Threads: {@link #call} and {@link #close} may be called from any, the rest only from the loop's own.
 */
final class Loop implements AutoCloseable {
    /** Whoever waits for a channel. */
    interface Ready {
        void ready();
    }

    /** Something to be done later. */
    final class Timer implements Comparable<Timer> {
        private final long due;
        private final Runnable task;

        private Timer(long due, Runnable task) {
            this.due = due;
            this.task = task;
        }

        void cancel() {
            timers.remove(this);
        }

        @Override
        public int compareTo(Timer other) {
            return Long.signum(due - other.due);
        }
    }

    private final Selector selector;
    private final Thread thread;

    // any thread
    private final Queue<FutureTask<?>> calls = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;
    /** Nobody answers calls any more. */
    private volatile boolean over;

    // only the loop, until it is over
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private @Nullable Throwable failure;

    Loop(String name) {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** What now is, for {@link #at}, in nanoseconds. */
    static long now() {
        return System.nanoTime();
    }

    Timer at(long due, Runnable task) {
        Timer timer = new Timer(due, task);
        timers.add(timer);
        return timer;
    }

    Timer after(Duration delay, Runnable task) {
        return at(now() + delay.toNanos(), task);
    }

    SelectionKey register(SelectableChannel channel, int interest, Ready ready) throws IOException {
        channel.configureBlocking(false);
        return channel.register(selector, interest, ready);
    }

    /**
     * Returns when the loop has done it.
     *
     * @throws IllegalStateException if it is closed
     */
    void call(Runnable task) {
        FutureTask<?> call = new FutureTask<>(task, null);
        if (Thread.currentThread() == thread) {
            call.run();
        } else {
            calls.add(call);
            selector.wakeup();
            if (over) call.cancel(false);
        }
        try {
            call.get();
        } catch (CancellationException e) {
            throw new IllegalStateException("the network is closed", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void run() {
        try {
            while (!closed) {
                long nanos = nanosToNextTimer();
                if (nanos <= 0) selector.selectNow(this::serve);
                else selector.select(this::serve, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999));
                runCalls();
                runTimers();
            }
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        } finally {
            over = true;
            for (FutureTask<?> call = calls.poll(); call != null; call = calls.poll()) call.cancel(false);
            selector.keys().forEach(key -> closeQuietly(key.channel()));
            closeQuietly(selector);
        }
    }

    private long nanosToNextTimer() {
        Timer next = timers.peek();
        return next == null ? TimeUnit.HOURS.toNanos(1) : next.due - now();
    }

    private void runCalls() {
        for (FutureTask<?> call = calls.poll(); call != null; call = calls.poll()) call.run();
    }

    private void runTimers() {
        long now = now();
        for (Timer next = timers.peek(); next != null && next.due - now <= 0; next = timers.peek()) {
            timers.remove();
            guarded(next.task);
        }
    }

    private void serve(SelectionKey key) {
        // Whoever was served before may have closed this one.
        if (key.isValid()) guarded(((Ready) key.attachment())::ready);
    }

    /** A mistake of ours must not keep the others waiting; {@link #close} tells of it. */
    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void fail(Throwable e) {
        if (failure == null) failure = e;
    }

    /** So that its address is free at once; a registered channel is closed only as the selector selects. */
    void closeNow(SelectableChannel channel) throws IOException {
        channel.close();
        selector.selectNow();
    }

    static void closeQuietly(Closeable what) {
        try {
            what.close();
        } catch (IOException e) {
            // There is nothing that could be done, and nobody who would mind.
        }
    }

    /**
     * Closes all its sockets and ends its thread. Idempotent.
     *
     * @throws IllegalStateException if anything in it has failed that should not
     */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        Throwable failed = failure;
        failure = null;
        if (failed != null) throw new IllegalStateException("the network itself has failed", failed);
    }
}
