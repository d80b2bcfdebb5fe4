package org.bongsu.fanout;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread for sends that should not block but might, one after the other, for many connections.
 *
 * <p>Invariant: whoever waits for a socket serves nobody else. The loop looks at the thread while it is at work; if it finds
 * it hanging on one errand it puts another thread in its place, and the hanging one ends with its errand. When too many hang
 * nothing more is carried until one of them is done: {@link #isFree} says so, and errands that wait are turned away.
 *
 * <p>Why at all: a blocking send that does not block costs half of an asynchronous one where the container tells the
 * completion of each through its thread pool (Tomcat). Some things can only be sent blocking: pings (WebSocket 2.1,
 * RemoteEndpoint), or anything where a container's writes are never anything else.
 *
 * <p>Threads: all methods belong to the loop's.
 */
public final class Courier {
    private static final System.Logger LOGGER = System.getLogger(Courier.class.getName());

    /** Longer than a send takes on a busy machine, shorter than people notice. */
    private static final long LOOK_MILLIS = 25;

    private final Loop loop;
    private final String name;
    private final int mostHanging;
    private final Queue<Errand> errands = new ConcurrentLinkedQueue<>();
    private final AtomicInteger hanging = new AtomicInteger();

    private volatile boolean closed;

    /** The one thread at work; others that still run hang. Written by the loop's thread. */
    @Nullable private volatile Carrier carrier;

    // The loop's thread only.
    private boolean looking;
    private long seenTurn;

    /** Something to send. Each time that it is handed over one of both runs, once, on any thread. */
    public interface Errand {
        /** Sends; may block. Must not throw. */
        void carry();

        /** Was not carried, nor will be unless it is handed over again. */
        void turnAway();
    }

    Courier(Loop loop, String name, int mostHanging) {
        this.loop = loop;
        this.name = name;
        this.mostHanging = mostHanging;
    }

    /** Whether errands are taken at present. */
    public boolean isFree() {
        return hanging.get() < mostHanging && !closed;
    }

    /** Only while {@link #isFree}. */
    public void hand(Errand errand) {
        errands.add(errand);
        Carrier current = carrier;
        if (current == null) start();
        else if (current.parked) LockSupport.unpark(current);
        if (!looking) {
            looking = true;
            loop.schedule(this::look, LOOK_MILLIS);
        }
    }

    /** Ends the thread when it has nothing to do. */
    void close() {
        closed = true;
        Carrier current = carrier;
        if (current != null) LockSupport.unpark(current);
    }

    private void look() {
        Carrier current = carrier;
        if (current == null) return;
        long turn = current.turn;
        boolean atWork = (turn & 1) != 0;
        boolean hangs = atWork && turn == seenTurn;
        // A new thread begins to count anew.
        seenTurn = hangs ? 0 : turn;
        if (hangs) {
            hanging.incrementAndGet();
            if (isFree()) {
                start();
            } else {
                carrier = null;
                for (Errand errand = errands.poll(); errand != null; errand = errands.poll()) errand.turnAway();
            }
        }
        looking = carrier != null && (atWork || !errands.isEmpty());
        if (looking) loop.schedule(this::look, LOOK_MILLIS);
    }

    private void start() {
        Carrier next = new Carrier();
        carrier = next;
        next.start();
    }

    private final class Carrier extends Thread {
        volatile boolean parked;
        /** Odd while an errand is being carried. */
        volatile long turn;

        Carrier() {
            super(name);
            setDaemon(true);
        }

        @Override
        public void run() {
            long turns = 0;
            while (carrier == this) {
                Errand errand = errands.poll();
                if (errand != null) {
                    turn = ++turns;
                    carry(errand);
                    turn = ++turns;
                    continue;
                }
                if (closed) return;
                parked = true;
                if (errands.isEmpty() && !closed) LockSupport.park(Courier.this);
                parked = false;
            }
            hanging.decrementAndGet();
        }

        private void carry(Errand errand) {
            try {
                errand.carry();
            } catch (RuntimeException | Error e) {
                LOGGER.log(System.Logger.Level.ERROR, "a send failed in an unexpected way", e);
            }
        }
    }
}
