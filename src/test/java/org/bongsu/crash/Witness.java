package org.bongsu.crash;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.reader.PortalReader;
import org.bongsu.reader.PortalReader.Event;
import org.bongsu.reader.Transport;
import org.jspecify.annotations.Nullable;

/** A reader that follows everything from the first message on and, whatever happens, comes back with its last cursor. */
public final class Witness implements AutoCloseable {
    private final Transport transport;
    private final Supplier<@Nullable Site> where;
    private final Sequence sequence = new Sequence();
    private final Thread thread;
    private volatile String cursor = "earliest";
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Throwable lastRefusal;
    private final AtomicInteger connections = new AtomicInteger();

    /** @param where the server to read from, {@code null} if there is none at present; asked at each connection */
    public Witness(String name, Transport transport, Supplier<@Nullable Site> where) {
        this.transport = transport;
        this.where = where;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!closed) {
                Site site = where.get();
                if (site != null) visit(site);
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } catch (InterruptedException e) {
            // closed
        } catch (RuntimeException | AssertionError e) {
            failure = e;
        }
    }

    private void visit(Site site) {
        PortalReader reader;
        try {
            reader = transport.open(site, "alice", List.of(Texts.ALL_TOPICS), cursor);
        } catch (RuntimeException | AssertionError e) {
            lastRefusal = e;
            return;
        }
        connections.incrementAndGet();
        try (reader) {
            while (!closed) {
                Event event = reader.poll(Duration.ofSeconds(5));
                if (event instanceof Event.Message message) {
                    sequence.add(message.id(), message.json());
                    cursor = message.id();
                } else if (event instanceof Event.Ready ready && !ready.cursor().isEmpty()) {
                    cursor = ready.cursor();
                } else if (event instanceof Event.Ping ping && !ping.cursor().isEmpty()) {
                    cursor = ping.cursor();
                } else if (event instanceof Event.Reset) {
                    throw new AssertionError(reader + " was told " + event);
                } else if (event instanceof Event.Bye || event instanceof Event.End) {
                    return;
                }
            }
        }
    }

    /** Fails unless it has been told, by and by, exactly this log. */
    public void assertHasSeen(Sequence log) {
        try {
            Await.until("" + this, () -> failure != null || sequence.size() >= log.size());
        } catch (AssertionError e) {
            throw new AssertionError(
                    e.getMessage() + " has seen " + sequence.size() + " of " + log.size(), lastRefusal);
        }
        assertHasNotFailed();
        String difference = log.difference(sequence, 0);
        if (difference != null) throw new AssertionError("the log has " + difference + " was told to " + this);
    }

    /** Fails if it has been told to start anew, or something that nobody has published. */
    public void assertHasNotFailed() {
        if (failure != null) throw new AssertionError(this + " failed", failure);
    }

    /** How often it has been taken in. */
    public int connections() {
        return connections.get();
    }

    /** How many messages it has been told. */
    public int size() {
        return sequence.size();
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    @Override
    public String toString() {
        return thread.getName();
    }
}
