package org.bongsu.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.IncompatibleThreadStateException;
import com.sun.jdi.Method;
import com.sun.jdi.ObjectReference;
import com.sun.jdi.StackFrame;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.EventRequest;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.reader.SseSwarm.Client;
import org.bongsu.server.Recipe;
import org.bongsu.server.Recipes;
import org.bongsu.server.StandardServer;
import org.bongsu.server.Texts;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A thread of ours that is held up in a write to a client who has vanished: by a debugger here, by a busy machine elsewhere.
 * Undertow ends the request meanwhile on a thread of its own, and would give its buffers to the next.
 */
final class SlowToLeaveIT {
    private static final String STREAM = "io.undertow.servlet.spec.ServletOutputStreamImpl";
    private static final String SINK = "io.undertow.server.protocol.framed.AbstractFramedStreamSinkChannel";

    /** Several for each thread of the server's that has connections: of those there are two for each processor. */
    private static final int NEXT = 12 * Runtime.getRuntime().availableProcessors();

    /** No heartbeat finds out before a message does. */
    private static final Map<String, String> SETTINGS =
            Map.of("heartbeat", "5m", "deadline.liveness", "10m", "durability", "relaxed");

    private static final int MESSAGES = 5;

    /** What {@code bongsu.cli} has made of the pool. */
    private static final String BUFFERS_USED_ONCE = " direct=\"false\" thread-local-cache-size=\"0\"";

    private long published;

    static Stream<Recipe> undertow() {
        return Recipes.wanted().filter(recipe -> recipe.name().equals("WildFly"));
    }

    private static StandardServer.Builder debugged(Recipe recipe) {
        return StandardServer.builder(recipe).with(SETTINGS).debugged();
    }

    /** With the stock server's pool, since the portal has a remedy of its own for this. */
    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("undertow")
    void overHttp1AStreamHasABufferOfItsOwn(Recipe recipe) throws Exception {
        try (StandardServer server = debugged(recipe)
                        .edited("configuration/standalone.xml", xml -> Texts.replaced(xml, BUFFERS_USED_ONCE, ""))
                        .start();
                SseSwarm swarm = new SseSwarm(server.site(), "alice", "topic=wave/*")) {
            VirtualMachine machine = attach(server.debugPort());
            try {
                Client vanishing = swarm.connect(1).get(0);
                publishNext(server.site());
                Await.until("it has the first", () -> vanishing.last == 0);
                vanishing.reset();
                int port = server.site().base().getPort();
                Await.until("it has vanished", () -> !Sockets.isEstablished(port, vanishing.port()));

                CompletableFuture<ThreadReference> held = holdUpWhoLeavesAWrite(machine);
                publishNext(server.site());
                ThreadReference thread = held.get(Await.SECONDS, TimeUnit.SECONDS);
                ObjectReference left = thisOf(thread, STREAM);
                assertNotNull(left);
                Await.until(
                        "the server has taken back the buffer",
                        () -> left.getValue(left.referenceType().fieldByName("buffer")) == null);
                List<Client> next = swarm.connect(NEXT);
                thread.resume();

                long first = published;
                for (int i = 0; i < MESSAGES; i++) publishNext(server.site());
                long last = published - 1;
                Await.until("all are told", () -> next.stream()
                        .allMatch(client -> client.fault != null || client.last == last));
                assertEquals(
                        List.of(),
                        next.stream()
                                .filter(client -> client.fault != null || client.first != first)
                                .map(client -> "from #" + client.first + " to #" + client.last + ", " + client.fault)
                                .toList());
            } finally {
                dispose(machine);
            }
        }
    }

