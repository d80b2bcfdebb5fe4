package org.bongsu.sse;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.ThreadLocalRandom;
import org.bongsu.access.Caller;
import org.bongsu.access.Sessions;
import org.bongsu.fanout.Admission;
import org.bongsu.fanout.ByeReason;
import org.bongsu.fanout.FanOut;
import org.bongsu.http.Accept;
import org.bongsu.http.ApiServlet;
import org.bongsu.http.Container;
import org.bongsu.http.Problem;
import org.bongsu.http.Query;
import org.bongsu.http.Responders;
import org.bongsu.log.Cursor;
import org.bongsu.log.Interest;
import org.bongsu.log.InvalidInputException;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Position;
import org.bongsu.log.Reader;
import org.jspecify.annotations.Nullable;

/** {@code GET api/stream}: Server-Sent Events. */
public final class StreamServlet extends ApiServlet {
    private static final int MAX_PADDING = 4_096;
    private static final int DEFAULT_PADDING = 2_048;

    private final transient MessageLog log;
    private final transient FanOut fanOut;
    private final transient Sessions sessions;
    private final transient Admission admission;
    private final transient Responders responders;
    private final transient StreamThreads threads;
    private final transient Clock clock;

    public StreamServlet(
            MessageLog log,
            FanOut fanOut,
            Sessions sessions,
            Admission admission,
            Responders responders,
            StreamThreads threads,
            Clock clock) {
        super("GET");
        this.log = log;
        this.fanOut = fanOut;
        this.sessions = sessions;
        this.admission = admission;
        this.responders = responders;
        this.threads = threads;
        this.clock = clock;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Caller caller = Caller.of(request);
        Accept.require(request, "text/event-stream");
        // "_" is what scripts add to keep caches away.
        Query query = Query.of(request).requireOnly("topic", "after", "lastEventId", "padding", "_");
        Interest interest = caller.interest(query.patterns());
        Position start = start(request.getHeader("Last-Event-ID"), query);
        int padding = padding(query.one("padding"));

        response.setStatus(200);
        response.setContentType("text/event-stream;charset=UTF-8");
        response.setHeader("Cache-Control", "no-cache, no-store, no-transform");
        response.setHeader("X-Accel-Buffering", "no");
        response.setHeader("X-Content-Type-Options", "nosniff");
        // The connection carries nothing after the stream; closed with it, it is free at once. Later versions carry
        // many
        // streams over one connection, and forbid the header (RFC 9113 §8.2.2).
        if (request.getProtocol().startsWith("HTTP/1")) response.setHeader("Connection", "close");
        if (fanOut.isClosing() || !admission.admit()) {
            long retry = ThreadLocalRandom.current().nextLong(1_000, 10_001);
            response.getOutputStream().write(SseFormat.bye(ByeReason.BUSY, retry));
            return;
        }
        int buffers = response.getBufferSize();
        if (responders.container() == Container.OPEN_LIBERTY) {
            // It keeps as much as it has ever used, in place of 32 KiB, and has a time-out for each.
            buffers = 16 * 1024;
            response.setBufferSize(buffers);
        } else if (responders.container() == Container.UNDERTOW) {
            // One of its own, never to be another's; and too small for anything, so that what is written goes by it.
            response.setBufferSize(1);
        }
        // Before startAsync: a server that buffers would otherwise hold the head back until the first write.
        response.flushBuffer();
        Reader reader = log.reader(interest, start);
        AsyncContext async = request.startAsync(request, response);
        async.setTimeout(0);
        Sessions.Tie tie = sessions.tie(caller.sessionId());
        SseConnection connection = new SseConnection(
                log,
                fanOut,
                clock,
                reader,
                caller.name(),
                padding,
                buffers,
                responders,
                threads,
                async,
                response.getOutputStream(),
                tie::close);
        connection.open();
        tie.onEnd(end -> connection.bye(end == Sessions.End.EXPIRED ? ByeReason.EXPIRED : ByeReason.LOGOUT));
    }

    /** {@code Last-Event-ID} wins over {@code after}; a native EventSource would die of an error, so it never is one. */
    private static Position start(@Nullable String header, Query query) {
        String lastEventId = header != null && !header.isEmpty() ? header : query.one("lastEventId");
        if (lastEventId != null && !lastEventId.isEmpty()) {
            try {
                return Cursor.parse("Last-Event-ID", lastEventId);
            } catch (InvalidInputException e) {
                return Position.Edge.UNREADABLE;
            }
        }
        String after = query.one("after");
        return after == null ? Position.Edge.LATEST : Position.parse("after", after);
    }

    private static int padding(@Nullable String text) {
        if (text == null || text.isEmpty() || text.equals("false")) return 0;
        if (text.equals("true")) return DEFAULT_PADDING;
        if (text.length() <= 4 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            int bytes = Integer.parseInt(text);
            if (bytes <= MAX_PADDING) return bytes;
        }
        throw new Problem(400, "padding \"" + text + "\"; allowed: true, or 0 to " + MAX_PADDING).field("padding");
    }
}
