package org.bongsu.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.jspecify.annotations.Nullable;

/**
 * A network between clients and a server, on loopback, that does to them what it is told: {@code try (var network =
 * HostileNetwork.to(portal).with(new UpgradesRefused(403)).open()) { … network.url("/api/poll") … network.become(new
 * StreamsBuffered()); … }}.
 *
 * <p>It stands in for the server's address: {@code Host} and {@code Origin} reach the server as the client has sent them. A
 * connection to the server is made with the first request of a client's; if the server cannot be reached, the client's is
 * reset.
 *
 * <p>Threads: every method may be called from any thread, and returns when the network has done it. One thread of its own does
 * everything else.
 */
public final class HostileNetwork implements AutoCloseable {
    /** How to open one; every method returns the same builder. */
    public static final class Builder {
        private final int target;
        private final String contextPath;
        private final List<Behaviour> behaviours = new ArrayList<>();
        private UnaryOperator<Head> rewriting = UnaryOperator.identity();

        private Builder(int target, String contextPath) {
            this.target = target;
            this.contextPath = contextPath;
        }

        /** What it does from the start. */
        public Builder with(Behaviour... more) {
            behaviours.addAll(List.of(more));
            return this;
        }

        public Builder with(Preset preset) {
            behaviours.addAll(preset.behaviours());
            return this;
        }

        /**
         * Changes the heads of requests on their way to the server, for as long as the network exists. It runs on the
         * network's thread; bodies are as before, so it has to leave their framing alone.
         */
        public Builder rewriting(UnaryOperator<Head> change) {
            UnaryOperator<Head> before = rewriting;
            rewriting = head -> change.apply(before.apply(head));
            return this;
        }

        /** Turns this bearer token into the user's Basic credentials, where a server knows no tokens. */
        public Builder bearer(String token, String user) {
            return rewriting(head -> ("Bearer " + token).equals(head.header("Authorization"))
                    ? head.with("Authorization", Site.basic(user))
                    : head);
        }

        public HostileNetwork open() {
            return new HostileNetwork(this);
        }
    }

    private static final int BACKLOG = 200;

    private final Loop loop;
    private final InetSocketAddress target;
    private final String contextPath;
    private final UnaryOperator<Head> rewriting;
    private final InetSocketAddress address;

    // any thread
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Map<Kind, Integer> underWay = new ConcurrentHashMap<>();

    /** Written by the loop alone. */
    private volatile List<Behaviour> behaviours;

    // only the loop
    private ServerSocketChannel door;
    /** The open ones, and those whose end is still on its way to the server. */
    private final Set<Connection> connected = new HashSet<>();

    private boolean silent;
    /** Keeps the port ours while nobody listens on it. */
    private @Nullable SocketChannel placeholder;
    /** Take the places of those who wait to be accepted. */
    private final List<SocketChannel> fillers = new ArrayList<>();

    /** To what listens on this port of the loopback interface. */
    public static Builder to(int port) {
        return new Builder(port, "");
    }

    public static Builder to(PortalServer portal) {
        return new Builder(portal.port(), PortalServer.CONTEXT_PATH);
    }

