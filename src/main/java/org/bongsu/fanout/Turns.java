package org.bongsu.fanout;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * How many loops may walk at once while there is little to write.
 *
 * <p>A walk on every core leaves none to those who read what it writes: they then share the cores with the walks, and each
 * evicts what the other has just used. A few walks at a time cost less processor. Where the readers have machines of their
 * own, the last of them may hear of a message later than it would with every core walking: by a walk or two.
 *
 * <p>Threads: any; nobody is kept waiting.
 */
final class Turns {
    // Guarded by this.
    private int free;
    private final Queue<Walk> waiting = new ArrayDeque<>();

    Turns(int atOnce) {
        free = atOnce;
    }

    /** @return whether {@code walk} has a turn, to be given back by {@link #end}; if not, it is called when it has one */
    synchronized boolean take(Walk walk) {
        if (free > 0) {
            free--;
            return true;
        }
        waiting.add(walk);
        return false;
    }

    /** Gives a turn back: to whoever has waited longest, if anybody has. */
    void end() {
        Walk next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) free++;
        }
        if (next != null) next.call();
    }
}
