package org.bongsu.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.bongsu.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What tests expect of every engine, and what each of them is. */
final class EnginesIT {
    private static final EngineRoom ENGINES = new EngineRoom();

    private final TestSite site = new TestSite();

    @AfterAll
    static void endTheEngines() {
        ENGINES.close();
    }

    @BeforeEach
    void twoPages() {
        site.page(
                "/", "<!DOCTYPE html><title>first</title><p>Hello <script>window.seen = typeof EventSource;</script>");
        site.page("/second", "<!DOCTYPE html><title>second</title><script>window.seen = window.before;</script>");
        site.page(
                "/leaving",
                "<!DOCTYPE html><title>leaving</title><script>function tell(event) {"
                        + " localStorage.setItem('left', (localStorage.getItem('left') || '') + location.search.slice(1)"
                        + " + event.type + ' ');"
                        + "} window.addEventListener('pagehide', tell); window.addEventListener('unload', tell);</script>");
    }

    @AfterEach
    void endTheSite() {
        site.close();
    }

    @ParameterizedTest
    @EnumSource
    void whatItIsAndHas(EngineKind kind) {
        Engine engine = ENGINES.get(kind);
        try (Page page = engine.open(site.url("/"))) {
            String has = String.join(
                    " ",
                    page.texts("['WebSocket', 'EventSource', 'fetch', 'SharedWorker', 'BroadcastChannel', 'Promise']"
                            + ".filter(function (name) { return typeof window[name] !== 'undefined'; })"
                            + ".concat(navigator.locks ? ['locks'] : [])"));
            System.out.printf("%s %s: %s%n    has %s%n", kind, engine.version(), page.text("navigator.userAgent"), has);
            assertTrue(has.startsWith("WebSocket EventSource"), has);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anExpressionHasTheValueThatJsonMakesOfIt(EngineKind kind) {
        try (Page page = open(kind, "/")) {
            assertEquals(
                    "[1,{\"a\":\"봉수 \\\"\"},true,null]",
                    page.value("[1, { a: '봉수 \"' }, true, null] // what it is").toString());
            assertEquals("null", page.value("undefined").toString());
            assertEquals(2, page.number("1 + 1"));
            assertTrue(page.is("document.body"));
            assertFalse(page.is("document.querySelector('table')"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anExpressionThatThrowsOrIsNoneFailsTheTestWithWhatItWas(EngineKind kind) {
        try (Page page = open(kind, "/")) {
            AssertionError thrown = assertThrows(AssertionError.class, () -> page.value("nobody.knows.this"));
            assertTrue(thrown.toString().contains("nobody"), thrown::toString);
            assertThrows(AssertionError.class, () -> page.value("1 +* 2"));
            assertEquals(2, page.number("1 + 1"), "it goes on");
        }
    }

    @ParameterizedTest
    @EnumSource
    void waitingEndsWhenTheConditionHoldsAndTellsWhatThereWasIfNot(EngineKind kind) {
        try (Page page = open(kind, "/")) {
            page.value("(function () { setTimeout(function () { window.later = true; }, 50); }())");
            page.waitUntil("window.later");

            AssertionError late = assertThrows(AssertionError.class, () -> page.waitUntil("false", Duration.ZERO));
            assertTrue(late.toString().contains("Hello"), late::toString);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aScriptRunsBeforeThoseOfEachDocument(EngineKind kind) {
        String beforehand = "window.EventSource = undefined; window.before = 'before';";
        Engine engine = ENGINES.get(kind);
        if (!engine.runsBeforehand()) {
            assertThrows(UnsupportedOperationException.class, () -> engine.open(site.url("/"), beforehand));
            return;
        }
        try (Page page = engine.open(site.url("/"), beforehand)) {
            assertEquals("undefined", page.text("window.seen"));
            page.navigate(site.url("/second"));
            assertEquals("before", page.text("window.seen"));
            page.reload();
            assertEquals("before", page.text("window.seen"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void itsPagesShareCookiesAndStorageAndTellEachOther(EngineKind kind) {
        try (Page one = open(kind, "/");
                Page other = open(kind, "/second")) {
            // WebKitGTK tells of changes to those who have looked before.
            other.value("localStorage.getItem('kept')");
            other.value("window.addEventListener('storage', function (event) { window.heard = event.newValue; })");
            one.value("document.cookie = 'crumb=1'");
            one.value("localStorage.setItem('kept', 'yes')");

            other.waitUntil("/crumb=1/.test(document.cookie)");
            other.waitUntil("localStorage.getItem('kept') === 'yes'");
            // JavaFX's pages share their storage without telling each other.
            if (kind != EngineKind.JAVAFX) other.waitUntil("window.heard === 'yes'");
            assertFalse(one.is("document.hidden") || other.is("document.hidden"), "none is in the background");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatGoesWrongInAPageIsItsComplaint(EngineKind kind) {
        try (Page page = open(kind, "/");
                Page other = open(kind, "/")) {
            page.value("(function () { console.error('this is bad'); console.log('this is not');"
                    + " setTimeout(function () { nobody.knows.this(); window.never = 1; }, 0); }())");

            Await.until("two complaints", () -> page.complaints().size() >= 2);
            String complaints = String.join("\n", page.complaints());
            assertTrue(complaints.contains("this is bad") && complaints.contains("nobody"), complaints);
            assertFalse(complaints.contains("this is not"), complaints);
            assertEquals(List.of(), other.complaints());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPageReadsOfAnotherSiteWhatThatAllows(EngineKind kind) {
        try (TestSite other = new TestSite();
                Page page = open(kind, "/")) {
            other.page("/secret", "secret");
            page.value("(function () { var request = window.request = new XMLHttpRequest();"
                    + " try { request.open('GET', '" + other.url("/secret") + "', true); request.send(); }"
                    + " catch (e) { window.refused = true; } }())");

            page.waitUntil("window.refused || request.readyState === 4");
            assertEquals("", page.text("window.request.responseText"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPageThatIsClosedIsToldAndOneThatCrashesIsNot(EngineKind kind) {
        try (Page witness = open(kind, "/")) {
            Page crashing = open(kind, "/leaving?crash-");
            assertTrue(crashing.canCrash());
            crashing.crash();
            open(kind, "/leaving?close-").close();

            witness.waitUntil("/unload/.test(localStorage.getItem('left'))");
            assertEquals("close-pagehide close-unload ", witness.text("localStorage.getItem('left')"));
        }
    }

    private Page open(EngineKind kind, String path) {
        return ENGINES.get(kind).open(site.url(path));
    }
}
