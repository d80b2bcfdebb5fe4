package org.bongsu.reader;

import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.jspecify.annotations.Nullable;

/** A client on one transport: what it has been told, in order. */
public abstract class PortalReader implements AutoCloseable {
    /** What a client can be told. */
    public sealed interface Event {
        /** Reading has begun, and goes on after {@code cursor}. */
        record Ready(String cursor) implements Event {}

        record Reset(String reason) implements Event {}

        record Message(String id, JsonObject json) implements Event {
            public String body() {
                return json.getString("body", "");
            }

            public String topic() {
                return json.getString("topic");
            }
        }

        /** @param cursor empty where none came along */
        record Ping(String cursor) implements Event {}

        record Bye(String reason) implements Event {}

        /** Nothing more comes. */
        record End(String why) implements Event {}
    }

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile String cursor = "";

    /** Called by the transport's thread. */
    protected final void tell(Event event) {
        if (event instanceof Event.Ready ready && !ready.cursor.isEmpty()) cursor = ready.cursor;
        if (event instanceof Event.Message message) cursor = message.id;
        if (event instanceof Event.Ping ping && !ping.cursor.isEmpty()) cursor = ping.cursor;
        events.add(event);
    }

    /** The last cursor told to this client. */
    public final String cursor() {
        return cursor;
    }

    /** The next event, {@code null} if none comes in time. */
    public final @Nullable Event poll(Duration patience) {
        try {
            return events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public final Event next() {
        return next(Await.PATIENCE);
    }

    private Event next(Duration patience) {
        Event event = poll(patience);
        if (event == null) throw new AssertionError(this + " was told nothing more within " + Await.PATIENCE);
        return event;
    }

    /** The next event that is neither a greeting nor a heartbeat. Those do not lengthen the patience: they come for ever. */
    public final Event nextNews() {
        long begun = System.nanoTime();
        Event event = next();
        while (event instanceof Event.Ping || event instanceof Event.Ready) {
            event = next(Await.PATIENCE.minusNanos(System.nanoTime() - begun));
        }
        return event;
    }

    public final Event.Message message() {
        Event event = nextNews();
        if (event instanceof Event.Message message) return message;
        throw new AssertionError(this + " expected a message and was told " + event);
    }

    public final List<Event.Message> messages(int count) {
        List<Event.Message> messages = new ArrayList<>();
        while (messages.size() < count) messages.add(message());
        return messages;
    }

    public final String reset() {
        Event event = nextNews();
        if (event instanceof Event.Reset reset) return reset.reason;
        throw new AssertionError(this + " expected a reset and was told " + event);
    }

    /** Waits until the server has taken the reader in: what is published from now on reaches it. */
    public abstract PortalReader awaitReady();

    /** Leaves without a word. */
    @Override
    public abstract void close();
}
