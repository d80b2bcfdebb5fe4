package org.bongsu.websocket;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.bongsu.access.Caller;
import org.bongsu.access.Origins;
import org.bongsu.access.Sessions;
import org.bongsu.draft.Drafts;
import org.bongsu.fanout.Admission;
import org.bongsu.fanout.FanOut;
import org.bongsu.http.ApiServlet;
import org.bongsu.http.Container;
import org.bongsu.http.Problem;
import org.bongsu.http.Query;
import org.bongsu.log.MessageLog;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET ws}: the WebSocket handshake (RFC 6455 §4.2).
 *
 * <p>A servlet admits and hands over to the endpoint, so that refusals are ordinary answers, the same on every server, and
 * all credentials count: some servers look at none during a handshake of their own.
 */
public final class WebSocketServlet extends ApiServlet {
    static final String SUBPROTOCOL = "bongsu.v1";

    private final transient MessageLog log;
    private final transient FanOut fanOut;
    private final transient Sessions sessions;
    private final transient Admission admission;
    private final transient Origins origins;
    private final transient Drafts drafts;
    private final transient SendThreads threads;
    private final transient Clock clock;
    /** With the path of the annotation: Tyrus takes nothing else from here, and looks there for an endpoint. */
    private final transient ServerEndpointConfig endpoint = ServerEndpointConfig.Builder.create(
                    BongsuEndpoint.class, BongsuEndpoint.PATH)
            .subprotocols(List.of(SUBPROTOCOL))
            .configurator(new Admitted())
            .build();

    public WebSocketServlet(
            MessageLog log,
            FanOut fanOut,
            Sessions sessions,
            Admission admission,
            Origins origins,
            Drafts drafts,
            SendThreads threads,
            Clock clock) {
        super("GET");
        this.log = log;
        this.fanOut = fanOut;
        this.sessions = sessions;
        this.admission = admission;
        this.origins = origins;
        this.drafts = drafts;
        this.threads = threads;
        this.clock = clock;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Caller caller = Caller.of(request);
        Query.of(request).requireOnly("_");
        // Before the origin: a browser hides why a handshake failed, so pages ask by an ordinary request, which names
        // none.
        requireHandshake(request, response);
        requireOrigin(request, caller);
        if (fanOut.isClosing() || !admission.admit()) {
            throw new Problem(503, "too many are connecting at once").retryAfter(Duration.ofSeconds(2));
        }
        if (!(getServletContext().getAttribute(ServerContainer.class.getName()) instanceof ServerContainer container)) {
            throw new IllegalStateException("this server has no WebSocket container");
        }
        Handshake handshake = new Handshake(caller, log, fanOut, sessions, drafts, threads, clock);
        try {
            Admitted.<IOException, DeploymentException>during(
                    handshake,
                    () -> container.upgradeHttpToWebSocket(new Unattached(request), response, endpoint, Map.of()));
        } catch (DeploymentException e) {
            throw new IllegalStateException("this server refuses the endpoint", e);
        }
    }

    /** Servlets go first, then the container's WebSockets, then listeners. */
    @Override
    public void destroy() {
        fanOut.sayGoodBye();
    }

    /**
     * Pages cannot be kept from connecting across origins, and browsers send cookies along: so the page must be one of ours.
     * Programs with an {@code Authorization} header need not say where they come from.
     */
    private void requireOrigin(HttpServletRequest request, Caller caller) {
        boolean isStated = Origins.isStated(request);
        if (isStated ? origins.isAllowed(request) : caller.sessionId() == null) return;
        throw new Problem(
                403,
                isStated
                        ? "pages of this origin may not connect; see the setting bongsu.origins"
                        : "a connection with a cookie must say which page it comes from: the header Origin is missing");
    }

    private static void requireHandshake(HttpServletRequest request, HttpServletResponse response) {
        if (!hasToken(request, "Upgrade", "websocket")) {
            // There the answer would never end.
            if (Container.of(request.getServletContext()) != Container.GLASSFISH)
                response.setHeader("Upgrade", "websocket");
            throw new Problem(426, "this address answers WebSocket handshakes only (RFC 6455)");
        }
        if (!hasToken(request, "Connection", "upgrade")) {
            throw new Problem(400, "the header Connection does not say Upgrade; is a proxy in between?")
                    .field("Connection");
        }
        if (!hasToken(request, "Sec-WebSocket-Version", "13")) {
            response.setHeader("Sec-WebSocket-Version", "13");
            throw new Problem(426, "another version of WebSocket; allowed: 13").field("Sec-WebSocket-Version");
        }
        if (!isKey(request.getHeader("Sec-WebSocket-Key"))) {
            throw new Problem(400, "Sec-WebSocket-Key is not 16 bytes in base64").field("Sec-WebSocket-Key");
        }
    }

    private static boolean hasToken(HttpServletRequest request, String header, String token) {
        return Collections.list(request.getHeaders(header)).stream()
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .anyMatch(value -> value.strip().equalsIgnoreCase(token));
    }

    private static boolean isKey(@Nullable String key) {
        if (key == null) return false;
        try {
            return key.length() == 24 && Base64.getDecoder().decode(key).length == 16;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    /**
     * A request of nobody in particular, so that containers tie the connection to no login: they would cut it at logout
     * before good-bye could be said, and keep the session in memory. {@link Sessions} does that. Nor does it list more
     * headers than a handshake is made of: containers keep them, with cookies and passwords, for as long as the connection
     * lives.
     */
    private static final class Unattached extends HttpServletRequestWrapper {
        /**
         * Jetty 12.1 and Open Liberty know only of headers that are listed. Extensions are left out: none is ever agreed to.
         */
        private static final List<String> LISTED = List.of(
                "Host",
                "Upgrade",
                "Connection",
                "Sec-WebSocket-Version",
                "Sec-WebSocket-Key",
                "Sec-WebSocket-Protocol");

        Unattached(HttpServletRequest request) {
            super(request);
        }

        @Override
        public Enumeration<String> getHeaderNames() {
            return Collections.enumeration(
                    LISTED.stream().filter(name -> getHeader(name) != null).toList());
        }

        @Override
        public @Nullable Principal getUserPrincipal() {
            return null;
        }

        @Override
        public @Nullable HttpSession getSession(boolean create) {
            return null;
        }

        @Override
        @SuppressWarnings("NullAway") // as getSession(true) must not be asked for here
        public HttpSession getSession() {
            return null;
        }
    }
}
