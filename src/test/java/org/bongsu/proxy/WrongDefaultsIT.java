package org.bongsu.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.json.JsonNumber;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bongsu.Await;
import org.bongsu.LocalAuthority;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.browser.Browser;
import org.bongsu.browser.Page;
import org.bongsu.client.Numbers;
import org.bongsu.client.ReaderPage;
import org.bongsu.reader.PortalReader;
import org.bongsu.reader.Transport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What administrators write at first, and what the pages of {@code server-config} therefore show as wrong: the portal's client gets
 * every message once and in order over whatever is left, in a browser, over https.
 *
 * <p>All are tried at the same time, for what is wrong with most of them is their patience: between the first half of the messages
 * and the second there is a silence that is longer.
 */
final class WrongDefaultsIT {
    private static final int MANY = 1000;
    /** Two that are found everywhere, and that of the files. */
    private static final int[] TIMEOUTS = {5, 30, Proxy.TIMEOUT};

    private static final Duration SILENCE = Duration.ofSeconds(35);
    private static final List<String> HTTP = List.of("eventsource", "fetch", "xhr", "longpoll", "poll");

    private static final Deque<AutoCloseable> OPENED = new ArrayDeque<>();
    private static final Map<String, ReaderPage> PAGES = new LinkedHashMap<>();
    private static final Map<String, Site> SITES = new LinkedHashMap<>();

    /** What comes of a poll and of a stream during the silence. */
    private static final Map<String, CompletableFuture<Integer>> POLLS = new LinkedHashMap<>();

    private static final Map<String, PortalReader> STREAMS = new LinkedHashMap<>();

    private static <T extends AutoCloseable> T opened(T closeable) {
        OPENED.push(closeable);
        return closeable;
    }

    @BeforeAll
    static void beginAll() {
        Proxy.ALL.forEach(RunningProxy::program);
        LocalAuthority authority = opened(new LocalAuthority());
        LocalAuthority.Issued issued = authority.issue();
        Browser browser = opened(Browser.trusting(issued.pin()));

        // One that has been told nothing of a proxy.
        PortalServer untold = opened(
                PortalServer.builder().testPages().with("durability", "relaxed").start());
        Map<String, URI> addresses = new LinkedHashMap<>();
        for (Proxy kind : Proxy.ALL) {
            Config.wrong(kind.folder()).forEach((name, wrong) -> {
                Place place = opened(Place.fresh());
                place.install(issued);
                opened(RunningProxy.startWrong(kind, place, untold.port(), wrong));
                addresses.put(kind + ", " + name, place.url("/bongsu/"));
            });
        }

        // One that has, before which only the timeouts are wrong.
        Map<String, Place> impatient = new LinkedHashMap<>();
        for (Proxy kind : Proxy.ALL) {
            for (int seconds : TIMEOUTS) impatient.put(kind + ", " + seconds + " s", opened(Place.fresh()));
        }
        List<Place> places = List.copyOf(impatient.values());
        PortalServer told = opened(PortalServer.builder()
                .testPages()
                .with("durability", "relaxed")
                .with("publicUrl", places.get(0).url("/portal").toString())
                .with(
                        "origins",
                        places.stream()
                                .skip(1)
                                .map(place -> place.url("").toString())
                                .collect(Collectors.joining(",")))
                .valve(Config.remoteIpValve())
                .start());
        for (Proxy kind : Proxy.ALL) {
            for (int seconds : TIMEOUTS) {
                String name = kind + ", " + seconds + " s";
                Place place = impatient.get(name);
                if (place == null) throw new IllegalStateException(name);
                place.install(issued);
                opened(RunningProxy.startImpatient(kind, place, told.port(), seconds));
                addresses.put(name, place.url("/portal/"));
            }
        }

        HttpClient client = authority.client(HttpClient.Version.HTTP_2);
        addresses.forEach((name, address) -> SITES.put(name, new Site(address, client)));
        addresses.forEach((name, address) -> PAGES.put(
                name, opened(new ReaderPage(browser, address)).connect("{ topics: 'ops/numbers', share: false }")));
        PAGES.values().forEach(page -> page.until("test.isSettled()"));
        List<PortalServer> portals = List.of(untold, told);
        portals.forEach(portal -> Numbers.publish(portal, 0, MANY / 2));
        PAGES.values().forEach(page -> page.until("test.got.length >= " + MANY / 2));
        SITES.forEach((name, site) -> {
            POLLS.put(name, poll(site));
            STREAMS.put(name, opened(Transport.SSE.open(site, "alice", List.of("silent"), null)));
        });
        long begun = System.nanoTime();
        Await.until("a silence longer than any patience", () -> System.nanoTime() - begun > SILENCE.toNanos());
        portals.forEach(portal -> Numbers.publish(portal, MANY / 2, MANY));
    }

