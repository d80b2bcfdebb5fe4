package org.bongsu.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bongsu.PortalServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page, in a real browser, against a real portal: what a person sees is what the log has. */
final class PageIT {
    private static final List<String> TRANSPORTS = List.of("websocket", "sse", "longpoll", "poll");
    private static final String ROOM = "chat/general";
    /** Then the page holds the connection itself, and what is done to the page's WebSocket is done to it. */
    private static final String WITHOUT_WORKER = "delete window.SharedWorker;";

    @Nullable private static Browser started;

    @Nullable private PortalServer running;

    @Nullable private Tab opened;

    @BeforeAll
    static void startTheBrowser() {
        started = Browser.start("ko");
    }

    @AfterAll
    static void endTheBrowser() {
        if (started != null) started.close();
    }

    @AfterEach
    void nothingWasComplainedAbout() {
        if (opened != null) {
            assertEquals(List.of(), opened.complaints());
            opened.close();
        }
        if (running != null) running.close();
    }

    @Test
    void aWrongPasswordIsToldAndTheRightOneShowsWhatWasPublishedBefore() {
        PortalServer portal = portal();
        portal.publish("backup-job", "ops/backup", "before the page was opened");
        Tab page = open(portal);
        page.waitUntil("document.getElementById('login').offsetParent");
        page.type("#login-user", "alice");
        page.type("#login-password", "wrong");
        page.pressEnter();
        page.waitUntil("document.getElementById('login-note').textContent.indexOf('맞지 않습니다') >= 0");

        page.type("#login-password", "alice");
        page.pressEnter();

        page.waitUntil(listHas("before the page was opened"));
        assertEquals("alice 님", page.text("document.getElementById('user').textContent"));
        assertFalse(page.is("document.getElementById('login').offsetParent"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll", "poll"})
    void whatIsPublishedElsewhereAppearsOnTheTransportChosen(String transport) {
        PortalServer portal = portal();
        Tab page = logIn(portal, "alice");
        choose(page, transport);

        portal.publish("backup-job", "ops/backup", "over " + transport);

        page.waitUntil(listHas("over " + transport));
        assertEquals(List.of("over " + transport), bodies(page), "it is there once, on " + transport);
    }

    @Test
    void withoutBeingToldThePageTakesTheWebSocket() {
        Tab page = logIn(portal(), "alice");

        page.waitUntil(live("websocket"));
    }

    @Test
    void changingTheTransportInMidStreamLosesAndDoublesNothing() {
        PortalServer portal = portal();
        Tab page = logIn(portal, "alice");
        CompletableFuture<Void> publishing = publish(portal, 300);

        for (int round = 0; round < 2 || !publishing.isDone(); round++) {
            for (String transport : TRANSPORTS) choose(page, transport);
        }
        publishing.join();

        page.waitUntil("document.querySelectorAll('.message').length >= 300");
        assertEquals(newestFirst(300), bodies(page));
    }

    @Test
    void reloadingInMidStreamLosesAndDoublesNothing() {
        PortalServer portal = portal();
        Tab page = logIn(portal, "alice");
        CompletableFuture<Void> publishing = publish(portal, 150);

        for (int round = 0; round < 2 || !publishing.isDone(); round++) page.reload();
        publishing.join();
        page.reload();

        page.waitUntil(listHas("149"));
        while (page.is("document.getElementById('older').offsetParent")) {
            int before = page.number("document.querySelectorAll('.message').length");
            page.click("#older");
            page.waitUntil("document.querySelectorAll('.message').length > " + before);
        }
        assertEquals(newestFirst(150), bodies(page));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll", "poll"})
    void aServerThatComesBackLosesAndDoublesNothing(String transport, @TempDir Path home) {
        PortalServer portal = running(portalOf(home).start());
        int port = portal.port();
        Tab page = logIn(portal, "alice");
        choose(page, transport);
        portal.publish("backup-job", "ops/backup", "before");
        page.waitUntil(listHas("before"));

        portal.close();
        portal = running(portalOf(home).port(port).start());
        portal.publish("backup-job", "ops/backup", "while the page was away");
        logInAgainIfAsked(page);

        page.waitUntil(listHas("while the page was away"));
        portal.publish("backup-job", "ops/backup", "after");
        page.waitUntil(listHas("after"));
        assertEquals(List.of("after", "while the page was away", "before"), bodies(page));
        assertFalse(page.is("document.querySelector('.line')"), "nothing was missed, so nothing is said");
    }

    @Test
    void anotherHistoryIsToldAndShownInPlaceOfTheOldOne(@TempDir Path home, @TempDir Path otherHome) {
        PortalServer portal = running(portalOf(home).start());
        int port = portal.port();
        Tab page = logIn(portal, "alice");
        portal.publish("backup-job", "ops/backup", "of the old history");
        page.waitUntil(listHas("of the old history"));

        portal.close();
        portal = running(portalOf(otherHome).port(port).start());
        portal.publish("backup-job", "ops/backup", "of the new history");
        logInAgainIfAsked(page);

        page.waitUntil(listHas("of the new history"));
        page.waitUntil("document.querySelector('.line')");
        assertEquals(List.of("of the new history"), bodies(page));
        portal.publish("backup-job", "ops/backup", "live");
        page.waitUntil(listHas("live"));
        assertEquals(List.of("live", "of the new history"), bodies(page));
    }

    @Test
    void theChatGoesOverTheSocketAndByPostWithoutIt() {
        PortalServer portal = portal();
        Tab page = logIn(portal, "alice");
        choose(page, "websocket");
        int shown = page.number(looksAtTheSession());
        say(page, "소켓으로");
        page.waitUntil(looksAtTheSession() + " > " + shown);
        choose(page, "sse");
        say(page, "POST로");
        portal.publish("bob", ROOM, "bob hears both");

        page.waitUntil("document.querySelectorAll('.entry').length === 3");
        assertEquals(List.of("소켓으로", "POST로", "bob hears both"), texts(page, ".entry .body"), "each once, in order");
        assertFalse(page.is("document.querySelector('.pending')"));
        // The browser's own record of requests comes a little later than their answers.
        page.waitUntil(postsToTheRoom() + " > 0");
        assertEquals(1, page.number(postsToTheRoom()), "over the socket nothing was posted");
        assertEquals(List.of(), bodies(page), "the chat is no notification");
    }

    @Test
    void aNotificationIsFoundBehindPagesOfChat() {
        PortalServer portal = portal();
        portal.publish("backup-job", "ops/backup", "long ago");
        for (int i = 0; i < 60; i++) portal.publish("bob", ROOM, "chat " + i);

        Tab page = logIn(portal, "alice");

        page.waitUntil(listHas("long ago"));
        assertFalse(page.is("document.getElementById('older').offsetParent"), "there is nothing older");
        assertFalse(page.is("document.getElementById('list-empty').offsetParent"));
    }

    @Test
    void aBetterWayIsTakenAgainWhenTheBrowserIsOnlineAgain() {
        PortalServer portal = portal();
        Tab page = logIn(portal, "alice", WITHOUT_WORKER);
        page.value("(function () { window.kept = window.WebSocket; window.WebSocket = undefined; }())");
        choose(page, "poll");
        page.click("#chip-panel input[value=auto]");
        page.waitUntil(live("sse"));

        page.value("(function () { window.WebSocket = window.kept; }())");
        page.value("window.dispatchEvent(new Event('online'))");

        page.waitUntil(live("websocket"));
        portal.publish("backup-job", "ops/backup", "on the better way");
        page.waitUntil(listHas("on the better way"));
    }

    @Test
    void whatHistoryShowsIsNoLongerBeingSent() {
        Tab page = open(portal());

        assertEquals(
                "1 entries, 0 pending",
                page.text(inARoomWithoutServer("asked[0].done({ status: 201, id: 'e-1' });"
                        + " chat.history([{ id: 'e-1', sender: 'alice', time: '2026-11-21T08:00:00Z', body: 'hello' }]);"
                        + " return entries.children.length + ' entries, ' + entries.querySelectorAll('.pending').length"
                        + " + ' pending';")));
    }

    @Test
    void whatWasSaidAsTheSessionEndedIsSaidOnceOneIsBack() {
        Tab page = open(portal());

        assertEquals(
                List.of("1", "2", "true"),
                page.texts(inARoomWithoutServer("asked[0].done({ status: 401, body: null });"
                        + " var before = asked.length; chat.resend();"
                        + " return [String(before), String(asked.length), String(asked[0].key === asked[1].key)];")));
    }

    @Test
    void aRowThatMadeRoomForNewerOnesComesBackAmongTheOlder() {
        Tab page = open(portal());

        assertEquals(
                List.of("500", "501"),
                page.texts("(function () { var div = function () { return document.createElement('div'); };"
                        + " var rows = div(); var message = function (i) { return { id: 'e-' + i, topic: 't', key: 'k' + i,"
                        + " sender: 's', time: '2026-11-21T08:00:00Z', body: 'b' }; };"
                        + " var list = Portal.list({ pane: div(), rows: rows, empty: div(), more: div(), older: div() },"
                        + " Portal.words(document, 'ko'));"
                        + " for (var i = 0; i < 501; i += 1) list.arrive(message(i));"
                        + " var before = rows.children.length; list.older(message(0));"
                        + " return [String(before), String(rows.children.length)]; }())"));
    }

    @Test
    void newRowsWaitWhileOneHasTheFocus() {
        Tab page = open(portal());

        assertEquals(
                List.of("1 rows, more hidden: false", "2 rows, more hidden: true"),
                page.texts(inAListWithoutServer(
                        "list.arrive(message(1)); var link = rows.querySelector('a'); link.focus();"
                                + " var tell = function () { return rows.children.length + ' rows, more hidden: ' + more.hidden; };"
                                + " list.arrive(message(2)); var while_ = tell(); link.blur(); more.click();"
                                + " return [while_, tell()];")));
    }

    @Test
    void aLinkLeadsToWhereItsTextSaysOrIsNone() {
        Tab page = open(portal());

        assertEquals(
                List.of("true", "true", "false", "false", "false"),
                page.texts("['https://wiki.example/a', '/a?b', '//evil.example/', '/\\\\evil.example', 'javascript:b']"
                        + ".map(function (address) { return String(Portal.link(Portal.words(document, 'en'), address)"
                        + " !== null); })"));
    }

    @ParameterizedTest
    @CsvSource({"alice, false", "admin, true"})
    void anEmptyListTellsToSendSomethingOnlyWhereThatWouldShow(String person, boolean mayPublish) {
        Tab page = logIn(portal(), person);

        page.waitUntil("document.getElementById('list-empty').offsetParent");
        assertEquals(mayPublish, page.is("/아래 명령/.test(document.getElementById('list-empty').textContent)"));
        assertEquals(!mayPublish, page.is("/topics\\/chat/.test(document.getElementById('example').textContent)"));
    }

    @Test
    void whatIsShownStaysUntilWhatTakesItsPlaceHasCome(@TempDir Path home, @TempDir Path otherHome) {
        PortalServer portal = running(PortalServer.builder().home(home).start());
        int port = portal.port();
        Tab page = logIn(portal, "alice");
        portal.publish("backup-job", "ops/backup", "of the old history");
        page.waitUntil(listHas("of the old history"));
        page.value("(function () { window.keptOpen = XMLHttpRequest.prototype.open;"
                + " XMLHttpRequest.prototype.open = function (method, address) {"
                + " var there = address.replace('api/messages', 'api/nowhere');"
                + " return window.keptOpen.call(this, method, there, true); }; }())");

        portal.close();
        portal = running(PortalServer.builder().port(port).home(otherHome).start());
        portal.publish("backup-job", "ops/backup", "of the new history");
        logInAgainIfAsked(page);

        page.waitUntil("document.getElementById('list-note').offsetParent");
        assertEquals(List.of("of the old history"), bodies(page));
        page.value("(function () { XMLHttpRequest.prototype.open = window.keptOpen; }())");
        page.waitUntil(listHas("of the new history"));
        assertEquals(List.of("of the new history"), bodies(page));
    }

    @Test
    void timesGetTheirDayWhenTheirDayIsOver() {
        Tab page = open(portal());

        assertEquals(
                List.of("08:15", "21 Nov, 08:15", "21 Nov, 08:15"),
                page.texts(
                        "(function () { var Real = Date; var now = new Real(2026, 10, 21, 23, 59).getTime(); var look;"
                                + " var setReal = window.setInterval;"
                                + " window.Date = function (time) { return new Real(arguments.length ? time : now); };"
                                + " window.setInterval = function (then) { look = then; };"
                                + " try { var words = Portal.words(document, 'en');"
                                + " var time = words.time(new Real(2026, 10, 21, 8, 15).toISOString());"
                                + " document.body.appendChild(time); var before = time.textContent;"
                                + " now += 120000; look(); var after = time.textContent; look();"
                                + " return [before, after, time.textContent]; }"
                                + " finally { window.Date = Real; window.setInterval = setReal; } }())"));
    }

    /** A page that is open and has trouble with its link must not keep the session of who has left it. */
    @Test
    void whyALinkFailedIsAskedWithoutShowingActivity() {
        Tab page = logIn(portal(), "alice", WITHOUT_WORKER);
        choose(page, "sse");
        page.value("window.WebSocket = function () { var socket = this; socket.close = function () {};"
                + " setTimeout(function () { if (socket.onclose) socket.onclose({ code: 1006 }); }, 0); }");
        int asked = page.number(asksWhetherItIsThere());
        int activity = page.number(looksAtTheSession());

        page.click("#chip-panel input[value=auto]");

        page.waitUntil(asksWhetherItIsThere() + " > " + asked);
        page.waitUntil(live("sse"));
        assertEquals(activity, page.number(looksAtTheSession()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void hangulStillBeingComposedIsSentOnceAndWhole(boolean enterComesAfterwards) {
        Tab page = logIn(portal(), "alice");
        page.click("#chat-field");

        page.composeAndPressEnter("안녕하세요", enterComesAfterwards);

        page.waitUntil("document.querySelector('.entry:not(.pending)')");
        say(page, "다음");
        assertEquals(List.of("안녕하세요", "다음"), texts(page, ".entry .body"));
    }

    @Test
    void markupIsShownAsTheTextThatItIs() {
        PortalServer portal = portal();
        Tab page = logIn(portal, "alice");
        String markup =
                "<script>window.hit = 1</script><img src=x onerror='window.hit = 2'> **bold** [a](javascript:b)";

        portal.publish("backup-job", "ops/backup", markup);
        portal.publish("bob", ROOM, markup);

        page.waitUntil("document.querySelector('.message') && document.querySelector('.entry')");
        assertEquals(List.of(markup), bodies(page));
        assertEquals(List.of(markup), texts(page, ".entry .body"));
        assertEquals(0, page.number("document.querySelectorAll('.body *').length"));
        assertFalse(page.is("window.hit"));
    }

    @Test
    void whoIsLoggedOutElsewhereIsAskedAndGoesOnWhereTheyWere() {
        PortalServer portal = portal();
        Tab page = logIn(portal, "alice");
        portal.publish("backup-job", "ops/backup", "before");
        page.waitUntil(listHas("before"));
        page.type("#chat-field", "a draft");

        page.value("fetch('api/session', { method: 'DELETE', headers: { 'X-Bongsu': '1' } }).then(function () {})");
        page.waitUntil("document.getElementById('login').offsetParent");
        assertFalse(page.is("document.getElementById('portal').offsetParent"));
        portal.publish("backup-job", "ops/backup", "meanwhile");
        page.type("#login-password", "alice");
        page.pressEnter();

        page.waitUntil(listHas("meanwhile"));
        assertEquals(List.of("meanwhile", "before"), bodies(page));
        assertEquals("a draft", page.text("document.getElementById('chat-field').value"));
    }

    @Test
    void everySentenceIsThereInEnglishToo() {
        PortalServer portal = portal();
        Tab page = logIn(portal, "alice");
        assertTrue(page.is("/[가-힣]/.test(document.title)"), "the browser prefers Korean");
        page.click("#chip");
        page.value("var choice = document.getElementById('language'); choice.value = 'en';"
                + " choice.dispatchEvent(new Event('change'))");

        assertEquals("Bongsu · Notifications", page.text("document.title"));
        assertEquals(
                List.of(),
                page.texts(
                        "Array.prototype.filter.call(document.querySelectorAll('body *:not(noscript)'), function (element) {"
                                + " return !element.children.length && element.lang !== 'ko' && /[가-힣]/.test("
                                + " element.textContent + element.getAttribute('aria-label') + element.placeholder);"
                                + " }).map(function (element) { return element.outerHTML; })"));
        page.reload();
        assertEquals("en", page.text("document.documentElement.lang"));
        page.value("localStorage.clear()");
    }

    // What a person does

    private PortalServer portal() {
        return running(PortalServer.with("durability", "relaxed").start());
    }

    /** What is tested here is what is shown, not the disk. */
    private static PortalServer.Builder portalOf(Path home) {
        return PortalServer.builder().home(home).with("durability", "relaxed");
    }

    private PortalServer running(PortalServer portal) {
        running = portal;
        return portal;
    }

    private Tab open(PortalServer portal) {
        return open(portal, "");
    }

    private Tab open(PortalServer portal, String beforehand) {
        if (started == null) throw new IllegalStateException("the browser was not started");
        Tab page = started.open(portal.url("/"), beforehand);
        opened = page;
        return page;
    }

    private Tab logIn(PortalServer portal, String person) {
        return logIn(portal, person, "");
    }

    private Tab logIn(PortalServer portal, String person, String beforehand) {
        Tab page = open(portal, beforehand);
        page.type("#login-user", person);
        page.type("#login-password", person);
        page.pressEnter();
        page.waitUntil("document.getElementById('chip').getAttribute('data-state') === 'live'");
        return page;
    }

    /** Sessions live in the server's memory here: a server that comes back may not know the page any more. */
    private static void logInAgainIfAsked(Tab page) {
        page.waitUntil(
                "document.getElementById('login').offsetParent || document.querySelectorAll('.message').length > 1"
                        + " || document.querySelector('.line')");
        if (!page.is("document.getElementById('login').offsetParent")) return;
        page.type("#login-password", "alice");
        page.pressEnter();
    }

    private static void choose(Tab page, String transport) {
        if (!page.is("document.getElementById('chip-panel').offsetParent")) page.click("#chip");
        page.click("#chip-panel input[value=" + transport + "]");
        page.waitUntil(live(transport));
    }

    private static void say(Tab page, String text) {
        page.type("#chat-field", text);
        page.pressEnter();
        page.waitUntil("Array.prototype.some.call(document.querySelectorAll('.entry:not(.pending) .body'),"
                + " function (body) { return body.textContent === '" + text + "'; })");
    }

    // What stands on the page

    private static String live(String transport) {
        return "document.querySelector('#chip[data-state=live][data-transport=" + transport + "]')";
    }

    private static String listHas(String body) {
        return "Array.prototype.some.call(document.querySelectorAll('.message .body'), function (element) {"
                + " return element.textContent === '" + body + "'; })";
    }

    private static List<String> bodies(Tab page) {
        return texts(page, ".message .body");
    }

    private static List<String> texts(Tab page, String selector) {
        return page.texts("Array.prototype.map.call(document.querySelectorAll('" + selector
                + "'), function (element) { return element.textContent; })");
    }

    private static String postsToTheRoom() {
        return "performance.getEntriesByType('resource').filter(function (entry) {"
                + " return /api\\/topics\\/chat\\/general$/.test(entry.name); }).length";
    }

    /** What {@code then} says after "hello" has been sent, which {@code asked[0].done} answers. */
    private static String inARoomWithoutServer(String then) {
        return "(function () { var div = function () { return document.createElement('div'); };"
                + " var asked = []; var entries = div();"
                + " var form = document.createElement('form'); var field = document.createElement('textarea');"
                + " var chat = Portal.chat({ log: div(), entries: entries, empty: div(), more: div(), form: form,"
                + " field: field }, Portal.words(document, 'ko'), { user: 'alice', publish: function (message, key, done) {"
                + " asked.push({ key: key, done: done }); } });"
                + " field.value = 'hello'; form.dispatchEvent(new Event('submit', { cancelable: true }));"
                + " return new Promise(function (soon) { setTimeout(soon, 50); }).then(function () { " + then
                + " }); }())";
    }

    /** What {@code then} says of a list into which {@code message(i)} can arrive. */
    private static String inAListWithoutServer(String then) {
        return "(function () { var part = function () { return document.body.appendChild(document.createElement('div')); };"
                + " var rows = part(); var more = part(); var message = function (i) { return { id: 'e-' + i, topic: 't',"
                + " sender: 's', time: '2026-11-21T08:00:00Z', body: 'b', link: '/there' }; };"
                + " var list = Portal.list({ pane: part(), rows: rows, empty: part(), more: more, older: part() },"
                + " Portal.words(document, 'ko')); " + then + " }())";
    }

    private static String asksWhetherItIsThere() {
        return "performance.getEntriesByType('resource').filter(function (entry) {"
                + " return /api\\/poll.*wait=0/.test(entry.name); }).length";
    }

    /** To the server only an ordinary request shows that a person is here. */
    private static String looksAtTheSession() {
        return "performance.getEntriesByType('resource').filter(function (entry) {"
                + " return /api\\/session$/.test(entry.name); }).length";
    }

    private static List<String> newestFirst(int count) {
        List<String> bodies = new ArrayList<>(
                IntStream.range(0, count).mapToObj(String::valueOf).toList());
        Collections.reverse(bodies);
        return bodies;
    }

    /** Publishes "0", "1", … one after the other, a few milliseconds apart. */
    private static CompletableFuture<Void> publish(PortalServer portal, int count) {
        CompletableFuture<Void> sequence = CompletableFuture.completedFuture(null);
        for (int i = 0; i < count; i++) {
            String body = String.valueOf(i);
            sequence = sequence.thenRunAsync(
                    () -> portal.publish("backup-job", "ops/backup", body),
                    CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS));
        }
        return sequence;
    }
}
