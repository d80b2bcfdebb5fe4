package org.bongsu.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.bongsu.server.Recipe;
import org.bongsu.server.Recipes;
import org.bongsu.server.StandardServer;

/**
 * The same WAR on every standard server that is wanted ({@code -Dservers=}): what a waiting reader costs there, how a burst
 * compares with Tomcat 10.1, how soon the first event comes, and how soon a reader that has gone is noticed. Prints the table
 * of {@code src/docs/servers.md}, and writes it to {@code target/servers-bench.md}.
 *
 * <p>Arguments, each with its default: {@code idle=2000} readers that wait, {@code readers=200} of a burst, {@code
 * messages=3000} of a burst, {@code rounds=3}, {@code warmup=20} seconds of each server. The WAR is that of the last
 * {@code mvn package}.
 */
public final class ServersBench {
    private static final Path TABLE = Path.of("target", "servers-bench.md");
    private static final String BASELINE = "tomcat10";
    /** Seconds between two signs of life of the portal; who has gone is noticed by what is written to him. */
    private static final int HEARTBEAT = 2;

    private static final int OPENINGS = 50;
    private static final int GONE = 20;

    private final Map<String, Integer> numbers;
    private final List<String> rows = new ArrayList<>();

    private ServersBench(Map<String, Integer> numbers) {
        this.numbers = numbers;
    }

    public static void main(String[] arguments) throws IOException {
        Map<String, Integer> numbers =
                new TreeMap<>(Map.of("idle", 2_000, "readers", 200, "messages", 3_000, "rounds", 3, "warmup", 20));
        for (String argument : arguments) {
            String[] pair = argument.split("=", 2);
            if (pair.length < 2 || !numbers.containsKey(pair[0])) {
                System.err.println(argument + " is none of " + numbers.keySet() + " with its number, as in idle=1000");
                System.exit(2);
            }
            numbers.put(pair[0], Integer.parseInt(pair[1]));
        }
        new ServersBench(numbers).run(Recipes.wanted().toList());
        System.exit(0);
    }

    private void run(List<Recipe> recipes) throws IOException {
        for (Recipe recipe : recipes) {
            try {
                measure(recipe);
            } catch (IOException | RuntimeException | AssertionError e) {
                // The others have not deserved that.
                rows.add("| " + recipe.name() + ' ' + recipe.version() + " | "
                        + e.toString().replaceAll("[\\r\\n|].*", "") + " |");
            }
            System.err.println(rows.get(rows.size() - 1));
            write();
        }
    }

    private void measure(Recipe recipe) throws IOException {
        System.err.println(recipe.name() + ' ' + recipe.version());
        double first;
        double fin;
        double rst;
        try (Server server = Server.start(recipe)) {
            first = firstEvent(server);
            fin = gone(server, false);
            rst = gone(server, true);
        }
        double sse = idle(recipe, Transport.SSE);
        double ws = idle(recipe, Transport.WEBSOCKET);
        double burst = burst(recipe);
        rows.add(String.format(
                Locale.ROOT,
                "| %s %s | %.0f kB | %.0f kB | %s | %.1f ms | %.1f s | %.1f s |",
                recipe.name(),
                recipe.version(),
                sse,
                ws,
                Double.isNaN(burst) ? "1" : String.format(Locale.ROOT, "%.2f", burst),
                first,
                fin,
                rst));
    }

    private void write() throws IOException {
        StringBuilder table = new StringBuilder(
                LocalDate.now(ZoneOffset.UTC) + ", Java "
                        + System.getProperty("java.version") + ", "
                        + Runtime.getRuntime().availableProcessors()
                        + " processors, heartbeat " + HEARTBEAT + " s; " + numbers + "\n\n"
                        + "| server | heap of an idle event stream | of an idle WebSocket | burst, relative to Tomcat 10.1"
                        + " | first event after | gone noticed after, closed | reset |\n| --- | --- | --- | --- | --- | --- | --- |\n");
        rows.forEach(row -> table.append(row).append('\n'));
        System.out.println(table);
        Files.writeString(TABLE, table);
    }

    private int number(String name) {
        return Objects.requireNonNull(numbers.get(name));
    }

    /** Kilobytes that a full collection leaves for each of many readers that wait, in a server of their own. */
    private double idle(Recipe recipe, Transport transport) throws IOException {
        int readers = number("idle");
        // What the first readers load and compile is not theirs.
        try (Server server = Server.start(recipe);
                Stage before = new Stage("before", server, transport, 50, 1, 200)) {
            before.run(new Phase(5, 0, 1, 1), 0);
            long heap = server.liveHeap();
            try (Stage full = new Stage("idle", server, transport, readers, 1, 200)) {
                faultless(full.run(new Phase(1, 0, 1, 1), 1));
                Audience.pause(1_000);
                return (server.liveHeap() - heap) / 1_000.0 / readers;
            }
        }
    }

