package org.bongsu.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The headers that every answer carries: what a browser may do with it, and how long it may keep it.
 *
 * <p>Only our own files run, are shown or are asked; nobody may frame the portal.
 */
public final class SecurityHeaders extends HttpFilter {
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
                    + "font-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; "
                    + "base-uri 'none'; form-action 'self'; connect-src 'self'";

    private final transient Function<HttpServletRequest, @Nullable String> ownOrigin;

    private final transient Runnable onStop;

    /**
     * @param ownOrigin the portal's origin as a request's sender sees it, if that can be told
     * @param onStop told as soon as the server stops this filter, the first of all: Undertow then answers 500 in our name
     */
    public SecurityHeaders(Function<HttpServletRequest, @Nullable String> ownOrigin, Runnable onStop) {
        this.ownOrigin = ownOrigin;
        this.onStop = onStop;
    }

    @Override
    public void destroy() {
        onStop.run();
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        response.setHeader("X-Content-Type-Options", "nosniff");
        if (!Addresses.isForPrograms(request.getServletPath())) {
            response.setHeader("Content-Security-Policy", policy(request));
            response.setHeader("X-Frame-Options", "DENY");
            response.setHeader("Referrer-Policy", "same-origin");
            // Asked for anew each time, which costs a 304: after an update no page runs on old scripts.
            response.setHeader("Cache-Control", "no-cache");
        } else {
            // Few and short: thousands of waiting streams and polls keep them in memory.
            response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
            response.setHeader("Cache-Control", "no-store");
        }
        chain.doFilter(request, response);
    }

    private String policy(HttpServletRequest request) {
        String origin = ownOrigin.apply(request);
        // Today's browsers take WebSockets of the same host for 'self' (CSP 3); older ones do not.
        return origin == null ? POLICY : POLICY + " ws" + origin.substring("http".length());
    }
}
