package org.bongsu.poll;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.bongsu.fanout.ByeReason;
import org.bongsu.fanout.Connection;
import org.bongsu.fanout.FanOut;
import org.bongsu.fanout.Follower;
import org.bongsu.fanout.Loop;
import org.bongsu.fanout.Timeout;
import org.bongsu.http.Exchange;
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
 * <p>Threads: everything here belongs to the loop's; {@link Exchange} does what a container's threads have a part in.
 */
final class PollConnection implements Connection, Follower {
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

    private final Exchange exchange;
    private final Reader reader;
    private final Pace pace;
    /** As {@link System#nanoTime}. */
    private final long begunAt = System.nanoTime();

    // The loop's thread only.
    private boolean ended;
    /** What the answer will tell. */
    @Nullable private ResetReason reset;

    private Loop.@Nullable Following following;

    @Nullable private Timeout deadline;

    /** Set while there is news, or may be, that is held for what may ride along. */
    @Nullable private Timeout hold;

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
            Pace pace,
            Exchange exchange,
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
        this.exchange = exchange;
        this.pace = pace;
        this.onEnd = onEnd;
    }

    /**
     * Takes over the exchange and the reader; to be called once.
     *
     * @param hasNews whether there is something to tell already, which is held
     */
    void open(boolean hasNews) {
        exchange.whenGone(() -> loop.execute(this::end));
        fanOut.add(this);
        loop.execute(() -> join(hasNews));
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
                    answer(response -> Problems.prepare(
                            response, new Problem(401, "the login that this belonged to has ended: " + reason.text())));
                default -> answer(PollAnswer.of(reader.position(), reset, List.of()));
            }
        });
    }

    @Override
    public void news(long upTo) {
        if (ended || hold != null || fetching) return;
        if (!hold()) look(upTo);
    }

    private void join(boolean hasNews) {
        if (ended) return;
        pace.begun();
        following = loop.follow(reader.feed(), this);
        deadline = loop.schedule(this::giveUp, waitMillis);
        // What came between the servlet's last look and this moment woke nobody.
        if (!hasNews || !hold()) look(log.head());
    }

    /** Puts looking off, if it is too soon to answer. */
    private boolean hold() {
        long nanos = pace.nanos() - (System.nanoTime() - begunAt);
        if (nanos <= 0) return false;
        hold = loop.schedule(
                () -> {
                    hold = null;
                    look(log.head());
                },
                TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
        return true;
    }

    /** Answers if there is something. */
    private void look(long upTo) {
        if (ended) return;
        byte[] body = body(upTo);
        if (body != null) answer(body);
    }

    /** What there is to say; a reset together with what follows it, or the next poll would be told of it again. */
    private byte @Nullable [] body(long upTo) {
        Read read = reader.next(limit, maxBytes, upTo);
        while (read instanceof Read.Reset told) {
            reset = told.reason();
            read = reader.next(limit, maxBytes, upTo);
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
                            look(log.head());
                        }));
            }
            return null;
        }
        return reset == null ? null : PollAnswer.of(reader.position(), reset, List.of());
    }

    private void giveUp() {
        if (ended) return;
        byte[] body = body(log.head());
        answer(body != null ? body : PollAnswer.of(reader.position(), reset, List.of()));
    }

    private void answer(byte[] body) {
        answer(response -> body);
    }

    private void answer(Exchange.Answer answer) {
        if (ended) return;
        exchange.answer(answer);
        end();
    }

    private void end() {
        if (ended) return;
        ended = true;
        reader.close();
        fanOut.remove(this);
        if (following != null) {
            following.end();
            pace.ended();
        }
        if (deadline != null) deadline.cancel();
        if (hold != null) hold.cancel();
        onEnd.run();
    }
}
