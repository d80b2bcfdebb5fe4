package org.bongsu.server;

/**
 * What one server does by itself and the others do not, and what the portal does about it. The suite then expects this there, and
 * the table of its run names it.
 */
public enum Deviation {
    ANSWERS_BAD_SYNTAX_ITSELF(
            "answers a malformed chunked body, and a malformed address, without a word; the latter with 200"),
    CLOSES_SOCKETS_FIRST("when it is told to end, may close a WebSocket with 1001 before the portal has said bye"),
    DROPS_BAD_CHUNKS("closes the connection of a malformed chunked body without an answer"),
    HANGS_AFTER_UPGRADE("would never end an answer with the header Upgrade, so a 426 comes without it"),
    HAS_NO_SAME_SITE("the session's cookie has no SameSite"),
    KEEPS_DEAF_CLIENTS(
            "keeps the socket of a client that reads nothing, which the portal has ended: a proxy with a time-out frees it"),
    KEEPS_RESET_STREAMS(
            "does not tell of an HTTP/2 stream that its client has reset: its end comes with its renewal or its client's silence"),
    REFUSES_CUT_CHARACTERS("ends a WebSocket with 1007 whose client has cut a character into two fragments"),
    /** Then the embedded database is still taken. */
    STARTS_THE_NEXT_FIRST("starts another WAR before it ends the one that runs: that has to be taken away first");

    private final String words;

    Deviation(String words) {
        this.words = words;
    }

    /** In the words of the table. */
    @Override
    public String toString() {
        return words;
    }
}
