package org.bongsu.fanout;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The loops, and all open connections.
 *
 * <p>Threads: any. One loop per core, up to {@link #MOST_LOOPS}: when there is much to write, every core may write. With little
 * to write half of them walk at a time, see {@link Turns}.
 */
public final class FanOut implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(FanOut.class.getName());
    private static final long CLOSE_MILLIS = 3_000;
    static final int MOST_LOOPS = 8;

    private final List<Loop> loops = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();
    private final Map<String, Connection> connections = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private final Deadlines deadlines;
    private volatile boolean closing;

    /** @param head the offset up to which readers may read, see {@code MessageLog.head} */
    public FanOut(LongSupplier head, Deadlines deadlines) {
        this.deadlines = deadlines;
        int count = Math.min(MOST_LOOPS, Runtime.getRuntime().availableProcessors());
        Turns turns = new Turns(Math.max(1, count / 2));
        for (int i = 0; i < count; i++) loops.add(new Loop("bongsu-fan-out-" + (i + 1), head, turns));
        loops.forEach(Loop::start);
    }

    public Deadlines deadlines() {
        return deadlines;
    }

    /** The loop that a new connection belongs to for all its life. */
    public Loop assign() {
        return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    }

    /** A name for a new connection. */
    public String newId() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Makes a connection known until {@link #remove}. */
    public void add(Connection connection) {
        say(connection, "has come");
        connections.put(connection.id(), connection);
        // Opened while closing: those that close() has not seen say good-bye themselves.
        if (closing) sayBye(connection);
    }

    public void remove(Connection connection) {
        if (connections.remove(connection.id(), connection)) say(connection, "has gone");
    }

    /**
     * Never its id: who knows that may speak for it, see {@link Connection#alive}. Who asks for these lines has readers wait for
     * the log.
     */
    private static void say(Connection connection, String what) {
        LOGGER.log(
                System.Logger.Level.DEBUG,
                () -> printable(connection.user()) + " by " + connection.transport() + ' ' + what);
    }

    /** Some directories take a name with a line end in it for the one without. */
    private static String printable(String name) {
        return name.replaceAll("[\\p{Cc}\\u2028\\u2029]", "?");
    }

    public @Nullable Connection find(String id) {
        return connections.get(id);
    }

    public Collection<Connection> connections() {
        return List.copyOf(connections.values());
    }

    /** Whether new connections are pointless because the portal is going down. */
    public boolean isClosing() {
        return closing;
    }

    private static void sayBye(Connection connection) {
        try {
            connection.bye(ByeReason.SHUTDOWN);
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "good-bye could not be said to " + printable(connection.user()), e);
        }
    }

    /**
     * Says good-bye to everybody, and from now on to whoever comes, and waits a little for the words to leave.
     *
     * <p>To be called as soon as it is known that the portal is going down: a container closes WebSockets in its own words
     * before it tells its listeners.
     */
    public void sayGoodBye() {
        closing = true;
        for (Connection connection : connections()) sayBye(connection);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
        while (!connections.isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    /** Says good-bye to who is still there, and ends the loops. */
    @Override
    public void close() {
        sayGoodBye();
        loops.forEach(Loop::stop);
        try {
            for (Loop loop : loops) loop.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
