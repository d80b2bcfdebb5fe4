package org.bongsu.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Long-polls: asks again as soon as an answer has come. */
final class PollSubscriber extends Subscriber {
    /** How a server's dialect passes the cursor from one answer to the next request. */
    interface Dialect {
        /** @param cursor what the answer before has given; {@code null} at first */
        byte[] request(@Nullable String cursor);

        /** Whether an answer comes at once to the first request, which waits for nothing. */
        boolean answersFirst();

        /** @throws IOException if the answer tells of a hole */
        String cursor(Head head, byte[] bytes, int bodyFrom, int bodyTo) throws IOException;
    }

    private final Dialect dialect;
    private boolean greeted;
    private byte[] pending = new byte[0];
    private int pendingLength;

    /** Whole bodies, where the transfer coding had broken them up. */
    private byte[] body = new byte[0];

    PollSubscriber(Dialect dialect) {
        this.dialect = dialect;
    }

    @Override
    byte[] hello() {
        return dialect.request(null);
    }

    /** The first request is on its way; where no answer comes to it, waiting has begun. */
    void sent() {
        if (!dialect.answersFirst()) becomeReady();
    }

    @Override
    void received(byte[] bytes, int from, int to) throws IOException {
        if (pendingLength == 0) {
            int used = answers(bytes, from, to);
            keep(bytes, used, to);
        } else {
            keep(bytes, from, to);
            int used = answers(pending, 0, pendingLength);
            System.arraycopy(pending, used, pending, 0, pendingLength - used);
            pendingLength -= used;
        }
    }

    private void keep(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length == 0) return;
        if (pending.length < pendingLength + length) {
            pending = Arrays.copyOf(pending, Math.max(pendingLength + length, 2 * pending.length));
        }
        System.arraycopy(bytes, from, pending, pendingLength, length);
        pendingLength += length;
    }

    /** Takes every whole answer; returns where the first that is not whole begins. */
    private int answers(byte[] bytes, int from, int to) throws IOException {
        int at = from;
        while (true) {
            int end = indexOf(bytes, at, to, Head.END);
            if (end < 0) return at;
            Head head = Head.of(bytes, at, end);
            int start = end + 4;
            int next;
            if (head.isChunked()) {
                next = dechunk(bytes, start, to);
                if (next < 0) return at;
                answer(head, body, 0, bodyLength);
            } else {
                next = start + head.contentLength();
                if (next > to) return at;
                answer(head, bytes, start, next);
            }
            at = next;
        }
    }

    private int bodyLength;

    /** Puts the body together; returns where it ends, -1 if it is not whole. */
    private int dechunk(byte[] bytes, int from, int to) {
        bodyLength = 0;
        int i = from;
        while (true) {
            int size = 0;
            while (i < to && bytes[i] != '\n') {
                if (bytes[i] != '\r') size = size << 4 | Character.digit(bytes[i], 16);
                i++;
            }
            i++;
            if (i + size + 2 > to) return -1;
            if (body.length < bodyLength + size)
                body = Arrays.copyOf(body, Math.max(bodyLength + size, 2 * body.length));
            System.arraycopy(bytes, i, body, bodyLength, size);
            bodyLength += size;
            i += size + 2;
            if (size == 0) return i;
        }
    }

    private void answer(Head head, byte[] bytes, int from, int to) throws IOException {
        if (head.status() != 200) {
            throw new IOException(head.text().replace("\r\n", " | ") + " "
                    + new String(bytes, from, Math.min(500, to - from), StandardCharsets.UTF_8));
        }
        String cursor = dialect.cursor(head, bytes, from, to);
        scan(bytes, from, to);
        send(dialect.request(cursor));
        if (!greeted) {
            greeted = true;
            becomeReady();
        }
    }
}
