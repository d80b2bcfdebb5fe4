package org.bongsu.proxy;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.bongsu.Await;

/** What arrives at a portal: how often, and how requests with the header {@code X-Bongsu-Test} look there. From any thread. */
final class Arrivals extends ValveBase {
    private static final List<String> CLAIMS = List.of("Forwarded", "X-Forwarded-Host", "X-Forwarded-Port");

    private final Map<String, Arrival> seen = new ConcurrentHashMap<>();
    private final Queue<String> paths = new ConcurrentLinkedQueue<>();

    /**
     * @param claims what the client has said of itself and nobody has removed
     * @param upgrade the protocol that it wants to change over to; empty where it wants none
     */
    record Arrival(String address, String scheme, String host, String claims, String upgrade) {}

    Arrivals() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        paths.add(request.getRequestURI());
        String test = request.getHeader("X-Bongsu-Test");
        if (test != null) {
            String claims = CLAIMS.stream()
                    .filter(name -> String.valueOf(request.getHeader(name)).matches(".*(evil|203\\.0|^1$).*"))
                    .collect(Collectors.joining(" "));
            String upgrade = String.join(", ", Collections.list(request.getHeaders("Upgrade")));
            seen.put(
                    test,
                    new Arrival(
                            request.getRemoteAddr(), request.getScheme(), request.getServerName(), claims, upgrade));
        }
        getNext().invoke(request, response);
    }

    /** How many requests for such paths have come. */
    int count(String part) {
        return (int) paths.stream().filter(path -> path.contains(part)).count();
    }

    boolean hasSeen(String test) {
        return seen.containsKey(test);
    }

    Arrival of(String test) {
        Await.until("the request " + test + " has arrived", () -> seen.containsKey(test));
        return Objects.requireNonNull(seen.get(test));
    }
}
