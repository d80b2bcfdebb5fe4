package org.bongsu.http;

import jakarta.servlet.AsyncContext;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where answers are written that may have to wait for the client, and requests completed.
 *
 * <p>On most servers the first is done by a thread of the container ({@link AsyncContext#start}, Servlet 6.0 §2.3.3.3), and
 * the second by whoever calls. Not on GlassFish and Payara: there the thread that completes a request serves the one that is
 * pipelined behind it, and may wait for its client; and threads for asynchronous work come without a bound, and keep the class
 * loader of the portal in whose time they were begun. So there are threads of the portal's own for both, as many as the
 * server is advised to have for requests.
 *
 * <p>Threads: any may call, and never waits, but for the last few calls after {@link #close}. To be closed after everything
 * that answers requests.
 */
public final class Responders implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Responders.class.getName());

    static final int THREADS = 50;
    private static final long REST_SECONDS = 10;
    private static final long CLOSE_MILLIS = 3_000;

    private final Container container;
    private final ThreadPoolExecutor threads;

    /** @param container the one whose requests these are */
    public Responders(Container container) {
        this.container = container;
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, REST_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "bongsu-respond-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** The server whose requests these are. */
    public Container container() {
        return container;
    }

    /** Runs what may wait for the client. */
    void write(AsyncContext async, Runnable write) {
        if (container == Container.GLASSFISH) execute(write);
        else async.start(write);
    }

    /** Completes a request, now or soon, whatever locks the caller holds. If the server has ended it itself, that is all right. */
    public void complete(AsyncContext async) {
        if (container == Container.GLASSFISH) execute(() -> completeHere(async));
        else completeHere(async);
    }

    /** Completes a request there and then, as within a call-back of the container. */
    static void completeHere(AsyncContext async) {
        try {
            async.complete();
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the server had ended this request itself", e);
        }
    }

    private void execute(Runnable task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException closed) {
            // The last few, while the portal ends.
            task.run();
        }
    }

    /** Nobody is interrupted: who waits here may be serving the request behind, even one of another portal. */
    @Override
    public void close() throws InterruptedException {
        threads.shutdown();
        if (threads.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) return;
        LOGGER.log(
                System.Logger.Level.WARNING,
                "{0} threads still wait for clients; they end when those do",
                threads.getActiveCount());
    }
}
