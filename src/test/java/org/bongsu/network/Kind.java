package org.bongsu.network;

/** What a request to the portal is for. */
public enum Kind {
    /** To become a WebSocket. */
    UPGRADE,
    EVENT_STREAM,
    /** A poll that may wait. */
    LONG_POLL,
    /** A poll that may not. */
    POLL,
    /** A sign of life for an event stream. */
    ALIVE,
    PUBLISH,
    OTHER;

    /** Whether messages come this way. */
    public boolean receives() {
        return this == UPGRADE || this == EVENT_STREAM || this == LONG_POLL || this == POLL;
    }

    static Kind of(Head request) {
        if (request.says("Upgrade", "websocket")) return UPGRADE;
        String target = request.target();
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        if (path.endsWith("/api/stream") || request.says("Accept", "text/event-stream")) return EVENT_STREAM;
        if (path.endsWith("/api/poll")) {
            String query = question < 0 ? "" : '&' + target.substring(question + 1) + '&';
            return query.contains("&wait=0&") ? POLL : LONG_POLL;
        }
        if (path.endsWith("/api/alive")) return ALIVE;
        boolean sends = request.method().equals("POST") || request.method().equals("PUT");
        if (sends && (path.contains("/api/topics/") || path.endsWith("/api/messages"))) return PUBLISH;
        return OTHER;
    }
}
