package org.bongsu.admin;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.bongsu.http.ApiServlet;
import org.bongsu.http.Json;
import org.bongsu.http.Problem;
import org.bongsu.log.MessageLog;
import org.jspecify.annotations.Nullable;

/**
 * {@code /health/live}: the portal answers. {@code /health/ready}: messages can be published, too, as far as is known: the
 * last publication has been written, and the database has answered within the last seconds. For load balancers and
 * watchdogs, so without a login, and without a word that would help an attacker.
 */
public final class HealthServlet extends ApiServlet {
    /** A connection that was lost and found again is no reason to send everybody elsewhere. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final transient MessageLog log;
    private final String durability;

    /** @param durability the setting, told so that nobody runs a relaxed portal without knowing */
    public HealthServlet(MessageLog log, String durability) {
        super("GET", "HEAD");
        this.log = log;
        this.durability = durability;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (String.valueOf(request.getPathInfo())) {
            case "/live" -> send(response, 200, "{\"status\":\"live\"}");
            case "/ready" -> ready(response);
            default -> throw new Problem(404, "there is nothing at this address; try health/live or health/ready");
        }
    }

    private void ready(HttpServletResponse response) throws IOException {
        String failure = failure();
        StringBuilder json =
                new StringBuilder("{\"status\":").append(failure == null ? "\"ready\"" : "\"unavailable\"");
        Json.string(json.append(",\"durability\":"), durability);
        Json.string(json.append(",\"epoch\":"), log.headCursor().epoch());
        if (failure != null) Json.string(json.append(",\"reason\":"), failure);
        if (failure != null) response.setHeader("Retry-After", "2");
        send(response, failure == null ? 200 : 503, json.append('}').toString());
    }

    private @Nullable String failure() {
        if (log.failure() != null) return "the log cannot be written at present";
        return log.isCutOffFor(PATIENCE) ? "the database cannot be reached at present" : null;
    }

    private static void send(HttpServletResponse response, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType("application/json;charset=UTF-8");
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
