package org.bongsu.sse;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.bongsu.fanout.ByeReason;
import org.bongsu.fanout.Connection;
import org.bongsu.fanout.Deadlines;
import org.bongsu.fanout.FanOut;
import org.bongsu.fanout.Follower;
import org.bongsu.fanout.Loop;
import org.bongsu.fanout.Timeout;
import org.bongsu.http.Container;
import org.bongsu.http.Responders;
import org.bongsu.log.Cursor;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Range;
import org.bongsu.log.Read;
import org.bongsu.log.Reader;
import org.jspecify.annotations.Nullable;

/**
 * One event stream: a reader, and a response that is written without blocking (Servlet 6.0 §5.7).
 *
 * <p>It queues no messages: whenever the response takes more, it reads on from its cursor, one range at a time, and writes
 * that in pieces. What it holds meanwhile is the rest of one encoded range, which it shares with other streams.
 *
 * <p>Threads: whoever holds {@link #lock} owns the stream, be it the loop (news, time-outs) or a container thread (the
 * response takes more again; on Open Liberty a thread of ours). Every use of the response happens under the lock, and the
 * container's callbacks about its end take the lock before they return: the container can then not give the response to
 * another client while a write of ours is still unwinding (but its buffer, see {@link Container#UNDERTOW}). Where a
 * {@link CourierOutput} writes, without the lock, both the end that we ask for and those callbacks wait for it. Only
 * {@link #approach} looks at it without the lock, and changes nothing. Nobody waits for the lock in order to write: news leave word and go on. The callbacks, and the
 * loop when it looks at the time or hears of an end, wait for whoever holds the lock, and nobody who does ever blocks.
 */
final class SseConnection implements Connection, Follower {
    private static final int MAX_MESSAGES = 1_000;
    private static final int MAX_BYTES = 64 * 1024;
    /**
     * After so many bytes others on the loop get their turn. It is one range at most: those who are behind then go forward side
     * by side, and find each range encoded by the first of them.
     */
    private static final int BYTES_PER_TURN = MAX_BYTES;
    /** An XHR keeps all it has received, so streams read by XHR are renewed when they have grown so large. */
    private static final long RENEW_PADDED_BYTES = 1024 * 1024;
    /** How long good-bye may take, and how long the container has to tell of an end before we end the request. */
    private static final long GRACE_MILLIS = 2_000;
    /** Servers look for time-outs every second or so. */
    private static final long CUT_MILLIS = 10_000;

    private final String id;
    private final String user;
    private final Instant since;
    private final FanOut fanOut;
    private final Deadlines deadlines;
    private final Loop loop;
    private final MessageLog log;
    private final Clock clock;
    private final int padding;
    /**
     * How much is written between two flushes. A server's buffers take so much at once, and the flush writes it from our own
     * thread. What is more than that Tomcat copies aside and writes by way of its poller and a thread of its pool, at several
     * times the cost.
     */
    private final int piece;

    private final Container container;
    private final Responders responders;

    private final ReentrantLock lock = new ReentrantLock();
    /** Somebody wanted to write while another held the lock: whoever lets go of the lock looks here. */
    private volatile boolean nudged;

    /** The newest of the news that came while another held the lock. */
    private volatile long heard;

    /** Nobody has taken note of {@link #heard} yet. Of its own, since news of a reset may come with the same offset again. */
    private volatile boolean unheard;

    // Guarded by the lock, but for what approach looks at.
    /**
     * How far the log may be read: what came after it has its own news. Streams that are nudged in between, each at a time of
     * its own, then still read the ranges that all others read, which have been encoded.
     */
    private long upTo;

    /** There may be something to read that has not been looked at. */
    private boolean unseen = true;

    private final Reader reader;
    private final AsyncContext async;
    private final ServletResponse response;
    private final ServletOutputStream out;
    private boolean opened;
    /** The response does not take more; the container will call. True from the start, as the container calls first. */
    private boolean waiting = true;

    private long waitingSince;
    /** {@code isReady} has said yes and nothing has been written since. */
    private boolean ready;
    /** Bytes have been written that no flush has followed yet; a wait in between does not change that. */
    private boolean flushOwed;

    /** What has been read and not been written to its end; shared with other streams. */
    private byte @Nullable [] chunk;

    private int chunkWritten;

    /** Nothing has been read yet. {@code ready} may have told where reading goes on after a reset that only a read tells of. */
    private boolean unread = true;

