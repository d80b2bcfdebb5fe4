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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;

/**
 * All reading connections to one server, served by one thread.
 *
 * <p>Connections come from 127.0.0.2 to .9, so that 10,000 find ports, and end by RST, so that none of them lingers.
 */
final class Audience implements AutoCloseable {
    private static final int SOURCES = 8;
    private static final int DIALS_AT_ONCE = 64;
    private static final int BUFFER = 256 * 1024;

    /** What the audience saw in one phase. */
    record Tally(
            long delivered,
            long bytes,
            long gaps,
            long doubles,
            long disorder,
            long min,
            long max,
            long lost,
            long lastDelivery,
            Histogram latency) {}

    private final int port;
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> connected = new CompletableFuture<>();
    private volatile boolean closing;

    // only the audience's thread
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final byte[] bytes = new byte[BUFFER];
    private Histogram latency = new Histogram(3);
    private int dialled;
    private int readyCount;
    private long now;
    private long received;
    private long lost;
    private long lastDelivery;

    /** Written by the audience's thread; read by those who wait for it to grow. */
    private volatile long delivered;

    private long deliveredSoFar;

    private Audience(int port, int size, IntFunction<Subscriber> subscriber) throws IOException {
        this.port = port;
        this.selector = Selector.open();
        for (int i = 0; i < size; i++) {
            Subscriber s = subscriber.apply(i);
            s.audience = this;
            subscribers.add(s);
        }
        this.thread = new Thread(this::run, "audience-" + port);
        thread.setDaemon(true);
    }

    /** Connects and subscribes everybody; throws if a single one is refused. */
    static Audience connect(int port, int size, IntFunction<Subscriber> subscriber) throws IOException {
        Audience audience = new Audience(port, size, subscriber);
        audience.thread.start();
        audience.selector.wakeup();
        try {
            audience.connected.get(120, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            String state = audience.call(() -> audience.readyCount) + " of " + size + " readers subscribed";
            audience.close();
            throw new IOException(state, e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        return audience;
    }

    int size() {
        return subscribers.size();
    }

    void begin(int publishers, int[] sentBefore) throws IOException {
        call(() -> {
            for (Subscriber s : subscribers) s.ledger.begin(publishers, sentBefore);
            latency = new Histogram(3);
            received = 0;
            deliveredSoFar = 0;
            delivered = 0;
            return null;
        });
    }

    /** Waits until so many messages have come, or nothing has for {@code patience}. */
    void await(long wanted, Duration patience) {
        long seen = -1;
        long since = System.nanoTime();
        while (delivered < wanted) {
            if (delivered != seen) {
                seen = delivered;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > patience.toNanos()) {
                return;
            }
            pause(2);
        }
        // A doubled message would come about now.
        pause(150);
    }

    Tally tally() throws IOException {
        return call(() -> {
            long gaps = 0;
            long doubles = 0;
            long disorder = 0;
            long min = Long.MAX_VALUE;
            long max = 0;
            long order = subscribers.get(0).ledger.order;
            for (Subscriber s : subscribers) {
                Ledger ledger = s.ledger;
                gaps += ledger.gaps;
                doubles += ledger.doubles;
                // Another order than the first reader's, though nothing is missing.
                disorder += ledger.disorder > 0 ? ledger.disorder : ledger.order != order ? 1 : 0;
                min = Math.min(min, ledger.delivered);
                max = Math.max(max, ledger.delivered);
            }
            return new Tally(
                    deliveredSoFar, received, gaps, doubles, disorder, min, max, lost, lastDelivery, latency.copy());
        });
    }

    // called back by subscribers, on the audience's thread

    void becameReady() {
        readyCount++;
        if (readyCount == subscribers.size()) connected.complete(null);
    }

    void delivered(long due) {
        deliveredSoFar++;
        lastDelivery = now;
        latency.recordValue(Math.max(0, now - due));
    }

    private void run() {
        try {
            while (!closing) {
                while (dialled < subscribers.size() && dialled - readyCount < DIALS_AT_ONCE) dial(dialled++);
                selector.select(this::serve, 100);
                delivered = deliveredSoFar;
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) task.run();
            }
        } catch (IOException | RuntimeException e) {
            connected.completeExceptionally(e);
        } finally {
            for (SelectionKey key : selector.keys()) closeQuietly((SocketChannel) key.channel());
            closeQuietly(selector);
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) task.run();
        }
    }

    private void dial(int index) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.configureBlocking(false);
        channel.bind(new InetSocketAddress(InetAddress.getAllByName("127.0.0." + (2 + index % SOURCES))[0], 0));
        Subscriber subscriber = subscribers.get(index);
        subscriber.channel = channel;
        SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, subscriber);
        if (channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)))
            opened(key, subscriber, channel);
    }

    private void opened(SelectionKey key, Subscriber subscriber, SocketChannel channel) throws IOException {
        channel.finishConnect();
        key.interestOps(SelectionKey.OP_READ);
        subscriber.send(subscriber.hello());
        if (subscriber instanceof PollSubscriber poll) poll.sent();
    }

    private void serve(SelectionKey key) {
        Subscriber subscriber = (Subscriber) key.attachment();
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            if (key.isConnectable()) {
                opened(key, subscriber, channel);
                return;
            }
            buffer.clear();
            int length = channel.read(buffer);
            if (length < 0) throw new IOException("closed by the server");
            now = Marker.now();
            received += length;
            buffer.flip().get(bytes, 0, length);
            subscriber.received(bytes, 0, length);
        } catch (IOException e) {
            lost++;
            if (lost <= 3) System.err.println("a reader is lost: " + e.getMessage());
            key.cancel();
            closeQuietly(channel);
            connected.completeExceptionally(e);
        }
    }

    private <T extends @org.jspecify.annotations.Nullable Object> T call(Callable<T> task) throws IOException {
        CompletableFuture<T> result = new CompletableFuture<>();
        tasks.add(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        selector.wakeup();
        try {
            return result.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the audience does not answer", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new UncheckedIOException(interrupted(e));
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // It is gone either way.
        }
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new UncheckedIOException(interrupted(e));
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IOException("interrupted", e);
    }
}
