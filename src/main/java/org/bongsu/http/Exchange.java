package org.bongsu.http;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A request that waits for its answer. It is answered at most once, and its response never touched after: a server gives the
 * object to another client's request as soon as it is complete.
 *
 * <p>Threads: any may answer, and never waits for the client. The lock is held around every touch of the response and taken
 * by the container's callbacks before they return, so that the response is not taken back under a write of ours.
 */
public final class Exchange {
    private static final System.Logger LOGGER = System.getLogger(Exchange.class.getName());

    /** What servers hold back until the request is complete: some have larger buffers, and pass larger writes on at once. */
    private static final int HELD_BACK_BYTES = 8 * 1024;

    private final AsyncContext async;
    private final HttpServletResponse response;
    private final Container container;
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile Runnable whenGone = () -> {};

    private final ReentrantLock lock = new ReentrantLock();
    /** Whether the response is somebody else's by now. Guarded by the lock. */
    private boolean over;

    /** Sets status and headers, but not the length, and gives the body. */
    public interface Answer {
        byte[] prepare(HttpServletResponse response);

        /** Answers a request that has not been made to wait. May wait for the client. */
        default void send(HttpServletResponse response) throws IOException {
            byte[] body = prepare(response);
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        }
    }

    /** @param timeoutMillis a net: after so long the container ends a request that nobody has answered, with a 503 */
    public static Exchange begin(HttpServletRequest request, HttpServletResponse response, long timeoutMillis) {
        AsyncContext async = request.startAsync(request, response);
        async.setTimeout(timeoutMillis);
        Exchange exchange = new Exchange(async, response, Container.of(request.getServletContext()));
        async.addListener(exchange.new Ends());
        return exchange;
    }

    private Exchange(AsyncContext async, HttpServletResponse response, Container container) {
        this.async = async;
        this.response = response;
        this.container = container;
    }

    /** @param action runs once, on a thread of the container, if nobody has answered before the request ends */
    public void whenGone(Runnable action) {
        whenGone = action;
    }

    /** Whether there is nobody left to be answered. */
    public boolean isAnswered() {
        return answered.get();
    }

    /** Answers, unless that has been done or the client has gone. Returns at once, whatever the client does. */
    public void answer(Answer answer) {
        // Before the lock, which a slow write of the first answer may hold.
        if (answered.compareAndSet(false, true)) put(answer, false);
    }

    /** @param mayWait for the client: on a thread of the container, which would end the request after it */
    private void put(Answer answer, boolean mayWait) {
        lock.lock();
        try {
            if (over) return;
            byte[] body = answer.prepare(response);
            if (isHeldBack(body)) {
                // The length is left to the server, which knows it when the request is complete. Had it been told, this
                // write would close the response (Servlet 6.0, "Closure of Response Object"), and Jetty and Undertow
                // would wait for the client here and now.
                response.getOutputStream().write(body);
                complete();
            } else {
                if (body.length > 0) response.setContentLength(body.length);
                if (mayWait) write(body);
                else async.start(() -> write(body));
            }
        } catch (IOException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a client has gone before it was answered", e);
            complete();
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing leaves before the request is complete, and all of it then. */
    private boolean isHeldBack(byte[] body) {
        return container != Container.GLASSFISH && body.length <= Math.min(HELD_BACK_BYTES, response.getBufferSize());
    }

    /** On a thread of the container, which may wait for the client. */
    private void write(byte[] body) {
        lock.lock();
        try {
            if (over) return;
            response.getOutputStream().write(body);
            // Later it would forget the status.
            if (container == Container.GLASSFISH) response.flushBuffer();
            complete();
        } catch (IOException | RuntimeException e) {
            // Not completed here: the server ends the request by itself, and may have begun to take the response back.
            LOGGER.log(System.Logger.Level.DEBUG, "a client has gone before it had read its answer", e);
        } finally {
            lock.unlock();
        }
    }

    /** The caller holds the lock. */
    private void complete() {
        if (over) return;
        over = true;
        try {
            async.complete();
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the server had ended this request itself", e);
        }
    }

    private void ended(boolean complete) {
        lock.lock();
        try {
            if (complete) complete();
            over = true;
        } finally {
            lock.unlock();
        }
        if (answered.compareAndSet(false, true)) whenGone.run();
    }

    private final class Ends implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {
            ended(false);
        }

        @Override
        public void onError(AsyncEvent event) {
            ended(true);
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            // Whoever waits has missed deadlines of its own: this machine was asleep, or is far too busy. Completed
            // without a word, it would be a 200 with nothing in it.
            if (answered.compareAndSet(false, true)) {
                Problem late =
                        new Problem(503, "the portal could not answer in time").retryAfter(Duration.ofSeconds(2));
                put(to -> Problems.prepare(to, late), true);
                whenGone.run();
            }
            ended(true);
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // never started twice
        }
    }
}