    private boolean fetching;
    private boolean pingDue;
    private boolean byeWritten;
    /** No touch of the response any more. */
    private boolean ended;
    /** The container has been asked to close the connection. */
    private boolean cutting;
    /** The container knows that the request is over. */
    private boolean completed;

    private long lastWrite;
    private long beat;
    private long toldOffset = -1;
    private long written;

    @Nullable private ByeReason bye;

    // The loop's thread only.
    private Loop.@Nullable Following following;

    @Nullable private Timeout nextCheck;

    // Written by any thread.
    private volatile long lastAlive;

    private final long renewAt;
    private final Runnable onEnd;

    SseConnection(
            MessageLog log,
            FanOut fanOut,
            Clock clock,
            Reader reader,
            String user,
            int padding,
            int bufferSize,
            Responders responders,
            StreamThreads threads,
            AsyncContext async,
            ServletOutputStream out,
            Runnable onEnd) {
        this.id = fanOut.newId();
        this.user = user;
        this.since = clock.instant();
        this.log = log;
        this.fanOut = fanOut;
        this.deadlines = fanOut.deadlines();
        this.loop = fanOut.assign();
        this.clock = clock;
        this.reader = reader;
        this.padding = padding;
        // One byte less than the buffers: of a full one Tomcat says that it is not ready.
        this.piece = Math.max(512, bufferSize - 1);
        this.responders = responders;
        this.container = responders.container();
        this.async = async;
        this.response = async.getResponse();
        this.out = threads.nonBlocking(container, out, loop);
        this.onEnd = onEnd;
        long now = now();
        this.upTo = log.head();
        this.waitingSince = now;
        this.lastWrite = now;
        this.beat = deadlines.heartbeatMillis();
        this.renewAt = now + deadlines.renewalMillis();
    }

    /** Takes over the response; to be called once, by the servlet, as the last thing it does with it. */
    void open() {
        async.addListener(new Ends());
        fanOut.add(this);
        loop.execute(this::join);
        out.setWriteListener(new Writes());
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
        return "sse";
    }

    @Override
    public Instant since() {
        return since;
    }

    @Override
    public void alive() {
        lastAlive = now();
    }

    @Override
    public void bye(ByeReason reason) {
        loop.execute(() -> {
            lock.lock();
            try {
                sayBye(reason);
            } finally {
                lock.unlock();
            }
            nudge();
        });
    }

    @Override
    public int approach() {
        if (ended) return 0;
        try {
            // Questions that containers answer from what they have, by way of the objects that a write needs. After
            // the end it may be another request's that is asked: no harm, since nothing follows from the answers.
            int read = response.getBufferSize() + (response.isCommitted() ? 1 : 0) + (lock.isLocked() ? 1 : 0);
            // Tomcat keeps the locale beside what it looks at first. Others may set it when they are asked.
            boolean odd = container == Container.TOMCAT && response.getLocale() == null;
            odd |= out.getClass() == response.getClass();
            return read + (odd ? 1 : 0) + reader.approach();
        } catch (RuntimeException e) {
            // The response is over, and what the container has left of it cannot even be asked.
            return 0;
        }
    }

    @Override
    public void news(long head) {
        if (lock.tryLock()) {
            try {
                upTo = head;
                unseen = true;
                pump();
            } finally {
                lock.unlock();
            }
            drain();
        } else {
            heard = head;
            unheard = true;
            nudge();
        }
    }

    private void nudge() {
        nudged = true;
        drain();
    }

