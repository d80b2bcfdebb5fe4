package org.bongsu.poll;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.bongsu.fanout.ByeReason;
import org.bongsu.fanout.Connection;
import org.bongsu.fanout.FanOut;
import org.bongsu.fanout.Follower;
import org.bongsu.fanout.Loop;
import org.bongsu.fanout.Timeout;
import org.bongsu.http.Problem;
import org.bongsu.http.Problems;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Range;
import org.bongsu.log.Read;
import org.bongsu.log.Reader;
import org.bongsu.log.ResetReason;
import org.jspecify.annotations.Nullable;

/**
 * A poll that waits.
 *
 * <p>Threads: the loop's, but for the container's callbacks about the end and for answers that the response cannot hold
 * and which a container thread therefore writes. The lock is held around every touch of the response and taken by the
 * callbacks before they return, so the response is never touched after the container has taken it back.
 */
final class PollConnection implements Connection, Follower {
    /** The first message of a burst is held so long, for others to ride along: an answer costs far more than a message. */
    private static final long LINGER_MILLIS = 5;

    private static final AtomicLong NUMBERS = new AtomicLong();

    private final String id = "poll-" + NUMBERS.incrementAndGet();
    private final MessageLog log;
    private final FanOut fanOut;
    private final Loop loop;
    private final String user;
    private final Instant since;
    private final int limit;
    private final int maxBytes;
    private final long waitMillis;
    private final Runnable onEnd;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Reader reader;
    private final AsyncContext async;
    private final HttpServletResponse response;
    private boolean answered;
    /** What the answer will tell. */
    @Nullable private ResetReason reset;

    // The loop's thread only.
    private Loop.@Nullable Following following;

    @Nullable private Timeout deadline;

    private boolean lingering;
    private boolean fetching;

    PollConnection(
            MessageLog log,
            FanOut fanOut,
            Reader reader,
            String user,
            Instant since,
            int limit,
            int maxBytes,
            long waitMillis,
            AsyncContext async,
            HttpServletResponse response,
            Runnable onEnd) {
        this.log = log;
        this.fanOut = fanOut;
        this.loop = fanOut.assign();
        this.reader = reader;
        this.user = user;
        this.since = since;
        this.limit = limit;
        this.maxBytes = maxBytes;
        this.waitMillis = waitMillis;
        this.async = async;
        this.response = response;
        this.onEnd = onEnd;
    }

    /** Takes over the response; to be called once, by the servlet, as the last thing it does with it. */
    void open() {
        async.addListener(new Ends());
        fanOut.add(this);
        loop.execute(this::join);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public String transport() {
        return "poll";
    }

    @Override
    public Instant since() {
        return since;
    }

    @Override
    public void alive() {
        // A poll shows its life by the next poll.
    }

    @Override
    public void bye(ByeReason reason) {
        loop.execute(() -> {
            switch (reason) {
                case LOGOUT, EXPIRED, REVOKED ->
                    refuse(new Problem(401, "the login that this belonged to has ended: " + reason.text()));
                default -> answer(PollAnswer.of(reader.position(), reset, List.of()));
            }
        });
    }

    @Override
    public void news(long upTo) {
        if (lingering || fetching) return;
        lingering = true;
        loop.schedule(this::look, LINGER_MILLIS);
    }

    private void join() {
        lock.lock();
        try {
            if (answered) return;
            following = loop.follow(reader.feed(), this);
        } finally {
            lock.unlock();
        }
        deadline = loop.schedule(this::giveUp, waitMillis);
        // What came between the servlet's last look and this moment woke nobody.
        look();
    }

    /** Answers if there is something. */
    private void look() {
        lingering = false;
        byte[] body;
        lock.lock();
        try {
            if (answered) return;
            body = body();
        } finally {
            lock.unlock();
        }
        if (body != null) answer(body);
    }

    /** What there is to say; a reset together with what follows it, or the next poll would be told of it again. */
    private byte @Nullable [] body() {
        Read read = reader.next(limit, maxBytes, log.head());
        while (read instanceof Read.Reset told) {
            reset = told.reason();
            read = reader.next(limit, maxBytes, log.head());
        }
        if (read instanceof Range range) {
            return reset == null
                    ? range.encoded(PollAnswer.WHOLE)
                    : PollAnswer.of(range.cursor(), reset, range.messages());
        }
        if (read == Read.Nothing.BEHIND) {
            if (!fetching) {
                fetching = true;
                log.fetch(
                        reader,
                        () -> loop.execute(() -> {
                            fetching = false;
                            look();
                        }));
            }
            return null;
        }
        return reset == null ? null : PollAnswer.of(reader.position(), reset, List.of());
    }

    private void giveUp() {
        byte[] body;
        lock.lock();
        try {
            if (answered) return;
            body = body();
            if (body == null) body = PollAnswer.of(reader.position(), reset, List.of());
        } finally {
            lock.unlock();
        }
        answer(body);
    }

    private void answer(byte[] body) {
        lock.lock();
        try {
            if (answered) return;
            release();
            if (body.length > response.getBufferSize()) {
                // Larger than the response holds: writing may wait for the client, so it is no work for the loop.
                async.start(() -> write(body));
            } else {
                write(body);
            }
        } catch (RuntimeException e) {
            // The container has ended the request already; the client polls again.
        } finally {
            lock.unlock();
        }
    }

    private void refuse(Problem problem) {
        lock.lock();
        try {
            if (answered) return;
            release();
            Problems.send(response, problem);
            async.complete();
        } catch (IOException | RuntimeException e) {
            // The client has gone.
        } finally {
            lock.unlock();
        }
    }

    private void write(byte[] body) {
        lock.lock();
        try {
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
            async.complete();
        } catch (IOException e) {
            // The client has gone; it polls again from its cursor.
            async.complete();
        } finally {
            lock.unlock();
        }
    }

    /** The caller holds the lock. */
    private void release() {
        answered = true;
        reader.close();
        fanOut.remove(this);
        onEnd.run();
        loop.execute(() -> {
            if (following != null) following.end();
            if (deadline != null) deadline.cancel();
        });
    }

    private void end(boolean complete) {
        lock.lock();
        try {
            if (!answered) release();
            if (complete) async.complete();
        } catch (RuntimeException e) {
            // Completed already.
        } finally {
            lock.unlock();
        }
    }

    private final class Ends implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {
            end(false);
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            end(true);
        }

        @Override
        public void onError(AsyncEvent event) {
            end(true);
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // Never started twice.
        }
    }
}
