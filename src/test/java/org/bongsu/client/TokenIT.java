package org.bongsu.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.bongsu.Await;
import org.bongsu.PortalServer;
import org.bongsu.browser.EngineKind;
import org.bongsu.browser.EngineRoom;
import org.bongsu.browser.TestSite;
import org.bongsu.network.HostileNetwork;
import org.bongsu.network.Kind;
import org.bongsu.network.Request;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A page of another origin that has a token and sends no cookie.
 *
 * <p>The portal has no tokens yet: the network makes a password of it. A WebSocket cannot be opened with one, and a portal
 * that would take it in the first frame is still to come.
 */
final class TokenIT {
    private static final EngineRoom ENGINES = new EngineRoom();

    @Nullable private static TestSite site;

    @Nullable private static PortalServer portal;

    @Nullable private HostileNetwork network;

    @BeforeAll
    static void startAll() {
        TestSite elsewhere = new TestSite();
        site = elsewhere;
        portal = PortalServer.builder()
                .testPages()
                .with("durability", "relaxed")
                .with("origins", origin(elsewhere))
                .start();
    }

    @AfterAll
    static void endAll() {
        ENGINES.close();
        if (portal != null) portal.close();
        if (site != null) site.close();
    }

    @BeforeEach
    void openTheNetwork() {
        network = HostileNetwork.to(portal()).bearer("t1", "alice").open();
    }

    @AfterEach
    void closeTheNetwork() {
        if (network != null) network.close();
    }

    static Stream<Arguments> transports() {
        return Stream.concat(
                Stream.of("fetch", "xhr", "longpoll", "poll").map(name -> Arguments.of(EngineKind.CHROMIUM, name)),
                Stream.of("xhr", "longpoll", "poll").map(name -> Arguments.of(EngineKind.PHANTOMJS_2, name)));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void messagesComeOnceAndInOrderAndNoCookieGoesAlong(EngineKind kind, String transport) {
        try (ForeignPage page = open(kind)) {
            page.page().value("(function () { document.cookie = 'stray=1; path=/'; }())");
            page.connect("{ token: 't1', topics: 'ops/**', transports: ['" + transport + "'] }")
                    .settle();

            Numbers.publish(portal(), 0, 100);

            assertEquals(ReaderPage.numbers(100), page.got(100));
            List<Request> asked = apiRequests();
            assertFalse(asked.isEmpty());
            for (Request request : asked) {
                assertEquals("Bearer t1", request.head().header("Authorization"), request::toString);
                assertNull(request.head().header("Cookie"), request::toString);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"CHROMIUM, fetch", "PHANTOMJS_2, xhr"})
    void whatCannotSendATokenIsPassedOverAndItSaysWhy(EngineKind kind, String best) {
        try (ForeignPage page = open(kind)) {
            page.connect("{ token: 't1', topics: 'ops/**', share: false }").settle();

            assertEquals(best, page.page().text("client.state.transport"));
            List<String> why = page.page().texts("client.state.why");
            assertEquals(
                    "WebSocket refused, though an ordinary request to its address arrives (HTTP 426); a browser opens it"
                            + " without the token",
                    why.get(0));
            assertEquals("Server-Sent Events cannot send a token", why.get(1));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CHROMIUM", "PHANTOMJS_2"})
    void aWrongTokenStopsIt(EngineKind kind) {
        try (ForeignPage page = open(kind)) {
            page.connect("{ token: 'another', topics: 'ops/**' }");

            page.page().waitUntil("errors.length");
            assertEquals("[401]", page.page().text("JSON.stringify(errors)"));
            assertEquals("stopped", page.page().text("client.state.name"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CHROMIUM", "PHANTOMJS_2"})
    void itPublishesToo(EngineKind kind) {
        try (ForeignPage page = open(kind)) {
            page.connect("{ token: 't1', topics: 'chat/general', share: false }")
                    .settle();

            page.page().value("client.publish('chat/general', 'hello', function () {})");

            assertEquals(List.of("hello"), page.got(1));
        }
    }

    /**
     * A browser adds the cookie to a WebSocket, whatever the page wishes. It was read as who had signed in, and then the
     * refused token stopped the client although it was a good one.
     */
    @Test
    void aSessionOfTheSameBrowserChangesNothing() {
        try (ReaderPage signedIn = new ReaderPage(
                        ENGINES.get(EngineKind.CHROMIUM), network().url("/"));
                ForeignPage page = open(EngineKind.CHROMIUM)) {
            page.connect("{ token: 't1', topics: 'ops/**', share: false }").settle();

            assertEquals("fetch", page.page().text("client.state.transport"));
            assertEquals("[]", page.page().text("JSON.stringify(errors)"));
            assertTrue(network().requests(Kind.UPGRADE) > 0);
            Await.until("no socket is left", () -> network().underWay(Kind.UPGRADE) == 0);
            assertTrue(signedIn.page().is("test.signedIn === 204"));
        }
    }

    private List<Request> apiRequests() {
        return network().requests().stream()
                .filter(request -> request.head().target().contains("/api/")
                        && !request.head().method().equals("OPTIONS"))
                .toList();
    }

    private ForeignPage open(EngineKind kind) {
        if (site == null) throw new IllegalStateException("the site was not started");
        String path = "/" + network().port();
        ForeignPage.publish(site, path, network().url("/"), "", "");
        return new ForeignPage(ENGINES.get(kind), site.url(path));
    }

    static String origin(TestSite site) {
        return "http://" + site.url("/").getAuthority();
    }

    private static PortalServer portal() {
        if (portal == null) throw new IllegalStateException("the portal was not started");
        return portal;
    }

    private HostileNetwork network() {
        if (network == null) throw new IllegalStateException("the network was not opened");
        return network;
    }
}