    /** Writes if nobody else is at it; who is, looks again before it is done. */
    private void drain() {
        while (nudged && lock.tryLock()) {
            try {
                hear();
                pump();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Takes what others have left word of. */
    private void hear() {
        nudged = false;
        if (unheard) {
            unheard = false;
            upTo = Math.max(upTo, heard);
            unseen = true;
        }
    }

    /** First thing on the loop. */
    private void join() {
        lock.lock();
        try {
            if (ended) return;
            following = loop.follow(reader.feed(), this);
            upTo = log.head();
            unseen = true;
            nextCheck = loop.schedule(this::check, untilNextCheck(now()));
        } finally {
            lock.unlock();
        }
        nudge();
    }

    /** Looks after what time brings, but for the end after a bye; on the loop. */
    private void check() {
        boolean due;
        lock.lock();
        try {
            if (ended) return;
            long now = now();
            long seen = lastAlive;
            if (waiting && now - waitingSince >= deadlines.write().toMillis()) {
                cut();
            } else if (seen != 0 && now - seen >= deadlines.liveness().toMillis()) {
                cut();
            } else {
                if (now >= renewAt) sayBye(ByeReason.RENEW);
                if (now - lastWrite >= beat) pingDue = true;
            }
            if (ended) return;
            due = pingDue || bye != null;
            nextCheck = loop.schedule(this::check, untilNextCheck(now));
        } finally {
            lock.unlock();
        }
        // Whoever left word while we held the lock counts on us.
        if (due) nudge();
        else drain();
    }

    /**
     * How long nothing can become due. What begins to count only later cannot have run out before the whole of it has passed, so
     * that a stream which is written to all the time is looked after a few times a minute. The caller holds the lock.
     */
    private long untilNextCheck(long now) {
        long seen = lastAlive;
        long write = (waiting ? waitingSince : now) + deadlines.write().toMillis();
        long liveness = (seen == 0 ? now : seen) + deadlines.liveness().toMillis();
        long ping = pingDue ? now + deadlines.leastHeartbeatMillis() : lastWrite + beat;
        long renewal = bye == null ? renewAt : Long.MAX_VALUE;
        return Math.min(Math.min(write, liveness), Math.min(ping, renewal)) - now;
    }

    private void sayBye(ByeReason reason) {
        if (bye != null) return;
        bye = reason;
        loop.execute(() -> loop.schedule(this::endOfGrace, GRACE_MILLIS));
    }

    /** A client that has not even read its bye by now is waited for no longer. */
    private void endOfGrace() {
        lock.lock();
        try {
            if (!ended) cut();
        } finally {
            lock.unlock();
        }
    }

    /** Writes as much as there is and as the response takes. The caller holds the lock. */
    private void pump() {
        if (ended || waiting) return;
        if (container != Container.TOMCAT) ready = false;
        try {
            // After a flush it is asked at once: what the flush left behind leaves only when somebody waits for it.
            for (int bytes = 0; isReady(); ) {
                if (flushOwed) {
                    ready = false;
                    flushOwed = false;
                    if (container == Container.TOMCAT) response.flushBuffer();
                    else out.flush();
                    continue;
                }
                if (bytes >= BYTES_PER_TURN) {
                    loop.execute(this::nudge);
                    return;
                }
                byte[] next = chunk != null ? chunk : next();
                if (next == null) {
                    if (byeWritten) complete();
                    return;
                }
                bytes += writePiece(next);
            }
        } catch (IOException | RuntimeException e) {
            // The client has gone, or the container says so in its own way. No error: it comes back with its cursor.
            abandon();
        }
    }

    private int writePiece(byte[] bytes) throws IOException {
        int length = Math.min(piece, bytes.length - chunkWritten);
        ready = false;
        flushOwed = true;
        out.write(bytes, chunkWritten, length);
        written += length;
        lastWrite = loop.time();
        chunkWritten += length;
        if (chunkWritten < bytes.length) {
            chunk = bytes;
        } else {
            chunk = null;
            chunkWritten = 0;
        }
        return length;
    }

    private boolean isReady() {
        if (ready) return true;
        ready = out.isReady();
        if (!ready) {
            // From here on the stream is the container's until it calls; nothing may be touched.
            waiting = true;
            waitingSince = now();
        }
        return ready;
    }

    /** What is to be written next; {@code null} if there is nothing for now. */
    private byte @Nullable [] next() {
        if (byeWritten) return null;
        if (!opened) {
            opened = true;
            long retry = ThreadLocalRandom.current().nextLong(1_000, 3_001);
            Cursor position = reader.position();
            toldOffset = position.offset();
            long heartbeat = Math.max(1, deadlines.heartbeat().toSeconds());
            return SseFormat.opening(padding, retry, position, id, user, heartbeat);
        }
        if (padding > 0 && written >= RENEW_PADDED_BYTES) sayBye(ByeReason.RENEW);
        if (bye != null && !unread) return goodBye(bye);
        unread = false;
        if (unseen && !fetching) {
            unseen = false;
            Read read = reader.next(MAX_MESSAGES, MAX_BYTES, upTo);
            if (read instanceof Range range) {
                toldOffset = range.cursor().offset();
                byte[] encoded = range.encoded(SseFormat.MESSAGES);
                // A short range that comes live is all there is: no need to look again before the next news.
                boolean full = range.messages().size() >= MAX_MESSAGES || encoded.length >= MAX_BYTES;
                if (full || !reader.isLive()) unseen = true;
                return encoded;
            }
            if (read instanceof Read.Reset reset) {
                unseen = true;
                Cursor position = reader.position();
                toldOffset = position.offset();
                return SseFormat.reset(reset.reason(), position);
            }
            if (read == Read.Nothing.BEHIND) {
                fetching = true;
                log.fetch(reader, this::fetched);
            }
        }
        if (bye != null) return goodBye(bye);
        if (!pingDue) return null;
        pingDue = false;
        beat = deadlines.heartbeatMillis();
        Cursor position = reader.position();
        boolean moved = position.offset() != toldOffset;
        toldOffset = position.offset();
        return SseFormat.ping(
                moved ? position : null,
                clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
    }

    private byte[] goodBye(ByeReason reason) {
        byeWritten = true;
        boolean spread = reason == ByeReason.SHUTDOWN || reason == ByeReason.BUSY;
        return SseFormat.bye(reason, spread ? ThreadLocalRandom.current().nextLong(1_000, 10_001) : -1);
    }

    private void fetched() {
        loop.execute(() -> {
            lock.lock();
            try {
                fetching = false;
                unseen = true;
            } finally {
                lock.unlock();
            }
            nudge();
        });
    }

    /** Ends the response in good order. The caller holds the lock. */
    private void complete() {
        if (!ended) release();
        if (completed) return;
        completed = true;
        if (out instanceof CourierOutput carried) carried.whenAtRest(() -> responders.complete(async));
        else responders.complete(async);
    }

    /**
     * Ends the response without waiting for a client that does not read.
     *
     * <p>Completing would do, but a server may then block a thread of its own until what is left has been written or its
     * time-out has passed. A time-out of the request ends with the connection closed at once; not every server lets it be set
     * so late, and those are asked to complete. On Open Liberty the end has to wait for a write that hangs, and so for the
     * server's own time-out. The caller holds the lock.
     */
    private void cut() {
        release();
        if (container == Container.OPEN_LIBERTY) {
            complete();
            return;
        }
        try {
            async.setTimeout(1);
        } catch (RuntimeException e) {
            complete();
            return;
        }
        cutting = true;
        completeLater(CUT_MILLIS);
    }

    /** Leaves a response that can no longer be written; the container usually tells its end by itself. */
    private void abandon() {
        if (ended) return;
        release();
        completeLater(GRACE_MILLIS);
    }

    /** In case that the container never tells of the end. */
    private void completeLater(long millis) {
        loop.execute(() -> loop.schedule(
                () -> {
                    lock.lock();
                    try {
                        complete();
                    } finally {
                        lock.unlock();
                    }
                },
                millis));
    }

    private void release() {
        ended = true;
        reader.close();
        fanOut.remove(this);
        onEnd.run();
        loop.execute(() -> {
            if (following != null) following.end();
            if (nextCheck != null) nextCheck.cancel();
        });
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** The response takes more again, or never will. */
    private final class Writes implements WriteListener {
        @Override
        public void onWritePossible() {
            lock.lock();
            try {
                waiting = false;
                hear();
                pump();
            } finally {
                lock.unlock();
            }
            drain();
        }

        @Override
        public void onError(Throwable t) {
            end(false);
        }
    }

    /** The request is over. */
    private final class Ends implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {
            end(true);
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            // Left alone, a request whose time-out has passed is ended by closing its connection.
            endUnasked();
        }

        @Override
        public void onError(AsyncEvent event) {
            end(false);
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // Never started twice.
        }
    }

    /**
     * Streams have no time-out but that of {@link #cut}: the server has begun to stop the portal, and has not told it yet (Tomcat
     * does so a second after it has sent the portal's servlets away).
     */
    private void endUnasked() {
        lock.lock();
        try {
            if (cutting) return;
            sayBye(ByeReason.SHUTDOWN);
            pump();
            complete();
        } finally {
            lock.unlock();
        }
    }

    private void end(boolean isComplete) {
        lock.lock();
        try {
            if (!ended) release();
            if (isComplete) completed = true;
            else complete();
        } finally {
            lock.unlock();
        }
        awaitRest();
    }

    /** On a thread of the container, without the lock. */
    private void awaitRest() {
        if (out instanceof CourierOutput carried) carried.awaitRest();
    }
}
