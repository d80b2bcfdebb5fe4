package org.bongsu.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bongsu.PortalServer;
import org.bongsu.browser.EngineKind;
import org.bongsu.browser.EngineRoom;
import org.bongsu.browser.TestSite;
import org.bongsu.network.HostileNetwork;
import org.bongsu.node.Node;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A client is an observable to RxJS, whichever of the two was there first and however it finds what may be observed. */
final class ObservableIT {
    private static final EngineRoom ENGINES = new EngineRoom();
    private static final String RXJS = "<script src=\"/rxjs/rxjs.umd.min.js\"></script>\n";
    /** PhantomJS has no symbols: any value will do. */
    private static final String SYMBOL = "<script>window.Symbol = window.Symbol || function () {};"
            + "Symbol.observable = typeof Symbol.iterator === 'symbol' ? Symbol('observable') : '@@observable';</script>\n";

    @Nullable private static TestSite site;

    @Nullable private static PortalServer portal;

    @Nullable private static HostileNetwork network;

    /** What comes before the client's scripts, and what behind them. */
    private enum Order {
        BEFORE(RXJS, ""),
        AFTER("", RXJS),
        BEFORE_WITH_THE_SYMBOL_FIRST(SYMBOL + RXJS, ""),
        BEFORE_WITH_THE_SYMBOL_BETWEEN(RXJS + SYMBOL, ""),
        BEFORE_WITH_THE_SYMBOL_LAST(RXJS, SYMBOL),
        AFTER_WITH_THE_SYMBOL_FIRST(SYMBOL, RXJS),
        AFTER_WITH_THE_SYMBOL_BETWEEN("", SYMBOL + RXJS),
        AFTER_WITH_THE_SYMBOL_LAST("", RXJS + SYMBOL);

        private final String before;
        private final String after;

        Order(String before, String after) {
            this.before = before;
            this.after = after;
        }
    }

    @BeforeAll
    static void startAll() {
        Node.require();
        TestSite elsewhere =
                new TestSite().files("/rxjs/", Node.FOLDER.resolve(Path.of("node_modules", "rxjs", "dist", "bundles")));
        site = elsewhere;
        portal = PortalServer.builder()
                .testPages()
                .with("durability", "relaxed")
                .with("origins", TokenIT.origin(elsewhere))
                .start();
        network = HostileNetwork.to(portal)
                .bearer("t1", "alice")
                .bearer("t2", "nobody")
                .open();
        for (Order order : Order.values()) {
            ForeignPage.publish(elsewhere, "/" + order, network.url("/"), order.before, order.after);
        }
    }

    @AfterAll
    static void endAll() {
        ENGINES.close();
        if (network != null) network.close();
        if (portal != null) portal.close();
        if (site != null) site.close();
    }

    static Stream<Arguments> everyOrder() {
        return Stream.of(EngineKind.CHROMIUM, EngineKind.PHANTOMJS_2)
                .flatMap(kind -> Stream.of(Order.values()).map(order -> Arguments.of(kind, order)));
    }

    @ParameterizedTest
    @MethodSource("everyOrder")
    void threeAreTakenAndThenItIsLeft(EngineKind kind, Order order) {
        try (ForeignPage page = open(kind, order)) {
            page.connect("{ token: 't1', topics: 'ops/numbers', share: false, transports: ['longpoll'] }")
                    .settle();
            page.page().value("void observe(rxjs.from(client).pipe(rxjs.take(3)))");

            Numbers.publish(portal(), 0, 7);

            assertEquals(ReaderPage.numbers(7), page.got(7));
            assertEquals(List.of("0", "1", "2", "complete"), page.page().texts("seen"));
            assertEquals(List.of(), page.page().complaints());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CHROMIUM", "PHANTOMJS_2"})
    void whoUnsubscribesIsToldNothingMore(EngineKind kind) {
        try (ForeignPage page = open(kind, Order.BEFORE)) {
            page.connect("{ token: 't1', topics: 'ops/numbers', share: false, transports: ['longpoll'] }")
                    .settle();
            page.page().value("void (one = observe(rxjs.from(client)))");
            Numbers.publish(portal(), 0, 7);
            page.page().waitUntil("seen.length >= 7");

            page.page().value("one.unsubscribe()");
            Numbers.publish(portal(), 7, 14);

            page.got(14);
            page.page().value("client.close()");
            assertEquals(ReaderPage.numbers(7), page.page().texts("seen"));
        }
    }

    @ParameterizedTest
    @CsvSource({"CHROMIUM, another, 401", "CHROMIUM, t2, 403", "PHANTOMJS_2, another, 401", "PHANTOMJS_2, t2, 403"})
    void aRefusalIsItsError(EngineKind kind, String token, int status) {
        try (ForeignPage page = open(kind, Order.BEFORE)) {
            page.page()
                    .value("void (connect({ token: '" + token + "', topics: 'ops/numbers', share: false }),"
                            + " observe(rxjs.from(client)))");

            page.page().waitUntil("seen.length");
            assertEquals(List.of("error " + status), page.page().texts("seen"));
        }
    }

    /** What a proxy answers for a while ended it, although the client went on. */
    @ParameterizedTest
    @EnumSource(names = {"CHROMIUM", "PHANTOMJS_2"})
    void whatIsTriedAgainIsNoError(EngineKind kind) {
        try (ForeignPage page = open(kind, Order.BEFORE)) {
            page.page()
                    .value("void (connect({ token: 't1', topics: 'no topic', share: false }),"
                            + " observe(rxjs.from(client)))");

            page.page().waitUntil("errors.length");
            assertEquals("waiting", page.page().text("client.state.name"));
            assertEquals(List.of(), page.page().texts("seen"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CHROMIUM", "PHANTOMJS_2"})
    void closingTheClientCompletesItAtOnceOrFromTheStart(EngineKind kind) {
        try (ForeignPage page = open(kind, Order.BEFORE)) {
            page.connect("{ token: 't1', topics: 'ops/numbers', share: false }").settle();
            page.page().value("void observe(rxjs.from(client))");
            page.page().value("client.close()");
            assertEquals(List.of("complete"), page.page().texts("seen"));

            page.page().value("void observe(rxjs.from(client))");
            assertEquals(List.of("complete", "complete"), page.page().texts("seen"));
        }
    }

    private static ForeignPage open(EngineKind kind, Order order) {
        if (site == null) throw new IllegalStateException("the site was not started");
        ForeignPage page = new ForeignPage(ENGINES.get(kind), site.url("/" + order));
        page.page()
                .value("void (window.seen = [], window.one = null, window.observe = function (what) {"
                        + " return what.subscribe({"
                        + " next: function (message) { seen.push(message.body); },"
                        + " error: function (problem) { seen.push('error ' + problem.status); },"
                        + " complete: function () { seen.push('complete'); } }); })");
        return page;
    }

    private static PortalServer portal() {
        if (portal == null) throw new IllegalStateException("the portal was not started");
        return portal;
    }
}
