package org.bongsu;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A clock that stands still while the machine does, for what is promised within a time: on a machine that is too busy to run
 * this clock nobody can keep such a promise.
 */
public final class Metronome implements AutoCloseable {
    private static final long BEAT_MILLIS = 5;

    private volatile long beats;
    private volatile boolean over;
    private final Thread thread = new Thread(this::beat, "metronome");

    public Metronome() {
        thread.setDaemon(true);
        thread.start();
    }

    private void beat() {
        for (long n = 1; !over; n++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(BEAT_MILLIS));
            beats = n;
        }
    }

    /** Since it began, and never more than has really passed. */
    public long millis() {
        return beats * BEAT_MILLIS;
    }

    public Duration since(long millis) {
        return Duration.ofMillis(millis() - millis);
    }

    @Override
    public void close() {
        over = true;
    }
}