    /** How many times as many deliveries a second as on Tomcat 10.1, in rounds that take turns; NaN for itself. */
    private double burst(Recipe recipe) throws IOException {
        Recipe baseline = Recipes.named(BASELINE);
        if (recipe == baseline) return Double.NaN;
        int readers = number("readers");
        Phase phase = new Phase(number("messages"), 0, 1, 16);
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        try (Server one = Server.start(recipe);
                Server other = Server.start(baseline);
                Stage stage = new Stage("burst", one, Transport.SSE, readers, 16, 200);
                Stage rival = new Stage("burst", other, Transport.SSE, readers, 16, 200)) {
            for (Stage warming : List.of(stage, rival)) {
                long until = System.nanoTime() + number("warmup") * 1_000_000_000L;
                while (System.nanoTime() < until) faultless(warming.run(phase, 0));
            }
            for (int round = 1; round <= number("rounds"); round++) {
                ours.add(faultless(stage.run(phase, round)).deliveriesPerSecond());
                theirs.add(faultless(rival.run(phase, round)).deliveriesPerSecond());
            }
        }
        System.err.println(recipe.name() + ' ' + ours + ", " + baseline.name() + ' ' + theirs);
        return median(ours) / median(theirs);
    }

    private static double median(List<Double> values) {
        return Figures.median(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static Outcome faultless(Outcome outcome) throws IOException {
        if (!outcome.faults().isEmpty()) throw new IOException(outcome.server() + ": " + outcome.faults());
        return outcome;
    }

    /** Milliseconds from the request to the first event, in the median of those that follow the first few. */
    private static double firstEvent(Server server) throws IOException {
        List<Double> all = new ArrayList<>();
        for (int i = 0; i < 2 * OPENINGS; i++) {
            long begun = System.nanoTime();
            server.openStream().close();
            if (i >= OPENINGS) all.add((System.nanoTime() - begun) / 1e6);
        }
        return median(all);
    }

    /** Seconds until the last of some streams that have all ended at once is let go of. */
    private static double gone(Server server, boolean byReset) throws IOException {
        long before = settled(server);
        List<Socket> streams = new ArrayList<>();
        for (int i = 0; i < GONE; i++) streams.add(server.openStream());
        for (Socket stream : streams) {
            if (byReset) stream.setSoLinger(true, 0);
            stream.close();
        }
        long begun = System.nanoTime();
        while (server.server.openDescriptors() > before) {
            if (System.nanoTime() - begun > 60_000_000_000L) return Double.POSITIVE_INFINITY;
            Audience.pause(20);
        }
        return (System.nanoTime() - begun) / 1e9;
    }

    /** How many descriptors are open once streams of before have gone. */
    private static long settled(Server server) {
        long least = Long.MAX_VALUE;
        long since = System.nanoTime();
        while (System.nanoTime() - since < 5 * HEARTBEAT * 1_000_000_000L) {
            long now = server.server.openDescriptors();
            if (now < least) {
                least = now;
                since = System.nanoTime();
            }
            Audience.pause(50);
        }
        return least;
    }

    /** A portal on a standard server. */
    private record Server(String name, StandardServer server, int port, PortalRequests requests) implements Contender {
        static Server start(Recipe recipe) throws IOException {
            StandardServer server = StandardServer.builder(recipe)
                    .with(Map.of("heartbeat", HEARTBEAT + "s", "retention.count", "100000"))
                    .start();
            int port = server.site().base().getPort();
            return new Server(recipe.name(), server, port, new PortalRequests(port, false, false));
        }

        @Override
        public ServerProcess process() {
            return ServerProcess.of(server.process());
        }

        @Override
        public Set<Transport> transports() {
            return Set.of(Transport.values());
        }

        @Override
        public Subscriber subscriber(Transport transport, String topic) {
            return requests.subscriber(transport, topic);
        }

        @Override
        public Publisher.Dialect publishing(String topic) {
            return requests.publishing(topic);
        }

        long liveHeap() {
            String histogram = server.ask("GC.class_histogram");
            String last = histogram.substring(histogram.lastIndexOf("Total"));
            return Long.parseLong(last.trim().split("\\s+", -1)[2]);
        }

        /** An event stream that has had its first event. */
        Socket openStream() throws IOException {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(30_000);
            String request = "GET /bongsu/api/stream?topic=none HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n"
                    + requests.readerHeader() + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            StringBuilder read = new StringBuilder();
            byte[] bytes = new byte[4_096];
            while (read.indexOf("event: ready") < 0 || read.indexOf("\n\n", read.indexOf("event: ready")) < 0) {
                int length = in.read(bytes);
                if (length < 0) throw new IOException(name + " ended a stream after: " + read);
                read.append(new String(bytes, 0, length, StandardCharsets.UTF_8));
            }
            return socket;
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
