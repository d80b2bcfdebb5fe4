package org.bongsu.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.reader.PortalReader;
import org.bongsu.reader.Transport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two portals on one PostgreSQL are one portal, with nothing between them but the database: whichever node one publishes to
 * or reads from, and whatever becomes of a node or of the database meanwhile.
 */
final class ClusterIT {
    private static final int[] BATCHES = {1, 1, 10, 100, 1, 1, 10, 100};
    private static final List<Integer> ALL = List.of(0, 1, 2, 3, 4, 5, 6, 7);

    @TempDir
    static Path postgresFolder;

    private static SharedPostgres postgres;

    @TempDir
    Path homes;

    private String database = "";
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void startTheDatabase() {
        postgres = new SharedPostgres(postgresFolder);
    }

    @AfterAll
    static void stopTheDatabase() {
        postgres.close();
    }

    @BeforeEach
    void createADatabase() {
        database = postgres.createDatabase();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) opened.get(i).close();
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    private ServerProcess.Builder node(String name) {
        return ServerProcess.builder().home(homes.resolve(name)).database(database);
    }

    private ServerProcess start(ServerProcess.Builder node) {
        return opened(node.start());
    }

    @Test
    void bothNodesShowOneLogInOneOrder() {
        ServerProcess first = start(node("first"));
        ServerProcess second = start(node("second"));
        List<Site> nodes = List.of(first.site(), second.site());
        Ledger ledger = new Ledger(BATCHES);
        List<Witness> witnesses = new ArrayList<>();
        for (Site node : nodes) {
            for (Transport transport : Transport.LIVE) {
                witnesses.add(opened(new Witness(transport + " at " + node.base(), transport, () -> node)));
            }
        }
        Publishers publishers =
                opened(new Publishers(ledger, List.of(), Await.PATIENCE, (p, failures) -> nodes.get(p % 2)));
        publishers.awaitAcknowledged(1_000);
        publishers.stop();
        assertEquals(0, publishers.refused());
        assertOneLog(ledger, nodes, witnesses);
    }

    @Test
    void aMessageReachesTheOtherNodesReadersWithinASecond() {
        Site first = start(node("first")).site();
        Site second = start(node("second")).site();
        for (Transport transport : Transport.LIVE) {
            // What it takes without another node tells how busy this machine is.
            Duration here = medianDelay(first, first, transport, "ops/here/" + transport);
            Duration there = medianDelay(first, second, transport, "ops/there/" + transport);
            assertTrue(
                    there.compareTo(here.multipliedBy(10).plusSeconds(1)) < 0,
                    transport + " took " + there + ", and " + here + " on one node");
        }
    }

