package org.bongsu.log;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something the log does again and again: whether it succeeds, and if not, for how long already. The first failure of an
 * outage is logged as a warning; those that follow say nothing new.
 *
 * <p>Threads: any; guarded by its monitor.
 */
final class Duty {
    private static final System.Logger LOGGER = System.getLogger(Duty.class.getName());

    private final String failure;

    @Nullable private Long failingSinceNanos;

    /** @param failure what to tell the operator when it fails */
    Duty(String failure) {
        this.failure = failure;
    }

    synchronized void done() {
        failingSinceNanos = null;
    }

    void failed(Throwable e) {
        LOGGER.log(begins() ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG, failure, e);
    }

    private synchronized boolean begins() {
        if (failingSinceNanos != null) return false;
        failingSinceNanos = System.nanoTime();
        return true;
    }

    /** Whether it has failed, and not succeeded since, for at least so long. */
    synchronized boolean hasFailedFor(Duration least) {
        Long since = failingSinceNanos;
        return since != null && System.nanoTime() - since >= least.toNanos();
    }
}
