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
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.reader.SseSwarm.Client;
import org.bongsu.server.Recipe;
import org.bongsu.server.Recipes;
import org.bongsu.server.StandardServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A thread of ours that is held up on its way out of a write which has failed: by a debugger here, by a busy machine elsewhere.
 * Undertow ends the request meanwhile on a thread of its own, and gives the buffer of the response to the next. Over HTTP/1.1.
 */
final class SlowToLeaveIT {
    private static final String STREAM = "io.undertow.servlet.spec.ServletOutputStreamImpl";

    /** Several for each thread of the server's that has connections: of those there are two for each processor. */
    private static final int NEXT = 12 * Runtime.getRuntime().availableProcessors();

    /** No heartbeat finds out before a message does. */
    private static final Map<String, String> SETTINGS =
            Map.of("heartbeat", "5m", "deadline.liveness", "10m", "durability", "relaxed");

    private static final int MESSAGES = 5;

    private long published;

    static Stream<Recipe> undertow() {
        return Recipes.wanted().filter(recipe -> recipe.name().equals("WildFly"));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("undertow")
    void touchesNothingThatIsAnothersByThen(Recipe recipe) throws Exception {
        try (StandardServer server =
                        StandardServer.builder(recipe).with(SETTINGS).debugged().start();
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
                ObjectReference left = stream(thread);
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
        CompletableFuture<ThreadReference> held = new CompletableFuture<>();
        Thread events = new Thread(
                () -> {
                    EventSet waiting = null;
                    try {
                        while (true) {
                            EventSet set = machine.eventQueue().remove();
                            if (!(set.iterator().next() instanceof BreakpointEvent event) || held.isDone()) {
                                set.resume();
                            } else if (event.request().equals(ending)
                                    && waiting == null
                                    && event.thread().name().contains(" I/O-")) {
                                waiting = set;
                            } else if (event.request().equals(leaving)
                                    && event.thread().name().startsWith("bongsu-fan-out")
                                    && stream(event.thread()) != null) {
                                leaving.disable();
                                ending.disable();
                                if (waiting != null) waiting.resume();
                                held.complete(event.thread());
                            } else {
                                set.resume();
                            }
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

    private static BreakpointRequest breakpoint(VirtualMachine machine, String type, String name) {
        Method method = machine.classesByName(type).get(0).methodsByName(name).stream()
                .filter(candidate -> !candidate.isBridge())
                .findFirst()
                .orElseThrow();
        BreakpointRequest breakpoint = machine.eventRequestManager().createBreakpointRequest(method.location());
        breakpoint.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
        breakpoint.enable();
        return breakpoint;
    }

    /** The stream that a thread is in the midst of. */
    private static @Nullable ObjectReference stream(ThreadReference thread) throws IncompatibleThreadStateException {
        for (StackFrame frame : thread.frames()) {
            if (frame.location().declaringType().name().equals(STREAM)) return frame.thisObject();
        }
        return null;
    }

    private void publishNext(Site site) {
        String json = "{\"body\":\"#" + published++ + "\"}";
        var response = site.send(site.request("admin", "/api/topics/wave/0")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
        assertEquals(201, response.statusCode(), response.body());
    }
}
