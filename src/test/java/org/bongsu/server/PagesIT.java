package org.bongsu.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.reader.PortalReader;
import org.bongsu.reader.PortalReader.Event;
import org.bongsu.reader.Transport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each wanted server with all that is on its page in {@code server-config}: TLS and HTTP/2, people, PostgreSQL. Black box, as
 * {@link ServersIT}; what holds there without these is not asked again.
 */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("org.bongsu.server.Recipes#wanted")
final class PagesIT {
    /** As many tabs as nobody has. */
    private static final int STREAMS = 100;

    private static final int BURST = 200;

    /** In a second or less; with a hundred Jetty takes it for an attack. */
    private static final int PAGES = 30;

    /** In all; a million by hand. */
    private static final int CANARIES = Integer.getInteger("canaries", 30_000);

    /** An address, as the kernel writes it, and a port: 127.0.0.1, the same in IPv6, and ::1. */
    private static final Pattern LOOPBACK =
            Pattern.compile("(0100007F|0{16}FFFF00000100007F|0{24}01000000):[0-9A-F]{4}");

    @Nullable private static FullServer running;

    private final Recipe recipe;

    PagesIT(Recipe recipe) {
        this.recipe = recipe;
    }

    @BeforeParameterizedClassInvocation
    static void start(Recipe recipe) {
        running = new FullServer(recipe);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (running != null) running.close();
        running = null;
    }

    private static FullServer full() {
        if (running == null) throw new IllegalStateException("it was not started");
        return running;
    }

    private static Site site() {
        return full().site();
    }

