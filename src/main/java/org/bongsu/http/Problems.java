package org.bongsu.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.bongsu.log.InvalidInputException;
import org.bongsu.log.StoreException;
import org.bongsu.log.Unavailable;

/** The one table from what went wrong to what is answered. */
public final class Problems {
    private static final Map<Integer, String> TITLES = Map.ofEntries(
            Map.entry(400, "Bad request"),
            Map.entry(401, "Not logged in"),
            Map.entry(403, "Not allowed"),
            Map.entry(404, "Not found"),
            Map.entry(405, "Method not allowed"),
            Map.entry(406, "Not acceptable"),
            Map.entry(409, "Still in progress"),
            Map.entry(413, "Too large"),
            Map.entry(414, "Address too long"),
            Map.entry(415, "Unsupported media type"),
            Map.entry(422, "Idempotency key reused"),
            Map.entry(426, "Upgrade required"),
            Map.entry(429, "Too many requests"),
            Map.entry(500, "Internal error"),
            Map.entry(503, "Unavailable"));

    private Problems() {}

    static String title(int status) {
        return TITLES.getOrDefault(status, "Error " + status);
    }

    /** What to answer for anything that may be thrown; unknown things become a 500 that tells nothing of the inside. */
    public static Problem of(Throwable thrown) {
        if (thrown instanceof Problem problem) return problem;
        if (thrown instanceof InvalidInputException e) {
            return new Problem(400, String.valueOf(e.getMessage())).field(e.field());
        }
        if (thrown instanceof Unavailable e) {
            return new Problem(503, String.valueOf(e.getMessage())).retryAfter(e.retryAfter());
        }
        if (thrown instanceof StoreException) {
            return new Problem(503, "the log cannot be read at present").retryAfter(Duration.ofSeconds(2));
        }
        return new Problem(500, "an error of the portal itself; its log says more");
    }

    /** Answers with a problem, unless the response has begun; then there is nothing left to say. */
    public static void send(HttpServletResponse response, Problem problem) throws IOException {
        if (response.isCommitted()) return;
        response.resetBuffer();
        Exchange.Answer answer = to -> prepare(to, problem);
        answer.send(response);
    }

    /** As {@link #send}, for an {@link Exchange}: sets status and headers, but not the length, and gives the body. */
    public static byte[] prepare(HttpServletResponse response, Problem problem) {
        response.setStatus(problem.status());
        response.setContentType("application/problem+json;charset=UTF-8");
        response.setHeader("Cache-Control", "no-store");
        // Never Basic: the browser would answer it with a pop-up of its own.
        if (problem.status() == 401) response.setHeader("WWW-Authenticate", "Bearer");
        Object retryAfter = problem.members().get("retryAfter");
        if (retryAfter != null) response.setHeader("Retry-After", retryAfter.toString());
        return json(problem).getBytes(StandardCharsets.UTF_8);
    }

    /** The problem as JSON text. */
    public static String json(Problem problem) {
        StringBuilder json = new StringBuilder("{\"type\":\"about:blank\",\"title\":");
        Json.string(json, problem.title()).append(",\"status\":").append(problem.status());
        Json.string(json.append(",\"detail\":"), String.valueOf(problem.getMessage()));
        problem.members().forEach((name, value) -> {
            Json.string(json.append(','), name).append(':');
            if (value instanceof Number) json.append(value);
            else Json.string(json, value.toString());
        });
        return json.append('}').toString();
    }
}
