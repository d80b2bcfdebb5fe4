package org.bongsu.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.bongsu.store.Durability;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {

    @Test
    void aPropertyWinsOverAVariableWinsOverJndiWinsOverTheDefault() {
        Map<String, String> properties = new HashMap<>(Map.of("bongsu.tail.count", "1"));
        Map<String, String> environment = new HashMap<>(Map.of("BONGSU_TAIL_COUNT", "2"));
        Map<String, String> jndi = new HashMap<>(Map.of("tail.count", "3"));
        SettingSources sources = new SettingSources(properties, environment, jndi::get);
        assertEquals(1, Settings.read(sources).tailCount());
        properties.clear();
        assertEquals(2, Settings.read(sources).tailCount());
        environment.clear();
        assertEquals(3, Settings.read(sources).tailCount());
        jndi.clear();
        assertEquals(10_000, Settings.read(sources).tailCount());
    }

    @Test
    void theDefaultsAreThoseOfTheContract() {
        Settings settings = Settings.read(sources(Map.of("user.home", "/home/kim")));
        assertEquals(Path.of("/home/kim/.bongsu"), settings.home());
        assertEquals(Duration.ofSeconds(15), settings.deadlines().heartbeat());
        assertEquals(Duration.ofSeconds(20), settings.deadlines().write());
        assertEquals(Duration.ofSeconds(60), settings.deadlines().liveness());
        assertEquals(Duration.ofMinutes(30), settings.deadlines().renewal());
        assertEquals(Duration.ofHours(12), settings.sessionIdle());
        assertEquals(32L << 20, settings.tailBytes());
        assertEquals(Set.of(), settings.origins());
        assertFalse(settings.dataSourceRequired());
        assertEquals(Durability.STRICT, settings.durability());
    }

    @ParameterizedTest(name = "{0} puts the data into {1}")
    @CsvSource({
        "catalina.base, /srv/bongsu",
        "jboss.server.data.dir, /srv/bongsu",
        "jetty.base, /srv/bongsu",
    })
    void theDataGoesWhereTheServerKeepsIts(String property, String home) {
        assertEquals(
                Path.of(home),
                Settings.read(sources(Map.of(property, "/srv", "user.home", "/home/kim")))
                        .home());
    }

    @ParameterizedTest(name = "{0} is {1} ms")
    @CsvSource({"500ms, 500", "15s, 15000", "30m, 1800000", "12h, 43200000", "7d, 604800000", "PT15S, 15000"})
    void durationsAreWrittenShort(String text, long millis) {
        assertEquals(millis, Settings.parseDuration(text).toMillis());
    }

    @ParameterizedTest(name = "{0} is {1} bytes")
    @CsvSource({"0, 0", "4096, 4096", "1B, 1", "64KiB, 65536", "64 MiB, 67108864", "1GiB, 1073741824"})
    void sizesAreWrittenShort(String text, long bytes) {
        assertEquals(bytes, Settings.parseSize(text));
    }

    @ParameterizedTest(name = "{0}={1} stops the start")
    @CsvSource(
            delimiter = '|',
            value = {
                "heartbeat          | 15                     | a number with ms, s, m, h or d",
                "heartbeat          | 0s                     | from 1s to 5m",
                "heartbeat          | 10m                    | from 1s to 5m",
                "heartbeat          | -15s                   | a number with ms, s, m, h or d",
                "heartbeat          | ''                     | a number with ms, s, m, h or d",
                "deadline.write     | soon                   | a number with ms, s, m, h or d",
                "deadline.liveness  | 1 minute               | a number with ms, s, m, h or d",
                "deadline.liveness  | 44s                    | from 45s to 1h",
                "stream.renew       | 8d                     | from 1s to 7d",
                "session.idle       | PT                     | from 1s to 30d",
                "retention.age      | 1y                     | a number with ms, s, m, h or d",
                "retention.count    | many                   | a whole number from 0",
                "retention.count    | -1                     | a whole number from 0",
                "retention.bytes    | 1GB                    | KiB, MiB or GiB",
                "retention.bytes    | 999999999999999GiB     | KiB, MiB or GiB",
                "retention.every    | 0s                     | from 10ms to 1d",
                "tail.count         | 0                      | a whole number from 1",
                "tail.count         | 99999999999            | a whole number from 1 to 10000000",
                "tail.bytes         | 0                      | at least 1",
                "follow             | 1h                     | from 10ms to 1m",
                "database           | postgresql             | jdbc (jdbc/bongsu alone)",
                "durability         | Strict                 | strict (every acknowledged message survives a power cut)",
                "publicUrl          | portal.example         | an http or https URL",
                "publicUrl          | ftp://portal.example   | an http or https URL",
                "publicUrl          | https://portal.example/?a | an http or https URL",
                "publicUrl          | https://p q/           | an http or https URL",
                "origins            | https://wiki.example/  | as browsers write it",
                "origins            | https://Wiki.example   | as browsers write it",
                "origins            | https://a, null        | as browsers write it",
                "origins            | *                      | as browsers write it",
                "rules              | read ** everybody      | \"everybody\" is nobody",
                "home               | ''                     | the path of a folder",
            })
    void aBadValueStopsTheStartWithASentence(String name, String value, String allowed) {
        String message = complaint(Map.of("bongsu." + name, value));
        assertTrue(message.startsWith("the system property bongsu." + name + " is \"" + value + "\"; "), message);
        assertTrue(message.contains("allowed: "), message);
        assertTrue(message.contains(allowed), message);
    }

    /** Pings go out each heartbeat: a client that answers each of them could be taken for gone. */
    @ParameterizedTest(name = "heartbeat {0} with deadline.liveness {1}: fits {2}")
    @CsvSource({"30s, 59s, false", "30s, 60s, true", "5m, 10m, true", "40s, , false"})
    void aClientHasTimeToAnswerAHeartbeat(String heartbeat, @Nullable String liveness, boolean fits) {
        Map<String, String> properties = new HashMap<>(Map.of("bongsu.heartbeat", heartbeat));
        if (liveness != null) properties.put("bongsu.deadline.liveness", liveness);
        if (fits) {
            Settings.read(sources(properties));
        } else {
            String message = complaint(properties);
            assertTrue(
                    message.contains("bongsu.deadline.liveness is \"" + (liveness == null ? "60s" : liveness)),
                    message);
            assertTrue(message.contains("at least twice bongsu.heartbeat"), message);
        }
    }

    @Test
    void anUnknownPropertyStopsTheStart() {
        String message = complaint(Map.of("bongsu.hartbeat", "15s"));
        assertTrue(message.contains("bongsu.hartbeat"), message);
        assertTrue(message.contains("heartbeat, home"), message);
    }

    @Test
    void anUnknownVariableDoesNot() {
        SettingSources sources =
                new SettingSources(Map.of("user.home", "/"), Map.of("BONGSU_SERVICE_HOST", "10.0.0.1"), name -> null);
        Settings.read(sources);
        assertEquals(Set.of("BONGSU_SERVICE_HOST"), sources.unknownVariables());
    }

    @Test
    void everySettingIsInTheReference() throws IOException {
        SettingSources sources = sources(Map.of());
        Settings.read(sources);
        String reference = Files.readString(Path.of("src/docs/settings.md"));
        for (String name : sources.known()) {
            assertTrue(reference.contains("| `" + name + "` |"), name + " is missing in src/docs/settings.md");
        }
    }

    @ParameterizedTest(name = "{0}: warns {1}")
    @CsvSource({
        "Apache Tomcat/10.1.60, true",
        "Apache Tomcat/10.1.61, false",
        "Apache Tomcat/10.1.100, false",
        "Apache Tomcat/11.0.26, true",
        "Apache Tomcat/11.0.27, false",
        "Apache Tomcat/11.1.0, false",
        "jetty/12.0.31, false",
    })
    void anOldTomcatIsWarnedOf(String serverInfo, boolean warns) {
        assertEquals(warns, ServerFloor.warning(serverInfo) != null);
    }

    private static String complaint(Map<String, String> properties) {
        return String.valueOf(assertThrows(SettingException.class, () -> Settings.read(sources(properties)))
                .getMessage());
    }

    private static SettingSources sources(Map<String, String> properties) {
        return new SettingSources(properties, Map.of(), name -> null);
    }
}
