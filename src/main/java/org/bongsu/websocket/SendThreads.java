package org.bongsu.websocket;

import jakarta.websocket.Session;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.fanout.Courier;
import org.bongsu.fanout.Couriers;
import org.bongsu.fanout.Loop;
import org.bongsu.http.Container;

/**
 * The threads that may wait for a socket: one {@link Courier} per loop, and a few that close sessions, since closing says
 * good-bye and containers wait a while for room to say it.
 *
 * <p>To be closed after the fan-out, whose last words they carry.
 */
public final class SendThreads implements AutoCloseable {
    private static final int MOST_HANGING = 8;
    private static final int CLOSERS = 4;
    private static final long CLOSE_MILLIS = 3_000;
    /** How long a client may take to part once it has been told to. */
    private static final long PART_MILLIS = 5_000;

    private final Couriers couriers = new Couriers("bongsu-ws-send", MOST_HANGING);
    private final ThreadPoolExecutor closers;
    private final Container container;

    /** @param container the one whose sockets these are */
    public SendThreads(Container container) {
        this.container = container;
        AtomicInteger number = new AtomicInteger();
        closers = new ThreadPoolExecutor(CLOSERS, CLOSERS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "bongsu-ws-close-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        closers.allowCoreThreadTimeOut(true);
    }

    Courier courierOf(Loop loop) {
        return couriers.of(loop);
    }

    /** Closes a session, whatever state it is in. */
    void close(Session session, Closing closing) {
        try {
            closers.execute(() -> {
                try {
                    // Good-bye goes behind what the client has not taken. Where it takes nothing, Jetty would keep
                    // both, and the socket, for ever; this is the only way to tell it not to. On GlassFish it would end
                    // nothing once the session is closed, but may close it before us, with 1000: at each frame a check
                    // is queued there, also without a time-out, which asks whether there is one only when it runs.
                    if (container != Container.GLASSFISH) session.setMaxIdleTimeout(PART_MILLIS);
                    session.close(closing.reason());
                } catch (IOException | RuntimeException e) {
                    // It has gone already, or cannot be told: nothing is left to be done for it.
                }
            });
        } catch (RejectedExecutionException e) {
            // The portal is down; the container closes what is still open.
        }
    }

    @Override
    public void close() throws InterruptedException {
        couriers.close();
        closers.shutdown();
        if (!closers.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) closers.shutdownNow();
    }
}
