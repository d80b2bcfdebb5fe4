package org.bongsu.bench;

import java.io.IOException;
import java.util.Arrays;

/** Reads {@code text/event-stream}, chunked or not. */
final class SseSubscriber extends Subscriber {
    private static final byte[] BYE = ascii("event: bye");
    private static final byte[] RESET = ascii("event: reset");

    private enum State {
        HEAD,
        PLAIN,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END
    }

    private final byte[] hello;

    /** What the stream says once the subscription holds; empty: its head says so. */
    private final byte[] readySign;

    private State state = State.HEAD;
    private int chunkLeft;

    /** The head, then what has come before {@link #readySign}. */
    private byte[] early = new byte[0];

    SseSubscriber(String request, String readySign) {
        this.hello = ascii(request);
        this.readySign = ascii(readySign);
    }

    @Override
    byte[] hello() {
        return hello;
    }

    @Override
    void received(byte[] bytes, int from, int to) throws IOException {
        if (state == State.HEAD) {
            early = joined(early, bytes, from, to);
            int end = indexOf(early, 0, early.length, Head.END);
            if (end < 0) return;
            Head head = Head.of(early, 0, end);
            if (head.status() != 200) throw new IOException(head.text().replace("\r\n", " | "));
            byte[] rest = Arrays.copyOfRange(early, end + 4, early.length);
            early = new byte[0];
            state = head.isChunked() ? State.CHUNK_SIZE : State.PLAIN;
            if (readySign.length == 0) becomeReady();
            decode(rest, 0, rest.length);
        } else {
            decode(bytes, from, to);
        }
    }

    private void decode(byte[] bytes, int from, int to) throws IOException {
        int i = from;
        while (i < to) {
            switch (state) {
                case PLAIN -> {
                    content(bytes, i, to);
                    i = to;
                }
                case CHUNK -> {
                    int length = Math.min(chunkLeft, to - i);
                    content(bytes, i, i + length);
                    i += length;
                    chunkLeft -= length;
                    if (chunkLeft == 0) state = State.CHUNK_END;
                }
                case CHUNK_END -> {
                    if (bytes[i++] == '\n') state = State.CHUNK_SIZE;
                }
                case CHUNK_SIZE -> {
                    byte b = bytes[i++];
                    if (b == '\n') {
                        if (chunkLeft == 0) throw new IOException("the stream has ended");
                        state = State.CHUNK;
                    } else if (b != '\r') {
                        chunkLeft = chunkLeft << 4 | Character.digit(b, 16);
                    }
                }
                case HEAD -> throw new AssertionError();
            }
        }
    }

    private void content(byte[] bytes, int from, int to) throws IOException {
        if (!ready) {
            early = joined(early, bytes, from, to);
            if (indexOf(early, 0, early.length, readySign) >= 0) {
                early = new byte[0];
                becomeReady();
            }
        }
        // Both begin an event of their own, written alone; messages have no event line.
        if (to - from > BYE.length && bytes[from] == 'e') {
            if (indexOf(bytes, from, from + BYE.length, BYE) >= 0) throw new IOException("the server said bye");
            if (to - from > RESET.length && indexOf(bytes, from, from + RESET.length, RESET) >= 0) {
                throw new IOException("the server said reset");
            }
        }
        scan(bytes, from, to);
    }

    private static byte[] joined(byte[] start, byte[] bytes, int from, int to) {
        byte[] joined = Arrays.copyOf(start, start.length + to - from);
        System.arraycopy(bytes, from, joined, start.length, to - from);
        return joined;
    }
}
