package org.bongsu.browser;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bongsu.Await;
import org.bongsu.Ports;

/**
 * WebKitGTK's small browser on a screen that nobody sees, spoken to over WebDriver: of all engines the nearest to Safari.
 *
 * <p>WebDriver has no scripts that run beforehand, and nothing that tells of the console: complaints are those from after a
 * page has been loaded.
 *
 * <p>Threads: tests call from any; one command is under way at a time, for each but the first is about the window that the one
 * before it has chosen.
 */
final class WebKitGtk implements Engine {
    private static final String COMPLAIN = "(function () { var all = window.complaints = [];"
            + " window.addEventListener('error', function (event) { all.push('exception: ' + event.message); });"
            + " var kept = console.error; console.error = function () {"
            + " all.push('console.error: ' + Array.prototype.join.call(arguments, ' '));"
            + " kept.apply(console, arguments); }; }())";

    private final Program screen;
    private final Program driver;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Await.PATIENCE)
            .build();
    private final URI address;
    private final JsonObject session;
    private final String firstWindow;

    static WebKitGtk start() {
        Path driver = Found.program("WEBKITGTK", List.of("WebKitWebDriver"));
        Path xvfb = Found.program("XVFB", List.of("Xvfb"));
        // It looks for a free number by itself and tells it.
        Program screen = new Program(
                folder ->
                        List.of(xvfb.toString(), "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"),
                Map.of(),
                "(\\d+)");
        try {
            return new WebKitGtk(screen, driver);
        } catch (RuntimeException e) {
            screen.close();
            throw e;
        }
    }

    private WebKitGtk(Program screen, Path webKitWebDriver) {
        this.screen = screen;
        Map<String, String> environment = Map.of("DISPLAY", ":" + screen.told(), "NO_AT_BRIDGE", "1");
        int port = Ports.free();
        address = URI.create("http://127.0.0.1:" + port);
        driver = new Program(folder -> List.of(webKitWebDriver.toString(), "--port=" + port), environment);
        try {
            Await.until("WebKitWebDriver listens", this::listens);
            session = send(
                            "POST",
                            "/session",
                            Json.createObjectBuilder()
                                    .add("capabilities", JsonValue.EMPTY_JSON_OBJECT)
                                    .build())
                    .asJsonObject();
            firstWindow = ((JsonString) command("GET", "/window", JsonValue.EMPTY_JSON_OBJECT)).getString();
        } catch (RuntimeException | Error e) {
            driver.close();
            throw e;
        }
    }

    private boolean listens() {
        try {
            send("GET", "/status", JsonValue.EMPTY_JSON_OBJECT);
            return true;
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof ConnectException && !driver.end().isDone()) return false;
            throw new IllegalStateException("it said " + driver.said(), e);
        }
    }

    private JsonValue send(String method, String path, JsonObject parameters) {
        HttpRequest request = HttpRequest.newBuilder(address.resolve(path))
                .timeout(Await.PATIENCE)
                .method(
                        method,
                        method.equals("POST")
                                ? BodyPublishers.ofString(parameters.toString())
                                : BodyPublishers.noBody())
                .build();
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            try (var reader = Json.createReader(new StringReader(response.body()))) {
                JsonObject said = reader.readObject();
                if (response.statusCode() == 200) return said.getOrDefault("value", JsonValue.NULL);
                String what = method + " " + path + ": " + said;
                if (said.getJsonObject("value").getString("error").equals("javascript error"))
                    throw new AssertionError(what);
                throw new IllegalStateException(what);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** About the window chosen last. */
    private JsonValue command(String method, String path, JsonObject parameters) {
        return send(method, "/session/" + session.getString("sessionId") + path, parameters);
    }

    private void choose(String window) {
        command(
                "POST",
                "/window",
                Json.createObjectBuilder().add("handle", window).build());
    }

    @Override
    public EngineKind kind() {
        return EngineKind.WEBKITGTK;
    }

    @Override
    public String version() {
        return session.getJsonObject("capabilities").getString("browserVersion");
    }

    @Override
    public boolean runsBeforehand() {
        return false;
    }

    @Override
    public synchronized Page open(URI url, String beforehand) {
        if (!beforehand.isEmpty()) {
            throw new UnsupportedOperationException(
                    "WebDriver runs nothing before a page's own scripts: " + beforehand);
        }
        choose(firstWindow);
        // Not a tab, which would put the one before it into the background. The first window stays: the session ends
        // with
        // the last.
        String window = command(
                        "POST",
                        "/window/new",
                        Json.createObjectBuilder().add("type", "window").build())
                .asJsonObject()
                .getString("handle");
        WebKitPage page = new WebKitPage(window);
        page.load(url);
        return page;
    }

    @Override
    public void close() {
        try {
            driver.close(() -> {
                command("DELETE", "", JsonValue.EMPTY_JSON_OBJECT);
                driver.close();
            });
        } finally {
            screen.close();
        }
    }

    private final class WebKitPage implements Page {
        private final String window;

        WebKitPage(String window) {
            this.window = window;
        }

        private JsonValue send(String method, String path, JsonObject parameters) {
            synchronized (WebKitGtk.this) {
                choose(window);
                return command(method, path, parameters);
            }
        }

        @Override
        public JsonValue value(String expression) {
            JsonValue value = send(
                    "POST",
                    "/execute/sync",
                    Json.createObjectBuilder()
                            .add("script", "return " + Script.wrapped(expression))
                            .add("args", JsonValue.EMPTY_JSON_ARRAY)
                            .build());
            return Script.unwrapped(expression, value instanceof JsonString text ? text.getString() : null);
        }

        @Override
        public List<String> complaints() {
            return texts("window.complaints || []");
        }

        @Override
        public void load(URI url) {
            send(
                    "POST",
                    "/url",
                    Json.createObjectBuilder().add("url", url.toString()).build());
            value(COMPLAIN);
        }

        /** Not by the page's own hand: there is nobody to ask while one document goes and the next comes. */
        @Override
        public void reload() {
            send("POST", "/refresh", JsonValue.EMPTY_JSON_OBJECT);
            value(COMPLAIN);
        }

        @Override
        public void close() {
            send("DELETE", "/window", JsonValue.EMPTY_JSON_OBJECT);
        }

        /** Comes late, but here listeners that capture are told before those that do not, even at the target itself. */
        @Override
        public void crash() {
            value("(function () { " + Script.CRASHABLE + Script.CRASH + "; }())");
            close();
        }

        @Override
        public boolean canCrash() {
            return true;
        }
    }
}
