package org.bongsu.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.Await;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.network.Behaviour.BatchedBySize;
import org.bongsu.network.Behaviour.BatchedByTime;
import org.bongsu.network.Behaviour.BodyCut;
import org.bongsu.network.Behaviour.Drip;
import org.bongsu.network.Behaviour.FramesSwallowed;
import org.bongsu.network.Behaviour.IdleCut;
import org.bongsu.network.Behaviour.LateResponsesReplaced;
import org.bongsu.network.Behaviour.Latency;
import org.bongsu.network.Behaviour.LongResponsesCut;
import org.bongsu.network.Behaviour.RandomCuts;
import org.bongsu.network.Behaviour.ResponsesBuffered;
import org.bongsu.network.Behaviour.StreamsBuffered;
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
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each behaviour does to those who use the network, and what none of them does. */
final class HostileNetworkTest {
    private static final String ALICE = "Authorization: " + Site.basic("alice");
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
                request.header("Authorization", Site.basic("alice"))
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
                .header("Authorization", Site.basic("alice"))
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
        void whoDoesNotListenHoldsUpTheOtherSide() throws Exception {
            HostileNetwork network = network();
            Caller client = caller(network);
            client.ask("GET /much");
            Caller visitor = visitor();
            visitor.head();
            String megabyte = "0123456789abcdef".repeat(1 << 16);
            AtomicInteger said = new AtomicInteger();
            Thread talking = new Thread(() -> {
                visitor.say("HTTP/1.1 200 OK\r\n\r\n");
                while (said.get() < 100) {
                    visitor.say(megabyte);
                    said.incrementAndGet();
                }
                visitor.close();
            });
            talking.start();
            Await.until("nobody says more", () -> {
                int before = said.get();
                for (int i = 0; i < 20; i++) aRoundTripElsewhere(network);
                return before > 0 && said.get() == before;
            });
            assertTrue(said.get() < 100, "there is no end to what it takes");
            client.head();
            for (int i = 0; i < 100; i++) assertEquals(megabyte, client.hear(1 << 20));
            assertEquals(End.FIN, client.end());
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
        void areAcceptedAndCutAMomentLater() {
            Caller client = caller(network(new WebSocketsCut(MOMENT, End.FIN)));
            client.upgrade("/ws");
            Caller visitor = visitor();
            visitor.head();
            long start = System.nanoTime();
            visitor.say("HTTP/1.1 101 Switching Protocols\r\n\r\na frame");
            assertEquals(101, client.head().status());
            assertEquals(new Caller.Rest("a frame", End.FIN), client.rest());
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

    @Nested
    final class Responses {
        private Caller client(HostileNetwork network) {
            return caller(network).ask("GET /bongsu/api/stream");
        }

        @Test
        void arriveWholeWithTheirLengthWhereTheyAreBuffered() {
            HostileNetwork network = network(new ResponsesBuffered());
            Caller client = client(network);
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n3\r\nabc\r\n");
            aRoundTripElsewhere(network);
            assertEquals(0, client.audible());
            visitor.say("3\r\ndef\r\n0\r\n\r\n");
            assertEquals(
                    "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 6\r\n",
                    client.head().text());
            assertEquals("abcdef", client.hear(6));
            client.ask("GET /next");
            assertEquals("/next", visitor.head().target());
        }

        @Test
        void arriveWholeAtTheEndOfTheConnectionToo() {
            Caller client = client(network(new ResponsesBuffered()));
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\n\r\nabc");
            visitor.close();
            assertEquals("3", client.head().header("Content-Length"));
            assertEquals(new Caller.Rest("abc", End.FIN), client.rest());
        }

        @Test
        void areLostWhereTheyAreBufferedAndNeverComplete() {
            Caller client = client(network(new ResponsesBuffered()));
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc");
            visitor.close();
            assertEquals(new Caller.Rest("", End.FIN), client.rest());
        }

        @Test
        void neverArriveAsEventStreamsWhereThoseAreBufferedAndOthersDo() throws Exception {
            HostileNetwork network = portalNetwork(new StreamsBuffered());
            Caller client = caller(network).ask(STREAM, ALICE);
            Await.until("the server has the request", () -> network.underWay(Kind.EVENT_STREAM) == 1);
            assertEquals(200, get(network, "/api/poll?wait=0").statusCode());
            Told told = new Told();
            WebSocket socket = webSocket(network, told);
            told.next();
            assertEquals(0, client.audible());
            socket.abort();
        }

        @Test
        void comeInFullBlocksAndTheLastOneAtTheEnd() {
            HostileNetwork network = network(new BatchedBySize(100));
            Caller client = client(network);
            Caller visitor = visitor();
            visitor.head();
            String head = "HTTP/1.1 200 OK\r\nContent-Length: 170\r\n\r\n";
            visitor.say(head).say("x".repeat(99 - head.length()));
            visitor.say("y");
            assertEquals(head + "x".repeat(99 - head.length()) + "y", client.hear(100));
            visitor.say("z".repeat(99));
            aRoundTripElsewhere(network);
            assertEquals(0, client.audible());
            visitor.say("z".repeat(170 + head.length() - 199));
            assertEquals("z".repeat(70 + head.length()), client.hear(70 + head.length()));
        }

        @Test
        void areNotBatchedAsWebSockets() throws Exception {
            HostileNetwork network = portalNetwork(new BatchedBySize(100_000), new ResponsesBuffered());
            Told told = new Told();
            WebSocket socket = webSocket(network, told);
            assertTrue(told.next().contains("\"ready\""));
            socket.abort();
        }

        @Test
        void comeWhenTheyHaveWaitedLongEnoughForABatch() {
            HostileNetwork network = network(new BatchedBySize(1000), new BatchedByTime(MOMENT));
            Caller client = client(network);
            Caller visitor = visitor();
            visitor.head();
            for (int i = 0; i < 2; i++) {
                long start = System.nanoTime();
                visitor.say("HTTP/1.1 200 OK\r\n\r\n");
                assertEquals(200, client.head().status());
                assertAtLeast(MOMENT, since(start));
            }
        }

        @Test
        void comeAtOnceWhenTheNetworkBatchesNoMore() {
            HostileNetwork network = network(new BatchedBySize(1000));
            Caller client = client(network);
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\n\r\nabc");
            aRoundTripElsewhere(network);
            network.become();
            client.head();
            assertEquals("abc", client.hear(3));
        }

        @Test
        void areReplacedWhereTheyAreLate() {
            HostileNetwork network = network();
            Caller inTime = client(network);
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\n\r\n");
            assertEquals(200, inTime.head().status());
            network.become(new LateResponsesReplaced(MOMENT, 504));

            long start = System.nanoTime();
            Caller late = client(network);
            assertEquals(504, late.head().status());
            assertAtLeast(MOMENT, since(start));
            assertEquals(End.FIN, late.end());
            assertEquals(End.FIN, visitor().end());
            visitor.say("still here");
            assertEquals("still here", inTime.hear(10));
        }

        @Test
        void areLateWhereTheyAreBufferedForTooLong() {
            HostileNetwork network = portalNetwork(new StreamsBuffered(), new LateResponsesReplaced(MOMENT, 504));
            assertEquals(504, caller(network).ask(STREAM, ALICE).head().status());
        }
    }

    @Nested
    final class Cuts {
        private final String endless = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

        private Caller stream(HostileNetwork network) {
            return caller(network).ask("GET /api/stream");
        }

        @ParameterizedTest
        @EnumSource(names = {"FIN", "RST"})
        void comeWhenNothingHasBeenSaidForTooLong(End how) {
            HostileNetwork network = network();
            Caller client = stream(network);
            Caller visitor = visitor();
            visitor.head();
            visitor.say(endless);
            client.head();
            long start = System.nanoTime();
            visitor.say("last word");
            client.hear(9);
            network.become(new IdleCut(MOMENT, how));
            assertEquals(new Caller.Rest("", how), client.rest());
            assertAtLeast(MOMENT, since(start));
            visitor.end();
            assertEquals(0, network.underWay(Kind.EVENT_STREAM));
        }

        @Test
        void comeToConnectionsThatHaveNeverSaidAnything() {
            assertEquals(
                    new Caller.Rest("", End.FIN),
                    caller(network(new IdleCut(MOMENT, End.FIN))).rest());
        }

        @Test
        void bySilenceAreToldToNeitherSide() {
            HostileNetwork network = network();
            Caller client = stream(network);
            Caller visitor = visitor();
            visitor.head();
            visitor.say(endless);
            client.head();
            network.become(new IdleCut(MOMENT, End.SILENCE));
            Await.until("it is cut", () -> network.underWay(Kind.EVENT_STREAM) == 0);
            network.become();
            client.say("hello?");
            visitor.say("hello!");
            aRoundTripElsewhere(network);
            assertEquals(0, client.audible());
            assertEquals(0, visitor.audible());
            assertEquals(2, network.openConnections());
            client.close();
            Await.until("the network sees it go", () -> network.openConnections() == 1);
            aRoundTripElsewhere(network);
            visitor.say("hello!");
        }

        @Test
        void comeWhenAResponseLastsTooLongHoweverMuchItSays() throws Exception {
            HostileNetwork network = network(new LongResponsesCut(MOMENT, End.RST));
            long start = System.nanoTime();
            Caller client = stream(network);
            Caller visitor = visitor();
            visitor.head();
            Thread talking = new Thread(() -> {
                try {
                    visitor.say(endless);
                    while (true) visitor.say("more");
                } catch (UncheckedIOException e) {
                    // cut
                }
            });
            talking.start();
            assertEquals(End.RST, client.end());
            assertAtLeast(MOMENT, since(start));
            talking.join();
        }

        @Test
        void comeToWebSocketsThatLastTooLong() throws Exception {
            HostileNetwork network = portalNetwork();
            long start = System.nanoTime();
            Told told = new Told();
            webSocket(network, told);
            told.next();
            network.become(new LongResponsesCut(MOMENT, End.FIN));
            assertEquals("closed", told.next());
            assertAtLeast(MOMENT, since(start));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 2, 3, 4, 5})
        void comeAfterSoManyBytesOfABody(int bytes) {
            String body = "abcdef".substring(0, bytes);
            for (End how : List.of(End.FIN, End.RST)) {
                HostileNetwork network = network(new BodyCut(bytes, how));

                Caller untilClose = stream(network);
                Caller visitor = visitor();
                visitor.head();
                visitor.say(endless + "abcdef");
                untilClose.head();
                assertEquals(new Caller.Rest(body, how), untilClose.rest());

                Caller withLength = stream(network);
                visitor = visitor();
                visitor.head();
                visitor.say("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef");
                withLength.head();
                assertEquals(new Caller.Rest(body, how), withLength.rest());

                Caller chunked = stream(network);
                visitor = visitor();
                visitor.head();
                visitor.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n");
                chunked.head();
                String chunk = bytes == 0 ? "" : bytes + "\r\n" + body + "\r\n";
                assertEquals(new Caller.Rest(chunk, how), chunked.rest());

                Caller upgraded = caller(network);
                upgraded.upgrade("/ws");
                visitor = visitor();
                visitor.head();
                visitor.say("HTTP/1.1 101 Switching Protocols\r\n\r\nabcdef");
                upgraded.head();
                assertEquals(new Caller.Rest(body, how), upgraded.rest());
            }
        }

        @Test
        void passByAResponseThatEndsThere() {
            Caller client = stream(network(new BodyCut(3, End.RST)));
            Caller visitor = visitor();
            for (int i = 0; i < 2; i++) {
                visitor.head();
                visitor.say("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
                client.head();
                assertEquals("abc", client.hear(3));
                client.ask("GET /api/stream");
            }
        }

        @Test
        void passByWhatReceivesNoMessages() {
            Caller client = caller(network(new BodyCut(0, End.RST), new RandomCuts(1, 1, End.RST)));
            client.ask("GET /index.html");
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
            client.head();
            assertEquals("abc", client.hear(3));
        }

        @Test
        void areRandomInTheSameWayWheneverTheSeedIsTheSame() {
            List<Integer> once = randomCuts(42);
            assertEquals(once, randomCuts(42));
            assertTrue(once.stream().distinct().count() > 1, () -> "no two differ: " + once);
            assertTrue(once.stream().allMatch(length -> length < 1000), once::toString);
            assertTrue(!once.equals(randomCuts(43)), "another seed cuts elsewhere");
        }

        private List<Integer> randomCuts(long seed) {
            HostileNetwork network = network(new RandomCuts(seed, 1000, End.FIN));
            List<Integer> lengths = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Caller client = stream(network);
                Caller visitor = visitor();
                visitor.head();
                visitor.say(endless + "x".repeat(1000));
                client.head();
                lengths.add(client.rest().text().length());
            }
            return lengths;
        }

        @ParameterizedTest
        @EnumSource(names = {"FIN", "RST"})
        void canBeMadeToAllAtOnce(End how) {
            HostileNetwork network = network();
            Caller one = stream(network);
            visitor().head();
            Caller other = caller(network);
            Await.until("both are there", () -> network.openConnections() == 2);
            network.cut(how);
            assertEquals(new Caller.Rest("", how), one.rest());
            assertEquals(new Caller.Rest("", how), other.rest());
            assertEquals(0, network.openConnections());
            aRoundTripElsewhere(network);
        }

        @Test
        void canBeMadeWithoutAWord() {
            HostileNetwork network = network();
            Caller client = stream(network);
            Caller visitor = visitor();
            visitor.head();
            network.cut(End.SILENCE);
            visitor.say(endless);
            visitor.close();
            aRoundTripElsewhere(network);
            assertEquals(0, client.audible());
            assertEquals(2, network.openConnections());
        }
    }

    @Nested
    final class Slowness {
        @Test
        void costsTwoRoundTripsForTheFirstAnswerAndOneForTheNext() {
            Duration oneWay = Duration.ofMillis(50);
            HostileNetwork network = network(new Latency(oneWay));
            long start = System.nanoTime();
            Caller client = caller(network).ask("GET /");
            Caller visitor = visitor();
            answer(visitor, client);
            assertAtLeast(oneWay.multipliedBy(4), since(start));
            Await.until("a round trip costs less than two", () -> {
                long asked = System.nanoTime();
                client.ask("GET /");
                answer(visitor, client);
                assertAtLeast(oneWay.multipliedBy(2), since(asked));
                return since(asked).compareTo(oneWay.multipliedBy(4)) < 0;
            });
        }

        private void answer(Caller visitor, Caller client) {
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            client.head();
        }

        @Test
        void delaysAndDoesNotThrottle() {
            // One at a time, these would take minutes.
            HostileNetwork network = network(new Latency(MOMENT));
            Caller client = caller(network);
            client.ask("GET /");
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\n\r\n");
            long start = System.nanoTime();
            for (int i = 0; i < 1000; i++) visitor.say("message " + i + '\n');
            client.head();
            for (int i = 0; i < 1000; i++) assertEquals("message " + i + '\n', client.hearUntil("\n"));
            assertTrue(since(start).compareTo(Duration.ofMinutes(1)) < 0);
        }

        @Test
        void delaysTheEndToo() {
            HostileNetwork network = network(new Latency(MOMENT));
            Caller client = caller(network);
            client.ask("GET /");
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\n\r\n");
            client.head();
            long start = System.nanoTime();
            visitor.close();
            assertEquals(End.FIN, client.end());
            assertAtLeast(MOMENT, since(start));
        }

        @Test
        void keepsTheOrderWhenItLessens() {
            HostileNetwork network = network(new Latency(MOMENT));
            Caller client = caller(network);
            client.ask("GET /");
            Caller visitor = visitor();
            visitor.head();
            visitor.say("HTTP/1.1 200 OK\r\n\r\nfirst");
            aRoundTripElsewhere(network);
            network.become();
            visitor.say("second");
            client.head();
            assertEquals("firstsecond", client.hear(11));
        }

        @Test
        void countsForWhatTheNetworkAnswersItself() {
            long start = System.nanoTime();
            Caller client = caller(network(new Latency(MOMENT), new UpgradesRefused(403)));
            client.upgrade("/ws");
            client.head();
            assertAtLeast(MOMENT.multipliedBy(4), since(start));
        }

        @Test
        void canBeADrip() {
            HostileNetwork network = network(new Drip(2, Duration.ofMillis(10)));
            Caller client = caller(network);
            client.ask("GET /");
            Caller visitor = visitor();
            visitor.head();
            long start = System.nanoTime();
            String answer = "HTTP/1.1 200 OK\r\n\r\n";
            visitor.say(answer);
            visitor.close();
            assertEquals(new Caller.Rest(answer, End.FIN), client.rest());
            assertAtLeast(Duration.ofMillis(10L * ((answer.length() - 1) / 2)), since(start));
        }
    }

    @Nested
    final class Silence {
        @Test
        void keepsBackWhatIsSaidAndClosesNothing() {
            HostileNetwork network = network();
            Caller client = caller(network).ask("GET /");
            Caller visitor = visitor();
            visitor.head();
            network.goSilent();
            visitor.say("HTTP/1.1 200 OK\r\n\r\n").close();
            Caller newcomer = caller(network).ask("GET /new");
            Await.until("the newcomer is let in", () -> network.openConnections() == 2);
            assertEquals(0, client.audible());
            assertEquals(
                    0,
                    network.requests().stream()
                            .filter(request -> request.head().target().equals("/new"))
                            .count());

            network.comeBack();
            assertEquals(200, client.head().status());
            assertEquals(End.FIN, client.end());
            visitor().head();
            newcomer.close();
        }

        @Test
        void isOverForWhatClientsHaveSaidBeforeTheyLeftToo() {
            HostileNetwork network = network();
            Caller client = caller(network).ask("GET /");
            Caller visitor = visitor();
            visitor.head();
            network.goSilent();
            client.say("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n").close();
            Await.until("it is gone", () -> network.openConnections() == 0);
            assertEquals(0, visitor.audible());
            network.comeBack();
            assertEquals("POST", visitor.head().method());
            assertEquals(End.FIN, visitor.end());
        }

        @Test
        void isNobodysIdleness() {
            HostileNetwork network = network();
            Caller client = caller(network).ask("GET /");
            Caller visitor = visitor();
            visitor.head();
            network.goSilent();
            network.become(new IdleCut(MOMENT, End.RST));
            long start = System.nanoTime();
            Await.until("it would be idleness", () -> since(start).compareTo(MOMENT) > 0);
            network.become();
            network.comeBack();
            visitor.say("HTTP/1.1 200 OK\r\n\r\n");
            assertEquals(200, client.head().status());
        }

        @Test
        @EnabledOnOs(OS.LINUX)
        void canKeepEvenTheHandshakeWaiting() throws Exception {
            HostileNetwork network = network();
            Caller present = caller(network).ask("GET /");
            Caller visitor = visitor();
            visitor.head();
            network.goSilentAndDeaf();
            try (Socket socket = new Socket()) {
                InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), network.port());
                assertThrows(SocketTimeoutException.class, () -> socket.connect(address, 100));
            }
            assertEquals(1, network.connections());

            network.comeBack();
            visitor.say("HTTP/1.1 200 OK\r\n\r\n");
            assertEquals(200, present.head().status());
            aRoundTripElsewhere(network);
            assertEquals(2, network.connections());
        }

