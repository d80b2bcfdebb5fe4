package org.bongsu;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for a condition, never for a time.
 *
 * <p>Waiting ends when the condition holds, so patience costs nothing but in a failure. The machine that tests run on may be
 * twenty times slower than a developer's, and stand still for many seconds.
 */
public final class Await {
    public static final Duration PATIENCE = Duration.ofMinutes(5);

    /** The same, for those who want it so. */
    public static final long SECONDS = PATIENCE.toSeconds();

    public static final int MILLIS = (int) PATIENCE.toMillis();

    private Await() {}

    public static void until(String what, BooleanSupplier condition) {
        until(what, PATIENCE, condition);
    }

    public static void until(String what, Duration patience, BooleanSupplier condition) {
        long waited = 0;
        long last = System.nanoTime();
        // Pauses, for whoever spins takes from a busy machine what the condition waits for.
        for (long pause = 50; !condition.getAsBoolean(); pause = Math.min(50_000, 2 * pause)) {
            if (waited > patience.toNanos()) throw new AssertionError("not within " + patience + ": " + what);
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(pause));
            long now = System.nanoTime();
            // While this thread was halted, so was what it waits for.
            waited += Math.min(now - last, TimeUnit.SECONDS.toNanos(1));
            last = now;
        }
    }
}
