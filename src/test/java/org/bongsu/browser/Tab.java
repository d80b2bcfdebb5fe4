package org.bongsu.browser;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;

/**
 * One page in a {@link Browser}, used as a person would: keys, clicks, looking. Closing it is the person closing the tab.
 */
public final class Tab implements Page {
    private static final int ENTER = 13;
    /** The key code that an input method gives to every key it takes for itself. */
    private static final int PROCESS = 229;

    private final Browser browser;
    private final String session;
    private final String target;
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final CountDownLatch crashed = new CountDownLatch(1);

    Tab(Browser browser, String session, String target) {
        this.browser = browser;
        this.session = session;
        this.target = target;
    }

    void begin(URI url, String beforehand) {
        send("Runtime.enable");
        send("Log.enable");
        send("Page.enable");
        send("Inspector.enable");
        if (!beforehand.isEmpty()) {
            send(
                    "Page.addScriptToEvaluateOnNewDocument",
                    Json.createObjectBuilder()
                            .add("source", "(function () {" + beforehand + "\n}())")
                            .build());
        }
        load(url);
        waitUntil("location.href !== 'about:blank' && document.readyState === 'complete'");
    }

    @Override
    public void load(URI url) {
        send(
                "Page.navigate",
                Json.createObjectBuilder().add("url", url.toString()).build());
    }

    void hear(String event, JsonObject what) {
        switch (event) {
            case "Runtime.exceptionThrown" -> complaints.add("exception: " + what.get("exceptionDetails"));
            case "Runtime.consoleAPICalled" -> {
                if (what.getString("type").equals("error")) complaints.add("console.error: " + what.get("args"));
            }
            case "Log.entryAdded" -> {
                JsonObject entry = what.getJsonObject("entry");
                // A refused or broken connection is what some tests are about; the page may meet one, not cause one.
                boolean network = entry.getString("source").equals("network");
                if (entry.getString("level").equals("error") && !network) complaints.add("log: " + entry);
            }
            case "Inspector.targetCrashed" -> crashed.countDown();
            default -> {}
        }
    }

    /** Exceptions, console errors, violations of the security policy. */
    @Override
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** Promises are waited for. */
    @Override
    public JsonValue value(String expression) {
        JsonObject said = send(
                "Runtime.evaluate",
                Json.createObjectBuilder()
                        .add("expression", expression)
                        .add("returnByValue", true)
                        .add("awaitPromise", true)
                        .build());
        if (said.containsKey("exceptionDetails")) {
            throw new AssertionError(expression + ": " + said.get("exceptionDetails"));
        }
        return said.getJsonObject("result").getOrDefault("value", JsonValue.NULL);
    }

    /** Clicks in the middle of the element, with the mouse. */
    public void click(String selector) {
        waitUntil("(" + element(selector) + " || {}).offsetParent");
        JsonObject middle = value("(function (element) { element.scrollIntoView({ block: 'center' });"
                        + " var box = element.getBoundingClientRect();"
                        + " return { x: box.left + box.width / 2, y: box.top + box.height / 2 }; }("
                        + element(selector) + "))")
                .asJsonObject();
        for (String phase : List.of("mousePressed", "mouseReleased")) {
            send(
                    "Input.dispatchMouseEvent",
                    Json.createObjectBuilder()
                            .add("type", phase)
                            .add("x", middle.getJsonNumber("x"))
                            .add("y", middle.getJsonNumber("y"))
                            .add("button", "left")
                            .add("clickCount", 1)
                            .build());
        }
    }

    /** Clicks into the field and types the text. */
    public void type(String selector, String text) {
        click(selector);
        send("Input.insertText", Json.createObjectBuilder().add("text", text).build());
    }

    public void pressEnter() {
        key("Enter", ENTER, "\r");
    }

    /**
     * Types text whose last syllable is still being composed, and presses Enter: the input method takes the key, ends the
     * composition and only then, if {@code enterComesAfterwards}, hands the key on.
     */
    public void composeAndPressEnter(String text, boolean enterComesAfterwards) {
        send(
                "Input.imeSetComposition",
                Json.createObjectBuilder()
                        .add("text", text)
                        .add("selectionStart", text.length())
                        .add("selectionEnd", text.length())
                        .build());
        key("Process", PROCESS, "");
        send("Input.insertText", Json.createObjectBuilder().add("text", text).build());
        if (enterComesAfterwards) pressEnter();
    }

    private void key(String name, int code, String text) {
        for (String phase : List.of("keyDown", "keyUp")) {
            var event = Json.createObjectBuilder()
                    .add("type", phase)
                    .add("key", name)
                    .add("code", "Enter")
                    .add("windowsVirtualKeyCode", code);
            if (phase.equals("keyDown") && !text.isEmpty()) event.add("text", text);
            send("Input.dispatchKeyEvent", event.build());
        }
    }

    public void screenshot(Path to) throws IOException {
        String picture = send("Page.captureScreenshot").getString("data");
        Files.write(to, Base64.getDecoder().decode(picture));
    }

    private static String element(String selector) {
        return "document.querySelector('" + selector + "')";
    }

    private JsonObject send(String method) {
        return send(method, JsonValue.EMPTY_JSON_OBJECT);
    }

    private JsonObject send(String method, JsonObject parameters) {
        return browser.send(session, method, parameters);
    }

    @Override
    public void close() {
        browser.forget(session);
        browser.send(
                null,
                "Target.closeTarget",
                Json.createObjectBuilder().add("targetId", target).build());
    }

    /** What draws this page and runs its scripts ends at once. */
    @Override
    public void crash() {
        browser.sendTheLast(session, "Page.crash");
        try {
            if (!crashed.await(Await.SECONDS, TimeUnit.SECONDS)) throw new IllegalStateException("it lives on");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        close();
    }

    @Override
    public boolean canCrash() {
        return true;
    }

    @Override
    public Held held() {
        // What an engine keeps only until somebody needs the space is not what the page holds.
        send(
                "Memory.simulatePressureNotification",
                Json.createObjectBuilder().add("level", "critical").build());
        send("HeapProfiler.collectGarbage");
        long heap = send("Runtime.getHeapUsage").getJsonNumber("usedSize").longValue();
        return new Held(heap, browser.residentRenderer());
    }
}
