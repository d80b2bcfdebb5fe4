package org.bongsu.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;

/** Counts what has passed on each server, one after the other, and prints a table of it at the end. */
final class Tally implements TestWatcher, AfterAllCallback, LifecycleMethodExecutionExceptionHandler {
    private static final Path TABLE = Path.of("target", "servers.md");

    private static final class Row {
        private final Recipe recipe;
        private @Nullable Duration startedIn;
        private int passed;
        private int failed;

        Row(Recipe recipe) {
            this.recipe = recipe;
        }

        private String deviations() {
            String count = recipe.remembered() == Recipe.EVERY_ONE ? "all" : String.valueOf(recipe.remembered());
            Stream<String> kept = recipe.remembered() == 0
                    ? Stream.of()
                    : Stream.of("may keep the classes of " + count + " portals that are gone");
            return Stream.concat(recipe.deviations().stream().map(Deviation::toString), kept)
                    .collect(Collectors.joining("; "));
        }

        @Override
        public String toString() {
            String start = startedIn == null
                    ? "does not start"
                    : String.format(Locale.ROOT, "%.1f s", startedIn.toMillis() / 1_000.0);
            return "| " + recipe.name() + " | " + recipe.version() + " | " + start + " | " + passed + " | " + failed
                    + " | " + deviations() + " |";
        }
    }

    private final List<Row> rows = new ArrayList<>();

    void begin(Recipe recipe) {
        rows.add(new Row(recipe));
    }

    void started(Duration in) {
        now().startedIn = in;
    }

    private Row now() {
        return rows.get(rows.size() - 1);
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        now().passed++;
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        now().failed++;
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        now().failed++;
    }

    /** None of the tests of that class is told of. */
    @Override
    public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable cause) throws Throwable {
        now().failed++;
        throw cause;
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (!context.getRequiredTestClass().equals(ServersIT.class) || rows.isEmpty()) return;
        StringBuilder table =
                new StringBuilder("| server | version | starts in | passed | failed | does otherwise |\n");
        table.append("| --- | --- | --- | --- | --- | --- |\n");
        rows.forEach(row -> table.append(row).append('\n'));
        System.out.println(table);
        try {
            Files.writeString(TABLE, table);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