        @Test
        @EnabledOnOs(OS.LINUX)
        void letsThoseInWhoHaveKeptKnocking() throws Exception {
            HostileNetwork network = network();
            network.goSilentAndDeaf();
            SocketChannel knocking = closed(SocketChannel.open());
            knocking.configureBlocking(false);
            boolean isIn = knocking.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), network.port()));
            assertTrue(!isIn && !knocking.finishConnect(), "nobody is let in");
            network.comeBack();
            Await.until("it is let in", () -> {
                try {
                    return knocking.finishConnect();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            Await.until("the network has it", () -> network.openConnections() == 1);
        }
    }

    @Nested
    final class Refusals {
        @Test
        void areOfNewConnectionsAndEndOnTheSamePort() {
            HostileNetwork network = network();
            Caller present = caller(network).ask("GET /");
            Caller visitor = visitor();
            visitor.head();
            int port = network.port();
            for (int i = 0; i < 3; i++) {
                network.refuseConnections();
                assertThrows(UncheckedIOException.class, () -> Caller.to(network));
                network.comeBack();
                aRoundTripElsewhere(network);
            }
            visitor.say("HTTP/1.1 200 OK\r\n\r\n");
            assertEquals(200, present.head().status());
            assertEquals(port, network.port());
        }

        @Test
        void ofAServerThatIsDownEndPresentConnectionsToo() {
            HostileNetwork network = network();
            Caller present = caller(network).ask("GET /");
            visitor().head();
            network.goDown();
            network.goDown();
            assertEquals(End.FIN, present.end());
            assertThrows(UncheckedIOException.class, () -> Caller.to(network));
            network.comeBack();
            network.comeBack();
            aRoundTripElsewhere(network);
        }
    }

    @Nested
    final class WhatIsSeen {
        @Test
        void isEachRequestAndItsKind() throws Exception {
            HostileNetwork network = portalNetwork();
            caller(network).upgrade("/bongsu/ws", ALICE).head();
            caller(network).ask(STREAM, ALICE).head();
            Caller third = caller(network);
            third.ask("GET /bongsu/api/poll?wait=0", ALICE).head();
            get(network, "/api/poll?topic=ops/*&wait=1");
            send(HttpRequest.newBuilder(network.url("/api/alive?c=1")).POST(BodyPublishers.noBody()));
            send(HttpRequest.newBuilder(network.url("/api/topics/chat/a")).POST(BodyPublishers.ofString("x")));
            get(network, "/");
            assertEquals(
                    List.of(
                            Kind.UPGRADE,
                            Kind.EVENT_STREAM,
                            Kind.POLL,
                            Kind.LONG_POLL,
                            Kind.ALIVE,
                            Kind.PUBLISH,
                            Kind.OTHER),
                    network.requests().stream().map(Request::kind).toList());
            assertEquals(1, network.requests(Kind.PUBLISH));
            assertEquals(
                    "GET /bongsu/api/poll?wait=0 HTTP/1.1 on connection 3",
                    network.requests().get(2).toString());
        }

        @Test
        void isHowManyConnectionsThereAreAndHaveBeen() {
            HostileNetwork network = portalNetwork();
            for (int tab = 1; tab <= 3; tab++) {
                try (Caller client = Caller.to(network)) {
                    client.upgrade("/bongsu/ws", ALICE).head();
                    assertEquals(1, network.openConnections());
                    assertEquals(1, network.underWay(Kind.UPGRADE));
                    assertEquals(1, network.receiving());
                }
                Await.until("it is gone", () -> network.openConnections() == 0);
                Await.until("its WebSocket is", () -> network.underWay(Kind.UPGRADE) == 0);
                assertEquals(tab, network.connections());
            }
        }

        @Test
        void isTheHeadBeforeItIsRewritten() throws Exception {
            HostileNetwork network = closed(HostileNetwork.to(portal)
                    .bearer("t1", "alice")
                    .rewriting(head -> head.without("X-Secret"))
                    .open());
            Caller client = caller(network);
            client.ask("GET /bongsu/api/session", "X-Secret: a", "Authorization: Bearer t1", "x-secret: b");
            Head answer = client.head();
            assertEquals(200, answer.status());
            assertTrue(client.hearUntil("}").contains("\"alice\""));
            Head seen = network.requests().get(0).head();
            assertEquals("Bearer t1", seen.header("authorization"));
            assertEquals("a", seen.header("X-Secret"));
            client.ask("GET /bongsu/api/session", "Authorization: Bearer t2");
            assertEquals(401, client.head().status());
        }
    }

    @Test
    void fiftyCanUseItAtATime() {
        HostileNetwork network = portalNetwork(new Latency(Duration.ofMillis(1)));
        List<Caller> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) clients.add(caller(network).ask(STREAM, ALICE));
        for (Caller client : clients) client.hearUntil("event: ready");
        assertEquals(50, network.openConnections());
        assertEquals(50, network.underWay(Kind.EVENT_STREAM));
        portal.publish("admin", "ops/fifty", "to all");
        for (Caller client : clients) client.hearUntil("to all");
    }
}
