package org.bongsu.sse;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import org.bongsu.fanout.Courier;
import org.bongsu.fanout.Loop;
import org.jspecify.annotations.Nullable;

/**
 * A response's stream that makes nobody wait (Servlet 6.0 §5.7), where the container's own does, whatever it says of itself: a
 * {@link Courier} writes, and then tells the {@link WriteListener} as a container would. Each write is flushed.
 *
 * <p>While a write is on its way nothing may touch the response, its end least of all, see {@link #whenAtRest}. The container's
 * time-out for writes is what ends one whose client reads nothing.
 *
 * <p>Threads: any, one at a time; the listener is called by the courier's. What is given to be written must not change until
 * the stream is ready again.
 */
final class CourierOutput extends ServletOutputStream {
    /** How long a write waits for the next look whether the courier is free. */
    private static final long AGAIN_MILLIS = 250;

    private final ServletOutputStream out;
    private final Loop loop;
    private final Courier courier;

    private @Nullable WriteListener listener;

    // Guarded by this.
    private boolean atRest = true;
    private boolean asked;
    private boolean failed;

    @Nullable private Runnable last;

    /** @param out the container's, on which no listener is set: then anybody may write to it, and wait */
    CourierOutput(ServletOutputStream out, Loop loop, Courier courier) {
        this.out = out;
        this.loop = loop;
        this.courier = courier;
    }

    @Override
    public synchronized boolean isReady() {
        if (atRest && !failed) return true;
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
        synchronized (this) {
            if (!atRest || failed) throw new IllegalStateException("it is not ready (Servlet 6.0 §5.7)");
            atRest = false;
            asked = false;
        }
        Piece piece = new Piece(bytes, offset, length);
        if (loop.isCurrent()) hand(piece);
        else loop.execute(() -> hand(piece));
    }

    /**
     * Runs {@code then} once, now or when the write that is on its way has ended, on the thread of the one or the other. The
     * listener is not called any more.
     */
    void whenAtRest(Runnable then) {
        synchronized (this) {
            if (!atRest) {
                last = then;
                return;
            }
        }
        then.run();
    }

    /** On the loop's thread. */
    private void hand(Piece piece) {
        if (courier.isFree()) courier.hand(piece);
        else loop.schedule(() -> hand(piece), AGAIN_MILLIS);
    }

    private void ended(@Nullable Exception failure) {
        boolean call;
        Runnable then;
        synchronized (this) {
            atRest = true;
            failed = failure != null;
            call = asked || failed;
            asked = false;
            then = last;
        }
        if (then != null) then.run();
        else if (call) tell(failure);
    }

    private void tell(@Nullable Exception failure) {
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
            Exception failure = null;
            try {
                out.write(bytes, offset, length);
                out.flush();
            } catch (IOException | RuntimeException e) {
                failure = e;
            }
            ended(failure);
        }

        @Override
        public void turnAway() {
            loop.execute(() -> hand(this));
        }
    }
}
