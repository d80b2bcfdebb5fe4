package org.bongsu.access;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.bongsu.access.Caller.Role;
import org.bongsu.http.Container;
import org.bongsu.http.Problem;
import org.bongsu.http.Problems;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who is asking, once, before any door of the API: answers 401 and 403 itself, never with a login page.
 *
 * <p>Credentials are a session (the container's login), or {@code Authorization: Basic}, which the container checks at each
 * request and which leaves no session behind. A request with both is refused: a container cannot log in somebody who is
 * logged in, and guessing which of the two was meant would be wrong half of the time.
 *
 * <p>What a request with a cookie may change is guarded against other sites' pages: its {@code Origin} must be the portal's
 * own or an allowed one, or {@code Sec-Fetch-Site} must say {@code same-origin}, or there must be {@code X-Bongsu: 1},
 * which no foreign page can send without a preflight. {@code Sec-Fetch-Site: none} is what a browser sends for an address
 * typed in, and nobody types a POST. Programs with a password need say nothing of this; but a browser that has kept a
 * password adds it to whatever page's request, so whoever does say where a request comes from is held to it.
 */
public final class AccessFilter extends HttpFilter {
    private static final String LOGIN_PATH = "/api/session";

    /** What a page does by itself for as long as it is open. */
    private static final Set<String> NO_ACTIVITY = Set.of("/api/stream", "/api/poll", "/api/alive", "/ws");

    private static final Set<String> READING_METHODS = Set.of("GET", "HEAD", "OPTIONS");

    private final transient Rules rules;
    private final transient Origins origins;
    private final transient Sessions sessions;
    private final Container container;

    public AccessFilter(Rules rules, Origins origins, Sessions sessions, Container container) {
        this.rules = rules;
        this.origins = origins;
        this.sessions = sessions;
        this.container = container;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        try {
            if (answersPreflight(request, response)) return;
            admit(request);
        } catch (Problem problem) {
            Problems.send(response, problem);
            return;
        }
        chain.doFilter(request, response);
    }

    private void admit(HttpServletRequest request) {
        boolean isLogin = path(request).equals(LOGIN_PATH)
                && (request.getMethod().equals("POST") || request.getMethod().equals("DELETE"));
        String authorization = request.getHeader("Authorization");
        if (authorization == null || isLogin || isOfSomePage(request)) requireOwnPage(request);
        if (isLogin) return;
        Caller caller = authorization == null ? ofSession(request) : ofHeader(request, authorization);
        caller.attachTo(request);
    }

    private Caller ofSession(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        if (session != null && !sessions.admit(session, !NO_ACTIVITY.contains(path(request)))) {
            throw new Problem(401, "the session has ended; log in again");
        }
        Login login = Login.of(request);
        if (session != null) login = login == null ? Login.keptIn(session) : login.forgottenBy(session);
        if (login == null) {
            throw new Problem(401, "this needs a login: a session (POST api/session) or an Authorization header");
        }
        // A logout elsewhere may have come between the container's look at who this is and ours at the session. Then
        // the stream is tied to the session that was, and ends with it.
        String sessionId = session == null ? sessions.known(request.getRequestedSessionId()) : session.getId();
        return caller(login, sessionId);
    }

    private Caller ofHeader(HttpServletRequest request, String authorization) {
        int space = authorization.indexOf(' ');
        String scheme = (space < 0 ? authorization : authorization.substring(0, space)).toLowerCase(Locale.ROOT);
        switch (scheme) {
            case "basic" -> {}
            case "bearer" -> throw new Problem(401, "this token is not valid");
            default ->
                throw new Problem(
                        401, "\"" + shortened(scheme) + "\" is no way to log in here; allowed in Authorization: Basic");
        }
        if (request.getSession(false) != null) throw twoLogins();
        String[] userAndPassword =
                userAndPassword(authorization.substring(space + 1).strip());
        login(request, userAndPassword[0], userAndPassword[1]);
        Login login = Login.of(request);
        if (login == null) throw wrongPassword();
        // Undertow makes a session at each login.
        HttpSession made = request.getSession(false);
        if (made != null) Sessions.invalidate(made);
        return caller(login, null);
    }

    private void login(HttpServletRequest request, String user, String password) {
        try {
            request.login(user, password);
        } catch (ServletException refused) {
            if (request.getUserPrincipal() == null) throw wrongPassword();
            // Nobody can log in twice (Servlet 6.0 §13.3), and a header is no reason to end another login.
            // Open Liberty alone has looked at the header before us.
            if (!HttpServletRequest.BASIC_AUTH.equals(request.getAuthType()) || container != Container.OPEN_LIBERTY) {
                throw twoLogins();
            }
            try {
                request.logout();
                request.login(user, password);
            } catch (ServletException refusedAgain) {
                throw wrongPassword();
            }
        }
    }

    private static Problem twoLogins() {
        return new Problem(400, "both a session cookie and an Authorization header; send one of them")
                .field("Authorization");
    }

    private Caller caller(Login login, @Nullable String sessionId) {
        if (login.roles().isEmpty()) {
            throw new Problem(
                    403,
                    login.name() + " has none of the roles "
                            + Arrays.stream(Role.values()).map(Role::text).collect(Collectors.joining(", ")));
        }
        Rules.Standing standing = rules.standing(login.name(), login.roles());
        return new Caller(
                login.name(),
                standing.roles(),
                standing.inbox(),
                standing.readable(),
                standing.publishable(),
                sessionId);
    }

    private static boolean isOfSomePage(HttpServletRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        return Origins.isStated(request) || (site != null && !site.equals("none"));
    }

    private void requireOwnPage(HttpServletRequest request) {
        if (READING_METHODS.contains(request.getMethod())) return;
        if (origins.isAllowed(request)
                || "same-origin".equals(request.getHeader("Sec-Fetch-Site"))
                || "1".equals(request.getHeader("X-Bongsu"))) {
            return;
        }
        throw new Problem(
                403,
                "a request of a browser that changes something must come from a page of the portal: with its Origin, "
                        + "with Sec-Fetch-Site: same-origin, or with X-Bongsu: 1");
    }

    /** CORS (Fetch §3.2): for allowed foreign origins only; the others get no header that says so. */
    private boolean answersPreflight(HttpServletRequest request, HttpServletResponse response) {
        if (origins.allowsForeign()) response.addHeader("Vary", "Origin");
        boolean allowed = origins.isAllowedForeign(request);
        if (allowed) {
            response.setHeader("Access-Control-Allow-Origin", request.getHeader("Origin"));
            response.setHeader("Access-Control-Allow-Credentials", "true");
            response.setHeader("Access-Control-Expose-Headers", "Location, Retry-After, WWW-Authenticate");
        }
        boolean preflight = request.getMethod().equals("OPTIONS")
                && Origins.isStated(request)
                && request.getHeader("Access-Control-Request-Method") != null;
        if (!preflight) return false;
        if (!allowed)
            throw new Problem(403, "pages of this origin may not use the portal; see the setting bongsu.origins");
        response.setHeader("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
        response.setHeader(
                "Access-Control-Allow-Headers",
                "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Bongsu, Title, Priority, Tags, Link, Click, "
                        + "Key, Status, Expires, Ack, Ack-By, To, Type, Format, At, In, Dry-Run");
        response.setHeader("Access-Control-Max-Age", "600");
        response.setStatus(204);
        return true;
    }

    private static String[] userAndPassword(String credentials) {
        String text;
        try {
            text = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            throw new Problem(401, "the Basic credentials are not base64 (RFC 7617)");
        }
        int colon = text.indexOf(':');
        if (colon < 0)
            throw new Problem(401, "the Basic credentials have no colon between user and password (RFC 7617)");
        return new String[] {text.substring(0, colon).strip(), text.substring(colon + 1)};
    }

    static Problem wrongPassword() {
        // The same for both, so that nobody can find out who exists.
        return new Problem(401, "wrong user or password");
    }

    private static String path(HttpServletRequest request) {
        String info = request.getPathInfo();
        return info == null ? request.getServletPath() : request.getServletPath() + info;
    }

    private static String shortened(String text) {
        return text.length() > 20 ? text.substring(0, 20) + "…" : text;
    }
}
