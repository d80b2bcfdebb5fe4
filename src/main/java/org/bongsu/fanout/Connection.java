package org.bongsu.fanout;

import java.time.Instant;

/** What every open connection can be asked and told, whatever its transport. Any thread may call. */
public interface Connection {
    /** Names the connection. Not to be guessed where it is told to the client, which may then call {@link #alive} by it. */
    String id();

    /** Whose connection it is: the principal's name. */
    String user();

    /** {@code sse}, {@code websocket} or {@code poll}. */
    String transport();

    Instant since();

    /** The client has shown that it is alive, and is held to it from now on. */
    void alive();

    /** Says good-bye as the transport does, then ends the connection. Idempotent. */
    void bye(ByeReason reason);
}
