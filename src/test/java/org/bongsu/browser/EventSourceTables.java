package org.bongsu.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** The two tables of {@code src/docs/eventsource.md}: how many cases pass in which engine, and which do not. */
final class EventSourceTables {
    private static final Path PAGE = Path.of("src/docs/eventsource.md");
    /** How an engine's own is marked where it fails, and ours. */
    private static final String OWN = "own";

    private static final String OURS = "ours";

    private static final Map<EngineKind, String> NAMES = Map.of(
            EngineKind.CHROMIUM, "Chromium",
            EngineKind.FIREFOX, "Firefox",
            EngineKind.WEBKITGTK, "WebKitGTK",
            EngineKind.JAVAFX, "JavaFX",
            EngineKind.PHANTOMJS_2, "PhantomJS 2.1.1",
            EngineKind.PHANTOMJS_1, "PhantomJS 1.9.8");

    private final List<List<String>> figures;
    private final List<List<String>> failures;

    static EventSourceTables read() throws IOException {
        List<String> lines = Files.readAllLines(PAGE);
        return new EventSourceTables(table(lines, "| engine "), table(lines, "| case "));
    }

    private static List<List<String>> table(List<String> lines, String start) {
        List<List<String>> rows = new ArrayList<>();
        boolean inside = false;
        for (String line : lines) {
            inside = line.startsWith(start) || (inside && line.startsWith("|"));
            if (!inside || line.startsWith("| ---")) continue;
            rows.add(List.of(line.substring(1, line.lastIndexOf('|')).split("\\|", -1)).stream()
                    .map(String::strip)
                    .toList());
        }
        if (rows.isEmpty()) throw new IllegalStateException(PAGE + " has no table that begins with " + start);
        return rows;
    }

    private EventSourceTables(List<List<String>> figures, List<List<String>> failures) {
        this.figures = figures;
        this.failures = failures;
    }

    /** How many pass: {@code 12 of 34}. */
    String figures(EngineKind kind, boolean isOwn) {
        int column = figures.get(0).indexOf(isOwn ? OWN : OURS);
        return figures.stream()
                .filter(row -> row.get(0).equals(NAMES.get(kind)))
                .map(row -> row.get(column))
                .findFirst()
                .orElse("no row in " + PAGE);
    }

    /** The names of the cases that fail at every time. */
    SortedSet<String> failing(EngineKind kind, boolean isOwn) {
        return marked(kind, isOwn ? OWN : OURS);
    }

    /** The names of the cases that fail at times, as it depends on how the network puts pieces together. */
    SortedSet<String> unsteady(EngineKind kind, boolean isOwn) {
        return marked(kind, (isOwn ? OWN : OURS) + " at times");
    }

    private SortedSet<String> marked(EngineKind kind, String mark) {
        int column = failures.get(0).indexOf(NAMES.get(kind));
        TreeSet<String> names = new TreeSet<>();
        for (List<String> row : failures.subList(1, failures.size())) {
            if (column >= 0 && List.of(row.get(column).split(", ")).contains(mark)) names.add(row.get(0));
        }
        return names;
    }
}
