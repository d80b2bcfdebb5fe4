package org.bongsu.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bongsu.Await;
import org.bongsu.LocalAuthority;
import org.bongsu.PortalServer;
import org.bongsu.Ports;
import org.bongsu.Site;
import org.jspecify.annotations.Nullable;

/**
 * A server in a process of its own, with the WAR in it: the stock archive, the files of {@code server-config}, loopback and
 * free ports. Settings are handed over as environment variables, which every server passes on.
 *
 * <p>For one thread. The process ends with {@link #close} or with this JVM.
 */
public final class StandardServer implements AutoCloseable {
    static final Path WAR = Path.of(System.getProperty("war.under.test", "target/bongsu.war"));

    /** People whose names are their passwords, as {@link PortalServer} has them, and their roles. */
    static final Map<String, List<String>> PEOPLE;

    /** More of them, users all, where a few are too few. */
    static final List<String> GUESTS =
            IntStream.rangeClosed(1, 200).mapToObj(number -> "guest" + number).toList();

    static {
        Map<String, List<String>> people = new TreeMap<>(Map.of(
                "alice", List.of("bongsu-user"),
                "bob", List.of("bongsu-user"),
                "admin", List.of("bongsu-admin", "bongsu-user"),
                "backup-job", List.of("bongsu-publisher"),
                "nobody", List.of()));
        GUESTS.forEach(guest -> people.put(guest, List.of("bongsu-user")));
        PEOPLE = Collections.unmodifiableMap(people);
    }

    /** Where what they have said is kept. */
    private static final Path LOGS = Path.of("target", "server-logs");

    /** What a machine says to servers and portals of its own: it would change what is run here, and how. */
    private static final Pattern OF_THIS_MACHINE =
            Pattern.compile("(CATALINA|JBOSS|JETTY|WLP|AS|BONGSU)_.*|JAVA_OPTS|CLASSPATH");

    private static final Pattern DEBUGGER = Pattern.compile("Listening for transport dt_socket at address: (\\d+)");

    /** What the kernel calls a socket that listens. */
    private static final String LISTENING = "0A";

    /** What the process prints. */
    static final String CONSOLE = "console.log";

    /** Of the portal; {@code data} is some servers' own. */
    private static final String HOME = "portal";

    private static final Path TOOLS = Path.of(System.getProperty("java.home"), "bin");

    private final Recipe recipe;
    private final Path base;
    private final Site site;
    private final Path log;
    private final Duration startedIn;
    private final Process process;
    private final Thread hook = new Thread(this::kill, "end a server");

    public static Builder builder(Recipe recipe) {
        return new Builder(recipe);
    }

    /** What is to be other than a stock server with the portal in it, in the order of the calls. */
    public static final class Builder {
        private final Recipe recipe;
        private final Map<String, String> settings = new TreeMap<>();
        private final List<Preparation> preparations = new ArrayList<>();
        private Path war = WAR;
        private @Nullable Extras extras;
        private String javaOptions = "";

        private Builder(Recipe recipe) {
            this.recipe = recipe;
        }

        /** @param more settings without their {@code bongsu.} */
        public Builder with(Map<String, String> more) {
            settings.putAll(more);
            return this;
        }

        Builder war(Path file) {
            war = file;
            return this;
        }

        /** It takes another WAR while it runs. */
        Builder watching() {
            preparations.add(recipe::watch);
            return this;
        }

        /** It has all that is on its page; its site is behind TLS. */
        Builder with(Extras all) {
            extras = all;
            preparations.add(base -> recipe.addExtras(base, all));
            return this;
        }

        /** The portal's log says who comes and goes. */
        Builder talkative() {
            preparations.add(recipe::sayMore);
            return this;
        }

        /**
         * Changes what the files of {@code server-config} have made of its configuration.
         *
         * @param file below the server's folder
         */
        public Builder edited(String file, UnaryOperator<String> change) {
            preparations.add(
                    base -> Files.writeString(base.resolve(file), change.apply(Files.readString(base.resolve(file)))));
            return this;
        }

        /** A debugger can look into it, see {@link #debugPort}; of those that take {@code JAVA_OPTS}. */
        public Builder debugged() {
            javaOptions = "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0";
            return this;
        }

        /** @return the server, with the portal in it */
        public StandardServer start() {
            return new StandardServer(this);
        }
    }

