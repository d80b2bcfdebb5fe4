package org.bongsu.log;

/**
 * Says that there may be more to read. Carries no data; may come late, twice or for nothing.
 *
 * <p>Runs on the thread that appends, so it may schedule work but must neither block nor write to a connection.
 */
@FunctionalInterface
public interface WakeUp {
    void wake();
}
