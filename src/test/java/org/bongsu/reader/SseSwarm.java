package org.bongsu.reader;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.Await;
import org.bongsu.Site;
import org.jspecify.annotations.Nullable;

/** Many SSE clients on one thread, each of which checks that numbered messages come once and in order. */
final class SseSwarm implements AutoCloseable {
    private static final String NUMBER = "\"body\":\"#";

    private final URI stream;
    private final String authorization;
    private final Selector selector;
    private final Thread thread = new Thread(this::run, "swarm");
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    /** One client; its fields are written by the swarm's thread alone. */
    final class Client {
        private final SocketChannel channel;
        private final CountDownLatch ready = new CountDownLatch(1);
        private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
        private boolean headed;
        private boolean chunked;
        /** Of a chunk that has begun (RFC 9112 §7.1); while its size is being read, what of that has come. */
        private int leftOfChunk;

        private final StringBuilder sizeOfChunk = new StringBuilder();
        private boolean reading = true;
        private boolean endsWithNewline;

        /** The number of the last message, -1 before the first. */
        volatile long last = -1;

        volatile long first = -1;
        final AtomicInteger received = new AtomicInteger();

        /** All that was wrong, {@code null} while all is well. */
        @Nullable volatile String fault;

        volatile boolean ended;

        Client(SocketChannel channel) {
            this.channel = channel;
        }

        int port() {
            return channel.socket().getLocalPort();
        }

        void awaitReady() {
            try {
                if (!ready.await(Await.SECONDS, TimeUnit.SECONDS))
                    throw new AssertionError("a client has not been taken in");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        /** Disappears with a RST, as a crashed browser's machine would say. */
        void reset() {
            tasks.add(this::closeNow);
            selector.wakeup();
        }

        private void closeNow() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void take(byte[] arrived, int end) {
            int head = headed ? 0 : cut(arrived, 0, end, true);
            if (!headed) return;
            if (!chunked) {
                cut(arrived, head, end, false);
                return;
            }
            for (int i = head; i < end; ) {
                if (leftOfChunk > 0) {
                    int length = Math.min(leftOfChunk, end - i);
                    cut(arrived, i, i + length, false);
                    leftOfChunk -= length;
                    i += length;
                } else {
                    byte one = arrived[i++];
                    // A line with the size; an empty one before it ends the chunk of before.
                    if (one != '\r' && one != '\n') sizeOfChunk.append((char) one);
                    else if (sizeOfChunk.length() > 0) {
                        if (one == '\r') continue;
                        leftOfChunk = Integer.parseInt(
                                sizeOfChunk.toString().split(";", 2)[0].strip(), 16);
                        sizeOfChunk.setLength(0);
                    }
                }
            }
        }

        /**
         * Cuts what has arrived into events at blank lines; an event may be spread over many reads.
         *
         * @param once the first of them is the head; the rest is left
         * @return where what is left begins
         */
        private int cut(byte[] arrived, int from, int end, boolean once) {
            int start = from;
            for (int i = from; i < end; i++) {
                if (arrived[i] != '\n') continue;
                boolean blank = i > from ? isBlankLine(arrived, from, i) : endsWithNewline;
                if (!blank) continue;
                pending.write(arrived, start, i + 1 - start);
                event(pending.toString(StandardCharsets.UTF_8));
                pending.reset();
                start = i + 1;
                endsWithNewline = false;
                if (once) return start;
            }
            pending.write(arrived, start, end - start);
            if (end > start) endsWithNewline = arrived[end - 1] == '\n';
            return end;
        }

        private boolean isBlankLine(byte[] bytes, int from, int newline) {
            if (bytes[newline - 1] == '\n') return true;
            // The head of the response has CRLF.
            return !headed && newline >= from + 2 && bytes[newline - 1] == '\r' && bytes[newline - 2] == '\n';
        }

        private void fault(String what) {
            String before = fault;
            // The first of them say the most: a gap and something foreign differ in what comes next.
            if (before == null) fault = what;
            else if (before.length() < 2_000) fault = before + "; " + what;
        }

        private void event(String text) {
            if (!headed) {
                headed = true;
                chunked = text.toLowerCase(Locale.ROOT).contains("\r\ntransfer-encoding: chunked\r\n");
                if (!text.startsWith("HTTP/1.1 200")) fault("answered " + text);
            } else if (text.contains("event: ready")) {
                ready.countDown();
            } else if (text.contains("event: reset") || text.contains("event: bye")) {
                fault("was told " + text);
            } else if (text.startsWith("data: ")) {
                int at = text.indexOf(NUMBER);
                if (at < 0) {
                    fault("got something else: " + text);
                    return;
                }
                int from = at + NUMBER.length();
                long n = Long.parseLong(text, from, text.indexOf('"', from), 10);
                if (first < 0) first = n;
                else if (n != last + 1) fault("got #" + n + " after #" + last + ", in " + text.strip());
                last = n;
                received.incrementAndGet();
            } else if (!text.startsWith("event: ping\n")) {
                fault("got something else: " + text);
            }
        }
    }

    SseSwarm(Site site, String user, String query) throws IOException {
        this.stream = site.url("/api/stream?" + query);
        this.authorization = Site.basic(user);
        this.selector = Selector.open();
        thread.setDaemon(true);
        thread.start();
    }

    List<Client> connect(int count) throws IOException {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) clients.add(connect());
        for (Client client : clients) client.awaitReady();
        return clients;
    }

    /** @return a client whose request is on its way */
    Client connect() throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(stream.getHost(), stream.getPort()));
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        String request = "GET " + stream.getPath() + "?" + stream.getRawQuery() + " HTTP/1.1\r\nHost: "
                + stream.getAuthority() + "\r\nAuthorization: " + authorization + "\r\n\r\n";
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
        channel.configureBlocking(false);
        Client client = new Client(channel);
        tasks.add(() -> {
            try {
                if (channel.isOpen()) channel.register(selector, SelectionKey.OP_READ, client);
            } catch (IOException e) {
                client.fault(e.toString());
            }
        });
        selector.wakeup();
        return client;
    }

    /** Lets a client read no more; its connection stays open. */
    void stopReading(Client client) {
        tasks.add(() -> client.reading = false);
        selector.wakeup();
    }

    void readAgain(Client client) {
        tasks.add(() -> {
            client.reading = true;
            Objects.requireNonNull(client.channel.keyFor(selector)).interestOps(SelectionKey.OP_READ);
        });
        selector.wakeup();
    }

    private void run() {
        byte[] bytes = new byte[256 * 1024];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            while (!stopped) {
                selector.select(100);
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) task.run();
                for (SelectionKey key : selector.selectedKeys()) {
                    if (!key.isValid()) continue;
                    Client client = (Client) key.attachment();
                    if (!client.reading) {
                        key.interestOps(0);
                        continue;
                    }
                    buffer.clear();
                    int n;
                    try {
                        n = client.channel.read(buffer);
                    } catch (IOException e) {
                        n = -1;
                    }
                    if (n < 0) {
                        client.ended = true;
                        client.closeNow();
                        continue;
                    }
                    try {
                        client.take(bytes, n);
                    } catch (RuntimeException e) {
                        // No stream of ours, then; the others are read on.
                        client.fault(e + " at " + new String(bytes, 0, n, StandardCharsets.UTF_8));
                    }
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        for (SelectionKey key : selector.keys()) key.channel().close();
        selector.close();
    }
}
