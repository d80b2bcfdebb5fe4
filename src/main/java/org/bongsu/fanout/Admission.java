package org.bongsu.fanout;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A bucket of handshakes: when everybody comes back at once, some are told to come a little later, before they cost
 * anything.
 *
 * <p>Threads: any.
 */
public final class Admission {
    private final double perNano;
    private final double capacity;
    private final LongSupplier nanoTime;

    // Guarded by this monitor.
    private double tokens;
    private long filledAt;

    /**
     * @param perSecond how many handshakes are admitted a second, in the long run
     * @param burst how many are admitted at once after a quiet time
     */
    public Admission(double perSecond, double burst, LongSupplier nanoTime) {
        this.perNano = perSecond / TimeUnit.SECONDS.toNanos(1);
        this.capacity = burst;
        this.nanoTime = nanoTime;
        this.tokens = burst;
        this.filledAt = nanoTime.getAsLong();
    }

    /** Whether one more may come in now. */
    public synchronized boolean admit() {
        long now = nanoTime.getAsLong();
        tokens = Math.min(capacity, tokens + (now - filledAt) * perNano);
        filledAt = now;
        if (tokens < 1) return false;
        tokens--;
        return true;
    }
}
