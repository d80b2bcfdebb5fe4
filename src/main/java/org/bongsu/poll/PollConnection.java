package org.bongsu.poll;

import java.time.Instant;
import java.util.List;
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

    private final Exchange exchange;
    private final Reader reader;

    // The loop's thread only.
    private boolean ended;
    /** What the answer will tell. */
    @Nullable private ResetReason reset;

    private Loop.@Nullable Following following;

    @Nullable private Timeout deadline;

    /** Set while an answer is held for what may ride along. */
    @Nullable private Timeout linger;

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
        this.onEnd = onEnd;
    }

    /** Takes over the exchange and the reader; to be called once. */
    void open() {
        exchange.whenGone(() -> loop.execute(this::end));
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
                    answer(response -> Problems.prepare(
                            response, new Problem(401, "the login that this belonged to has ended: " + reason.text())));
                default -> answer(PollAnswer.of(reader.position(), reset, List.of()));
            }
        });
    }

    @Override
    public void news(long upTo) {
        if (ended || linger != null || fetching) return;
        linger = loop.schedule(this::look, LINGER_MILLIS);
    }

    private void join() {
        if (ended) return;
        following = loop.follow(reader.feed(), this);
        deadline = loop.schedule(this::giveUp, waitMillis);
        // What came between the servlet's last look and this moment woke nobody.
        look();
    }

    /** Answers if there is something. */
    private void look() {
        linger = null;
        if (ended) return;
        byte[] body = body();
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
        if (ended) return;
        byte[] body = body();
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
        if (following != null) following.end();
        if (deadline != null) deadline.cancel();
        if (linger != null) linger.cancel();
        onEnd.run();
    }
}
