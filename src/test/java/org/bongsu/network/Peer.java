package org.bongsu.network;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A client or the server, as a socket that never blocks. Knows bytes and ends. Only the loop's thread.
 *
 * <p>Whoever ends its half is taken to have gone altogether, as browsers do: half-closed connections are not passed on.
 */
final class Peer implements Loop.Ready {
    /** Told what this one does. */
    interface Owner {
        void received(ByteBuffer bytes);

        /** It has gone, and is closed. */
        void gone(End how);

        /** Something of what had to wait for it has been written. */
        void drained();
    }

    /** How long one that has been sent a FIN may leave its own half open. */
    private static final Duration LINGER = Duration.ofSeconds(10);

    private final Loop loop;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final Owner owner;

    private final Deque<ByteBuffer> unsent = new ArrayDeque<>();
    private int unsentBytes;
    private boolean connected;
    private boolean reads = true;
    private boolean held;
    /** How it ends once all is sent. */
    private @Nullable End ending;

    private boolean lingers = true;
    /** The FIN is sent; what it still says is not wanted. */
    private boolean finished;

    private Peer(Loop loop, SocketChannel channel, boolean connected, Owner owner) throws IOException {
        this.loop = loop;
        this.channel = channel;
        this.connected = connected;
        this.owner = owner;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        key = loop.register(channel, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
    }

    static Peer accepted(Loop loop, SocketChannel channel, Owner owner) throws IOException {
        return new Peer(loop, channel, true, owner);
    }

    /** It may be written to at once. If it cannot be reached it is gone, by {@link End#RST}. */
    static Peer connecting(Loop loop, InetSocketAddress address, Owner owner) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            return new Peer(loop, channel, channel.connect(address), owner);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void ready() {
        try {
            if (!connected) connected = channel.finishConnect();
            int before = unsentBytes;
            if (connected) flush();
            if (unsentBytes < before && ending == null) owner.drained();
            if (key.isValid() && key.isReadable()) read();
        } catch (IOException e) {
            lost();
        }
        watch();
    }

    private void read() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(16_384);
        int length = channel.read(bytes);
        if (length < 0) {
            reset(false);
            if (ending == null) owner.gone(End.FIN);
        } else if (ending == null) {
            owner.received(bytes.flip());
        }
    }

    private void lost() {
        reset(true);
        if (ending == null) owner.gone(End.RST);
    }

    /** Takes over the bytes. */
    void write(ByteBuffer bytes) {
        if (ending != null || !channel.isOpen()) return;
        unsent.add(bytes);
        unsentBytes += bytes.remaining();
        attempt();
    }

    /** Sends what is still to be sent and then ends it; {@link End#SILENCE} is none. The owner hears no more of it. */
    void end(End how) {
        if (ending != null || !channel.isOpen() || how == End.SILENCE) return;
        ending = how;
        attempt();
    }

    /** As {@link #end} by FIN, but what it says afterwards is answered by a reset, as after a client's close. */
    void leave() {
        lingers = false;
        end(End.FIN);
    }

    private void reset(boolean abruptly) {
        if (!channel.isOpen()) return;
        try {
            if (abruptly) channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // It is reset already.
        }
        Loop.closeQuietly(channel);
        unsent.clear();
        unsentBytes = 0;
    }

    private void attempt() {
        try {
            if (connected) flush();
        } catch (IOException e) {
            // Not from within a call of the owner's.
            loop.at(Loop.now(), this::lostNow);
        }
        watch();
    }

    private void lostNow() {
        if (channel.isOpen()) lost();
    }

    private void flush() throws IOException {
        if (held || finished || !channel.isOpen()) return;
        for (ByteBuffer next = unsent.peek(); next != null; next = unsent.peek()) {
            unsentBytes -= channel.write(next);
            if (next.hasRemaining()) break;
            unsent.remove();
        }
        if (unsent.isEmpty() && ending == End.RST) {
            finished = true;
            reset(true);
        } else if (unsent.isEmpty() && ending == End.FIN && !lingers) {
            finished = true;
            reset(false);
        } else if (unsent.isEmpty() && ending == End.FIN) {
            finished = true;
            // Closed now, it would be reset if it had said anything that was not read.
            channel.shutdownOutput();
            loop.after(LINGER, () -> reset(false));
        }
    }

    private void watch() {
        if (!key.isValid()) return;
        int interest = connected ? 0 : SelectionKey.OP_CONNECT;
        if (connected && (reads || finished)) interest |= SelectionKey.OP_READ;
        if (connected && !held && !unsent.isEmpty()) interest |= SelectionKey.OP_WRITE;
        key.interestOps(interest);
    }

    /** How many bytes wait for it to read. */
    int unsent() {
        return unsentBytes;
    }

    /** Whether what it says is heard, its end included. */
    void reads(boolean wanted) {
        reads = wanted;
        watch();
    }

    /** Whether what is written waits. */
    void hold(boolean waits) {
        held = waits;
        attempt();
    }
}
