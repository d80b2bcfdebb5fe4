package org.bongsu.poll;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bongsu.access.Caller;
import org.bongsu.access.Sessions;
import org.bongsu.fanout.Admission;
import org.bongsu.fanout.ByeReason;
import org.bongsu.fanout.FanOut;
import org.bongsu.http.ApiServlet;
import org.bongsu.http.Exchange;
import org.bongsu.http.Problem;
import org.bongsu.http.Problems;
import org.bongsu.http.Query;
import org.bongsu.http.Responders;
import org.bongsu.log.Cursor;
import org.bongsu.log.Interest;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Position;
import org.bongsu.log.Range;
import org.bongsu.log.Read;
import org.bongsu.log.Reader;
import org.bongsu.log.ResetReason;
import org.bongsu.log.StoreException;
import org.jspecify.annotations.Nullable;

/** {@code GET api/poll}: long-polling, and plain polling with {@code wait=0}. */
public final class PollServlet extends ApiServlet {
    private static final int MAX_WAIT_SECONDS = 55;
    private static final int DEFAULT_WAIT_SECONDS = 25;
    private static final int MAX_LIMIT = 1_000;
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_BYTES = 256 * 1024;

    private final transient Pace pace = Pace.ofThisMachine();
    private final transient MessageLog log;
    private final transient FanOut fanOut;
    private final transient Sessions sessions;
    private final transient Admission admission;
    private final transient Responders responders;
    private final transient Clock clock;

    public PollServlet(
            MessageLog log, FanOut fanOut, Sessions sessions, Admission admission, Responders responders, Clock clock) {
        super("GET");
        this.log = log;
        this.fanOut = fanOut;
        this.sessions = sessions;
        this.admission = admission;
        this.responders = responders;
        this.clock = clock;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Caller caller = Caller.of(request);
        Query query = Query.of(request).requireOnly("topic", "after", "wait", "limit", "_");
        Interest interest = caller.interest(query.patterns());
        String after = query.one("after");
        Position start = after == null ? Position.Edge.LATEST : Position.parse("after", after);
        int wait = query.integer("wait", 0, MAX_WAIT_SECONDS, DEFAULT_WAIT_SECONDS);
        int limit = query.integer("limit", 1, MAX_LIMIT, DEFAULT_LIMIT);
        // Who goes on from a cursor has been admitted when it began. Were answers counted too, news for many who wait
        // would
        // send most of them away.
        boolean begins = !(start instanceof Cursor);
        if (fanOut.isClosing() || (begins && !admission.admit())) {
            throw new Problem(503, "too many are connecting at once").retryAfter(Duration.ofSeconds(2));
        }

        response.setContentType("application/json;charset=UTF-8");
        response.setHeader("Cache-Control", "no-store");
        Reader reader = log.reader(interest, start);
        boolean handedOver = false;
        try {
            Found found = look(reader, limit);
            boolean waits = wait > 0 && start != Position.Edge.LATEST;
            boolean held = waits && !begins && canWait(found, limit);
            if (!waits || (found.isNews() && !held)) {
                byte[] body = found.body(reader);
                response.setContentLength(body.length);
                response.getOutputStream().write(body);
                return;
            }
            if (held) {
                // What has been found is read again, with what will have followed it.
                reader.close();
                reader = log.reader(interest, start);
            }
            // Our own deadline ends the wait; the container's is only a net.
            Exchange exchange = Exchange.begin(request, response, TimeUnit.SECONDS.toMillis(wait + 30L), responders);
            Sessions.Tie tie = sessions.tie(caller.sessionId());
            PollConnection connection = new PollConnection(
                    log,
                    fanOut,
                    reader,
                    caller.name(),
                    clock.instant(),
                    limit,
                    MAX_BYTES,
                    TimeUnit.SECONDS.toMillis(wait),
                    pace,
                    exchange,
                    tie::close);
            connection.open(held);
            tie.onEnd(end -> connection.bye(end == Sessions.End.EXPIRED ? ByeReason.EXPIRED : ByeReason.LOGOUT));
            handedOver = true;
        } catch (StoreException e) {
            throw Problems.of(e);
        } finally {
            if (!handedOver) reader.close();
        }
    }

    /** What there is for a poll when it comes. */
    private record Found(
            @Nullable ResetReason reset, @Nullable Range range) {
        boolean isNews() {
            return reset != null || range != null;
        }

        byte[] body(Reader reader) {
            if (range == null) return PollAnswer.of(reader.position(), reset, List.of());
            if (reset == null) return range.encoded(PollAnswer.WHOLE);
            return PollAnswer.of(range.cursor(), reset, range.messages());
        }
    }

    /** Whether all of it has only just come, and more may ride along. */
    private boolean canWait(Found found, int limit) {
        Range range = found.range();
        if (found.reset() != null || range == null || range.messages().size() >= limit) return false;
        Instant oldest = range.messages().get(0).draft().time();
        // Another node's clock may be ahead: what is from the future has not just come.
        return Duration.between(oldest, clock.instant()).abs().toNanos() < pace.nanos();
    }

    /** On a thread of its own, so it may ask the store. */
    private Found look(Reader reader, int limit) throws StoreException {
        ResetReason reset = null;
        while (true) {
            Read read = log.read(reader, limit, MAX_BYTES);
            if (read instanceof Read.Reset told) {
                reset = told.reason();
                continue;
            }
            return new Found(reset, read instanceof Range range ? range : null);
        }
    }
}
