package org.bongsu.network;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Cuts bytes into HTTP/1.1 messages, as far as their framing goes (RFC 9112 §6 and §7.1). Only the loop's thread.
 *
 * <p>Trailers are dropped, and chunks come as they arrive, cut anywhere. Whatever cannot be read as HTTP is an
 * {@link IllegalArgumentException}.
 */
final class HttpReader {
    /** Told what has come. */
    interface Messages {
        /** Says how its body is framed. */
        Body head(Head head);

        /** Some of the body, without the framing. */
        void content(ByteBuffer bytes);

        /** That was all of a message. */
        void complete();
    }

    /** How a body is framed. {@link #length} counts only for {@code LENGTH}. */
    record Body(Framing framing, long length) {
        static final Body NONE = new Body(Framing.LENGTH, 0);
        static final Body REST = new Body(Framing.REST, 0);

        /** By the fields; what says nothing has none. */
        static Body of(Head head) {
            if (head.says("Transfer-Encoding", "chunked")) return new Body(Framing.CHUNKED, 0);
            String length = head.header("Content-Length");
            return length == null ? NONE : new Body(Framing.LENGTH, Long.parseLong(length));
        }

        boolean isChunked() {
            return framing == Framing.CHUNKED;
        }
    }

    enum Framing {
        LENGTH,
        CHUNKED,
        /** All that comes from now on. */
        REST
    }

    private enum State {
        HEAD,
        LENGTH,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILER,
        REST
    }

    private static final int LONGEST_HEAD = 100_000;

    private final Messages messages;
    private State state = State.HEAD;
    /** Of the head or of a line. */
    private final StringBuilder text = new StringBuilder();
    /** Of the body or of the chunk. */
    private long left;

    HttpReader(Messages messages) {
        this.messages = messages;
    }

    /** From here on it is not HTTP: all is content of one message that has no end. */
    void stopReading() {
        state = State.REST;
    }

    /** Nothing more comes; only a body without a length is complete by that. */
    void end() {
        if (state == State.REST) messages.complete();
    }

    void read(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            switch (state) {
                case HEAD -> readHead(bytes);
                case LENGTH -> {
                    readContent(bytes);
                    if (left == 0) complete();
                }
                case CHUNK_SIZE -> {
                    if (!readLine(bytes)) return;
                    String size = line().split(";", 2)[0].strip();
                    left = Long.parseLong(size, 16);
                    state = left == 0 ? State.TRAILER : State.CHUNK;
                }
                case CHUNK -> {
                    readContent(bytes);
                    if (left == 0) state = State.CHUNK_END;
                }
                case CHUNK_END -> {
                    if (!readLine(bytes)) return;
                    if (!line().isEmpty()) throw new IllegalArgumentException("a chunk is longer than it says");
                    state = State.CHUNK_SIZE;
                }
                case TRAILER -> {
                    if (!readLine(bytes)) return;
                    if (line().isEmpty()) complete();
                }
                case REST -> {
                    left = bytes.remaining();
                    readContent(bytes);
                }
            }
        }
    }

    private void readHead(ByteBuffer bytes) {
        if (!readLine(bytes)) return;
        int length = text.length();
        // Empty lines before a request are to be ignored (RFC 9112 §2.2).
        if (length == 2) text.setLength(0);
        if (length < 4 || text.charAt(length - 3) != '\n') return;
        Head head = new Head(text.substring(0, length - 2));
        text.setLength(0);
        state = State.LENGTH;
        Body body = messages.head(head);
        switch (body.framing) {
            case LENGTH -> {
                left = body.length;
                if (left == 0) complete();
            }
            case CHUNKED -> state = State.CHUNK_SIZE;
            case REST -> state = State.REST;
        }
    }

    /** Whether the line is complete now. */
    private boolean readLine(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            char next = (char) (bytes.get() & 0xff);
            text.append(next);
            if (text.length() > LONGEST_HEAD) throw new IllegalArgumentException("this head has no end");
            if (next == '\n') return true;
        }
        return false;
    }

    private String line() {
        String line = text.substring(0, text.length() - 2);
        text.setLength(0);
        return line;
    }

    private void readContent(ByteBuffer bytes) {
        int length = (int) Math.min(left, bytes.remaining());
        ByteBuffer content = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        left -= length;
        messages.content(content);
    }

    private void complete() {
        state = State.HEAD;
        messages.complete();
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
