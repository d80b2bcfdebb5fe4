package org.bongsu.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.bongsu.Await;
import org.bongsu.Overheard;
import org.bongsu.PortalServer;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.TestClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PortalTest {

    @Test
    void aBadSettingStopsTheStartWithOneSentenceInTheLog() {
        String sentence = refusal(PortalServer.with("heartbeat", "soon"));
        assertTrue(
                sentence.startsWith("Bongsu cannot start: JNDI java:comp/env/bongsu/heartbeat is \"soon\"; allowed: "),
                sentence);
    }

    @Test
    void aStartSaysInTheLogWhereTheMessagesAre(@TempDir Path folder) {
        List<String> said;
        try (Overheard portal = new Overheard(Portal.class, Level.INFO)) {
            PortalServer.builder().home(folder).start().close();
            said = portal.said();
        }
        assertEquals(1, said.size(), said.toString());
        assertTrue(
                said.get(0).matches("Bongsu has started on Apache Tomcat/[0-9.]+; its messages are in embedded H2 .*"),
                said.get(0));
        assertTrue(said.get(0).contains(" in " + folder), said.get(0));
    }

    @Test
    void severalPortalsInOneJvmHaveTheirOwnSettings() {
        try (PortalServer one = PortalServer.start(Map.of("durability", "relaxed"));
                PortalServer other = PortalServer.start()) {
            assertTrue(ready(one).body().contains("\"durability\":\"relaxed\""));
            assertTrue(ready(other).body().contains("\"durability\":\"strict\""));
        }
    }

    @Test
    void aLogThatCannotBeWrittenIsNotReadyButLive() {
        MemoryMessageStore store = new MemoryMessageStore();
        try (PortalServer portal = PortalServer.builder().store(store).start()) {
            await(() -> ready(portal).statusCode() == 200);
            store.breakDown("the disk is full");
            // The log notices when it next writes.
            HttpResponse<String> refused = publish(portal);
            assertEquals(503, refused.statusCode(), refused.body());
            HttpResponse<String> ready = ready(portal);
            assertEquals(503, ready.statusCode());
            assertTrue(ready.body().contains("\"status\":\"unavailable\""), ready.body());
            assertEquals("2", ready.headers().firstValue("Retry-After").orElse(""));
            assertEquals(200, portal.send(portal.request("/health/live")).statusCode());
            store.heal();
            await(() -> ready(portal).statusCode() == 200);
        }
    }

    /** Only a publication that failed was noticed: a quiet night's outage showed with the first message of the day. */
    @Test
    void aDatabaseThatIsLostIsNotReadyThoughNobodyPublishes() {
        TestClock clock = new TestClock(Instant.parse("2026-11-21T01:05:19.123Z"));
        MemoryMessageStore store = new MemoryMessageStore(new MemoryMessageStore.Disk(), true, clock);
        try (Overheard log = new Overheard(MemoryMessageStore.class.getPackage(), Level.WARNING);
                PortalServer portal =
                        PortalServer.builder().store(store).clock(clock).start()) {
            await(() -> ready(portal).statusCode() == 200);
            store.breakDown("no route to db.example");
            await(() -> ready(portal).statusCode() == 503);
            HttpResponse<String> ready = ready(portal);
            assertTrue(ready.body().contains("\"reason\":\"the database cannot be reached at present\""), ready.body());
            assertEquals("2", ready.headers().firstValue("Retry-After").orElse(""));
            assertEquals(
                    1,
                    log.said().stream()
                            .filter(line -> line.contains("other nodes"))
                            .count(),
                    log.said().toString());
            store.heal();
            await(() -> ready(portal).statusCode() == 200);
        }
    }

    @Test
    void whatTheDataSourceLacksStopsTheStart() {
        DataSource broken = (DataSource)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (p, m, a) -> {
                    if (m.getName().equals("getConnection")) throw new SQLException("no route to db.example");
                    return m.getName().equals("toString") ? "broken" : null;
                });
        String sentence = refusal(PortalServer.builder().resource("jdbc/bongsu", broken));
        assertTrue(sentence.contains("jdbc/bongsu gives no connection: no route to db.example"), sentence);
    }

    /** On some servers a data source may come later than the portal; an embedded database would be another, empty log. */
    @Test
    void withoutTheDataSourceThatItIsToHaveThePortalDoesNotStart(@TempDir Path folder) {
        Path home = folder.resolve("home");
        String sentence = refusal(PortalServer.with("database", "jdbc").home(home));
        assertTrue(
                sentence.startsWith(
                        "Bongsu cannot start: bongsu.database is \"jdbc\", and there is no JNDI jdbc/bongsu"),
                sentence);
        assertFalse(Files.exists(home), "there is an embedded database");
    }

    @Test
    void aHomeThatCannotBeWrittenStopsTheStart(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        String sentence = refusal(PortalServer.builder().home(file.resolve("home")));
        assertTrue(sentence.contains("the folder " + file.resolve("home") + " cannot be written"), sentence);
        assertTrue(sentence.contains("allowed in bongsu.home: "), sentence);
    }

    @Test
    void whatIsNoDataSourceStopsTheStart() {
        String sentence = refusal(PortalServer.builder().resource("jdbc/bongsu", "a text"));
        assertTrue(sentence.contains("jdbc/bongsu is a java.lang.String; allowed: a javax.sql.DataSource"), sentence);
    }

    @Test
    void aStoppedPortalLeavesNoThread() {
        PortalServer.start().close();
        await(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("bongsu-")));
    }

    /** As where a server has taken the WAR away before the portal is told of its end, and a class is needed that nobody has loaded. */
    @Test
    void aPortalThatLacksAClassAtItsEndLeavesNoThreadEither() {
        MemoryMessageStore store = new MemoryMessageStore() {
            @Override
            public void close() {
                throw new NoClassDefFoundError("org/bongsu/test/NotThere");
            }
        };
        try (Overheard failure = new Overheard(Portal.class, Level.SEVERE)) {
            PortalServer.builder().store(store).start().close();
        }
        await(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("bongsu-")));
    }

    private static HttpResponse<String> ready(PortalServer portal) {
        return portal.send(portal.request("/health/ready"));
    }

    private static HttpResponse<String> publish(PortalServer portal) {
        return portal.send(portal.request("admin", "/api/topics/ops/x").POST(BodyPublishers.ofString("x")));
    }

    private static String refusal(PortalServer.Builder builder) {
        List<String> errors;
        // What the server says of it is not of interest.
        Logger servers = Logger.getLogger("org.apache.catalina");
        servers.setLevel(Level.OFF);
        try (Overheard portal = new Overheard(Portal.class, Level.SEVERE)) {
            assertThrows(IllegalStateException.class, builder::start);
            errors = portal.said();
        } finally {
            servers.setLevel(null);
        }
        assertEquals(1, errors.size(), errors.toString());
        return errors.get(0);
    }

    private static void await(BooleanSupplier condition) {
        Await.until("it has come to that", condition);
    }
}
