package org.bongsu.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bongsu.Await;
import org.bongsu.Metronome;
import org.bongsu.PortalServer;
import org.bongsu.browser.EngineKind;
import org.bongsu.browser.EngineRoom;
import org.bongsu.network.HostileNetwork;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One connection for all tabs of a browser, whoever holds it and however that one goes. */
final class SharingIT {
    private static final int TABS = 10;
    private static final int BATCH = 7;
    /** What this machine may add where others work on it, too: browsers let tabs that nobody looks at wait for all the rest. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private static final EngineRoom ENGINES = new EngineRoom();

    private final List<ReaderPage> tabs = new ArrayList<>();
    private final Metronome time = new Metronome();

    @Nullable private PortalServer startedPortal;

    @Nullable private HostileNetwork startedNetwork;

    @AfterAll
    static void endTheEngines() {
        ENGINES.close();
    }

    @BeforeEach
    void startThePortal() {
        startedPortal =
                PortalServer.builder().testPages().with("durability", "relaxed").start();
        // A good one: it counts.
        startedNetwork = HostileNetwork.to(portal()).open();
    }

    @AfterEach
    void endAll() {
        time.close();
        tabs.forEach(ReaderPage::close);
        if (startedNetwork != null) startedNetwork.close();
        if (startedPortal != null) startedPortal.close();
    }

    static Stream<Arguments> everyWay() {
        return Stream.concat(
                Stream.of(Arguments.of(EngineKind.CHROMIUM, "worker"), Arguments.of(EngineKind.FIREFOX, "worker")),
                whereATabLeads());
    }

    static Stream<Arguments> whereATabLeads() {
        return Stream.of(
                Arguments.of(EngineKind.CHROMIUM, "locks"),
                Arguments.of(EngineKind.CHROMIUM, "lease"),
                Arguments.of(EngineKind.FIREFOX, "locks"),
                Arguments.of(EngineKind.WEBKITGTK, "locks"),
                Arguments.of(EngineKind.PHANTOMJS_2, "lease"),
                Arguments.of(EngineKind.PHANTOMJS_1, "lease"));
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void tenTabsHoldOneConnection(EngineKind kind, String way) {
        for (int i = 0; i < TABS; i++) open(kind, way, "ops/**");
        settle(way);

        Numbers.publish(portal(), 0, 100);

        for (ReaderPage tab : tabs) {
            tab.until("test.got.length >= 100");
            assertEquals(ReaderPage.numbers(100), tab.got());
        }
        Await.until("one connection receives", () -> network().receiving() == 1);
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void eachTabGetsItsOwnTopicsOnly(EngineKind kind, String way) {
        ReaderPage one = open(kind, way, "ops/**");
        ReaderPage other = open(kind, way, "sales/*");
        settle(way);
        portal().publish("backup-job", "ops/a", "for one");
        portal().publish("backup-job", "sales/a", "for the other");
        one.until("test.got.length >= 1");
        other.until("test.got.length >= 1");
        other.page().value("test.client.subscribe('ops/b')");
        other.until("test.isSettled()");
        portal().publish("backup-job", "ops/b", "for both");
        one.until("test.got.length >= 2");
        other.until("test.got.length >= 2");

        assertEquals(List.of("for one", "for both"), one.got());
        assertEquals(List.of("for the other", "for both"), other.got());
        Await.until("one connection receives", () -> network().receiving() == 1);
    }

    @ParameterizedTest
    @MethodSource("whereATabLeads")
    void theTabThatLeadsIsClosed(EngineKind kind, String way) {
        for (int i = 0; i < 4; i++) open(kind, way, "ops/**");
        settle(way);

        handOver(way, Duration.ofSeconds(2), ReaderPage::close);
    }

    @ParameterizedTest
    @CsvSource({"CHROMIUM, locks, 2", "CHROMIUM, lease, 10"})
    void theTabThatLeadsCrashes(EngineKind kind, String way, int seconds) {
        for (int i = 0; i < 4; i++) open(kind, way, "ops/**");
        settle(way);

        handOver(way, Duration.ofSeconds(seconds), tab -> tab.page().crash());
    }

    @ParameterizedTest
    @CsvSource({"CHROMIUM, locks", "CHROMIUM, lease"})
    void theTabThatLeadsIsFrozenAndComesBack(EngineKind kind, String way) {
        for (int i = 0; i < 4; i++) open(kind, way, "ops/**");
        settle(way);
        ReaderPage frozen = leader();

        // Nothing else runs in it meanwhile: no timer, no message.
        handOver(way, Duration.ofSeconds(10), tab -> tab.page().value("test.freeze(15000)"));

        tabs.add(frozen);
        int all = tabs.get(0).got().size();
        frozen.until("test.got.length >= " + all);
        assertEquals(tabs.get(0).got(), frozen.got());
        untilOneLeads();
    }

    /** The tab that leads ends while messages are published: another leads in time, and no tab loses or doubles any. */
    private void handOver(String way, Duration atMost, Consumer<ReaderPage> end) {
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Integer> publishing = CompletableFuture.supplyAsync(() -> {
            int count = 0;
            for (; !enough.get(); count += BATCH) Numbers.publish(portal(), count, count + BATCH);
            return count;
        });
        for (ReaderPage tab : tabs) tab.until("test.got.length >= 50");
        ReaderPage gone = leader();
        tabs.remove(gone);

        end.accept(gone);
        long ended = time.millis();
        untilOneLeads();
        Duration taken = time.since(ended);
        int then = tabs.get(0).got().size();
        for (ReaderPage tab : tabs) tab.until("test.got.length > " + then);
        enough.set(true);
        int count = publishing.orTimeout(Await.SECONDS, TimeUnit.SECONDS).join();

        for (ReaderPage tab : tabs) {
            tab.until("test.got.length >= " + count);
            assertEquals(ReaderPage.numbers(count), tab.got());
        }
        System.out.println(way + ": another tab leads after " + taken.toMillis() + " ms");
        assertTrue(taken.compareTo(atMost.plus(SLACK)) < 0, () -> taken + "; allowed: " + atMost);
    }

    private void untilOneLeads() {
        Await.until(
                "one leads",
                () -> tabs.stream()
                                .filter(tab -> tab.page()
                                        .is("test.client.state.leader && test.client.state.name === 'live'"
                                                + " && test.client.state.shared"))
                                .count()
                        == 1);
    }

    private ReaderPage leader() {
        return tabs.stream()
                .filter(tab -> tab.page().is("test.client.state.leader"))
                .findFirst()
                .orElseThrow();
    }

    private ReaderPage open(EngineKind kind, String way, String topics) {
        ReaderPage tab = new ReaderPage(ENGINES.get(kind), network().url("/"));
        tabs.add(tab);
        return tab.connect("{ topics: '" + topics + "', share: '" + way + "' }");
    }

    /** One leads, or the worker; all others follow. */
    private void settle(String way) {
        for (ReaderPage tab : tabs) {
            tab.until("test.isSettled() && test.client.state.shared === '" + way + "'");
        }
        if (!way.equals("worker")) untilOneLeads();
        for (ReaderPage tab : tabs) tab.until("test.client.state.transport !== 'longpoll'");
    }

    private PortalServer portal() {
        if (startedPortal == null) throw new IllegalStateException("the portal was not started");
        return startedPortal;
    }

    private HostileNetwork network() {
        if (startedNetwork == null) throw new IllegalStateException("the network was not opened");
        return startedNetwork;
    }
}
