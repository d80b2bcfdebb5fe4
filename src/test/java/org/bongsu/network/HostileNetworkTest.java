package org.bongsu.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.PortalServer;
import org.bongsu.network.Behaviour.FramesSwallowed;
import org.bongsu.network.Behaviour.IdleCut;
import org.bongsu.network.Behaviour.Latency;
import org.bongsu.network.Behaviour.UpgradesRefused;
import org.bongsu.network.Behaviour.UpgradesSwallowed;
import org.bongsu.network.Behaviour.WebSocketsCut;
import org.bongsu.network.Behaviour.WebSocketsCutAtFirstFrame;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each behaviour does to those who use the network, and what none of them does. */
final class HostileNetworkTest {
    private static final String ALICE = "Authorization: " + PortalServer.basic("alice");
    private static final String STREAM = "GET /bongsu/api/stream?topic=ops/*";
    private static final Duration MOMENT = Duration.ofMillis(200);

    private static PortalServer portal;
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final ScriptedServer server = new ScriptedServer();
    private final List<AutoCloseable> toBeClosed = new ArrayList<>(List.of(server));

    @BeforeAll
    static void startPortal() {
        portal = PortalServer.start();
    }

    @AfterAll
    static void stopPortal() {
        portal.close();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : toBeClosed) each.close();
    }

    private <T extends AutoCloseable> T closed(T later) {
        toBeClosed.add(0, later);
        return later;
    }

    private HostileNetwork network(Behaviour... behaviours) {
        return closed(HostileNetwork.to(server.port()).with(behaviours).open());
    }

    private HostileNetwork portalNetwork(Behaviour... behaviours) {
        return closed(HostileNetwork.to(portal).with(behaviours).open());
    }

    private Caller caller(HostileNetwork network) {
        return closed(Caller.to(network));
    }

    private Caller visitor() {
        return closed(server.visitor());
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return CLIENT.send(
                request.header("Authorization", PortalServer.basic("alice"))
                        .timeout(Await.PATIENCE)
                        .build(),
                BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(HostileNetwork network, String path) throws Exception {
        return send(HttpRequest.newBuilder(network.url(path)));
    }

    /** What a WebSocket has been told; ends are told as {@code closed}. */
    private static final class Told implements WebSocket.Listener {
        final BlockingQueue<String> frames = new LinkedBlockingQueue<>();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence text, boolean last) {
            frames.add(text.toString());
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int status, String reason) {
            frames.add("closed");
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            frames.add("closed");
        }

        String next() throws InterruptedException {
            String frame = frames.poll(Await.SECONDS, TimeUnit.SECONDS);
            if (frame == null) throw new AssertionError("no frame has come");
            return frame;
        }
    }

    private static WebSocket webSocket(HostileNetwork network, Told told) {
        return CLIENT.newWebSocketBuilder()
                .header("Authorization", PortalServer.basic("alice"))
                .buildAsync(network.wsUrl("/ws"), told)
                .join();
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static void assertAtLeast(Duration least, Duration actual) {
        assertTrue(actual.compareTo(least) >= 0, actual + " should be at least " + least);
    }

    @Nested
    final class WhateverItDoes {
        @Test
        void onAGoodNetworkEverythingGetsThrough() throws Exception {
            HostileNetwork network = portalNetwork();

            assertEquals(200, get(network, "/api/poll?wait=0").statusCode());
            Told told = new Told();
            WebSocket socket = webSocket(network, told);
            assertTrue(told.next().contains("\"ready\""));
            Caller stream = caller(network).ask(STREAM, ALICE);
            stream.hearUntil("event: ready");
            HttpResponse<String> answer = send(HttpRequest.newBuilder(network.url("/api/topics/chat/general"))
                    .header("X-Bongsu", "1")
                    .POST(BodyPublishers.ofString("hello")));
            assertEquals(201, answer.statusCode());
            socket.abort();
        }

        @Test
        void aConnectionIsGoodForManyRequests() {
            Caller client = caller(network());
            client.ask("GET /1");
            Caller visitor = visitor();
            assertEquals("GET /1 HTTP/1.1", visitor.head().firstLine());
            visitor.say("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none");
            assertEquals("200", client.head().firstLine().substring(9, 12));
            assertEquals("one", client.hear(3));

            client.say("POST /2 HTTP/1.1\r\nContent-Length: 4\r\n\r\ndata");
            visitor.head();
            assertEquals("data", visitor.hear(4));
            visitor.say("HTTP/1.1 204 No Content\r\n\r\n");
            assertEquals(204, client.head().status());

            client.ask("HEAD /3");
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
            assertEquals("99", client.head().header("Content-Length"));

            client.say("POST /4 HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
            visitor.head();
            visitor.say("HTTP/1.1 100 Continue\r\n\r\n");
            assertEquals(100, client.head().status());
            client.say("4;a=b\r\nda").say("ta\r\n0\r\nTrailer: x\r\n\r\n");
            visitor.hearUntil("0\r\n\r\n");
            visitor.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab")
                    .say("c\r\n0\r\n\r\n");
            client.head();
            assertEquals("abc", contentOfChunks(client));

            client.ask("GET /5");
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\n\r\nto the end");
            visitor.close();
            client.head();
            assertEquals(new Caller.Rest("to the end", End.FIN), client.rest());
        }

        @Test
        void whatIsSplitAnywhereIsReadAllTheSame() {
            HostileNetwork network = network();
            String request = "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi";
            String response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
            Caller client = caller(network);
            Caller visitor = null;
            for (int cut = 1; cut < response.length(); cut++) {
                int cutRequest = Math.min(cut, request.length() - 1);
                client.say(request.substring(0, cutRequest)).say(request.substring(cutRequest));
                if (visitor == null) visitor = visitor();
                visitor.head();
                assertEquals("hi", visitor.hear(2));
                visitor.say(response.substring(0, cut)).say(response.substring(cut));
                client.head();
                assertEquals("hi", contentOfChunks(client));
            }
        }

        @Test
        void muchGetsThroughWhole() throws Exception {
            Caller client = caller(network());
            client.ask("GET /much");
            Caller visitor = visitor();
            visitor.head();
            String megabyte = "0123456789abcdef".repeat(1 << 16);
            Thread talking = new Thread(() -> {
                visitor.say("HTTP/1.1 200 OK\r\n\r\n");
                for (int i = 0; i < 16; i++) visitor.say(megabyte);
                visitor.close();
            });
            talking.start();
            client.head();
            for (int i = 0; i < 16; i++) assertEquals(megabyte, client.hear(1 << 20));
            assertEquals(new Caller.Rest("", End.FIN), client.rest());
            talking.join();
        }

        @Test
        void theServerLearnsThatAClientHasGone() {
            Caller client = caller(network());
            client.ask("GET /");
            Caller visitor = visitor();
            visitor.head();
            client.close();
            assertEquals(End.FIN, visitor.end());
        }

        @Test
        void aServerThatIsNotThereResetsItsClients() {
            server.close();
            Caller client = caller(network());
            client.ask("GET /");
            assertEquals(new Caller.Rest("", End.RST), client.rest());
        }

        @Test
        void aServerThatResetsIsSeenToResetAfterWhatItSaid() {
            Caller client = caller(network());
            client.ask("GET /");
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\n\r\nhalf");
            client.hearUntil("half");
            visitor.reset();
            assertEquals(new Caller.Rest("", End.RST), client.rest());
        }

        @Test
        void whatItDoesCanChangeAtAnyTime() throws Exception {
            HostileNetwork network = portalNetwork(new UpgradesRefused(403));
            Caller refused = caller(network);
            refused.upgrade("/bongsu/ws", ALICE);
            assertEquals(403, refused.head().status());
            network.become();
            assertEquals(List.of(), network.behaviours());
            Caller welcome = caller(network);
            welcome.upgrade("/bongsu/ws", ALICE);
            assertEquals(101, welcome.head().status());
            network.become(Preset.webSocketRefused(502));
            Caller again = caller(network);
            again.upgrade("/bongsu/ws", ALICE);
            assertEquals(502, again.head().status());
        }

        @Test
        void ofTwoOfOneKindTheLaterCounts() {
            Caller client = caller(network(new UpgradesRefused(403), new UpgradesRefused(400)));
            client.upgrade("/ws");
            assertEquals(400, client.head().status());
        }

        @Test
        void afterItsCloseNothingIsLeftOfIt() {
            HostileNetwork network =
                    network(new Latency(Duration.ofHours(1)), new IdleCut(Duration.ofHours(1), End.FIN));
            Caller client = caller(network);
            client.ask("GET /");
            Await.until("it is open", () -> network.openConnections() == 1);
            assertTrue(threads() > 0);
            network.close();
            network.close();
            assertEquals(0, threads());
            client.end();
            assertThrows(UncheckedIOException.class, () -> Caller.to(network));
            assertThrows(IllegalStateException.class, network::become);
        }

        private long threads() {
            return Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("hostile network to port " + server.port()))
                    .count();
        }

        @Test
        void aMistakeInATestsOwnRewritingIsToldAtTheClose() {
            HostileNetwork network = HostileNetwork.to(server.port())
                    .rewriting(head -> {
                        throw new IllegalStateException("a mistake");
                    })
                    .open();
            Caller client = caller(network);
            client.ask("GET /");
            Await.until("it is seen", () -> network.requests().size() == 1);
            assertThrows(IllegalStateException.class, network::close);
        }
    }

    /** Unframed, up to and with the last one. */
    private static String contentOfChunks(Caller client) {
        StringBuilder content = new StringBuilder();
        while (true) {
            int size = Integer.parseInt(client.hearUntil("\r\n").strip(), 16);
            content.append(client.hear(size));
            client.hearUntil("\r\n");
            if (size == 0) return content.toString();
        }
    }

    @Nested
    final class WebSockets {
        @ParameterizedTest
        @ValueSource(ints = {400, 403, 502})
        void areRefusedWhileOrdinaryRequestsToTheSameUrlGoThrough(int status) {
            HostileNetwork network = network(new UpgradesRefused(status));
            Caller client = caller(network);
            client.upgrade("/ws");
            Head answer = client.head();
            assertEquals(status, answer.status());
            assertEquals("close", answer.header("Connection"));
            assertEquals(End.FIN, client.end());

            Caller ordinary = caller(network);
            ordinary.ask("GET /ws");
            // The first that the server sees of anybody.
            Caller visitor = visitor();
            assertNull(visitor.head().header("Upgrade"));
            visitor.say("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
            assertEquals(426, ordinary.head().status());
        }

        @Test
        void areSwallowedWhileOrdinaryRequestsToTheSameUrlGoThrough() {
            HostileNetwork network = network(new UpgradesSwallowed());
            Caller client = caller(network);
            client.upgrade("/ws").say("a frame too soon");
            Await.until("it is seen", () -> network.requests(Kind.UPGRADE) == 1);

            Caller ordinary = caller(network);
            ordinary.ask("GET /ws");
            Caller visitor = visitor();
            assertNull(visitor.head().header("Upgrade"));
            visitor.say("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
            assertEquals(426, ordinary.head().status());
            assertEquals(0, client.audible());
            assertEquals(2, network.openConnections());
            assertEquals(0, network.underWay(Kind.UPGRADE));
            client.close();
            Await.until("the network learns that it is gone", () -> network.openConnections() == 1);
        }

        @Test
        void areAcceptedAndCutAtTheServersFirstFrame() {
            Caller client = caller(portalNetwork(new WebSocketsCutAtFirstFrame(End.FIN)));
            client.upgrade("/bongsu/ws", ALICE);
            assertEquals(101, client.head().status());
            assertEquals(new Caller.Rest("", End.FIN), client.rest());
        }

        @ParameterizedTest
        @EnumSource(names = {"FIN", "RST"})
        void areAcceptedAndCutAtTheClientsFirstFrame(End how) {
            Caller client = caller(network(new WebSocketsCutAtFirstFrame(how)));
            client.upgrade("/ws");
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 101 Switching Protocols\r\n\r\n");
            assertEquals(101, client.head().status());
            client.say("a frame");
            assertEquals(new Caller.Rest("", how), client.rest());
            assertEquals("", visitor.rest().text());
        }

        @Test
        void areAcceptedAndCutAMomentLater() throws Exception {
            HostileNetwork network = portalNetwork(new WebSocketsCut(MOMENT, End.FIN));
            long start = System.nanoTime();
            Told told = new Told();
            webSocket(network, told);
            assertTrue(told.next().contains("\"ready\""));
            assertEquals("closed", told.next());
            assertAtLeast(MOMENT, since(start));
        }

        @Test
        void areAcceptedAndNoFrameGetsThroughEitherWay() throws Exception {
            HostileNetwork network = network(new FramesSwallowed());
            Caller client = caller(network);
            client.upgrade("/ws");
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 101 Switching Protocols\r\n\r\nfirst frame");
            client.head();
            client.say("the client's");
            visitor.say("the server's");
            // What does not get through is seen by what does, after it.
            aRoundTripElsewhere(network);
            network.become();
            client.say("late");
            assertEquals("late", visitor.hear(4));
            visitor.say("too");
            assertEquals("too", client.hear(3));
        }
    }

    /** By then the network has done all that it does at once. */
    private void aRoundTripElsewhere(HostileNetwork network) {
        Caller client = caller(network);
        client.ask("GET /elsewhere");
        Caller visitor = visitor();
        visitor.head();
        visitor.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        client.head();
    }
}
