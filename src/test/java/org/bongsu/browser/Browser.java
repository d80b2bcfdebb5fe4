package org.bongsu.browser;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A headless Chromium with an empty profile of its own, spoken to over its DevTools protocol.
 *
 * <p>Threads: tests call from any; answers and events come on the HTTP client's threads.
 */
public final class Browser implements Engine {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final String LISTENING = "DevTools listening on (.*)";

    private final Program program;
    private final Wire wire;
    private final Map<String, Tab> tabs = new ConcurrentHashMap<>();

    /** @param language what the browser prefers to read: {@code ko}, {@code en-US} */
    public static Browser start(String language) {
        return start(language, List.of());
    }

    /** One that takes https from whoever has this key, whatever its certificate: the hash of the public key, in base64. */
    public static Browser trusting(String key) {
        return start("en-US", List.of("--ignore-certificate-errors-spki-list=" + key));
    }

    private static Browser start(String language, List<String> more) {
        Path chromium = Found.program("CHROMIUM", NAMES);
        Program program = new Program(profile -> command(chromium, language, profile, more), Map.of(), LISTENING);
        try {
            return new Browser(program);
        } catch (RuntimeException e) {
            program.close();
            throw e;
        }
    }

    private static List<String> command(Path chromium, String language, Path profile, List<String> more) {
        List<String> words = new ArrayList<>(List.of(
                chromium.toString(),
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
                "--remote-debugging-port=0"));
        words.addAll(more);
        words.add("about:blank");
        return words;
    }

    private Browser(Program program) {
        this.program = program;
        wire = new Wire(URI.create(program.told()), this::hear);
    }

    @Override
    public EngineKind kind() {
        return EngineKind.CHROMIUM;
    }

    @Override
    public String version() {
        return send(null, "Browser.getVersion", JsonValue.EMPTY_JSON_OBJECT).getString("product");
    }

    @Override
    public Tab open(URI url) {
        return open(url, "");
    }

    @Override
    public Tab open(URI url, String beforehand) {
        String target = send(
                        null,
                        "Target.createTarget",
                        Json.createObjectBuilder()
                                .add("url", "about:blank")
                                // Not a tab, which would put the one before it into the background.
                                .add("newWindow", true)
                                .build())
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
        tab.begin(url, beforehand);
        return tab;
    }

    void forget(String session) {
        tabs.remove(session);
    }

    /** Sends a command and waits for what it returns. */
    JsonObject send(@Nullable String session, String method, JsonObject parameters) {
        return wire.send(method, parameters, session);
    }

    /** Sends a command that is never answered, as the page that would answer dies of it. */
    void sendTheLast(String session, String method) {
        wire.begin(method, JsonValue.EMPTY_JSON_OBJECT, session);
    }

    /** What the largest of the processes holds that pages run in: with one page at work, that one's. */
    long residentRenderer() {
        return Held.resident(program.family().stream()
                .filter(process -> Held.command(process).contains("--type=renderer")));
    }

    private void hear(JsonObject event) {
        Tab tab = tabs.get(event.getString("sessionId", ""));
        if (tab != null) tab.hear(event.getString("method"), event.getJsonObject("params"));
    }

    @Override
    public void close() {
        program.close(() -> send(null, "Browser.close", JsonValue.EMPTY_JSON_OBJECT));
        wire.close();
    }
}
