package org.bongsu.publish;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * A request that waits for its answer. It is answered exactly once, and its response never touched after: a server gives the
 * object to another client's request as soon as it is complete.
 */
final class Exchange implements AsyncListener {
    private static final System.Logger LOGGER = System.getLogger(Exchange.class.getName());

    private final AsyncContext async;
    private final HttpServletResponse response;

    /** Whether the response is somebody else's by now. Guarded by this monitor, under which the response is written. */
    private boolean over;

    /** Writes the answer. */
    interface Answer {
        void send(HttpServletResponse response) throws IOException;
    }

    static Exchange begin(HttpServletRequest request, HttpServletResponse response) {
        AsyncContext async = request.startAsync(request, response);
        // Our own deadline ends the wait, and is the only one.
        async.setTimeout(0);
        Exchange exchange = new Exchange(async, response);
        async.addListener(exchange);
        return exchange;
    }

    private Exchange(AsyncContext async, HttpServletResponse response) {
        this.async = async;
        this.response = response;
    }

    /** Answers, unless the client has gone. */
    synchronized void answer(Answer answer) {
        if (over) return;
        try {
            answer.send(response);
        } catch (IOException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a publisher has gone before it was answered", e);
        }
        complete();
    }

    @Override
    public synchronized void onComplete(AsyncEvent event) {
        over = true;
    }

    @Override
    public synchronized void onError(AsyncEvent event) {
        complete();
    }

    @Override
    public synchronized void onTimeout(AsyncEvent event) {
        complete();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // never dispatched
    }

    private void complete() {
        if (over) return;
        over = true;
        try {
            async.complete();
        } catch (IllegalStateException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the server had ended this request itself", e);
        }
    }
}
