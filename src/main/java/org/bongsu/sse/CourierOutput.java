package org.bongsu.sse;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.bongsu.fanout.Courier;
import org.bongsu.fanout.Loop;
import org.jspecify.annotations.Nullable;

/**
 * A response's stream that makes nobody wait (Servlet 6.0 §5.7), where the container's own does, whatever it says of
 * itself: a {@link Courier} writes, and then tells the {@link WriteListener} as a container would. Each write is flushed.
 *
 * <p>While something is being written nobody may write to the response or end it: see {@link #whenAtRest} and
 * {@link #awaitRest}. The container's time-out for writes is what ends one whose client reads nothing.
 *
 * <p>Threads: any, one at a time. The listener is called by the loop first, and then by the courier's threads. What is
 * given to be written must not change until the stream is ready again.
 */
final class CourierOutput extends ServletOutputStream {
    /** How long a write waits for the next look whether the courier is free. */
    private static final long AGAIN_MILLIS = 250;
    /** Who takes longer is carried apart, the next time: all others would wait for it until it counts as hanging. */
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ServletOutputStream out;
    private final Loop loop;
    private final Courier courier;
    private final Courier slowCourier;

    /** Set before there is anything to tell, and before the loop's first task that tells it. */
    private @Nullable WriteListener listener;

    private volatile boolean slow;

    // Guarded by this.

    /** What is to be written, or is being written; none when at rest. */
    @Nullable private Piece current;

    private boolean writing;
    private boolean asked;
    private boolean failed;

    /** Follows what is being written, in the listener's place. */
    @Nullable private Runnable last;

    /**
     * @param out the container's, on which no listener is set: then anybody may write to it, and wait
     * @param slowCourier carries for those whose last write took long
     */
    CourierOutput(ServletOutputStream out, Loop loop, Courier courier, Courier slowCourier) {
        this.out = out;
        this.loop = loop;
        this.courier = courier;
        this.slowCourier = slowCourier;
    }

    @Override
    public synchronized boolean isReady() {
        if (current == null && !failed) return true;
        asked = true;
        return false;
    }

    /** To be called once, before anything is written; the listener is then called soon. */
    @Override
    public void setWriteListener(WriteListener writes) {
        listener = writes;
        loop.execute(() -> tell(null));
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        Piece piece = new Piece(bytes, offset, length);
        synchronized (this) {
            if (current != null || failed) throw new IllegalStateException("it is not ready (Servlet 6.0 §5.7)");
            current = piece;
            asked = false;
        }
        if (loop.isCurrent()) hand(piece);
        else loop.execute(() -> hand(piece));
    }

    /**
     * Runs {@code then} once: now, or when what is being written has been or has failed, and on the courier's thread. What
     * has not been begun is not written any more.
     */
    void whenAtRest(Runnable then) {
        synchronized (this) {
            if (writing) {
                last = then;
                return;
            }
            current = null;
        }
        then.run();
    }

    /** Returns when nothing is being written any more, nor will be. For threads of the container, which may wait. */
    synchronized void awaitRest() {
        if (!writing) current = null;
        try {
            while (writing) wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isWanted(Piece piece) {
        return current == piece;
    }

    private synchronized boolean begin(Piece piece) {
        if (current != piece) return false;
        writing = true;
        return true;
    }

    /** On the loop's thread. */
    private void hand(Piece piece) {
        if (!isWanted(piece)) return;
        Courier carrier = slow ? slowCourier : courier;
        if (carrier.isFree()) carrier.hand(piece);
        else loop.schedule(() -> hand(piece), AGAIN_MILLIS);
    }

    private void ended(@Nullable Throwable failure) {
        boolean call;
        Runnable then;
        synchronized (this) {
            current = null;
            writing = false;
            failed = failure != null;
            call = asked || failed;
            asked = false;
            then = last;
            notifyAll();
        }
        if (then != null) then.run();
        else if (call) tell(failure);
    }

    private void tell(@Nullable Throwable failure) {
        WriteListener told = listener;
        if (told == null) return;
        try {
            if (failure == null) told.onWritePossible();
            else told.onError(failure);
        } catch (IOException e) {
            told.onError(e);
        }
    }

    private final class Piece implements Courier.Errand {
        private final byte[] bytes;
        private final int offset;
        private final int length;

        Piece(byte[] bytes, int offset, int length) {
            this.bytes = bytes;
            this.offset = offset;
            this.length = length;
        }

        @Override
        public void carry() {
            if (!begin(this)) return;
            Throwable failure = null;
            long begun = System.nanoTime();
            try {
                out.write(bytes, offset, length);
                out.flush();
            } catch (IOException | RuntimeException e) {
                failure = e;
            } catch (Error e) {
                // A bug, which the courier tells. But the request has to end.
                failure = e;
                throw e;
            } finally {
                slow = System.nanoTime() - begun > SLOW_NANOS;
                ended(failure);
            }
        }

        @Override
        public void turnAway() {
            loop.execute(() -> hand(this));
        }
    }
}