    private HostileNetwork(Builder given) {
        target = new InetSocketAddress(InetAddress.getLoopbackAddress(), given.target);
        contextPath = given.contextPath;
        rewriting = given.rewriting;
        behaviours = List.copyOf(given.behaviours);
        try {
            door = listening(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
            address = (InetSocketAddress) door.getLocalAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        loop = new Loop("hostile network to port " + given.target);
        loop.call(this::welcome);
    }

    private static ServerSocketChannel listening(InetSocketAddress address, int backlog) throws IOException {
        ServerSocketChannel door = ServerSocketChannel.open();
        try {
            share(door);
            return door.bind(address, backlog);
        } catch (IOException e) {
            door.close();
            throw e;
        }
    }

    /** Lets another of ours have the same address, so that at no time, while one takes the other's place, nobody has it. */
    private static void share(NetworkChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        if (channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
    }

    // Where it is

    public int port() {
        return address.getPort();
    }

    /** @param path begins with a slash, and is below the portal's context path where the target is a portal */
    public URI url(String path) {
        return URI.create(origin() + contextPath + path);
    }

    /** As {@link #url}, for WebSockets. */
    public URI wsUrl(String path) {
        return URI.create("ws://127.0.0.1:" + port() + contextPath + path);
    }

    /** What pages loaded through it send as {@code Origin}. */
    public String origin() {
        return "http://127.0.0.1:" + port();
    }

    // What it does

    /** From now on it does this, and none of what it did before; with nothing at all it is a good network. */
    public void become(Behaviour... instead) {
        become(Arrays.asList(instead));
    }

    public void become(Preset preset) {
        become(preset.behaviours());
    }

    private void become(Collection<Behaviour> instead) {
        loop.call(() -> {
            behaviours = List.copyOf(instead);
            connectedNow().forEach(Connection::behaviourChanged);
        });
    }

    /** What it does at present. */
    public List<Behaviour> behaviours() {
        return behaviours;
    }

    /** Ends all present connections so; new ones are welcome. */
    public void cut(End how) {
        loop.call(() -> open.forEach(connection -> connection.cut(how)));
    }

    /**
     * Nothing arrives any more, and nothing is closed; new connections are accepted and stay without an answer. What is sent
     * meanwhile is not lost: after {@link #comeBack} it arrives, as TCP would send it again. For what is never heard of again
     * there is {@link #cut} by {@link End#SILENCE}.
     */
    public void goSilent() {
        loop.call(() -> fallSilent(false));
    }

    /** As {@link #goSilent}, but new connections are not even accepted: whoever tries is still trying. Linux only. */
    public void goSilentAndDeaf() {
        loop.call(() -> fallSilent(true));
    }

    /** New connections are refused, present ones live on. */
    public void refuseConnections() {
        loop.call(this::shut);
    }

    /** As if the server's process were gone: new connections are refused, present ones end by FIN. */
    public void goDown() {
        loop.call(() -> {
            shut();
            open.forEach(connection -> connection.cut(End.FIN));
        });
    }

    /** Ends silence and refusals; it is on the same port as before, and its behaviours are what they were. */
    public void comeBack() {
        loop.call(() -> {
            silent = false;
            if (placeholder != null || !fillers.isEmpty()) {
                replaceDoor(BACKLOG);
                welcome();
            }
            connectedNow().forEach(Connection::silenceIsOver);
        });
    }

    private void fallSilent(boolean deaf) {
        silent = true;
        connectedNow().forEach(Connection::behaviourChanged);
        if (!deaf || !fillers.isEmpty()) return;
        // Linux keeps one more than the backlog waiting to be accepted, and drops whoever comes after those.
        replaceDoor(1);
        try {
            for (int i = 0; i < 2; i++) fillers.add(SocketChannel.open(address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void shut() {
        if (placeholder != null) return;
        try {
            SocketChannel place = SocketChannel.open();
            placeholder = place;
            share(place);
            place.bind(address);
            closeDoor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void replaceDoor(int backlog) {
        try {
            ServerSocketChannel next = listening(address, backlog);
            closeDoor();
            if (placeholder != null) placeholder.close();
            placeholder = null;
            door = next;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void closeDoor() throws IOException {
        // Whoever has come before that is one of the present ones.
        if (door.isOpen() && fillers.isEmpty()) accept();
        loop.closeNow(door);
        fillers.forEach(Loop::closeQuietly);
        fillers.clear();
    }

    // Those who use it

    private void welcome() {
        try {
            loop.register(door, SelectionKey.OP_ACCEPT, this::accept);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            for (SocketChannel next = door.accept(); next != null; next = door.accept()) {
                take(next);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void take(SocketChannel channel) {
        try {
            Connection connection = new Connection(this, loop, connections.incrementAndGet(), channel);
            connected.add(connection);
            open.add(connection);
        } catch (IOException e) {
            // It is gone already.
            Loop.closeQuietly(channel);
        }
    }

    /** The last behaviour of that type, if there is one. */
    <B extends Behaviour> @Nullable B does(Class<B> type) {
        B found = null;
        for (Behaviour behaviour : behaviours) {
            if (type.isInstance(behaviour)) found = type.cast(behaviour);
        }
        return found;
    }

    boolean isSilent() {
        return silent;
    }

    InetSocketAddress target() {
        return target;
    }

    Head rewritten(Head request) {
        return rewriting.apply(request);
    }

    void saw(Request request) {
        requests.add(request);
    }

    void began(Kind kind) {
        underWay.merge(kind, 1, Integer::sum);
    }

    void ended(Kind kind) {
        underWay.merge(kind, -1, Integer::sum);
    }

    /** Its client is gone, or has been told that it is over. */
    void left(Connection connection) {
        open.remove(connection);
    }

    /** Its server has been told, too. */
    void over(Connection connection) {
        connected.remove(connection);
    }

    /** A copy, because each may end by what it is told. */
    private List<Connection> connectedNow() {
        return List.copyOf(connected);
    }

    // What it has seen

    /** Connections that neither the client nor the network has ended. */
    public int openConnections() {
        return open.size();
    }

    /** How many connections there have been. Browsers open some that they never use. */
    public int connections() {
        return connections.get();
    }

    /** Every request so far, as it came, those included that the server has not been let see. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** How many of the {@link #requests} were of that kind. */
    public long requests(Kind kind) {
        return requests.stream().filter(request -> request.kind() == kind).count();
    }

    /** How many requests of that kind the server has been sent and not completely answered; a WebSocket while it is open. */
    public int underWay(Kind kind) {
        return underWay.getOrDefault(kind, 0);
    }

    /** How many requests that bring messages are {@link #underWay}: what "ten tabs hold one connection" is about. */
    public int receiving() {
        int sum = 0;
        for (Kind kind : Kind.values()) sum += kind.receives() ? underWay(kind) : 0;
        return sum;
    }

    /**
     * Ends every connection, without a word about how, and the network's thread. Idempotent.
     *
     * @throws IllegalStateException if the network itself has failed at any time, so that no test relies on it
     */
    @Override
    public void close() {
        loop.close();
        Loop.closeQuietly(door);
        if (placeholder != null) Loop.closeQuietly(placeholder);
        fillers.forEach(Loop::closeQuietly);
    }
}
