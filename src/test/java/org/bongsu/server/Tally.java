package org.bongsu.server;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Counts what has passed of one class on each server, one after the other, and prints a table of that and of what the others
 * have counted in the same run, which may go on beside it.
 */
final class Tally implements TestWatcher, AfterAllCallback, LifecycleMethodExecutionExceptionHandler {
    private static final Path TABLE = Path.of("target", "servers.md");

    /** A file for each server and class. */
    private static final Path COUNTS = Path.of("target", "servers-counts");

    /** What another run has left there does not count. Maven says which this is; without it there is only this JVM. */
    private static final String RUN = System.getProperty(
            "run",
            ProcessHandle.current().pid() + " since "
                    + ManagementFactory.getRuntimeMXBean().getStartTime());

    /** Of these the first says how soon a server starts. */
    private static final List<Class<?>> CLASSES = List.of(ServersIT.class, DeploymentsIT.class);

    private static final class Count {
        private final Recipe recipe;
        private final long begun = System.nanoTime();
        private @Nullable Duration startedIn;
        private int passed;
        private int failed;

        Count(Recipe recipe) {
            this.recipe = recipe;
        }

        void save(Class<?> tests) throws IOException {
            Properties properties = new Properties();
            properties.setProperty("run", RUN);
            properties.setProperty("passed", String.valueOf(passed));
            properties.setProperty("failed", String.valueOf(failed));
            properties.setProperty("seconds", String.valueOf((System.nanoTime() - begun) / 1_000_000_000));
            if (startedIn != null) properties.setProperty("startedIn", String.valueOf(startedIn.toMillis()));
            try (Writer file = Files.newBufferedWriter(file(recipe, tests))) {
                properties.store(file, null);
            }
        }
    }

    private static Path file(Recipe recipe, Class<?> tests) {
        return COUNTS.resolve(recipe.name() + ' ' + recipe.version() + ' ' + tests.getSimpleName() + ".properties");
    }

    private final Class<?> tests;
    private @Nullable Count now;

    /** @param tests the class that begins, and whose tests are counted */
    Tally(Class<?> tests) {
        this.tests = tests;
    }

    void begin(Recipe recipe) {
        save();
        now = new Count(recipe);
    }

    /** Writes down what there is, and makes the table of it. */
    private void save() {
        Count count = now;
        if (count == null) return;
        try {
            Files.createDirectories(COUNTS);
            // The others do so, too, each in a JVM of its own; the last of them is to see it all.
            try (FileChannel lock =
                    FileChannel.open(COUNTS.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock();
                count.save(tests);
                Files.writeString(TABLE, table());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void started(Duration in) {
        now().startedIn = in;
    }

    private Count now() {
        return Objects.requireNonNull(now, "no server has begun");
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
    public void afterAll(ExtensionContext context) throws IOException {
        if (!context.getRequiredTestClass().equals(tests) || now == null) return;
        save();
        now = null;
        System.out.println(Files.readString(TABLE));
    }

    private static String table() throws IOException {
        StringBuilder table = new StringBuilder(
                "| server | version | starts in | passed | failed | took in all | does otherwise |\n");
        table.append("| --- | --- | --- | --- | --- | --- | --- |\n");
        for (Recipe recipe : Recipes.wanted().toList())
            table.append(row(recipe)).append('\n');
        return table.toString();
    }

    private static String row(Recipe recipe) throws IOException {
        String start = "does not start";
        int passed = 0;
        int failed = 0;
        int seconds = 0;
        List<String> missing = new ArrayList<>();
        for (Class<?> tests : CLASSES) {
            Properties count = saved(recipe, tests);
            if (count == null) {
                missing.add(tests.getSimpleName());
                if (tests == CLASSES.get(0)) start = "";
                continue;
            }
            passed += Integer.parseInt(count.getProperty("passed"));
            failed += Integer.parseInt(count.getProperty("failed"));
            seconds += Integer.parseInt(count.getProperty("seconds"));
            String startedIn = count.getProperty("startedIn");
            if (startedIn != null) {
                start = String.format(Locale.ROOT, "%.1f s", Integer.parseInt(startedIn) / 1_000.0);
            }
        }
        String without = missing.isEmpty() ? "" : " (without " + String.join(", ", missing) + ')';
        return "| " + recipe.name() + " | " + recipe.version() + " | " + start + " | " + passed + without + " | "
                + failed + " | " + seconds + " s | " + deviations(recipe) + " |";
    }

    /** Null if they have not, or not yet, been through in this run. */
    private static @Nullable Properties saved(Recipe recipe, Class<?> tests) throws IOException {
        Properties properties = new Properties();
        try (Reader file = Files.newBufferedReader(file(recipe, tests))) {
            properties.load(file);
        } catch (NoSuchFileException notYet) {
            return null;
        }
        return RUN.equals(properties.getProperty("run")) ? properties : null;
    }

    private static String deviations(Recipe recipe) {
        String portals =
                switch (recipe.remembered()) {
                    case 1 -> "one portal that is gone";
                    case Recipe.EVERY_ONE -> "all portals that are gone";
                    default -> recipe.remembered() + " portals that are gone";
                };
        Stream<String> kept = recipe.remembered() == 0 ? Stream.of() : Stream.of("may keep the classes of " + portals);
        return Stream.concat(recipe.deviations().stream().map(Deviation::toString), kept)
                .collect(Collectors.joining("; "));
    }
}
