package org.bongsu.sse;

/**
 * In what servers differ where the specification says nothing: how what was written without blocking gets out, and how long a
 * yes of {@code isReady} lasts (Servlet 6.0 §5.7).
 */
enum Output {
    /**
     * For a flush of the stream it would ask itself twice more if it is ready, and register for the rest; for one of the response
     * it does not. A yes lasts until something is written.
     */
    TOMCAT,
    /** Any flush is a blocking write there; but a full buffer is written without blocking. A yes is for the thread that has asked. */
    OPEN_LIBERTY,
    /** Both flushes are one. Whether it is ready is asked anew at each turn. */
    ANY;

    /** @param serverInfo as the container calls itself */
    static Output of(String serverInfo) {
        if (serverInfo.startsWith("Apache Tomcat")) return TOMCAT;
        return serverInfo.equals("SMF WebContainer") ? OPEN_LIBERTY : ANY;
    }
}
