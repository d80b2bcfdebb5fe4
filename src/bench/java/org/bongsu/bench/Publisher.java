package org.bongsu.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Publishes over keep-alive connections, each with its own count of messages. Used by one thread.
 *
 * <p>A paced phase is an open loop: a message is due at its time whether earlier ones have been answered or not, and its marker
 * says when it was due, so that a server which holds up its publishers does not hide it.
 */
final class Publisher implements AutoCloseable {
    /** Makes the head of a request for a body of so many bytes, and how the body is wrapped. */
    interface Dialect {
        String head(int bodyLength);

        default String before() {
            return "";
        }

        default String after() {
            return "";
        }
    }

    /**
     * @param first when the phase began
     * @param last when the last answer came
     */
    record Report(
            int sent,
            int acknowledged,
            long first,
            long last,
            Histogram answer,
            @Nullable String refusal) {}

    private static final int BUFFER = 64 * 1024;

    private final int port;
    private final Selector selector;
    private final List<Line> lines = new ArrayList<>();
    private final byte[] request;
    private final int markerAt;
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER);

    private Histogram answer = new Histogram(3);
    private int nextFree;
    private int acknowledged;
    private int answered;
    private long last;

    @Nullable private String refusal;

    Publisher(int port, int connections, int messageSize, Dialect dialect) throws IOException {
        this.port = port;
        this.selector = Selector.open();
        byte[] body = Subscriber.ascii(dialect.before()
                + new String(Marker.message(messageSize), StandardCharsets.ISO_8859_1)
                + dialect.after());
        byte[] head = Subscriber.ascii(dialect.head(body.length));
        request = new byte[head.length + body.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        markerAt = head.length + dialect.before().length();
        for (int i = 0; i < connections; i++) lines.add(new Line(i));
    }

    int connections() {
        return lines.size();
    }

    /** How many messages each connection has published so far. */
    int[] sent() {
        return lines.stream().mapToInt(line -> line.number).toArray();
    }

    /** Counts on from where another publisher of the same topic has stopped. */
    void goOn(int[] sent) {
        for (Line line : lines) line.number = sent[line.publisher];
    }

    Report run(Phase phase) throws IOException {
        answer = new Histogram(3);
        acknowledged = 0;
        answered = 0;
        refusal = null;
        // A server may have closed what was idle since the last phase.
        selector.selectNow(this::read);
        long first = Marker.now();
        last = first;
        if (phase.isPaced()) paced(phase, first);
        else burst(phase);
        return new Report(phase.messages(), acknowledged, first, last, answer, refusal);
    }

    private void burst(Phase phase) throws IOException {
        int sent = 0;
        while (answered < phase.messages()) {
            for (Line line : lines) {
                int room = Math.min(phase.inFlight() - line.outstanding.size(), phase.messages() - sent);
                if (room > 0) {
                    line.publish(room, Marker.now());
                    sent += room;
                }
            }
            await(phase, 1_000);
        }
    }

    private void paced(Phase phase, long first) throws IOException {
        double period = 1e9 / phase.rate();
        int sent = 0;
        while (answered < phase.messages()) {
            long due = sent < phase.messages() ? first + (long) (sent * period) : Long.MAX_VALUE;
            long early = due - Marker.now();
            Line free = early <= 0 ? free() : null;
            if (free != null) {
                free.publish(1, due);
                sent++;
            } else if (early > 0 && early < TimeUnit.MILLISECONDS.toNanos(2)) {
                // A selector counts in milliseconds.
                LockSupport.parkNanos(early);
            } else {
                await(
                        phase,
                        early <= 0 ? 1_000 : Math.max(1, Math.min(1_000, TimeUnit.NANOSECONDS.toMillis(early) - 1)));
            }
        }
    }

    private @Nullable Line free() {
        for (int i = 0; i < lines.size(); i++) {
            // In turn, so that none is idle for so long that the server closes it.
            Line line = lines.get(nextFree++ % lines.size());
            if (line.outstanding.isEmpty()) return line;
        }
        return null;
    }

    private void await(Phase phase, long millis) throws IOException {
        selector.select(this::read, millis);
        long silent = Marker.now() - last;
        if (!phase.isPaced() && silent > 3 * phase.patience().toNanos()) {
            throw new IOException("no publication has been answered for " + silent / 1_000_000_000 + " s");
        }
    }

    private void read(SelectionKey key) {
        try {
            ((Line) key.attachment()).read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        for (Line line : lines) line.channel.close();
        selector.close();
    }

    /** One connection. */
    private final class Line {
        SocketChannel channel;
        final int publisher;
        final ArrayDeque<Long> outstanding = new ArrayDeque<>();
        int number;
        private byte[] pending = new byte[BUFFER];
        private int length;

        Line(int publisher) throws IOException {
            this.publisher = publisher;
            channel = open();
        }

        private SocketChannel open() throws IOException {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, this);
            return channel;
        }

        void publish(int count, long due) throws IOException {
            ByteBuffer out = ByteBuffer.allocate(count * request.length);
            for (int i = 0; i < count; i++) {
                Marker.write(request, markerAt, due, publisher, number++);
                out.put(request);
                outstanding.add(due);
            }
            out.flip();
            for (int tries = 0; out.hasRemaining(); tries++) {
                if (channel.write(out) == 0 && tries > 100_000) throw new IOException("a publication cannot be sent");
            }
        }

        void read() throws IOException {
            in.clear();
            if (outstanding.isEmpty()) {
                // Nothing is expected but its end: a server closes what is idle, some with a few last words.
                channel.close();
                channel = open();
                length = 0;
                return;
            }
            int count = channel.read(in);
            if (count < 0) throw new IOException("the server closed a publisher's connection");
            if (length + count > pending.length) pending = Arrays.copyOf(pending, 2 * (length + count));
            System.arraycopy(in.array(), 0, pending, length, count);
            length += count;
            int at = 0;
            while (true) {
                int end = Subscriber.indexOf(pending, at, length, Head.END);
                if (end < 0) break;
                Head head = Head.of(pending, at, end);
                int next = head.isChunked() ? endOfChunks(end + 4) : end + 4 + head.contentLength();
                if (next < 0 || next > length) break;
                answered(head, end + 4, next);
                at = next;
            }
            System.arraycopy(pending, at, pending, 0, length - at);
            length -= at;
        }

        private int endOfChunks(int from) {
            int end = Subscriber.indexOf(pending, from, length, LAST_CHUNK);
            return end < 0 ? -1 : end + LAST_CHUNK.length;
        }

        private void answered(Head head, int from, int to) {
            last = Marker.now();
            answer.recordValue(Math.max(0, last - outstanding.remove()));
            answered++;
            if (head.status() / 100 == 2) acknowledged++;
            else if (refusal == null) {
                refusal = head.text().replace("\r\n", " | ") + " "
                        + new String(pending, from, to - from, StandardCharsets.UTF_8);
            }
        }
    }

    private static final byte[] LAST_CHUNK = Subscriber.ascii("0\r\n\r\n");
}
