package org.bongsu.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.bongsu.log.Draft;
import org.bongsu.log.Interest;
import org.bongsu.log.MessageStore;
import org.bongsu.log.Publication;
import org.bongsu.log.Retention;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;
import org.bongsu.store.Durability;
import org.bongsu.store.JdbcMessageStore;
import org.jspecify.annotations.Nullable;

/**
 * How fast the embedded database takes groups and gives pages: {@code StoreBench [folder [seconds [rounds]]]}. One JSON line
 * per phase, rounds interleaved.
 */
final class StoreBench {
    private static final int[] GROUPS = {1, 16, 64, 1_000};
    private static final int TOPICS = 100;

    private StoreBench() {}

    public static void main(String[] args) throws Exception {
        Path folder = args.length > 0 ? Path.of(args[0]) : Path.of("target", "store-bench");
        long nanos = Duration.ofSeconds(args.length > 1 ? Integer.parseInt(args[1]) : 5)
                .toNanos();
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 3;
        for (int round = 1; round <= rounds; round++) {
            for (int size : GROUPS) {
                delete(folder);
                try (MessageStore store = JdbcMessageStore.embedded(folder, Durability.STRICT, Clock.systemUTC())) {
                    store.open();
                    append(store, size, nanos / 4, false);
                    report("append", round, size, append(store, size, nanos, false), folder);
                    report("append with keys", round, size, append(store, size, nanos, true), folder);
                    if (size == 1_000) readAll(store, round);
                    long start = System.nanoTime();
                    store.trim(new Retention(Duration.ofDays(1), 100, 0), Instant.now());
                    System.out.printf(
                            Locale.ROOT,
                            "{\"phase\":\"trim to 100 per topic\",\"round\":%d,\"group\":%d,\"ms\":%d}%n",
                            round,
                            size,
                            (System.nanoTime() - start) / 1_000_000);
                }
            }
        }
        delete(folder);
    }

    private record Measured(long messages, long nanos, long cpuNanos, Histogram micros) {}

    private static Measured append(MessageStore store, int size, long nanos, boolean keys) throws Exception {
        Histogram micros = new Histogram(3);
        long start = System.nanoTime();
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long messages = 0;
        while (System.nanoTime() - start < nanos) {
            List<Publication> group = group(size, keys ? "key-" + start + "-" + messages + "-" : null);
            long before = System.nanoTime();
            store.append(group);
            micros.recordValue((System.nanoTime() - before) / 1_000);
            messages += size;
        }
        return new Measured(
                messages,
                System.nanoTime() - start,
                ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu,
                micros);
    }

    private static List<Publication> group(int size, @Nullable String key) {
        List<Publication> group = new ArrayList<>();
        Instant now = Instant.now();
        for (int i : IntStream.range(0, size).toArray()) {
            String content = "{\"topic\":\"bench/" + i % TOPICS + "\",\"type\":\"notice\",\"time\":\"" + now
                    + "\",\"sender\":\"bench\",\"title\":\"" + "x".repeat(100) + "\"}";
            Draft draft = new Draft(new Topic("bench/" + i % TOPICS), "notice", "normal", "bench", now, null, content);
            group.add(new Publication(
                    List.of(draft), key == null ? null : new Publication.Once("bench", key + i, "fingerprint")));
        }
        return group;
    }

    private static void readAll(MessageStore store, int round) throws Exception {
        for (String pattern : new String[] {"**", "bench/7", "bench/*"}) {
            Interest interest = new Interest(List.of(new TopicPattern(pattern)), topic -> true);
            long start = System.nanoTime();
            long head = store.head().offset();
            long messages = 0;
            int pages = 0;
            for (long after = 0; after < head; pages++) {
                MessageStore.Page page = store.readAfter(
                        after, head, new MessageStore.Selection(interest, Instant.now()), 1_000, 64 * 1024);
                messages += page.messages().size();
                after = page.scannedTo();
            }
            System.out.printf(
                    Locale.ROOT,
                    "{\"phase\":\"read\",\"round\":%d,\"pattern\":\"%s\",\"messages\":%d,\"perSecond\":%d,\"pages\":%d}%n",
                    round,
                    pattern,
                    messages,
                    messages * 1_000_000_000L / (System.nanoTime() - start),
                    pages);
        }
    }

    private static void report(String phase, int round, int size, Measured measured, Path folder) throws Exception {
        long file = Files.size(folder.resolve("bongsu.mv.db"));
        System.out.printf(
                Locale.ROOT,
                "{\"phase\":\"%s\",\"round\":%d,\"group\":%d,\"perSecond\":%d,\"cpuUsPerMessage\":%.1f,\"p50us\":%d,\"p99us\":%d,\"fileMB\":%d}%n",
                phase,
                round,
                size,
                measured.messages * 1_000_000_000L / measured.nanos,
                measured.cpuNanos / 1_000.0 / measured.messages,
                measured.micros.getValueAtPercentile(50),
                measured.micros.getValueAtPercentile(99),
                file / 1_000_000);
    }

    private static void delete(Path folder) throws Exception {
        if (!Files.exists(folder)) return;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }
}