    /** From the acknowledgement to the reader; the median, so that one pause of a busy machine is no failure. */
    private Duration medianDelay(Site from, Site to, Transport transport, String topic) {
        PortalReader reader =
                opened(transport.open(to, "alice", List.of(topic), "latest")).awaitReady();
        List<Duration> delays = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            String id = from.publish(topic, "number " + i);
            long acknowledgedAt = System.nanoTime();
            assertEquals(id, reader.message().id());
            delays.add(Duration.ofNanos(System.nanoTime() - acknowledgedAt));
        }
        return delays.stream().sorted().toList().get(delays.size() / 2);
    }

    @Test
    void twinsSentToBothNodesAtOncePublishOnce() {
        Site first = start(node("first")).site();
        Site second = start(node("second")).site();
        List<Site> nodes = List.of(first, second);
        int twins = 50;
        for (int i = 0; i < twins; i++) {
            CompletableFuture<HttpResponse<String>> one = publishKeyed(first, i);
            CompletableFuture<HttpResponse<String>> other = publishKeyed(second, i);
            assertEquals(
                    List.of(200, 201),
                    Stream.of(one, other)
                            .map(answer -> answer.join().statusCode())
                            .sorted()
                            .toList());
            assertEquals(id(one.join()), id(other.join()));
        }
        awaitEquallyFar(nodes);
        for (Site node : nodes)
            assertEquals(twins, messages(node, "twins", "earliest").size());
    }

    private static CompletableFuture<HttpResponse<String>> publishKeyed(Site site, int number) {
        return site.client()
                .sendAsync(
                        site.request("admin", "/api/topics/twins")
                                .header("Content-Type", "text/plain;charset=UTF-8")
                                .header("Idempotency-Key", "twin-" + number)
                                .POST(HttpRequest.BodyPublishers.ofString("twin " + number))
                                .build(),
                        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private static String id(HttpResponse<String> response) {
        return Site.json(response.body()).getString("id");
    }

    @Test
    void whatOneNodeTrimsIsGoneAtTheOther() {
        int kept = 10;
        ServerProcess trimming =
                start(node("trimming").with("retention.count", "" + kept).with("retention.every", "100ms"));
        ServerProcess keeping = start(node("keeping").with("retention.every", "1d"));
        Site site = keeping.site();
        PortalReader live = opened(Transport.SSE.open(site, "alice", List.of("ops/full"), "latest"));
        live.awaitReady();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3 * kept; i++) ids.add(site.publish("ops/full", "number " + i));
        // The node itself never trims.
        trimming.site();
        Await.until(
                "only the newest are left",
                () -> kept == messages(site, "ops/full", "earliest").size());

        List<String> left = ids.subList(2 * kept, 3 * kept);
        assertEquals(left, messages(site, "ops/full", "earliest"));
        for (Transport transport : Transport.LIVE) {
            PortalReader late = opened(transport.open(site, "alice", List.of("ops/full"), ids.get(4)));
            assertEquals("trimmed", late.reset(), transport.name());
            assertEquals(
                    left,
                    late.messages(kept).stream()
                            .map(PortalReader.Event.Message::id)
                            .toList());
        }
        // Who had read everything has lost nothing, so is told nothing.
        assertEquals(
                ids,
                live.messages(ids.size()).stream()
                        .map(PortalReader.Event.Message::id)
                        .toList());
        String next = site.publish("ops/full", "the next");
        assertEquals(next, live.message().id());
    }

    @Test
    void aCursorFromANodeThatIsAheadIsNoReset() {
        Site ahead = start(node("ahead")).site();
        // So seldom that it will not look by itself while this test runs.
        Site behind = start(node("behind").with("follow", "1m")).site();
        String cursor = "";
        for (int i = 0; i < 5; i++) cursor = ahead.publish("ops/ahead", "number " + i);

        JsonObject answer = poll(behind, "ops/ahead", cursor);
        assertEquals(null, answer.get("reset"));
        assertEquals(0, answer.getJsonArray("messages").size());
        assertEquals(cursor, answer.getString("cursor"));
        List<PortalReader> moved = new ArrayList<>();
        for (Transport transport : Transport.LIVE) {
            moved.add(opened(transport.open(behind, "alice", List.of("ops/ahead"), cursor))
                    .awaitReady());
        }
        // Publishing makes the node read what came before its own.
        String next = behind.publish("ops/ahead", "the next");
        for (PortalReader reader : moved) assertEquals(next, reader.message().id(), reader.toString());
    }

    @Test
    void aNodeKilledUnderLoadLosesNothing() {
        AtomicReference<Site> first = new AtomicReference<>();
        ServerProcess killed = start(node("first"));
        Site second = start(node("second")).site();
        first.set(killed.site());
        List<Witness> witnesses = new ArrayList<>();
        for (Transport transport : Transport.LIVE) {
            witnesses.add(opened(new Witness(transport + " at the killed node", transport, first::get)));
            witnesses.add(opened(new Witness(transport + " at the other node", transport, () -> second)));
        }
        Ledger ledger = new Ledger(BATCHES);
        Publishers publishers = opened(new Publishers(
                ledger, ALL, Duration.ofSeconds(10), (p, failures) -> (p + failures) % 2 == 0 ? first.get() : second));
        publishers.awaitAcknowledged(500);
        killed.kill();
        // Who read there moves, with the cursor that it has.
        Site gone = first.getAndSet(second);
        publishers.awaitAcknowledged(500);
        assertTrue(gone != second && publishers.repeated() > 0, "nobody was publishing to the killed node");

        // It comes back, and is one of two again.
        ServerProcess back = start(node("first"));
        first.set(back.site());
        publishers.awaitAcknowledged(500);
        publishers.stop();
        assertOneLog(ledger, List.of(second, back.site()), witnesses);
    }

    @Test
    void aNodeThatIsHaltedForSecondsGoesOnWhereItWas() {
        ServerProcess first = start(node("first"));
        ServerProcess halted = start(node("second"));
        List<Site> nodes = List.of(first.site(), halted.site());
        List<Witness> witnesses = new ArrayList<>();
        for (Site node : nodes) {
            for (Transport transport : Transport.LIVE) {
                witnesses.add(opened(new Witness(transport + " at " + node.base(), transport, () -> node)));
            }
        }
        Ledger ledger = new Ledger(BATCHES);
        // Shorter than the pause: who waits at the halted node goes to the other one, with its key.
        Publishers publishers = opened(
                new Publishers(ledger, ALL, Duration.ofSeconds(2), (p, failures) -> nodes.get((p + failures) % 2)));
        publishers.awaitAcknowledged(500);
        halted.pause();
        publishers.publishFor(Duration.ofSeconds(5));
        // Even if it was halted in the middle of a commit.
        publishers.awaitAcknowledged(500);
        halted.resume();
        assertTrue(publishers.repeated() > 0, "nobody was publishing to the halted node");
        publishers.awaitAcknowledged(500);
        publishers.stop();
        assertOneLog(ledger, nodes, witnesses);
    }

    @Test
    void aDatabaseThatIsAwayForAWhileLosesNothing() {
        Site first = start(node("first")).site();
        Site second = start(node("second")).site();
        List<Site> nodes = List.of(first, second);
        List<Witness> witnesses = new ArrayList<>();
        for (Site node : nodes) {
            for (Transport transport : Transport.LIVE) {
                witnesses.add(opened(new Witness(transport + " at " + node.base(), transport, () -> node)));
            }
        }
        Ledger ledger = new Ledger(BATCHES);
        Publishers publishers = opened(
                new Publishers(ledger, ALL, Duration.ofSeconds(10), (p, failures) -> nodes.get((p + failures) % 2)));
        publishers.awaitAcknowledged(500);
        postgres.stop();
        try {
            for (Site node : nodes) {
                Await.until("publishing is refused", () -> publishStatus(node) == 503);
                assertEquals(503, status(node, "/health/ready"));
                assertEquals(200, status(node, "/health/live"));
            }
        } finally {
            postgres.startAgain();
        }
        for (Site node : nodes) {
            Await.until("it heals", () -> status(node, "/health/ready") == 200);
        }
        publishers.awaitAcknowledged(500);
        publishers.stop();
        assertTrue(publishers.refused() > 0, "nobody was refused while the database was away");
        assertOneLog(ledger, nodes, witnesses);
    }

    private static int publishStatus(Site site) {
        return site.send(site.request("admin", "/api/topics/ops/away")
                        .header("Content-Type", "text/plain;charset=UTF-8")
                        .POST(HttpRequest.BodyPublishers.ofString("is it there?")))
                .statusCode();
    }

    private static int status(Site site, String path) {
        return site.send(site.request("admin", path)).statusCode();
    }

    private static JsonObject poll(Site site, String topic, String after) {
        HttpResponse<String> response =
                site.send(site.request("alice", "/api/poll?wait=0&limit=1000&topic=" + topic + "&after=" + after));
        assertEquals(200, response.statusCode(), response.body());
        return Site.json(response.body());
    }

    private static List<String> messages(Site site, String topic, String after) {
        return poll(site, topic, after).getJsonArray("messages").stream()
                .map(message -> message.asJsonObject().getString("id"))
                .toList();
    }

    /** Every node has kept every promise, and every reader has been told exactly the log. */
    private static void assertOneLog(Ledger ledger, List<Site> nodes, List<Witness> witnesses) {
        awaitEquallyFar(nodes);
        for (Site node : nodes) {
            // A reading that differs from that of the node before is a fault, too.
            ledger.checkWhole(node);
            assertEquals(List.of(), ledger.faults(), ledger + " at " + node.base());
        }
        for (Witness witness : witnesses) witness.assertHasSeen(ledger.log());
    }

    /** One of them has written last; once the other is as far, both have everything. */
    private static void awaitEquallyFar(List<Site> nodes) {
        Await.until(
                "both nodes are equally far",
                () -> nodes.stream().map(ClusterIT::head).distinct().count() == 1);
    }

    private static String head(Site site) {
        return poll(site, Texts.ALL_TOPICS, "latest").getString("cursor");
    }
}
