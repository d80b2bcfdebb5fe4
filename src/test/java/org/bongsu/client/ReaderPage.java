package org.bongsu.client;

import jakarta.json.JsonNumber;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.bongsu.Await;
import org.bongsu.browser.Engine;
import org.bongsu.browser.Page;

/** The page {@code src/test/js/client} in an engine: it signs in as alice, connects, and tells what has come. */
public final class ReaderPage implements AutoCloseable {
    private final Page page;

    /** @param portal the portal's address, as the page is to see it; ends with a slash */
    public ReaderPage(Engine engine, URI portal, String beforehand) {
        page = engine.open(portal.resolve("test/client/index.html"), beforehand);
        page.waitUntil("window.test");
        page.value("test.signIn('alice')");
        page.waitUntil("test.signedIn === 204");
    }

    public ReaderPage(Engine engine, URI portal) {
        this(engine, portal, "");
    }

    public Page page() {
        return page;
    }

    /** @param options of {@code Bongsu.connect}, as an object literal */
    public ReaderPage connect(String options) {
        page.value("test.connect(" + options + ")");
        return this;
    }

    /** Waits until the client is live over one of these and tries nothing better. */
    public ReaderPage settleOn(List<String> transports) {
        until("test.isSettled() && " + quoted(transports) + ".indexOf(test.client.state.transport) >= 0");
        return this;
    }

    /** How long each of the runs waited for its first message, in milliseconds, sorted. */
    public List<Integer> firstMessages(String options, int runs) {
        page.value("test.measure(" + options + ", " + runs + ")");
        until("test.firsts.length === " + runs);
        return page.value("test.firsts").asJsonArray().getValuesAs(JsonNumber::intValue).stream()
                .sorted()
                .toList();
    }

    public void until(String condition) {
        until(condition, Await.PATIENCE);
    }

    public void until(String condition, Duration atMost) {
        try {
            page.waitUntil(condition, atMost);
        } catch (AssertionError e) {
            throw new AssertionError(
                    "not within " + atMost + ": " + condition + "\n" + page.value("test.describe()"), e);
        }
    }

    public List<String> got() {
        return page.texts("test.got");
    }

    public List<String> why() {
        return page.texts("test.client.state.why");
    }

    private static String quoted(List<String> texts) {
        return "['" + String.join("','", texts) + "']";
    }

    /** "0", "1", … */
    public static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(String::valueOf).toList();
    }

    @Override
    public void close() {
        page.close();
    }
}
