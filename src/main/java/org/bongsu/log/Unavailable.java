package org.bongsu.log;

import java.time.Duration;

/** The log cannot be written at present; nothing was published unless the message says that this is not known. */
public final class Unavailable extends RuntimeException {
    private final Duration retryAfter;

    public Unavailable(String message, Duration retryAfter) {
        super(message);
        this.retryAfter = retryAfter;
    }

    /** When trying again makes sense. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