    private static CompletableFuture<Integer> poll(Site site) {
        String cursor = Site.json(
                        site.get("alice", "/api/poll?topic=silent&wait=0").body())
                .getString("cursor");
        return site.client()
                .sendAsync(
                        site.request("alice", "/api/poll?topic=silent&wait=25&after=" + cursor)
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .thenApply(HttpResponse::statusCode);
    }

    @AfterAll
    static void endAll() throws Exception {
        while (!OPENED.isEmpty()) OPENED.pop().close();
    }

    /** What is left, and whether it is cut again and again. */
    static Stream<Arguments> tries() {
        return Stream.of(
                Arguments.of("nginx, bare", List.of("eventsource"), false),
                Arguments.of("nginx, buffering", List.of("longpoll"), false),
                Arguments.of("nginx, 5 s", HTTP, true),
                Arguments.of("nginx, 30 s", List.of("websocket"), false),
                Arguments.of("nginx, 90 s", List.of("websocket"), false),
                Arguments.of("httpd, bare", List.of("eventsource"), false),
                Arguments.of("httpd, compression", List.of("eventsource"), false),
                Arguments.of("httpd, 5 s", List.of("websocket"), false),
                Arguments.of("httpd, 30 s", List.of("websocket"), false),
                Arguments.of("httpd, 90 s", List.of("websocket"), false),
                Arguments.of("haproxy, bare", List.of("eventsource"), false),
                Arguments.of("haproxy, 5 s", HTTP, true),
                Arguments.of("haproxy, 30 s", List.of("websocket"), false),
                Arguments.of("haproxy, 90 s", List.of("websocket"), false));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("tries")
    void everythingArrivesOnceAndInOrderOverWhatIsLeft(String name, List<String> left, boolean isCut) {
        ReaderPage reader = PAGES.get(name);
        if (reader == null) throw new AssertionError("the page does not show " + name);
        reader.until("test.got.length >= " + MANY);
        assertEquals(ReaderPage.numbers(MANY), reader.got());
        Page page = reader.page();
        String transport = page.text("test.client.state.transport");
        int breaks = page.value("test.client.state.breaks") instanceof JsonNumber number ? number.intValue() : -1;
        String tried = page.text("test.client.state.tried.map(function (one) {"
                + " return one.transport + ' ' + one.result; }).join(', ')");
        System.out.printf("%s: %s, cut %d times; %s%n", name, transport, breaks, tried);
        assertTrue(left.contains(transport), transport);
        assertEquals(isCut, breaks > 0);
    }

    @Test
    void everyWrongOneOnThePagesIsTried() {
        assertEquals(
                PAGES.keySet(), tries().map(one -> String.valueOf(one.get()[0])).collect(Collectors.toSet()));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "'nginx, bare', 426",
        "'nginx, 90 s', 101",
        "'httpd, bare', 426",
        "'httpd, 90 s', 101",
        "'haproxy, bare', 403",
        "'haproxy, 90 s', 101",
    })
    void aWebSocketIsAnswered(String name, int status) throws IOException {
        Site site = site(name);
        try (Socket socket = authority()
                .trusted()
                .getSocketFactory()
                .createSocket("localhost", site.base().getPort())) {
            socket.setSoTimeout(Await.MILLIS);
            socket.getOutputStream()
                    .write(("GET " + site.base().getPath() + "ws HTTP/1.1\r\nHost: "
                                    + site.base().getAuthority() + "\r\nOrigin: " + site.origin()
                                    + "\r\nAuthorization: " + Site.basic("alice")
                                    + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
                                    + "\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertEquals("HTTP/1.1 " + status, answer);
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "'nginx, 5 s', 504",
        "'nginx, 30 s', 200",
        "'httpd, 5 s', 502",
        "'httpd, 30 s', 200",
        "'haproxy, 5 s', 504",
        "'haproxy, 30 s', 200",
    })
    void aPollOf25SecondsIsAnswered(String name, int status) throws Exception {
        CompletableFuture<Integer> poll = POLLS.get(name);
        if (poll == null) throw new AssertionError(name);
        assertEquals(status, poll.get(Await.SECONDS, TimeUnit.SECONDS));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "'nginx, 5 s', End",
        "'nginx, 30 s', Ping",
        "'httpd, 5 s', End",
        "'httpd, 30 s', Ping",
        "'haproxy, 5 s', End",
        "'haproxy, 30 s', Ping",
    })
    void aStreamOnWhichNothingComesIsFollowedBy(String name, String kind) {
        PortalReader stream = STREAMS.get(name);
        if (stream == null) throw new AssertionError(name);
        stream.awaitReady();
        assertEquals(kind, stream.next().getClass().getSimpleName());
    }

    private static Site site(String name) {
        Site site = SITES.get(name);
        if (site == null) throw new AssertionError(name);
        return site;
    }

    private static LocalAuthority authority() {
        return OPENED.stream()
                .filter(LocalAuthority.class::isInstance)
                .map(LocalAuthority.class::cast)
                .findFirst()
                .orElseThrow();
    }
}
