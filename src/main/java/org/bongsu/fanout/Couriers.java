package org.bongsu.fanout;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One {@link Courier} for each loop that asks for it. To be closed after the fan-out, whose last words they carry.
 *
 * <p>Threads: any.
 */
public final class Couriers implements AutoCloseable {
    private final Map<Loop, Courier> couriers = new ConcurrentHashMap<>();
    private final String name;
    private final int mostHanging;

    /**
     * @param name of their threads
     * @param mostHanging how many threads may wait at a time for sockets of one loop's
     */
    public Couriers(String name, int mostHanging) {
        this.name = name;
        this.mostHanging = mostHanging;
    }

    public Courier of(Loop loop) {
        return couriers.computeIfAbsent(loop, l -> new Courier(l, name, mostHanging));
    }

    /** Ends those threads that have nothing to do; the others end with their errands. */
    @Override
    public void close() {
        couriers.values().forEach(Courier::close);
    }
}