    /**
     * Over HTTP/2 a message goes through a buffer of the server's pool, which takes it back when the client leaves the stream, whoever
     * writes into it. So the pool that {@code bongsu.cli} sets up gives out none twice, and none whose memory does not live as long
     * as somebody has it.
     */
    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("undertow")
    void overHttp2NoBufferIsGivenOutTwice(Recipe recipe) throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        try (StandardServer server = debugged(recipe).start()) {
            Site site = new Site(server.site().base(), client);
            VirtualMachine machine = attach(server.debugPort());
            try (SseReader vanishing = new SseReader(site, "alice", List.of("wave/*"), null, null)) {
                vanishing.awaitReady();
                publishNext(site);
                vanishing.message();

                CompletableFuture<ThreadReference> held = holdUpWhoWrites(machine);
                publishNext(site);
                ThreadReference thread = held.get(Await.SECONDS, TimeUnit.SECONDS);
                ObjectReference buffer =
                        (ObjectReference) thread.frame(0).getArgumentValues().get(0);
                ObjectReference left = thisOf(thread, SINK);
                assertNotNull(left);
                vanishing.close();
                Await.until(
                        "the server has taken back the buffer",
                        () -> left.getValue(left.referenceType().fieldByName("writeBuffer")) == null);

                assertEquals("java.nio.HeapByteBuffer", buffer.type().name());
                assertEquals(List.of(), buffer.referringObjects(0), "who else has it");
                thread.resume();
            } finally {
                dispose(machine);
            }
        }
    }

    private static VirtualMachine attach(int port) throws Exception {
        AttachingConnector connector = Bootstrap.virtualMachineManager().attachingConnectors().stream()
                .filter(candidate -> candidate.name().equals("com.sun.jdi.SocketAttach"))
                .findFirst()
                .orElseThrow();
        Map<String, Connector.Argument> arguments = connector.defaultArguments();
        Objects.requireNonNull(arguments.get("hostname")).setValue("127.0.0.1");
        Objects.requireNonNull(arguments.get("port")).setValue(String.valueOf(port));
        return connector.attach(arguments);
    }

    private static void dispose(VirtualMachine machine) {
        try {
            machine.dispose();
        } catch (VMDisconnectedException ended) {
            // What it has ended of is thrown already.
        }
    }

    /**
     * Stops the first thread of the fan-out that puts the rest of a buffer to its beginning, as is done after a write; that one alone.
     * The server's thread that ends the request waits until it is there.
     */
    private static CompletableFuture<ThreadReference> holdUpWhoLeavesAWrite(VirtualMachine machine) {
        BreakpointRequest leaving = breakpoint(machine, "java.nio.DirectByteBuffer", "compact");
        BreakpointRequest ending = breakpoint(machine, STREAM, "closeAsync");
        AtomicReference<@Nullable EventSet> waiting = new AtomicReference<>();
        return firstHeld(machine, (event, set) -> {
            if (event.request().equals(ending)) {
                if (event.thread().name().contains(" I/O-") && waiting.compareAndSet(null, set)) return Then.STAYS;
            } else if (isOfFanOut(event.thread()) && thisOf(event.thread(), STREAM) != null) {
                leaving.disable();
                ending.disable();
                EventSet other = waiting.get();
                if (other != null) other.resume();
                return Then.IS_HELD;
            }
            return Then.GOES_ON;
        });
    }

    /** Stops the first thread of the fan-out that is about to put a message into the buffer of a stream over HTTP/2. */
    private static CompletableFuture<ThreadReference> holdUpWhoWrites(VirtualMachine machine) {
        BreakpointRequest copying =
                breakpoint(machine, "org.xnio.Buffers", "copy", "java.nio.ByteBuffer", "java.nio.ByteBuffer[]");
        return firstHeld(machine, (event, set) -> {
            if (!isOfFanOut(event.thread()) || thisOf(event.thread(), SINK) == null) return Then.GOES_ON;
            copying.disable();
            return Then.IS_HELD;
        });
    }

    private enum Then {
        GOES_ON,
        STAYS,
        IS_HELD
    }

    private interface AtBreakpoint {
        Then comes(BreakpointEvent event, EventSet set) throws IncompatibleThreadStateException;
    }

    /** @return the thread that is held; no other stays at a breakpoint after it */
    private static CompletableFuture<ThreadReference> firstHeld(VirtualMachine machine, AtBreakpoint who) {
        CompletableFuture<ThreadReference> held = new CompletableFuture<>();
        Thread events = new Thread(
                () -> {
                    try {
                        while (true) {
                            EventSet set = machine.eventQueue().remove();
                            Then then = !held.isDone() && set.iterator().next() instanceof BreakpointEvent event
                                    ? who.comes(event, set)
                                    : Then.GOES_ON;
                            if (then == Then.GOES_ON) set.resume();
                            if (then == Then.IS_HELD)
                                held.complete(((BreakpointEvent) set.iterator().next()).thread());
                        }
                    } catch (InterruptedException | IncompatibleThreadStateException | RuntimeException e) {
                        // Of no interest any more where that is the end of the machine.
                        held.completeExceptionally(e);
                    }
                },
                "events");
        events.setDaemon(true);
        events.start();
        return held;
    }

    private static boolean isOfFanOut(ThreadReference thread) {
        return thread.name().startsWith("bongsu-fan-out");
    }

    /** @param arguments the types of the method's first arguments */
    private static BreakpointRequest breakpoint(VirtualMachine machine, String type, String name, String... arguments) {
        Method method = machine.classesByName(type).get(0).methodsByName(name).stream()
                .filter(candidate -> !candidate.isBridge())
                .filter(candidate ->
                        String.join(" ", candidate.argumentTypeNames()).startsWith(String.join(" ", arguments)))
                .findFirst()
                .orElseThrow();
        BreakpointRequest breakpoint = machine.eventRequestManager().createBreakpointRequest(method.location());
        breakpoint.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
        breakpoint.enable();
        return breakpoint;
    }

    /** The object of a type that a thread is in the midst of. */
    private static @Nullable ObjectReference thisOf(ThreadReference thread, String type)
            throws IncompatibleThreadStateException {
        for (StackFrame frame : thread.frames()) {
            if (frame.location().declaringType().name().equals(type)) return frame.thisObject();
        }
        return null;
    }

    private void publishNext(Site site) {
        String json = "{\"body\":\"#" + published++ + "\"}";
        var response = site.send(site.request("admin", "/api/topics/wave/0")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
        assertEquals(201, response.statusCode(), response.body());
        assertEquals(site.client().version(), response.version());
    }
}
