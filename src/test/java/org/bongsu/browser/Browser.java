package org.bongsu.browser;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.Await;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A headless Chromium with an empty profile of its own.
 *
 * <p>Found by the environment variable {@code CHROMIUM}, else as {@code chromium}, {@code chromium-browser} or
 * {@code google-chrome} on the path. Where there is none the test is skipped and says so, but fails where {@code CI} is
 * {@code true}: there it is a fault of the build.
 *
 * <p>Threads: tests call from any; answers and events come on the HTTP client's threads.
 */
public final class Browser implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final String LISTENING = "DevTools listening on ";

    private final Path profile;
    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger nextId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonObject>> waiting = new ConcurrentHashMap<>();
    private final Map<String, Tab> tabs = new ConcurrentHashMap<>();
    /** The frames of one message are sent one after the other. */
    private final Object sending = new Object();

    /** @param language what the browser prefers to read: {@code ko}, {@code en-US} */
    public static Browser start(String language) {
        Path program = find();
        if (program == null) {
            String reason = "no Chromium: set CHROMIUM to one, or put one of " + NAMES + " on the path";
            return "true".equals(System.getenv("CI")) ? Assertions.fail(reason) : Assumptions.abort(reason);
        }
        try {
            return new Browser(program, language);
        } catch (IOException e) {
            throw new IllegalStateException(program + " did not start", e);
        }
    }

    private static @Nullable Path find() {
        String given = System.getenv("CHROMIUM");
        if (given != null && !given.isEmpty()) return Path.of(given);
        String path = System.getenv("PATH");
        if (path == null) return null;
        return NAMES.stream()
                .flatMap(name -> Arrays.stream(path.split(File.pathSeparator)).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    private Browser(Path program, String language) throws IOException {
        profile = Files.createTempDirectory("bongsu-chromium-");
        ProcessBuilder builder = new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--lang=" + language,
                "--accept-lang=" + language,
                "--window-size=1280,800",
                "--user-data-dir=" + profile,
                "--remote-debugging-port=0",
                "about:blank");
        process = builder.redirectErrorStream(true).start();
        URI address = address(process);
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .connectTimeout(Await.PATIENCE)
                .buildAsync(address, new Ear())
                .orTimeout(Await.SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private static URI address(Process process) throws IOException {
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        List<String> said = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(LISTENING)) {
                Thread drain = new Thread(() -> output.lines().forEach(ignored -> {}), "chromium-output");
                drain.setDaemon(true);
                drain.start();
                return URI.create(line.substring(LISTENING.length()).trim());
            }
            said.add(line);
        }
        throw new IOException("it ended and said " + said);
    }

    /** Opens a tab, to which every other tab of this browser is a neighbour: same cookies, same storage. */
    public Tab open(URI url) {
        String target = send(
                        null,
                        "Target.createTarget",
                        Json.createObjectBuilder().add("url", "about:blank").build())
                .getString("targetId");
        String session = send(
                        null,
                        "Target.attachToTarget",
                        Json.createObjectBuilder()
                                .add("targetId", target)
                                .add("flatten", true)
                                .build())
                .getString("sessionId");
        Tab tab = new Tab(this, session, target);
        tabs.put(session, tab);
        tab.begin(url);
        return tab;
    }

    void forget(String session) {
        tabs.remove(session);
    }

    /** Sends a command and waits for what it returns. */
    JsonObject send(@Nullable String session, String method, JsonObject parameters) {
        int id = nextId.incrementAndGet();
        var command =
                Json.createObjectBuilder().add("id", id).add("method", method).add("params", parameters);
        if (session != null) command.add("sessionId", session);
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        synchronized (sending) {
            socket.sendText(command.build().toString(), true).join();
        }
        JsonObject said = answer.orTimeout(Await.SECONDS, TimeUnit.SECONDS).join();
        if (said.containsKey("error")) throw new IllegalStateException(method + ": " + said.get("error"));
        return said.getJsonObject("result");
    }

    private final class Ear implements WebSocket.Listener {
        private final StringBuilder frame = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            frame.append(data);
            if (last) {
                String text = frame.toString();
                frame.setLength(0);
                hear(text);
            }
            from.request(1);
            return null;
        }

        private void hear(String text) {
            JsonObject said;
            try (var reader = Json.createReader(new StringReader(text))) {
                said = reader.readObject();
            }
            if (said.containsKey("id")) {
                CompletableFuture<JsonObject> answer = waiting.remove(said.getInt("id"));
                if (answer != null) answer.complete(said);
            } else {
                Tab tab = tabs.get(said.getString("sessionId", ""));
                if (tab != null) tab.hear(said.getString("method"), said.getJsonObject("params"));
            }
        }
    }

    /** Ends the browser and removes its profile. */
    @Override
    public void close() {
        try {
            send(null, "Browser.close", JsonValue.EMPTY_JSON_OBJECT);
            if (!process.waitFor(Await.SECONDS, TimeUnit.SECONDS)) process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            socket.abort();
            delete(profile);
        }
    }

    private static void delete(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            // The last of its processes may still be writing; the system's temporary folder is cleaned by others.
            System.getLogger(Browser.class.getName()).log(System.Logger.Level.DEBUG, "left " + folder, e);
        }
    }
}