    @Test
    void httpTwoIsSpoken() {
        assertEquals(
                HttpClient.Version.HTTP_2, site().get("alice", "/api/session").version());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void todaysTlsIsSpoken(String version) throws IOException {
        try (SSLSocket socket = (SSLSocket) full().trusted()
                .getSocketFactory()
                .createSocket("localhost", site().base().getPort())) {
            socket.setEnabledProtocols(new String[] {version});
            socket.startHandshake();
            assertEquals(version, socket.getSession().getProtocol());
        }
    }

    @Test
    void aHundredStreamsOfOneConnectionAreToldEverythingOnceAndInOrder() {
        Site shared = full().siteAnew();
        Set<String> before = full().connections();
        List<PortalReader> readers = new ArrayList<>();
        try {
            for (int i = 0; i < STREAMS; i++) {
                String guest = StandardServer.GUESTS.get(i);
                readers.add(Transport.SSE
                        .open(shared, guest, List.of("burst/*"), null)
                        .awaitReady());
            }
            Set<String> added = full().connections();
            added.removeAll(before);
            assertEquals(1, added.size(), "connections");
            List<String> published = new ArrayList<>();
            for (int i = 0; i < BURST; i++) published.add(site().publish("burst/" + i % 7, "no. " + i));
            for (PortalReader reader : readers) {
                List<String> told =
                        reader.messages(BURST).stream().map(Event.Message::id).toList();
                assertEquals(published, told, reader.toString());
            }
            String last = site().publish("burst/last", "no more");
            for (PortalReader reader : readers)
                assertEquals(last, reader.message().id());
        } finally {
            readers.forEach(PortalReader::close);
        }
    }

    /** Somebody goes from page to page, each of which opens a stream, while another tab stays where it is. */
    @Test
    void streamsThatAreLeftDoNotEndTheOthersOfTheirConnection() {
        Site shared = full().siteAnew();
        try (PortalReader staying =
                Transport.SSE.open(shared, "alice", List.of("stay/*"), null).awaitReady()) {
            for (int i = 0; i < PAGES; i++) {
                Transport.SSE
                        .open(shared, "alice", List.of("go/*"), null)
                        .awaitReady()
                        .close();
            }
            String id = site().publish("stay/here", "still there?");
            assertEquals(id, staying.message().id());
            assertEquals(1, online("stay/here"));
            if (recipe.deviations().contains(Deviation.KEEPS_RESET_STREAMS)) {
                assertTrue(online("go/away") > 0, "those that were left are known of");
            } else {
                Await.until("the portal knows of those that were left", () -> online("go/away") == 0);
            }
        }
    }

    /** How many readers a message finds there. */
    private static int online(String topic) {
        HttpResponse<String> answer = site().send(site().request("admin", "/api/topics/" + topic)
                .header("Content-Type", "text/plain;charset=UTF-8")
                .POST(BodyPublishers.ofString("who is here?")));
        assertEquals(201, answer.statusCode(), answer.body());
        return Site.json(answer.body()).getInt("online");
    }

    @Test
    void aWebSocketIsToldWhatIsPublished() {
        try (PortalReader reader = Transport.WEBSOCKET
                .open(site(), "alice", List.of("secure/*"), null)
                .awaitReady()) {
            String id = site().publish("secure/socket", "over wss");
            assertEquals(id, reader.message().id());
        }
        WebSocket socket = site().client()
                .newWebSocketBuilder()
                .subprotocols("something.else", "bongsu.v1")
                .header("Authorization", Site.basic("alice"))
                .buildAsync(site().wsUrl("/ws"), new WebSocket.Listener() {})
                .join();
        assertEquals("bongsu.v1", socket.getSubprotocol());
        socket.abort();
    }

    @Test
    void theCookieOfASessionGoesNowhereElse() {
        HttpResponse<String> login = site().send(site().request("/api/session")
                .header("Origin", site().origin())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"user\":\"alice\",\"password\":\"alice\"}")));
        assertEquals(204, login.statusCode(), login.body());
        List<String> cookies = login.headers().allValues("Set-Cookie");
        assertTrue(!cookies.isEmpty(), "no cookie");
        List<String> all = new ArrayList<>(List.of("Path=/bongsu", "HttpOnly", "Secure"));
        boolean sameSite = !recipe.deviations().contains(Deviation.HAS_NO_SAME_SITE);
        if (sameSite) all.add("SameSite=Lax");
        for (String cookie : cookies) {
            List<String> attributes =
                    Stream.of(cookie.split(";", -1)).map(String::strip).toList();
            for (String wanted : all) {
                assertTrue(attributes.stream().anyMatch(wanted::equalsIgnoreCase), wanted + " in " + cookie);
            }
            assertEquals(sameSite, cookie.contains("SameSite"), cookie);
        }
        HttpResponse<String> who = site().send(site().request("/api/session").header("Cookie", site().login("alice")));
        assertTrue(who.body().contains("\"alice\""), who.body());
    }

    /** None where the page does not say how. */
    static Stream<String> peopleOfTheDirectory() {
        return full().recipe().asksDirectory() ? Stream.of(Directory.PERSON) : Stream.of();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("peopleOfTheDirectory")
    void peopleOfADirectoryLogIn(String person) {
        String cookie = site().login(person);
        assertEquals(
                "{\"user\":\"carol\",\"roles\":[\"bongsu-user\"],\"topic\":\"user/carol\"}",
                site().send(site().request("/api/session").header("Cookie", cookie))
                        .body());
        assertEquals(200, site().get("carol", "/api/session").statusCode());
        // What a careless search would find, with the password of whom it finds; and no password, which directories
        // take for nobody's.
        for (String wrong : List.of(
                "*:carol",
                "car*:carol",
                "carol)(uid=*:carol",
                "uid=carol,ou=people,dc=example:carol",
                "carol:",
                "carol:x")) {
            HttpResponse<String> answer =
                    site().send(site().request("/api/session").header("Authorization", basic(wrong)));
            assertEquals(401, answer.statusCode(), wrong);
        }
    }

    private static String basic(String userAndPassword) {
        return "Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
    }

    /** All of them on loopback, as the tests have it. */
    @Test
    void itListensOnAsManyPortsAsItsPageSays() {
        List<String> listeners = full().server().listeners();
        assertEquals(recipe.ports(), listeners.size(), listeners.toString());
        for (String address : listeners) assertTrue(LOOPBACK.matcher(address).matches(), address);
    }

    @Test
    void theLogIsInTheDatabaseOfTheServer() {
        for (int i = 0; i < 3; i++) site().publish("kept/here", "no. " + i);
        assertEquals(3, full().stored("kept/here"));
        assertEquals(
                List.of(),
                full().server().dataFiles().stream()
                        .filter(file -> file.startsWith("bongsu."))
                        .toList(),
                "there is an embedded database");
    }

    @Test
    void theLogOutlivesTheServer() {
        String before = site().publish("lasting/one", "before");
        full().restart();
        String after = site().publish("lasting/one", "after");
        try (PortalReader reader = Transport.SSE
                .open(site(), "alice", List.of("lasting/*"), "earliest")
                .awaitReady()) {
            assertEquals(before, reader.message().id());
            assertEquals(after, reader.message().id());
        }
    }

    @Test
    void nobodyIsShownWhatIsForSomebodyElse() {
        List<Site> shared = Stream.generate(full()::siteAnew).limit(8).toList();
        int rounds = Math.max(1, CANARIES / StandardServer.GUESTS.size());
        try (Canaries canaries = new Canaries(site(), shared, StandardServer.GUESTS, rounds)) {
            long begun = System.nanoTime();
            canaries.sing();
            System.out.println(
                    recipe.name() + ": " + canaries + " in " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        }
    }
}
