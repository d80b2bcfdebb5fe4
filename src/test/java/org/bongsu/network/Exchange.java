package org.bongsu.network;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A request and what has become of its response. Only the loop's thread. */
final class Exchange {
    final Kind kind;
    /** Whether the response has no body, whatever its fields say. */
    final boolean asksForTheHeadAlone;
    /** By {@link Loop#now}. */
    final long started;

    /** Whether the response has begun, interim ones aside. */
    boolean answered;
    /** Whether anything of it has been sent on to the client. */
    boolean isFelt;

    boolean chunked;
    /** How many bytes of the body may pass before the cut. */
    long bytesToTheCut = Long.MAX_VALUE;
    /** How many the body still has; without a length, more than there can be. */
    long bytesLeft = Long.MAX_VALUE;

    End cut = End.FIN;

    /** The head of a response that waits to be complete; its body so far is in {@link #body}. */
    @Nullable Head waiting;

    final ByteArrayOutputStream body = new ByteArrayOutputStream();

    Exchange(Head request, Kind kind, long started) {
        this.kind = kind;
        this.started = started;
        asksForTheHeadAlone = request.method().equals("HEAD");
    }

    void gather(ByteBuffer content) {
        body.write(content.array(), content.arrayOffset() + content.position(), content.remaining());
    }
}
