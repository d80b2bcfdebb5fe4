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
import org.jspecify.annotations.Nullable;

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
    private final Responders responders;
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile Runnable whenGone = () -> {};

    private final ReentrantLock lock = new ReentrantLock();
    /** Whether the response is somebody else's by now. Guarded by the lock. */
    private boolean over;

    /** What awaits a thread that may wait for the client. Guarded by the lock. */
    private byte @Nullable [] unwritten;

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
    public static Exchange begin(
            HttpServletRequest request, HttpServletResponse response, long timeoutMillis, Responders responders) {
        AsyncContext async = request.startAsync(request, response);
        async.setTimeout(timeoutMillis);
        Exchange exchange = new Exchange(async, response, responders);
        async.addListener(exchange.new Ends());
        return exchange;
    }

    private Exchange(AsyncContext async, HttpServletResponse response, Responders responders) {
        this.async = async;
        this.response = response;
        this.responders = responders;
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
        if (!answered.compareAndSet(false, true)) return;
        lock.lock();
        try {
            if (put(answer)) responders.write(async, this::write);
            else complete();
        } catch (RuntimeException e) {
            LOGGER.log(
                    System.Logger.Level.DEBUG, "the server has no thread for an answer, or had ended its request", e);
            complete();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives the response its answer, or as much of it as can be given without waiting. The caller holds the lock.
     *
     * @return whether {@link #writeWhatIsUnwritten} is to follow
     */
    private boolean put(Answer answer) {
        if (over) return false;
        try {
            byte[] body = answer.prepare(response);
            if (isHeldBack(body)) {
                // The length is left to the server, which knows it when the request is complete. Had it been told, this
                // write would close the response (Servlet 6.0, "Closure of Response Object"), and Jetty and Undertow
                // would wait for the client here and now.
                response.getOutputStream().write(body);
                return false;
            }
            if (body.length > 0) response.setContentLength(body.length);
            unwritten = body;
            return true;
        } catch (IOException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a client has gone before it was answered", e);
            return false;
        }
    }

    /** Whether nothing leaves before the request is complete, and all of it then. */
    private boolean isHeldBack(byte[] body) {
        return responders.container() != Container.GLASSFISH
                && body.length <= Math.min(HELD_BACK_BYTES, response.getBufferSize());
    }

    /** On a thread that may wait for the client. */
    private void write() {
        lock.lock();
        try {
            if (!writeWhatIsUnwritten()) return;
            over = true;
        } finally {
            lock.unlock();
        }
        // Without the lock, since it may take as long as the request that is pipelined behind this one.
        Responders.completeHere(async);
    }

    /** The caller holds the lock, and may wait for the client. */
    private boolean writeWhatIsUnwritten() {
        byte[] body = unwritten;
        if (over || body == null) return false;
        unwritten = null;
        try {
            response.getOutputStream().write(body);
            // Later it would forget the status.
            if (responders.container() == Container.GLASSFISH) response.flushBuffer();
            return true;
        } catch (IOException | RuntimeException e) {
            // Not to be completed: the server ends the request by itself, and may have begun to take the response back.
            LOGGER.log(System.Logger.Level.DEBUG, "a client has gone before it had read its answer", e);
            return false;
        }
    }

    /** The caller holds the lock. */
    private void complete() {
        if (over) return;
        over = true;
        responders.complete(async);
    }

    /** The server says so, on a thread of its own. */
    private void ended(boolean complete) {
        lock.lock();
        try {
            if (complete && !over) Responders.completeHere(async);
            over = true;
        } finally {
            lock.unlock();
        }
        if (answered.compareAndSet(false, true)) whenGone.run();
    }

    private static byte[] late(HttpServletResponse response) {
        Problem late = new Problem(503, "the portal could not answer in time").retryAfter(Duration.ofSeconds(2));
        return Problems.prepare(response, late);
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
            boolean isFirst = answered.compareAndSet(false, true);
            lock.lock();
            try {
                // Whoever waits has missed deadlines of its own: this machine was asleep, or is far too busy. Completed
                // without a word, it would be a 200 with nothing in it.
                if (isFirst) put(Exchange::late);
                // The server ends the request after this call-back: no other thread would have the time.
                writeWhatIsUnwritten();
            } finally {
                lock.unlock();
            }
            if (isFirst) whenGone.run();
            ended(true);
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // never started twice
        }
    }
}
