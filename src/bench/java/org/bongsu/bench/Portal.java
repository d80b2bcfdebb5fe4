package org.bongsu.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.bongsu.Ports;

/** Ourselves: the portal on Tomcat in another JVM, durable, with authentication at every request. */
final class Portal implements Contender {
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
    private final PortalRequests requests;

    private Portal(ServerProcess process, int port, Path home, Way way) throws IOException {
        this.process = process;
        this.port = port;
        this.home = home;
        this.requests = new PortalRequests(port, way.cookie(), way.json());
    }

    static Portal start(Path folder, Way way) throws IOException {
        int port = Ports.free();
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

    @Override
    public Subscriber subscriber(Transport transport, String topic) {
        return requests.subscriber(transport, topic);
    }

    @Override
    public Publisher.Dialect publishing(String topic) {
        return requests.publishing(topic);
    }

    PortalRequests requests() {
        return requests;
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
}
