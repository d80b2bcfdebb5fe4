package org.bongsu.fanout;

/** A time-out that has been set on a {@link Loop}; only that loop's thread may touch it. */
public interface Timeout {
    /** Makes sure that it does not run; harmless if it has. */
    void cancel();
}
