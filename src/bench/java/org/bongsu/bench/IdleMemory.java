package org.bongsu.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What a reader that waits costs in the portal's heap, in a fresh JVM. */
final class IdleMemory {
    static final String SSE = "idle-sse";
    static final String WS = "idle-ws";
    static final String TITLE = "10,000 readers, subscribed and after one message, live heap each";

    private static final int READERS = 10_000;

    private final Options options;
    private final Path folder;

    IdleMemory(Options options, Path folder) {
        this.options = options;
        this.folder = folder;
    }

    List<Verdict> run(String id) throws IOException {
        boolean sse = id.equals(SSE);
        Transport transport = sse ? Transport.SSE : Transport.WEBSOCKET;
        int readers = options.readers > 0 ? options.readers : READERS;
        double bound = sse ? 75 : 20;
        try (Portal portal = Portal.start(folder, options.way())) {
            // What the first readers load and compile is not theirs.
            try (Stage stage = new Stage(id + "-before", portal, transport, 50, 1, options.size)) {
                stage.run(new Phase(5, 0, 1, 1), 0);
                long before = portal.liveHeap();
                try (Stage full = new Stage(id, portal, transport, readers, 1, options.size)) {
                    Audience.pause(3_000);
                    double subscribed = (portal.liveHeap() - before) / 1000.0 / readers;
                    Outcome outcome = full.run(new Phase(1, 0, 1, 1), 1);
                    if (!outcome.faults().isEmpty()) throw new IOException(id + ": " + outcome.faults());
                    Audience.pause(1_000);
                    double after = (portal.liveHeap() - before) / 1000.0 / readers;
                    System.out.printf(
                            Locale.ROOT,
                            "{\"row\":\"%s\",\"server\":\"bongsu\",\"readers\":%d,\"heap_kb_subscribed\":%.1f,"
                                    + "\"heap_kb_after_message\":%.1f,\"rss_kb\":%d}%n",
                            id,
                            readers,
                            subscribed,
                            after,
                            portal.process().rssKilobytes());
                    if (options.profile) {
                        portal.jcmd("GC.class_histogram").lines().limit(25).forEach(System.err::println);
                    }
                    return List.of(
                            verdict(sse, "live heap per subscribed reader", subscribed, bound),
                            verdict(sse, "live heap per reader after one message", after, bound));
                }
            }
        }
    }

    private static Verdict verdict(boolean sse, String figure, double kilobytes, double bound) {
        return new Verdict(
                "10,000 " + (sse ? "SSE" : "WebSocket") + " readers",
                figure,
                Figures.rounded(kilobytes) + " kB",
                "–",
                "–",
                "≤ " + Math.round(bound) + " kB",
                kilobytes <= bound);
    }
}
