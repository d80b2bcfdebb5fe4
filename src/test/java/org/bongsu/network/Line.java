package org.bongsu.network;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One direction of the way between a client and the far end of the network: what is sent arrives in order, when it is due.
 * Only the loop's thread.
 */
final class Line {
    /** Bytes, or the end that nothing comes after. */
    private record Parcel(
            long due, @Nullable ByteBuffer bytes, @Nullable End end) {}

    private final Loop loop;
    private final Consumer<ByteBuffer> arrival;
    private final Consumer<End> ending;

    private final Deque<Parcel> parcels = new ArrayDeque<>();
    private long lastDue = Loop.now();
    private int onTheWay;
    private boolean held;
    private Behaviour.@Nullable Drip drip;
    private long nextDrop = Loop.now();
    private Loop.@Nullable Timer timer;
    /** So that what arrives may send without being overtaken. */
    private boolean delivering;

    Line(Loop loop, Consumer<ByteBuffer> arrival, Consumer<End> ending) {
        this.loop = loop;
        this.arrival = arrival;
        this.ending = ending;
    }

    /** @param due not before what was sent before it is */
    void send(long due, ByteBuffer bytes) {
        onTheWay += bytes.remaining();
        add(due, bytes, null);
    }

    void end(long due, End how) {
        add(due, null, how);
    }

    private void add(long due, @Nullable ByteBuffer bytes, @Nullable End end) {
        lastDue = due - lastDue > 0 ? due : lastDue;
        parcels.add(new Parcel(lastDue, bytes, end));
        deliver();
    }

    /** Forgets what is on its way. */
    void clear() {
        parcels.clear();
        onTheWay = 0;
    }

    /** Whether it stands still. */
    void hold(boolean standsStill) {
        held = standsStill;
        deliver();
    }

    void drip(Behaviour.@Nullable Drip drops) {
        drip = drops;
        deliver();
    }

    /** In bytes. */
    int onTheWay() {
        return onTheWay;
    }

    private void deliver() {
        if (delivering) return;
        if (timer != null) timer.cancel();
        timer = null;
        delivering = true;
        try {
            for (Parcel next = parcels.peek(); next != null && !held; next = parcels.peek()) {
                long due = next.due;
                if (drip != null && next.bytes != null && nextDrop - due > 0) due = nextDrop;
                if (due - Loop.now() > 0) {
                    timer = loop.at(due, this::deliver);
                    return;
                }
                arrive(next);
            }
        } finally {
            delivering = false;
        }
    }

    private void arrive(Parcel parcel) {
        ByteBuffer bytes = parcel.bytes;
        if (bytes == null) {
            parcels.remove();
            if (parcel.end != null) ending.accept(parcel.end);
            return;
        }
        ByteBuffer part = bytes;
        if (drip != null) {
            part = bytes.slice(bytes.position(), Math.min(drip.bytes(), bytes.remaining()));
            bytes.position(bytes.position() + part.remaining());
            nextDrop = Loop.now() + drip.every().toNanos();
            if (!bytes.hasRemaining()) parcels.remove();
        } else {
            parcels.remove();
        }
        onTheWay -= part.remaining();
        arrival.accept(part);
    }
}
