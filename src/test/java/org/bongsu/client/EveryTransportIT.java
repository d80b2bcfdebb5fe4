package org.bongsu.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.bongsu.PortalServer;
import org.bongsu.browser.EngineKind;
import org.bongsu.browser.EngineRoom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every transport in every engine that has it: in order, once, and on after the server was away. */
final class EveryTransportIT {
    private static final int MANY = 1000;
    private static final EngineRoom ENGINES = new EngineRoom();

    @Nullable private PortalServer running;

    @AfterAll
    static void endTheEngines() {
        ENGINES.close();
    }

    @AfterEach
    void endThePortal() {
        if (running != null) running.close();
    }

    static Stream<Arguments> enginesAndTheirTransports() {
        return Stream.of(EngineKind.values()).flatMap(kind -> transports(kind).map(name -> Arguments.of(kind, name)));
    }

    private static Stream<String> transports(EngineKind kind) {
        return switch (kind) {
            // Its WebSocket is older than the protocol.
            case PHANTOMJS_1 -> Stream.of("eventsource", "xhr", "longpoll", "poll");
            case PHANTOMJS_2 -> Stream.of("websocket", "eventsource", "xhr", "longpoll", "poll");
            // Behind something that shows nothing of a response before its end, as this engine is by itself.
            case JAVAFX -> Stream.of("longpoll", "poll");
            case CHROMIUM, FIREFOX, WEBKITGTK ->
                Stream.of("websocket", "eventsource", "fetch", "xhr", "longpoll", "poll");
        };
    }

    @ParameterizedTest
    @MethodSource("enginesAndTheirTransports")
    void aThousandMessagesComeOnceAndInOrder(EngineKind kind, String transport) {
        PortalServer portal = start(PortalServer.builder());
        try (ReaderPage reader = new ReaderPage(ENGINES.get(kind), root(portal))) {
            reader.connect("{ topics: 'ops/**', transports: ['" + transport + "'] }")
                    .settleOn(List.of(transport));

            Numbers.publish(portal, 0, MANY);

            reader.until("test.got.length >= " + MANY);
            assertEquals(ReaderPage.numbers(MANY), reader.got());
            assertEquals(List.of(), complaints(reader));
        }
    }

    /** But not that an engine is older than a word of the security policy. */
    private static List<String> complaints(ReaderPage reader) {
        return reader.page().complaints().stream()
                .filter(complaint -> !complaint.contains("Unrecognized Content-Security-Policy directive"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("enginesAndTheirTransports")
    void whatCameWhileTheServerWasAwayComesToo(EngineKind kind, String transport, @TempDir Path home) {
        PortalServer portal = start(PortalServer.builder().home(home));
        int port = portal.port();
        try (ReaderPage reader = new ReaderPage(ENGINES.get(kind), root(portal))) {
            reader.connect("{ topics: 'ops/**', transports: ['" + transport + "'], random: function () { return 0; } }")
                    .settleOn(List.of(transport));
            Numbers.publish(portal, 0, 10);
            reader.until("test.got.length >= 10");

            portal.close();
            portal = start(PortalServer.builder().home(home).port(port));
            Numbers.publish(portal, 10, 20);
            signInAgain(reader);
            Numbers.publish(portal, 20, 30);

            reader.until("test.got.length >= 30");
            assertEquals(ReaderPage.numbers(30), reader.got());
        }
    }

    @ParameterizedTest
    @EnumSource
    void leftToItselfItTakesTheBestThatTheEngineHas(EngineKind kind) {
        PortalServer portal = start(PortalServer.builder());
        try (ReaderPage reader = new ReaderPage(ENGINES.get(kind), root(portal))) {
            reader.connect("{ topics: 'ops/**', share: false }")
                    .settleOn(List.of(transports(kind).findFirst().orElseThrow()));

            System.out.println(kind + ": " + String.join("; ", reader.why()));
        }
    }

    @ParameterizedTest
    @CsvSource({"PHANTOMJS_2", "PHANTOMJS_1", "CHROMIUM"})
    void whereEventSourceIsMissingThePolyfillIsLoadedAndUsed(EngineKind kind) {
        PortalServer portal = start(PortalServer.builder());
        String without = "window.EventSource = undefined; window.fetch = undefined; window.WebSocket = undefined;";
        try (ReaderPage reader = new ReaderPage(ENGINES.get(kind), root(portal), without)) {
            assertEquals("undefined", reader.page().text("typeof EventSource"));
            assertEquals("undefined", reader.page().text("typeof Bongsu.EventSource"));
            reader.connect("{ topics: 'ops/**', share: false }").settleOn(List.of("xhr"));

            Numbers.publish(portal, 0, MANY);

            reader.until("test.got.length >= " + MANY);
            assertEquals(ReaderPage.numbers(MANY), reader.got());
            assertEquals("function", reader.page().text("typeof EventSource"), "it fills the gap for others, too");
        }
    }

    static Stream<Arguments> wherePeopleLogOut() {
        return Stream.of(EngineKind.CHROMIUM, EngineKind.PHANTOMJS_2)
                .flatMap(kind -> transports(kind).map(name -> Arguments.of(kind, name)));
    }

    @ParameterizedTest
    @MethodSource("wherePeopleLogOut")
    void aLogoutElsewhereShowsWithinFiveSeconds(EngineKind kind, String transport) {
        PortalServer portal = start(PortalServer.builder());
        try (ReaderPage reader = new ReaderPage(ENGINES.get(kind), root(portal));
                ReaderPage elsewhere = new ReaderPage(ENGINES.get(kind), root(portal))) {
            reader.connect("{ topics: 'ops/**', transports: ['" + transport + "'] }")
                    .settleOn(List.of(transport));

            elsewhere.page().value("test.signOut()");
            elsewhere.until("test.signedOut");
            long signedOut = System.nanoTime();

            reader.until("test.errors.length && test.errors[0].status === 401");
            Duration taken = Duration.ofNanos(System.nanoTime() - signedOut);
            assertTrue(taken.compareTo(Duration.ofSeconds(5)) < 0, taken::toString);
            assertEquals("stopped", reader.page().text("test.client.state.name"));
        }
    }

    /** Sessions live in the server's memory here: a client is told so, stops, and goes on when one is signed in again. */
    private static void signInAgain(ReaderPage reader) {
        reader.until("test.errors.length && test.errors[0].status === 401");
        reader.page().value("test.signedIn = 0");
        reader.page().value("test.signIn('alice')");
        reader.until("test.signedIn === 204");
        reader.page().value("test.client.retry()");
    }

    private PortalServer start(PortalServer.Builder builder) {
        running = builder.testPages().with("durability", "relaxed").start();
        return running;
    }

    private static URI root(PortalServer portal) {
        return portal.url("/");
    }
}
