package org.bongsu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged WAR, with class loading as on a server: the other tests run the classes and would not see what it lacks. */
final class WarIT {
    private static final Path WAR = Path.of(System.getProperty("war.under.test", "target/bongsu.war"));

    @Test
    void theWarRunsAndKeepsItsMessagesOverARestart(@TempDir Path home) {
        String cookie;
        try (PortalServer portal = PortalServer.builder().war(WAR).home(home).start()) {
            cookie = portal.login("alice");
            assertEquals(
                    200,
                    portal.send(portal.request("/api/session").header("Cookie", cookie))
                            .statusCode());
            assertEquals(200, portal.send(portal.request("/")).statusCode());
            portal.publish("admin", "ops/war", "봉수");
        }
        try (PortalServer portal = PortalServer.builder().war(WAR).home(home).start()) {
            String page = portal.get("alice", "/api/poll?wait=0&topic=ops/*&after=earliest")
                    .body();
            assertTrue(page.contains("봉수"), page);
        }
    }

    @Test
    void theWarBringsOnlyWhatEarnsItsPlace() throws IOException {
        try (ZipFile war = new ZipFile(WAR.toFile())) {
            Set<String> libraries = war.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.startsWith("WEB-INF/lib/") && name.endsWith(".jar"))
                    .map(name -> name.substring("WEB-INF/lib/".length()).replaceAll("-\\d.*", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
            // The embedded database, and JSON for servers that have none; no server's own API.
            assertEquals(Set.of("h2", "jakarta.json-api", "jakarta.json.bind-api", "parsson", "yasson"), libraries);
        }
        assertTrue(Files.size(WAR) < 8 << 20, "the WAR has " + Files.size(WAR) + " bytes");
    }
}
