package org.bongsu.fanout;

/** Why the server ends a connection. */
public enum ByeReason {
    SHUTDOWN("shutdown"),
    EXPIRED("expired"),
    LOGOUT("logout"),
    REVOKED("revoked"),
    RENEW("renew"),
    BUSY("busy");

    private final String text;

    ByeReason(String text) {
        this.text = text;
    }

    /** As it goes over the wire. */
    public String text() {
        return text;
    }
}
