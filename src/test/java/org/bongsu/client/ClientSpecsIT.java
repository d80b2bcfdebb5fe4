package org.bongsu.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.bongsu.browser.EngineKind;
import org.bongsu.browser.EngineRoom;
import org.bongsu.browser.Page;
import org.bongsu.browser.TestSite;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The specifications of the client's parts ({@code src/test/js/unit}) in every engine. Without one, and with more chances:
 * {@code node src/test/js/unit/node.js "" 1-100}.
 */
final class ClientSpecsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final EngineRoom ENGINES = new EngineRoom();
    private static final TestSite SITE =
            new TestSite().files("/js/", Path.of("webapp/js")).files("/unit/", Path.of("src/test/js/unit"));

    @AfterAll
    static void end() {
        ENGINES.close();
        SITE.close();
    }

    @ParameterizedTest
    @EnumSource
    void theClientIsAsSpecified(EngineKind kind) {
        try (Page page = ENGINES.get(kind).open(SITE.url("/unit/specs.html"))) {
            page.waitUntil("window.results && window.results.done", PATIENCE);

            List<JsonObject> all =
                    page.value("window.results.cases").asJsonArray().getValuesAs(JsonObject.class);
            List<String> failed = all.stream()
                    .filter(one -> !one.getBoolean("passed"))
                    .map(one -> one.getString("name") + ": " + one.getString("detail"))
                    .toList();
            assertFalse(all.isEmpty());
            assertEquals("", String.join("\n", failed), () -> failed.size() + " of " + all.size());
        }
    }
}
