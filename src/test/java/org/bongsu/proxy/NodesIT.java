package org.bongsu.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.bongsu.Await;
import org.bongsu.LocalAuthority;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.crash.SharedPostgres;
import org.bongsu.crash.TinyPool;
import org.bongsu.reader.PortalReader;
import org.bongsu.reader.Transport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Two portals on one database behind one name, with the proxies' files for that. */
final class NodesIT {
    private static final int MESSAGES = 200;

    @TempDir
    static Path postgresFolder;

    @Nullable private static SharedPostgres postgres;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    @BeforeAll
    static void startTheDatabase() {
        postgres = new SharedPostgres(postgresFolder);
    }

    @AfterAll
    static void stopTheDatabase() {
        if (postgres != null) postgres.close();
    }

    @AfterEach
    void closeAll() throws Exception {
        while (!opened.isEmpty()) opened.pop().close();
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.push(closeable);
        return closeable;
    }

    private PortalServer node(String name, String database, Place place, Arrivals arrivals) {
        return opened(PortalServer.builder()
                .node(name)
                .dataSource(new TinyPool(database))
                .with("publicUrl", place.url("/portal").toString())
                .valve(Config.remoteIpValve())
                .valve(arrivals)
                .start());
    }

    @ParameterizedTest
    @FieldSource("org.bongsu.proxy.Proxy#ALL")
    void twoNodesAreOnePortal(Proxy kind) {
        RunningProxy.program(kind);
        if (postgres == null) throw new IllegalStateException("no database");
        String database = postgres.createDatabase();
        LocalAuthority authority = opened(new LocalAuthority());
        Place place = opened(Place.fresh());
        place.install(authority.issue());
        Arrivals atOne = new Arrivals();
        Arrivals atTwo = new Arrivals();
        PortalServer one = node("one", database, place, atOne);
        PortalServer two = node("two", database, place, atTwo);
        opened(RunningProxy.start(kind, place, List.of(one.port(), two.port())));
        Site site = new Site(place.url("/portal/"), authority.client(HttpClient.Version.HTTP_2));

        aReaderWhoseRequestsAlternateGetsEverythingOnce(site, atOne, atTwo);
        aPersonStaysWhereTheSessionIs(site, one, two);
    }

    private static void aReaderWhoseRequestsAlternateGetsEverythingOnce(Site site, Arrivals atOne, Arrivals atTwo) {
        List<PortalReader> live = new ArrayList<>();
        for (Transport transport : Transport.LIVE) {
            live.add(transport
                    .open(site, "alice", List.of("ops/nodes"), "latest")
                    .awaitReady());
        }
        List<String> ids = new ArrayList<>();
        List<String> polled = new ArrayList<>();
        String cursor = Site.json(
                        site.get("alice", "/api/poll?topic=ops/nodes&wait=0").body())
                .getString("cursor");
        for (int i = 0; i < MESSAGES; i++) {
            ids.add(site.publish("ops/nodes", "number " + i));
            if (i % 4 == 0) cursor = poll(site, cursor, polled);
        }
        while (polled.size() < MESSAGES) cursor = poll(site, cursor, polled);
        assertEquals(ids, polled);
        for (PortalReader reader : live) {
            assertEquals(
                    ids,
                    reader.messages(MESSAGES).stream()
                            .map(PortalReader.Event.Message::id)
                            .toList(),
                    reader.toString());
            reader.close();
        }
        for (Arrivals node : List.of(atOne, atTwo)) {
            assertTrue(node.count("/api/poll") > MESSAGES / 20, "so few polls: " + node.count("/api/poll"));
            assertTrue(node.count("/api/topics") > MESSAGES / 4, "so few messages: " + node.count("/api/topics"));
        }
    }

    /** One request: what comes after the cursor, and the next one. */
    private static String poll(Site site, String cursor, List<String> ids) {
        HttpResponse<String> response = site.get("alice", "/api/poll?topic=ops/nodes&wait=1&limit=7&after=" + cursor);
        assertEquals(200, response.statusCode(), response.body());
        JsonObject answer = Site.json(response.body());
        assertTrue(!answer.containsKey("reset"), response.body());
        answer.getJsonArray("messages")
                .forEach(message -> ids.add(message.asJsonObject().getString("id")));
        return answer.getString("cursor");
    }

    private static void aPersonStaysWhereTheSessionIs(Site site, PortalServer one, PortalServer two) {
        List<String> cookies =
                IntStream.range(0, 4).mapToObj(i -> site.login("alice")).toList();
        String ofOne = first(cookies, ".one");
        String ofTwo = first(cookies, ".two");
        for (int i = 0; i < 10; i++) {
            assertEquals(200, session(site, ofOne), ofOne);
            assertEquals(200, session(site, ofTwo), ofTwo);
        }
        one.close();
        // Not an error of the proxy's but the question for the password.
        Await.until("the other node answers", () -> session(site, ofOne) == 401);
        assertEquals(200, session(site, ofTwo));
        for (int i = 0; i < 10; i++) {
            assertEquals(200, site.get("alice", "/api/session").statusCode());
        }
        two.close();
    }

    private static String first(List<String> cookies, String end) {
        return cookies.stream()
                .filter(cookie -> cookie.endsWith(end))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no session at" + end + ": " + cookies));
    }

    private static int session(Site site, String cookie) {
        return site.send(site.request("/api/session").header("Cookie", cookie)).statusCode();
    }
}
