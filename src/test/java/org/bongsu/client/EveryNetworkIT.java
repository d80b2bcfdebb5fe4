package org.bongsu.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.bongsu.PortalServer;
import org.bongsu.browser.EngineKind;
import org.bongsu.browser.EngineRoom;
import org.bongsu.network.End;
import org.bongsu.network.HostileNetwork;
import org.bongsu.network.Preset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The client on every kind of network: the best transport that it lets through wins, the first message does not wait for
 * that, and connections that are cut in the middle lose and double nothing.
 */
final class EveryNetworkIT {
    private static final int MANY = 1000;
    private static final int RUNS = 20;
    /** Chromium makes those wait that have given up sixteen WebSockets; the first message does not come by one anyway. */
    private static final String WITHOUT_WEBSOCKET = "['eventsource', 'fetch', 'xhr', 'longpoll', 'poll']";

    private static final EngineRoom ENGINES = new EngineRoom();

    /** One for all: a client on another network has another origin, so nothing is remembered from the one before. */
    @Nullable private static PortalServer started;

    @BeforeAll
    static void startThePortal() {
        started = PortalServer.builder()
                .testPages()
                .with("durability", "relaxed")
                .with("heartbeat", "1s")
                .start();
    }

    @AfterAll
    static void endAll() {
        ENGINES.close();
        if (started != null) started.close();
    }

    /** One engine of today and one of old on every network; the others on one of each kind. */
    static Stream<Arguments> everywhere() {
        return Stream.of(
                        EngineKind.CHROMIUM,
                        EngineKind.PHANTOMJS_2,
                        EngineKind.FIREFOX,
                        EngineKind.WEBKITGTK,
                        EngineKind.JAVAFX)
                .flatMap(kind -> networks(kind).map(preset -> Arguments.of(kind, preset)));
    }

    private static Stream<Preset> networks(EngineKind kind) {
        return switch (kind) {
            case CHROMIUM, PHANTOMJS_2 -> Preset.all().stream();
            default ->
                Stream.of(
                        Preset.latency(Duration.ofMillis(100)),
                        Preset.webSocketBlackHole(),
                        Preset.webSocketAcceptedThenClosed(),
                        Preset.webSocketRefused(403).and(Preset.streamsBuffered(), Preset.Best.LONG_POLL));
        };
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("everywhere")
    void theBestWayWinsAndNothingIsLostOrDoubledOnTheWay(EngineKind kind, Preset preset) {
        PortalServer portal = portal();
        String before = portal.publish("backup-job", "ops/mark", "before");
        portal.publish("backup-job", "ops/first", "first");
        try (HostileNetwork network = HostileNetwork.to(portal).with(preset).open();
                ReaderPage reader = new ReaderPage(ENGINES.get(kind), root(network))) {
            List<Integer> firsts = reader.firstMessages(
                    "{ topics: 'ops/first', after: '" + before + "', transports: " + WITHOUT_WEBSOCKET + " }", RUNS);
            reader.page().value("(function () { try { localStorage.clear(); } catch (e) {} }())");
            long began = System.nanoTime();
            // Where breaks come at random nothing is waited for before numbers are published: "latest" may be too late.
            reader.connect("{ topics: 'ops/numbers', after: '" + before + "', share: false }");
            if (!isRandom(preset)) reader.settleOn(names(kind, preset.best()));
            double settled = (System.nanoTime() - began) / 1e9;

            CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> Numbers.publish(portal, 0, MANY));
            for (int cuts = 0; cuts < 5; cuts++) {
                int next = 200 * cuts + 100;
                reader.until("test.got.length >= " + next);
                network.cut(cuts % 2 == 0 ? End.RST : End.FIN);
            }
            publishing.join();

            reader.until("test.got.length >= " + MANY);
            assertEquals(ReaderPage.numbers(MANY), reader.got());
            int p95 = firsts.get(RUNS * 95 / 100 - 1);
            System.out.printf(
                    "%s, %s: %s; first message %d ms (p95 of %d), settled in %.1f s; %s%n",
                    kind,
                    preset,
                    reader.page().text("test.client.state.transport"),
                    p95,
                    RUNS,
                    settled,
                    String.join("; ", reader.why()));
        }
    }

    private static boolean isRandom(Preset preset) {
        return preset.name().contains("random");
    }

    private static List<String> names(EngineKind kind, Preset.Best best) {
        // That engine shows nothing of a response before its end, and of a WebSocket nothing at all.
        if (kind == EngineKind.JAVAFX && best != Preset.Best.POLL) return List.of("longpoll");
        return switch (best) {
            case WEBSOCKET -> List.of("websocket");
            case EVENT_STREAM -> List.of("eventsource", "fetch", "xhr");
            case LONG_POLL -> List.of("longpoll");
            case POLL -> List.of("poll");
        };
    }

    private static PortalServer portal() {
        if (started == null) throw new IllegalStateException("the portal was not started");
        return started;
    }

    private static URI root(HostileNetwork network) {
        return network.url("/");
    }
}
