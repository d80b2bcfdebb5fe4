package org.bongsu.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the rows of {@code src/docs/performance.md}: one line of JSON per phase on standard output, then the table.
 *
 * <p>Ends with 1 if on any connection in any phase a message was lost, doubled or out of order, or a connection was lost; a
 * missed target alone is no failure.
 */
public final class Bench {
    private final Options options;
    private final Path folder;
    private final List<Verdict> verdicts = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    private Bench(Options options, Path folder) {
        this.options = options;
        this.folder = folder;
    }

    public static void main(String[] arguments) throws IOException {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (Options.Mistake e) {
            System.err.println(e.getMessage());
            System.err.println(Options.USAGE);
            System.exit(2);
            return;
        }
        if (options.help) {
            System.out.println(Options.USAGE);
            return;
        }
        if (options.list) {
            for (Row row : Row.ALL) System.out.printf("%-16s%s%n", row.id(), row.title());
            System.out.printf("%-16s%s%n%-16s%s%n", IdleMemory.SSE, IdleMemory.TITLE, IdleMemory.WS, IdleMemory.TITLE);
            System.out.printf("%-16s%s%n", TopicsBench.ID, TopicsBench.TITLE);
            return;
        }
        // Beside the classes, on a disk: in a memory file system a commit would cost nothing.
        Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "bench-");
        Bench bench = new Bench(options, folder.toAbsolutePath());
        bench.run();
        bench.finish();
        System.exit(bench.faults.isEmpty() ? 0 : 1);
    }

    private void run() throws IOException {
        List<Row> rows = Row.ALL.stream().filter(row -> options.wants(row.id())).toList();
        if (!rows.isEmpty()) {
            try (Contender nchan =
                            options.includes("nchan") ? Nchan.start(folder, options.nginx, options.nchan) : null;
                    Contender raw = startRaw(rows);
                    Portal portal = options.includes("bongsu") ? Portal.start(folder, options.way()) : null) {
                List<Contender> contenders = new ArrayList<>();
                if (nchan != null) contenders.add(nchan);
                if (raw != null) contenders.add(raw);
                if (portal != null) contenders.add(portal);
                for (Row row : rows) {
                    Row changed = row.with(options.readers, options.messages);
                    if (options.phase != null) {
                        changed = new Row(
                                row.id(), row.title(), row.transport(), changed.readers(), options.phase, row.goals());
                    }
                    run(changed, contenders);
                }
            }
        }
        if (options.includes("bongsu")) {
            for (String id : List.of(IdleMemory.SSE, IdleMemory.WS)) {
                if (options.wants(id)) verdicts.addAll(new IdleMemory(options, folder).run(id));
            }
            if (options.wants(TopicsBench.ID)) verdicts.addAll(new TopicsBench().run(options.rounds));
        }
    }

    private @Nullable Contender startRaw(List<Row> rows) throws IOException {
        if (options.raw == null || !options.includes("raw") || rows.stream().noneMatch(Row::wantsRaw)) return null;
        return RawServer.start(folder, options.raw);
    }

    private void run(Row row, List<Contender> all) throws IOException {
        long start = System.nanoTime();
        List<Stage> stages = new ArrayList<>();
        List<Outcome> outcomes = new ArrayList<>();
        try {
            for (Contender contender : all) {
                if (!contender.transports().contains(row.transport())) continue;
                if (contender.name().equals("raw") && !row.wantsRaw()) continue;
                stages.add(new Stage(
                        row.id(),
                        contender,
                        row.transport(),
                        row.readers(),
                        row.phase().connections(),
                        options.size));
            }
            warmUp(row, stages);
            try (Profile profile = options.profile ? Profile.of(all) : null) {
                for (int round = 1; round <= options.rounds; round++) {
                    for (Stage stage : stages) outcomes.add(note(stage.run(row.phase(), round)));
                }
                if (profile != null) System.err.println(profile.report(row.id()));
            }
            if (options.loadgen != null) {
                for (Stage stage : stages) new Loadgen(options.loadgen).run(row, stage);
            }
        } finally {
            for (Stage stage : stages) stage.close();
        }
        for (Goal goal : row.goals()) verdicts.add(goal.judge(row, outcomes));
        System.err.printf(
                "%s: %d s%n",
                row.id(), Duration.ofNanos(System.nanoTime() - start).toSeconds());
    }

    /** By then a JVM has compiled what a row uses; a portal runs for months. */
    private static final Duration WARM_UP = Duration.ofSeconds(90);

    /** Warms every server up, and makes the others' messages larger until a delivery has as many bytes as ours. */
    private void warmUp(Row row, List<Stage> stages) throws IOException {
        double ours = 0;
        for (Stage stage : stages) {
            if (!stage.contender().name().equals("bongsu")) continue;
            long start = System.nanoTime();
            while (System.nanoTime() - start < WARM_UP.toNanos()) {
                for (Phase phase : row.warmUp()) note(stage.run(phase, 0));
            }
            ours = note(stage.run(
                            row.phase().withMessages(Math.max(10, row.phase().messages() / 10)), 0))
                    .bytesPerDelivery();
        }
        for (Stage stage : stages) {
            if (stage.contender().name().equals("bongsu")) continue;
            Phase few = row.phase().withMessages(Math.max(10, row.phase().messages() / 10));
            double theirs = note(stage.run(few, 0)).bytesPerDelivery();
            stage.resize(Math.max(options.size, options.size + (int) Math.round(ours - theirs)));
            note(stage.run(few, 0));
        }
    }

    private Outcome note(Outcome outcome) {
        System.out.println(outcome.json());
        for (String fault : outcome.faults()) {
            String line = "%s %s round %d: %s".formatted(outcome.row(), outcome.server(), outcome.round(), fault);
            System.err.println("FAULT " + line);
            faults.add(line);
        }
        return outcome;
    }

    private void finish() throws IOException {
        String table = Verdict.table(verdicts);
        System.out.println("\n" + table);
        if (options.out != null) Files.writeString(options.out, table);
        if (faults.isEmpty()) System.out.println("Every reader got every message once and in order, in every phase.");
        else System.out.println(faults.size() + " FAULTS:\n" + String.join("\n", faults));
    }
}
