package org.bongsu.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Ourselves: the portal on Tomcat in another JVM, durable, with authentication at every request. */
final class Portal implements Contender {
    static final String UPGRADE = String.join(
            "\r\n",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            "");

    private static final String READER = "alice";
    private static final String PUBLISHER = "backup-job";

    /**
     * How the portal runs and how the benchmark speaks to it.
     *
     * @param cookie a session in place of Basic
     * @param json publishes a JSON object in place of the bare text
     * @param jvm options of its JVM
     * @param settings {@code setting=value}, {@code connector.property=value} or {@code context.parameter=value}
     */
    record Way(boolean cookie, boolean json, List<String> jvm, List<String> settings) {
        static final List<String> JVM = List.of("-Xms1g", "-Xmx2g");

        /** On top of what {@code server-config/tomcat} says. */
        Way onTomcatAsRecommended() throws IOException {
            TomcatSettings tomcat = TomcatSettings.read(Path.of("server-config", "tomcat"));
            List<String> allOptions = new ArrayList<>(tomcat.jvm());
            allOptions.addAll(jvm);
            List<String> allSettings = new ArrayList<>(tomcat.settings());
            allSettings.addAll(settings);
            return new Way(cookie, json, allOptions, allSettings);
        }
    }

    private final ServerProcess process;
    private final int port;
    private final Path home;
    private final Way way;
    private final String reader;
    private final String publisher;

    private Portal(ServerProcess process, int port, Path home, Way way) throws IOException {
        this.process = process;
        this.port = port;
        this.home = home;
        this.way = way;
        this.reader = credentials(READER);
        this.publisher = credentials(PUBLISHER);
    }

    static Portal start(Path folder, Way way) throws IOException {
        int port = ServerProcess.freePort();
        Path home = Files.createTempDirectory(folder, "portal-");
        List<String> command = new ArrayList<>();
        command.add(tool("java"));
        command.addAll(way.jvm());
        String logging = System.getProperty("java.util.logging.config.file");
        if (logging != null) command.add("-Djava.util.logging.config.file=" + logging);
        command.addAll(List.of("-classpath", System.getProperty("java.class.path")));
        command.addAll(List.of(PortalProcess.class.getName(), "" + port, home.toString()));
        command.addAll(way.settings());
        return new Portal(ServerProcess.start(command, home.resolve("output.log"), port), port, home, way);
    }

