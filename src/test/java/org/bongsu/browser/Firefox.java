package org.bongsu.browser;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A headless Firefox with an empty profile of its own, spoken to over WebDriver BiDi.
 *
 * <p>Threads: tests call from any; answers and events come on the HTTP client's threads.
 */
final class Firefox implements Engine {
    private static final List<String> NAMES = List.of("firefox-esr", "firefox");
    /**
     * All pages of a site in one process. With one for each, a page that is closed ends with its process, and in 5 of 8 trials
     * with Firefox 153 neither {@code pagehide} nor {@code unload} was heard of: no beacon came, nothing was stored.
     */
    private static final String ONE_PROCESS = "user_pref('dom.ipc.processCount.webIsolated', 1);";

    private static final String LISTENING = "WebDriver BiDi listening on (.*)";

    private final Program program;
    private final Wire wire;
    private final String version;
    private final Map<String, FirefoxPage> pages = new ConcurrentHashMap<>();

    static Firefox start() {
        Path firefox = Found.program("FIREFOX", NAMES);
        Program program = new Program(profile -> command(firefox, profile), Map.of(), LISTENING);
        try {
            return new Firefox(program);
        } catch (RuntimeException e) {
            program.close();
            throw e;
        }
    }

    private static List<String> command(Path firefox, Path profile) {
        try {
            Files.writeString(profile.resolve("user.js"), ONE_PROCESS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of(
                firefox.toString(),
                "--headless",
                "--no-remote",
                "--profile",
                profile.toString(),
                "--remote-debugging-port",
                "0",
                "about:blank");
    }

    private Firefox(Program program) {
        this.program = program;
        wire = new Wire(URI.create(program.told() + "/session"), this::hear);
        version = wire.send(
                        "session.new",
                        Json.createObjectBuilder()
                                .add("capabilities", JsonValue.EMPTY_JSON_OBJECT)
                                .build())
                .getJsonObject("capabilities")
                .getString("browserVersion");
        wire.send(
                "session.subscribe",
                Json.createObjectBuilder()
                        .add("events", Json.createArrayBuilder().add("log.entryAdded"))
                        .build());
    }

    @Override
    public EngineKind kind() {
        return EngineKind.FIREFOX;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Page open(URI url, String beforehand) {
        // Not a tab, which would put the one before it into the background, where timers are slow.
        String context = wire.send(
                        "browsingContext.create",
                        Json.createObjectBuilder()
                                .add("type", "window")
                                // Otherwise it is to get the focus, which now and then is waited for without end.
                                .add("background", true)
                                .build())
                .getString("context");
        FirefoxPage page = new FirefoxPage(context);
        pages.put(context, page);
        wire.send(
                "script.addPreloadScript",
                Json.createObjectBuilder()
                        .add("functionDeclaration", "function () {" + Script.CRASHABLE + beforehand + "\n}")
                        .add("contexts", Json.createArrayBuilder().add(context))
                        .build());
        page.load(url);
        return page;
    }

    private void hear(JsonObject event) {
        JsonObject what = event.getJsonObject("params");
        if (!what.getString("level", "").equals("error")) return;
        FirefoxPage page = pages.get(what.getJsonObject("source").getString("context", ""));
        if (page != null) page.complaints.add(what.getString("type") + ": " + what.get("text"));
    }

    @Override
    public void close() {
        program.close(() -> wire.send("browser.close", JsonValue.EMPTY_JSON_OBJECT));
        wire.close();
    }

    private final class FirefoxPage implements Page {
        private final String context;
        private final List<String> complaints = new CopyOnWriteArrayList<>();

        FirefoxPage(String context) {
            this.context = context;
        }

        private JsonObjectBuilder here() {
            return Json.createObjectBuilder().add("context", context);
        }

        @Override
        public JsonValue value(String expression) {
            JsonObject said = wire.send(
                    "script.evaluate",
                    Json.createObjectBuilder()
                            .add("expression", Script.wrapped(expression))
                            .add("target", here())
                            .add("awaitPromise", false)
                            .build());
            if (!said.getString("type").equals("success")) {
                throw new AssertionError(expression + ": " + said.get("exceptionDetails"));
            }
            return Script.unwrapped(expression, said.getJsonObject("result").getString("value", null));
        }

        @Override
        public List<String> complaints() {
            return List.copyOf(complaints);
        }

        @Override
        public void load(URI url) {
            wire.send(
                    "browsingContext.navigate",
                    here().add("url", url.toString()).add("wait", "complete").build());
        }

        /** Not by the page's own hand: there is nobody to ask while one document goes and the next comes. */
        @Override
        public void reload() {
            wire.send("browsingContext.reload", here().add("wait", "complete").build());
        }

        @Override
        public void close() {
            pages.remove(context);
            wire.send("browsingContext.close", here().build());
        }

        @Override
        public void crash() {
            value(Script.CRASH);
            close();
        }

        @Override
        public boolean canCrash() {
            return true;
        }
    }
}
