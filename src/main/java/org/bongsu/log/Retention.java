package org.bongsu.log;

import java.time.Duration;

/**
 * How much of each topic is kept. Whatever exceeds any of the three is removed, oldest first.
 *
 * @param age 0 keeps messages of any age
 * @param count messages per topic; 0 keeps any number
 * @param bytes of message content per topic; 0 keeps any size
 */
public record Retention(Duration age, long count, long bytes) {
    /** Keeps everything. */
    public static final Retention UNLIMITED = new Retention(Duration.ZERO, 0, 0);

    public Retention {
        if (age.isNegative() || count < 0 || bytes < 0) {
            throw new IllegalArgumentException("limits of retention must not be negative");
        }
    }
}
