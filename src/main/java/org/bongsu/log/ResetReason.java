package org.bongsu.log;

/** Why a reader's cursor could not be honoured. */
public enum ResetReason {
    /** The cursor belongs to another history. */
    EPOCH("epoch"),
    /** Retention removed a message that this reader was owed. */
    TRIMMED("trimmed"),
    /** The cursor lies beyond the head of the log. */
    AHEAD("ahead");

    private final String text;

    ResetReason(String text) {
        this.text = text;
    }

    /** As it goes over the wire. */
    public String text() {
        return text;
    }
}