    static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    /** The header line that says who asks. */
    private String credentials(String user) throws IOException {
        if (!way.cookie()) {
            String pair = user + ":" + user;
            return "Authorization: Basic "
                    + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8))
                    + "\r\n";
        }
        HttpRequest login = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/bongsu/api/session"))
                .header("X-Bongsu", "1")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"user\":\"" + user + "\",\"password\":\"" + user + "\"}"))
                .build();
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient().send(login, HttpResponse.BodyHandlers.ofString());
            List<String> cookies = answer.headers().allValues("set-cookie");
            if (answer.statusCode() != 204 || cookies.isEmpty()) {
                throw new IOException("the login was answered " + answer.statusCode() + ": " + answer.body());
            }
            // A changed id comes last.
            return "Cookie: " + cookies.get(cookies.size() - 1).split(";", 2)[0]
                    + "\r\nX-Bongsu: 1\r\nOrigin: http://127.0.0.1:" + port + "\r\n";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public String name() {
        return "bongsu";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public ServerProcess process() {
        return process;
    }

    @Override
    public Set<Transport> transports() {
        return Set.of(Transport.values());
    }

    private String get(String path) {
        return "GET /bongsu" + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + reader;
    }

    @Override
    public Subscriber subscriber(Transport transport, String topic) {
        return switch (transport) {
            case SSE ->
                new SseSubscriber(
                        get("/api/stream?topic=" + topic) + "Accept: text/event-stream\r\n\r\n", "event: ready");
            case WEBSOCKET ->
                new WebSocketSubscriber(
                        get("/ws") + UPGRADE + "\r\n",
                        List.of(new WebSocketSubscriber.Step(
                                "\"op\":\"ready\"", "{\"op\":\"subscribe\",\"topics\":[\"" + topic + "\"],\"ref\":1}")),
                        "\"op\":\"ok\"");
            case POLL -> new PollSubscriber(new Polling(get("/api/poll?limit=1000&wait=25&topic=" + topic)));
        };
    }

    @Override
    public Publisher.Dialect publishing(String topic) {
        String type = way.json() ? "application/json" : "text/plain;charset=UTF-8";
        return new Publisher.Dialect() {
            @Override
            public String head(int bodyLength) {
                return "POST /bongsu/api/topics/" + topic + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + publisher
                        + "Content-Type: " + type + "\r\nContent-Length: " + bodyLength + "\r\n\r\n";
            }

            @Override
            public String before() {
                return way.json() ? "{\"body\":\"" : "";
            }

            @Override
            public String after() {
                return way.json() ? "\"}" : "";
            }
        };
    }

    /** The header lines of a reader and of the publisher, for other clients. */
    String readerHeader() {
        return reader.split("\r\n", 2)[0];
    }

    String publisherHeader() {
        return publisher.split("\r\n", 2)[0];
    }

    @Override
    public TimedStore.Commits commits() throws IOException {
        String name = "commits-" + System.nanoTime();
        process.tell(name);
        Path answer = home.resolve(name);
        for (int tries = 0; !Files.exists(answer); tries++) {
            if (tries > 5_000) throw new IOException("the portal does not tell of its commits");
            Audience.pause(2);
        }
        String[] figures = Files.readString(answer).split(" ", -1);
        Files.delete(answer);
        return new TimedStore.Commits(
                Long.parseLong(figures[0]),
                Double.parseDouble(figures[1]),
                Double.parseDouble(figures[2]),
                Double.parseDouble(figures[3]));
    }

    /** What a full collection leaves, in bytes. */
    long liveHeap() throws IOException {
        String histogram = jcmd("GC.class_histogram");
        String last = histogram.substring(histogram.lastIndexOf("Total"));
        return Long.parseLong(last.trim().split("\\s+", -1)[2]);
    }

    /** Runs a diagnostic command in the portal's JVM. */
    String jcmd(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(tool("jcmd"), "" + process.pid()));
        command.addAll(List.of(arguments));
        Process jcmd = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!jcmd.waitFor(60, TimeUnit.SECONDS) || jcmd.exitValue() != 0) throw new IOException("jcmd: " + output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return output;
    }

    @Override
    public void close() {
        process.close();
    }

    private record Polling(String get) implements PollSubscriber.Dialect {
        private static final byte[] CURSOR = Subscriber.ascii("\"cursor\":\"");
        private static final byte[] RESET = Subscriber.ascii("\"reset\":");

        @Override
        public byte[] request(@Nullable String cursor) {
            // The path ends where the protocol begins; the cursor joins the query.
            int end = get.indexOf(" HTTP/1.1");
            return Subscriber.ascii(
                    (cursor == null ? get : get.substring(0, end) + "&after=" + cursor + get.substring(end)) + "\r\n");
        }

        @Override
        public boolean answersFirst() {
            return true;
        }

        @Override
        public String cursor(Head head, byte[] bytes, int bodyFrom, int bodyTo) throws IOException {
            // Both stand before the messages.
            int start = Subscriber.indexOf(bytes, bodyFrom, bodyTo, CURSOR);
            if (start < 0) throw new IOException("an answer without a cursor");
            if (Subscriber.indexOf(bytes, bodyFrom, Math.min(bodyTo, bodyFrom + 100), RESET) >= 0) {
                throw new IOException("the server said reset");
            }
            int end = start + CURSOR.length;
            StringBuilder cursor = new StringBuilder();
            while (bytes[end] != '"') cursor.append((char) bytes[end++]);
            return cursor.toString();
        }
    }
}
