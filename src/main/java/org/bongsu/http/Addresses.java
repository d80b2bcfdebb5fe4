package org.bongsu.http;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/**
 * The addresses that servlets of the portal answer for, as url-patterns (Servlet 6.0 §12.2). Any thread.
 *
 * <p>A request for one of them that nobody answers has come while the server stops the portal: Tomcat takes its servlets away
 * one by one. Whoever is told then that there is no such address takes it for final.
 */
public final class Addresses {
    /** With it a path means another than it begins with. */
    private static final Pattern DOT_SEGMENT = Pattern.compile("/(?:\\.|%2[eE]){1,2}(?:[/;]|$)");

    private final Collection<String> patterns = new CopyOnWriteArrayList<>();

    private volatile boolean stopping;

    /** From now on nothing that the server says of its own is the portal's fault. */
    public void stop() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    public void add(String... more) {
        patterns.addAll(List.of(more));
    }

    /**
     * What to answer where nobody else has.
     *
     * @param address as the request has it, with the context path
     */
    Problem unanswered(String address, String contextPath) {
        String path = address.startsWith(contextPath) ? address.substring(contextPath.length()) : address;
        return isServed(path) ? stopped() : new Problem(404, address + ": there is nothing at this address");
    }

    /**
     * Whether programs ask there, which are told of faults in JSON, and not people with a browser.
     *
     * @param path below the context path
     */
    static boolean isForPrograms(String path) {
        return path.startsWith("/api/")
                || path.equals("/api")
                || path.equals("/ws")
                || path.startsWith("/health")
                || path.equals("/metrics");
    }

    static Problem stopped() {
        return new Problem(503, "the portal is being stopped").retryAfter(Duration.ofSeconds(2));
    }

    private boolean isServed(String path) {
        if (DOT_SEGMENT.matcher(path).find()) return false;
        return patterns.stream()
                .anyMatch(pattern -> pattern.endsWith("/*")
                        ? path.startsWith(pattern.substring(0, pattern.length() - 1))
                        : path.equals(pattern));
    }
}
