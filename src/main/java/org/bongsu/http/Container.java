package org.bongsu.http;

import jakarta.servlet.ServletContext;
import java.util.stream.Stream;

/**
 * Servers, as far as they differ where the specification says nothing, in what the portal has to do: how what was written without
 * blocking gets out, how long a yes of {@code isReady} lasts (Servlet 6.0 §5.7), what becomes of an answer and of its buffer.
 */
public enum Container {
    /**
     * For a flush of the stream it would ask itself twice more if it is ready, and register for the rest; for one of the response
     * it does not. A yes lasts until something is written. TomEE is one, too.
     */
    TOMCAT,
    /**
     * Every write waits for the client there, though {@code isReady} always says yes (26.0.0.5: what would write without
     * waiting is never called), until the server's own time-out for writes. Whoever ends a request meanwhile writes to the
     * same connection. It looks at a Basic header before the portal does.
     */
    OPEN_LIBERTY,
    /**
     * GlassFish, and Payara. They take any answer with the header {@code Upgrade} for that of an upgraded connection, and never end
     * it; who asks a response for its locale sets it; a request that is pipelined behind another is served by the thread that
     * completes that one. GlassFish sets status 200 when a request is completed whose answer is not on its way.
     */
    GLASSFISH,
    /**
     * WildFly and JBoss EAP, and whatever else has Undertow in it. When a write fails it ends the request on another thread, and
     * asks nobody, before the one that writes is out of its methods. The buffer is of a pool, and may by then be another's.
     * Over HTTP/2 it does so as soon as a client leaves, with a buffer that no application can set: there only another pool helps.
     */
    UNDERTOW,
    /** Both flushes are one. Whether it is ready is asked anew at each turn. */
    OTHER;

    /** The one that the portal runs in. */
    public static Container of(ServletContext context) {
        return of(context.getServerInfo());
    }

    /** @param serverInfo as the container calls itself */
    public static Container of(String serverInfo) {
        if (serverInfo.startsWith("Apache Tomcat")) return TOMCAT;
        if (serverInfo.contains("Liberty")) return OPEN_LIBERTY;
        if (serverInfo.contains("GlassFish") || serverInfo.startsWith("Payara")) return GLASSFISH;
        return Stream.of("WildFly", "JBoss", "Undertow").anyMatch(serverInfo::startsWith) ? UNDERTOW : OTHER;
    }
}
