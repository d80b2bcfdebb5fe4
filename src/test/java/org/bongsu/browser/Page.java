package org.bongsu.browser;

import jakarta.json.JsonNumber;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.bongsu.Await;

/**
 * A page in an {@link Engine}.
 *
 * <p>Expressions are JavaScript of the fifth edition, as some engines know nothing newer, and are evaluated in the page with all
 * that its own scripts see. Statements are put into a function: {@code (function () { … }())}.
 */
public interface Page extends AutoCloseable {
    /**
     * What JSON makes of an expression's value; null where it makes nothing of it, as of {@code undefined}.
     *
     * @throws AssertionError with what was thrown, where the expression throws
     */
    JsonValue value(String expression);

    /** What the engine has complained about in this page: exceptions nobody caught, errors on the console. */
    List<String> complaints();

    /** Starts to load another address, and may return before it is there. */
    void load(URI url);

    /** The person closes the tab: {@code pagehide} and {@code unload} happen. */
    @Override
    void close();

    /**
     * The page is gone, without having been told: neither {@code pagehide} nor {@code unload}, its connections cut.
     *
     * @throws UnsupportedOperationException where the engine cannot, which {@link #canCrash} tells before
     */
    void crash();

    boolean canCrash();

    /**
     * Collects all garbage and tells what is left.
     *
     * @throws UnsupportedOperationException in engines other than Chromium and PhantomJS, and where there is no {@code /proc}
     */
    default Held held() {
        throw new UnsupportedOperationException();
    }

    default String text(String expression) {
        return ((JsonString) value(expression)).getString();
    }

    default int number(String expression) {
        return ((JsonNumber) value(expression)).intValue();
    }

    default List<String> texts(String expression) {
        return value(expression).asJsonArray().getValuesAs(JsonString::getString);
    }

    default boolean is(String condition) {
        return value("Boolean(" + condition + ")") == JsonValue.TRUE;
    }

    /** Waits until the JavaScript condition holds. */
    default void waitUntil(String condition) {
        waitUntil(condition, Await.PATIENCE);
    }

    default void waitUntil(String condition, Duration atMost) {
        long lookAgainNanos = Duration.ofMillis(20).toNanos();
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!is(condition)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + atMost + ": " + condition + "\ncomplaints: " + complaints()
                        + "\non the page:\n" + value("document.body && document.body.innerText"));
            }
            LockSupport.parkNanos(lookAgainNanos);
        }
    }

    /** Goes to another page, as a person who types an address, and waits until it is there. */
    default void navigate(URI url) {
        value("window.isTheOldPage = true");
        load(url);
        waitForTheNewPage();
    }

    /** Loads the page again and waits until the new one is there. */
    default void reload() {
        value("(function () { window.isTheOldPage = true; location.reload(); }())");
        waitForTheNewPage();
    }

    private void waitForTheNewPage() {
        Await.until("the new page is there", () -> {
            try {
                return is("!window.isTheOldPage && document.readyState === 'complete'");
            } catch (IllegalStateException e) {
                // Asked in the very moment in which the old page went.
                if (!String.valueOf(e.getMessage()).contains("navigated")) throw e;
                return false;
            }
        });
    }
}
