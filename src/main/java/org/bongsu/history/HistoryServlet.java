package org.bongsu.history;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bongsu.access.Caller;
import org.bongsu.http.Accept;
import org.bongsu.http.ApiServlet;
import org.bongsu.http.Problem;
import org.bongsu.http.Problems;
import org.bongsu.http.Query;
import org.bongsu.http.RequestPath;
import org.bongsu.log.Cursor;
import org.bongsu.log.Interest;
import org.bongsu.log.InvalidInputException;
import org.bongsu.log.Message;
import org.bongsu.log.MessageLog;
import org.bongsu.log.MessageStore.Selection;
import org.bongsu.log.MessageType;
import org.bongsu.log.Position;
import org.bongsu.log.Priority;
import org.bongsu.log.StoreException;
import org.jspecify.annotations.Nullable;

/** {@code GET api/messages} and {@code GET api/messages/{id}} (§4.3). */
public final class HistoryServlet extends ApiServlet {
    private static final int MAX_LIMIT = 1_000;
    private static final int DEFAULT_LIMIT = 100;

    private final transient MessageLog log;
    private final transient Clock clock;

    public HistoryServlet(MessageLog log, Clock clock) {
        super("GET");
        this.log = log;
        this.clock = clock;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Caller caller = Caller.of(request);
        String id = RequestPath.after(request, "/api/messages/");
        boolean isOne = !id.isEmpty() || request.getRequestURI().endsWith("/");
        Query query = Query.of(request);
        Accept.require(request, "application/json");
        try {
            List<byte[]> body = isOne ? one(caller, query, id) : page(caller, query);
            send(response, body);
        } catch (StoreException e) {
            throw Problems.of(e);
        }
    }

    private List<byte[]> one(Caller caller, Query query, String id) throws StoreException {
        query.requireOnly("_");
        Message message = find(id);
        // One answer for all of these: that there is a message is itself something to read.
        if (message == null
                || message.hasExpired(clock.instant())
                || !caller.readable().allow(message.topic())) {
            throw new Problem(404, "there is no message " + (id.length() > 60 ? id.substring(0, 60) + "…" : id));
        }
        return List.of(message.json());
    }

    private @Nullable Message find(String id) throws StoreException {
        try {
            return log.find(Cursor.parse("id", id));
        } catch (InvalidInputException e) {
            return null;
        }
    }

    private List<byte[]> page(Caller caller, Query query) throws StoreException {
        query.requireOnly("topic", "before", "after", "limit", "type", "priority", "_");
        Interest interest = caller.interest(query.patterns());
        Set<String> types = new HashSet<>();
        for (String type : query.all("type")) types.add(MessageType.parse(type).text());
        Set<String> priorities = new HashSet<>();
        for (String priority : query.all("priority"))
            priorities.add(Priority.parse(priority).text());
        int limit = query.integer("limit", 1, MAX_LIMIT, DEFAULT_LIMIT);
        String before = query.one("before");
        String after = query.one("after");
        if (before != null && after != null) {
            throw new Problem(400, "before and after exclude each other").field("after");
        }
        Selection selection = new Selection(interest, types, priorities, clock.instant());
        History history = new History(log, selection, limit);
        return after == null
                ? history.before(before == null ? Position.Edge.LATEST : Position.parse("before", before))
                : history.after(Position.parse("after", after));
    }

    private static void send(HttpServletResponse response, List<byte[]> body) throws IOException {
        long length = 0;
        for (byte[] part : body) length += part.length;
        response.setContentType("application/json;charset=UTF-8");
        response.setHeader("Cache-Control", "no-store");
        response.setContentLengthLong(length);
        for (byte[] part : body) response.getOutputStream().write(part);
    }
}
