package org.bongsu.fanout;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many loops may walk at once while there is little to write.
 *
 * <p>A walk on every core leaves none to those who read what it writes: they then share the cores with the walks, and each
 * evicts what the other has just used. A few walks at a time cost less processor, and the last reader hears no later.
 *
 * <p>Threads: any.
 */
final class Turns {
    private final AtomicInteger free;
    private final Queue<Walk> waiting = new ConcurrentLinkedQueue<>();

    Turns(int atOnce) {
        free = new AtomicInteger(atOnce);
    }

    /** @return whether {@code walk} may start and is to call {@link #end} after it; if not, it is run again when it may */
    boolean take(Walk walk) {
        if (tryTake()) return true;
        waiting.add(walk);
        // Another may have ended between the two lines above, and have found nobody waiting.
        if (!tryTake()) return false;
        if (waiting.remove(walk)) return true;
        // It has been called already, and will ask again.
        end();
        return false;
    }

    void end() {
        free.incrementAndGet();
        Walk next = waiting.poll();
        if (next != null) next.again();
    }

    private boolean tryTake() {
        for (int now = free.get(); now > 0; now = free.get()) {
            if (free.compareAndSet(now, now - 1)) return true;
        }
        return false;
    }
}
