package org.bongsu.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One reading connection: its protocol's state, and the search for markers in what it receives. Used by the audience's thread
 * only.
 */
abstract class Subscriber {
    /** Bytes after a marker that cannot hold another one, since every message is longer. */
    private static final int SKIP = 120;

    final Ledger ledger = new Ledger();

    @Nullable SocketChannel channel;

    boolean ready;

    @Nullable Audience audience;

    private final byte[] part = new byte[Marker.LENGTH];
    private int partLength;

    /** The bytes that open the subscription. */
    abstract byte[] hello();

    /** Takes what has arrived; throws if the other side breaks the protocol or ends the stream. */
    abstract void received(byte[] bytes, int from, int to) throws IOException;

    final void becomeReady() {
        if (ready) return;
        ready = true;
        if (audience != null) audience.becameReady();
    }

    final void send(byte[] bytes) throws IOException {
        if (channel == null) throw new IOException("not connected");
        ByteBuffer out = ByteBuffer.wrap(bytes);
        // Requests are far smaller than a socket's buffer; a full one means that the other side has stopped reading.
        for (int tries = 0; out.hasRemaining(); tries++) {
            if (tries > 10_000) throw new IOException("a request cannot be sent");
            channel.write(out);
        }
    }

    /** Finds the markers in a piece of the stream; one may begin in one piece and end in a later. */
    final void scan(byte[] bytes, int from, int to) {
        int i = from;
        while (partLength > 0 && i < to) {
            part[partLength++] = bytes[i++];
            if (partLength == 2 && part[1] != '0') partLength = 0;
            if (partLength == Marker.LENGTH) {
                partLength = 0;
                marker(part, 0);
                i += SKIP;
            }
        }
        for (i = Marker.next(bytes, i, to); i < to; i = Marker.next(bytes, i, to)) {
            if (to - i < Marker.LENGTH) {
                partLength = to - i;
                System.arraycopy(bytes, i, part, 0, partLength);
                if (partLength > 1 && part[1] != '0') partLength = 0;
                return;
            }
            if (bytes[i + 1] == '0') {
                marker(bytes, i);
                i += Marker.LENGTH + SKIP;
            } else {
                i++;
            }
        }
    }

    private void marker(byte[] bytes, int at) {
        ledger.received(Marker.publisher(bytes, at), Marker.count(bytes, at));
        if (audience != null) audience.delivered(Marker.due(bytes, at));
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Where {@code sought} begins, or -1. */
    static int indexOf(byte[] bytes, int from, int to, byte[] sought) {
        outer:
        for (int i = from; i <= to - sought.length; i++) {
            for (int k = 0; k < sought.length; k++) if (bytes[i + k] != sought[k]) continue outer;
            return i;
        }
        return -1;
    }
}