    private interface Preparation {
        void of(Path base) throws IOException;
    }

    private StandardServer(Builder wanted) {
        recipe = wanted.recipe;
        Extras extras = wanted.extras;
        try {
            // As the system names what its processes have open.
            base = Files.createTempDirectory("bongsu-server-").toRealPath();
            int port = Ports.free();
            site = extras == null
                    ? new Site(URI.create("http://127.0.0.1:" + port + PortalServer.CONTEXT_PATH + '/'))
                    : extras.site();
            log = base.resolve(CONSOLE);
            recipe.prepare(base, port);
            for (Preparation preparation : wanted.preparations) preparation.of(base);
            recipe.deploy(base, wanted.war);
            ProcessBuilder command =
                    recipe.start(base, port).redirectErrorStream(true).redirectOutput(log.toFile());
            command.environment()
                    .entrySet()
                    .removeIf(variable ->
                            OF_THIS_MACHINE.matcher(variable.getKey()).matches()
                                    && variable.getValue().equals(System.getenv(variable.getKey())));
            command.environment().put("BONGSU_HOME", base.resolve(HOME).toString());
            wanted.settings.forEach((setting, value) -> command.environment()
                    .put("BONGSU_" + setting.replace('.', '_').toUpperCase(Locale.ROOT), value));
            if (!wanted.javaOptions.isEmpty())
                command.environment().merge("JAVA_OPTS", wanted.javaOptions, (options, more) -> options + ' ' + more);
            if (extras != null) {
                // As a company's own authority is made known on its machines.
                command.environment()
                        .put(
                                "JDK_JAVA_OPTIONS",
                                "-Djavax.net.ssl.trustStore=" + extras.trusted()
                                        + " -Djavax.net.ssl.trustStorePassword=" + LocalAuthority.PASSWORD);
            }
            long begun = System.nanoTime();
            process = command.start();
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                Await.until(this + " serves the portal", () -> !process.isAlive() || isServing());
                if (!process.isAlive()) throw new AssertionError(this + " has ended");
            } catch (AssertionError e) {
                String said = log();
                close();
                throw new AssertionError(e.getMessage() + '\n' + said, e);
            }
            startedIn = Duration.ofNanos(System.nanoTime() - begun);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Site site() {
        return site;
    }

    /** From the start of its process until the portal answered. */
    public Duration startedIn() {
        return startedIn;
    }

    /** The last part of what it has said. */
    String log() {
        String text = said(log);
        return text.substring(Math.max(0, text.length() - 8_000));
    }

    /** Where a debugger may come, if it may. */
    public int debugPort() {
        Matcher said = DEBUGGER.matcher(said(log));
        if (!said.find()) throw new AssertionError(this + " does not wait for a debugger\n" + log());
        return Integer.parseInt(said.group(1));
    }

    /** All that the portal has said. */
    String logOfThePortal() {
        return said(recipe.logOfThePortal(base));
    }

    private static String said(Path log) {
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** Whether the portal answers that it is ready. */
    boolean isServing() {
        try {
            HttpRequest request = site.request("/health/ready").build();
            return site.client()
                            .send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == HttpURLConnection.HTTP_OK;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Has each of its threads do something: so many clients at once keep it waiting for the end of their request. */
    void wakeItsThreads() {
        String head =
                "POST " + site.url("/api/session").getPath() + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + "X-Bongsu: 1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n";
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 60; i++) {
                Socket socket =
                        new Socket(InetAddress.getLoopbackAddress(), site.base().getPort());
                sockets.add(socket);
                socket.setSoTimeout(Await.MILLIS);
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            }
            for (Socket socket : sockets) socket.getOutputStream().write("{}".getBytes(StandardCharsets.US_ASCII));
            for (Socket socket : sockets) {
                byte[] answer = socket.getInputStream().readNBytes(12);
                if (!new String(answer, StandardCharsets.US_ASCII).equals("HTTP/1.1 400"))
                    throw new AssertionError(this + " answers otherwise");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            for (Socket socket : sockets) {
                try {
                    socket.close();
                } catch (IOException e) {
                    // Nothing is left to be done with it.
                }
            }
        }
    }

    /** Has the same WAR in place of the one that runs; returns before that is so. */
    void redeploy() {
        if (recipe.deviations().contains(Deviation.STARTS_THE_NEXT_FIRST)) undeploy();
        try {
            recipe.deploy(base, WAR);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes the portal away; returns when it no longer answers. */
    void undeploy() {
        try {
            recipe.undeploy(base);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until(this + " is without the portal", () -> !isServing());
    }

    /** What is in the folder of the portal's data. */
    List<String> dataFiles() {
        try (Stream<Path> files = Files.list(base.resolve(HOME))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many file descriptors its process has open. */
    public long openDescriptors() {
        String[] open = Path.of("/proc/" + jvm().pid() + "/fd").toFile().list();
        if (open == null) throw new AssertionError(this + " shows no file descriptors");
        return open.length;
    }

    /** The addresses and TCP ports on which its process listens, as the kernel writes them. */
    List<String> listeners() {
        Path process = Path.of("/proc/" + jvm().pid());
        List<String> all = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            Set<String> sockets = descriptors
                    .map(StandardServer::target)
                    .filter(target -> target.startsWith("socket:["))
                    .map(target -> target.substring("socket:[".length(), target.length() - 1))
                    .collect(Collectors.toSet());
            for (String table : List.of("tcp", "tcp6")) {
                Path listeners = process.resolve("net").resolve(table);
                // Without IPv6 there is but one.
                if (!Files.exists(listeners)) continue;
                try (Stream<String> lines = Files.lines(listeners)) {
                    lines.map(line -> line.strip().split(" +", -1))
                            .filter(fields -> fields[3].equals(LISTENING) && sockets.contains(fields[9]))
                            .map(fields -> fields[1])
                            .forEach(all::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    /** Files of the portal's data that its process has open. */
    List<Path> openDataFiles() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + jvm().pid() + "/fd"))) {
            return descriptors
                    .flatMap(descriptor -> {
                        try {
                            return Stream.of(Files.readSymbolicLink(descriptor));
                        } catch (IOException closedMeanwhile) {
                            return Stream.empty();
                        }
                    })
                    .filter(file -> file.startsWith(base.resolve(HOME)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@code jcmd} answers to this. A busy JVM may not answer at first. */
    public String ask(String... command) {
        for (int tries = 1; ; tries++) {
            try {
                return askOnce(command);
            } catch (AssertionError e) {
                if (tries == 3) throw e;
            }
        }
    }

    /** The file, beside the logs. */
    Path dumpHeap() {
        try {
            Path file = Files.createDirectories(LOGS)
                    .toAbsolutePath()
                    .resolve(recipe.name() + '-' + process.pid() + ".hprof");
            ask("GC.heap_dump", file.toString());
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String askOnce(String... command) {
        try {
            ProcessBuilder asking = new ProcessBuilder(Stream.concat(
                            Stream.of(TOOLS.resolve("jcmd").toString(), String.valueOf(jvm().pid())),
                            Stream.of(command))
                    .toList());
            Process jcmd = asking.redirectErrorStream(true).start();
            String answer = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = jcmd.waitFor();
            if (status != 0) throw new AssertionError("jcmd ended with " + status + ": " + answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What was started, be it a script. */
    public Process process() {
        return process;
    }

    /** The JVM that serves: of a script's, or of a starter's, the youngest. */
    private ProcessHandle jvm() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .filter(any -> any.info().command().orElse("").endsWith("/java"))
                .max(Comparator.comparing(any -> any.info().startInstant().orElseThrow()))
                .orElseThrow(() -> new AssertionError(this + " has no JVM"));
    }

    /** Asks it to stop, as an administrator does; returns before it has. */
    void beginToStop() {
        jvm().destroy();
    }

    void awaitStopped() {
        Await.until(this + " ends", () -> !process.isAlive());
    }

    private void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** At once, whatever it is doing; removes its folder. Idempotent. */
    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(hook);
        Await.until(this + " is gone", () -> !process.isAlive());
        try {
            Files.createDirectories(LOGS);
            // One that is started anew has the same port.
            Files.move(log, LOGS.resolve(recipe.name() + '-' + site.base().getPort() + '-' + process.pid() + ".log"));
        } catch (IOException e) {
            System.err.println("the log of " + this + " is not kept: " + e);
        }
        try (Stream<Path> files = Files.walk(base)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        } catch (IOException | UncheckedIOException stillWriting) {
            // One of its processes was; it is a temporary folder.
        }
    }

    @Override
    public String toString() {
        return recipe.name() + ' ' + recipe.version();
    }
}
