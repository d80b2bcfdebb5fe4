package org.bongsu.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The conformance suite ({@code src/test/js/eventsource}) in every engine, for its own EventSource and for ours: what fails is
 * what the tables of {@code src/docs/eventsource.md} say, no less and no more.
 */
final class EventSourceIT {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final EngineRoom ENGINES = new EngineRoom();

    private static ScriptedServer server;
    private static EventSourceTables tables;

    @BeforeAll
    static void start() throws IOException {
        tables = EventSourceTables.read();
        server = new ScriptedServer(Map.of(
                "/", Path.of("src/test/js/eventsource").toAbsolutePath(),
                "/js/", Path.of("webapp/js").toAbsolutePath(),
                "/small/", Path.of("target/scripts").toAbsolutePath()));
    }

    @AfterAll
    static void end() {
        ENGINES.close();
        server.close();
    }

    static Stream<Arguments> everyEngineWithEveryImplementation() {
        return Stream.of(EngineKind.values())
                // Nothing of a stream is seen there before its end.
                .filter(kind -> kind != EngineKind.JAVAFX)
                .flatMap(kind -> Stream.of("native", "polyfill", "missing").map(one -> Arguments.of(kind, one)));
    }

    @ParameterizedTest
    @MethodSource("everyEngineWithEveryImplementation")
    void whatFailsIsWhatTheTablesSay(EngineKind kind, String implementation) {
        URI address = URI.create(
                server.origin() + "/suite.html?implementation=" + implementation + "&other=" + server.otherOrigin());
        try (Page page = ENGINES.get(kind).open(address)) {
            page.waitUntil("window.results && window.results.done", PATIENCE);

            Outcome outcome = Outcome.of(page);
            boolean isOwn = implementation.equals("native");
            SortedSet<String> unsteady = tables.unsteady(kind, isOwn);
            SortedSet<String> failed = new TreeSet<>(outcome.failed);
            failed.removeAll(unsteady);
            int passed = outcome.all.size() - failed.size() - unsteady.size();
            String figures = passed + " of " + outcome.all.size();
            System.out.printf("%s, %s: %s%s%n", kind, implementation, figures, outcome.slow());
            assertEquals(
                    String.join("\n", tables.failing(kind, isOwn)),
                    String.join("\n", failed),
                    () -> "what fails; in detail:\n" + String.join("\n", outcome.details));
            assertEquals(tables.figures(kind, isOwn), figures);
        }
    }

    private static final class Outcome {
        final List<String> all = new ArrayList<>();
        final SortedSet<String> failed = new TreeSet<>();
        final List<String> details = new ArrayList<>();
        final List<String> repeated = new ArrayList<>();

        String slow() {
            return repeated.isEmpty() ? "" : "; not in time at first: " + repeated;
        }

        static Outcome of(Page page) {
            Outcome outcome = new Outcome();
            for (JsonObject one :
                    page.value("window.results.cases").asJsonArray().getValuesAs(JsonObject.class)) {
                String name = one.getString("name");
                outcome.all.add(name);
                if (one.getInt("runs") > 1) outcome.repeated.add(name);
                if (one.getBoolean("passed")) continue;
                outcome.failed.add(name);
                outcome.details.add(name + ": " + one.getString("detail"));
            }
            return outcome;
        }
    }
}
