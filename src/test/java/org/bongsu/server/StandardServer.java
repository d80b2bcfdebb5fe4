package org.bongsu.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.PortalServer;
import org.bongsu.Site;

/**
 * A server in a process of its own, with the WAR in it: the stock archive, the files of {@code server-config}, loopback and
 * free ports. Settings are handed over as environment variables, which every server passes on.
 *
 * <p>For one thread. The process ends with {@link #close} or with this JVM.
 */
final class StandardServer implements AutoCloseable {
    /** People whose names are their passwords, as {@link PortalServer} has them, and their roles. */
    static final Map<String, List<String>> PEOPLE = Map.of(
            "alice", List.of("bongsu-user"),
            "bob", List.of("bongsu-user"),
            "admin", List.of("bongsu-admin", "bongsu-user"),
            "backup-job", List.of("bongsu-publisher"),
            "nobody", List.of());

    private final Recipe recipe;
    private final int port;
    private final Path log;
    private final Duration startedIn;
    private final Process process;
    private final Thread hook;

    /** @param settings without their {@code bongsu.} */
    StandardServer(Recipe recipe, Path war, Map<String, String> settings) {
        this.recipe = recipe;
        try {
            Path base = Files.createTempDirectory("bongsu-server-");
            port = freePort();
            log = base.resolve("console.log");
            recipe.prepare(base, port, war);
            ProcessBuilder command =
                    recipe.start(base, port).redirectErrorStream(true).redirectOutput(log.toFile());
            command.environment().put("BONGSU_HOME", base.resolve("data").toString());
            settings.forEach((setting, value) -> command.environment()
                    .put("BONGSU_" + setting.replace('.', '_').toUpperCase(Locale.ROOT), value));
            long begun = System.nanoTime();
            process = command.start();
            hook = new Thread(process::destroyForcibly, "end " + recipe.title());
            Runtime.getRuntime().addShutdownHook(hook);
            Await.until(recipe.title() + " serves the portal", () -> !process.isAlive() || isServing());
            if (!process.isAlive()) throw new AssertionError(recipe.title() + " has ended\n" + log());
            startedIn = Duration.ofNanos(System.nanoTime() - begun);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Site site() {
        return new Site(URI.create("http://127.0.0.1:" + port + PortalServer.CONTEXT_PATH + '/'));
    }

    /** From the start of its process until the portal answered. */
    Duration startedIn() {
        return startedIn;
    }

    /** The last part of what it has said. */
    String log() {
        try {
            String text = Files.readString(log, StandardCharsets.UTF_8);
            return text.substring(Math.max(0, text.length() - 8_000));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** As an administrator stops it. */
    void stop() {
        process.destroy();
        try {
            if (!process.waitFor(Await.SECONDS, TimeUnit.SECONDS))
                throw new AssertionError(recipe.title() + " does not end\n" + log());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    private boolean isServing() {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(site().url("/health/ready")).build();
            return HttpClient.newHttpClient()
                            .send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == HttpURLConnection.HTTP_OK;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
