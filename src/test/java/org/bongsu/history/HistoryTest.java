package org.bongsu.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bongsu.PortalServer;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.TestClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Contract §4.3 over a real Tomcat. The log: a0 … a9 in ops/a, and between them b0 … b9 in ops/b. */
final class HistoryTest {
    private static final Pattern BODY = Pattern.compile("\"body\":\"([^\"]*)\"");
    private static final Pattern NEXT = Pattern.compile("],\"next\":\"([^\"]*)\"}$");

    private static final TestClock CLOCK = new TestClock(Instant.parse("2026-11-21T01:05:19.123Z"));
    private static final MemoryMessageStore STORE = new MemoryMessageStore(new MemoryMessageStore.Disk(), false, CLOCK);

    private static PortalServer portal;
    private static List<String> ids = new ArrayList<>();

    @BeforeAll
    static void start() {
        portal = PortalServer.builder().store(STORE).clock(CLOCK).start();
        for (int i = 0; i < 10; i++) {
            ids.add(portal.publish("admin", "ops/a?priority=" + (i % 5 + 1), "a" + i));
            ids.add(portal.publish("admin", "ops/b?type=" + (i % 2 == 0 ? "event" : "notice"), "b" + i));
        }
        portal.publish("admin", "user/bob", "for bob");
    }

    @AfterAll
    static void stop() {
        portal.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "topic=ops/a                              | a9 a8 a7 a6 a5 a4 a3 a2 a1 a0",
                "topic=ops/a&limit=3                      | a9 a8 a7",
                "topic=ops/a&before=latest&limit=1        | a9",
                "topic=ops/a&before={4}                   | a1 a0",
                "topic=ops/a&before={5}                   | a2 a1 a0",
                "topic=ops/a&before=earliest              | ''",
                "topic=ops/a&after=earliest&limit=2       | a0 a1",
                "topic=ops/a&after={16}                   | a9",
                "topic=ops/a&after={18}                   | ''",
                "topic=ops/a&after=latest                 | ''",
                "topic=ops/*&limit=3                      | b9 a9 b8",
                "topic=**&limit=2&after={1}               | a1 b1",
                "topic=ops/a&topic=ops/b&limit=2          | b9 a9",
                "topic=ops/none                           | ''",
                "topic=ops/b&type=event                   | b8 b6 b4 b2 b0",
                "topic=ops/**&type=event&type=chat&limit=1 | b8",
                "topic=ops/a&priority=urgent              | a9 a4",
                "topic=ops/a&priority=max&priority=1&after=earliest | a0 a4 a5 a9",
                "after=earliest&limit=2                   | a0 b0",
            })
    void aPageIsWhatWasAskedFor(String query, String bodies) {
        assertEquals(bodies, bodies(get("alice", filled(query))));
    }

    @ParameterizedTest
    @CsvSource({
        "before=latest, 1",
        "before=latest, 3",
        "before=latest, 5",
        "after=earliest, 1",
        "after=earliest, 3",
        "after=earliest, 10"
    })
    void pagesFollowOneAnotherToTheEnd(String start, int limit) {
        StringBuilder all = new StringBuilder();
        String way = start.substring(0, start.indexOf('='));
        String position = start.substring(start.indexOf('=') + 1);
        while (true) {
            String page = get("alice", "topic=ops/a&limit=" + limit + "&" + way + "=" + position);
            String bodies = bodies(page);
            assertTrue(!bodies.isEmpty(), "no page is empty");
            all.append(all.isEmpty() ? "" : " ").append(bodies);
            String next = next(page);
            if (next == null) break;
            position = next;
        }
        assertEquals(
                way.equals("after") ? "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9" : "a9 a8 a7 a6 a5 a4 a3 a2 a1 a0",
                all.toString());
    }

    @Test
    void aPageIsJsonThatNobodyKeeps() {
        HttpResponse<String> response = portal.get("alice", "/api/messages?limit=1&topic=ops/a");
        assertEquals(
                "application/json;charset=UTF-8",
                response.headers().firstValue("Content-Type").orElse(""));
        assertEquals("no-store", response.headers().firstValue("Cache-Control").orElse(""));
        assertTrue(response.body().startsWith("{\"messages\":[{\"id\":\"" + ids.get(18) + "\",\"topic\":\"ops/a\""));
    }

    @Test
    void anotherEpochIsToldAndReadingBeginsAtTheEdge() {
        String forward = get("alice", "topic=ops/a&limit=2&after=zzz-5");
        assertTrue(forward.startsWith("{\"reset\":{\"reason\":\"epoch\"},\"messages\":["), forward);
        assertEquals("a0 a1", bodies(forward));
        String back = get("alice", "topic=ops/a&limit=2&before=zzz-5");
        assertTrue(back.startsWith("{\"reset\":{\"reason\":\"epoch\"},"), back);
        assertEquals("a9 a8", bodies(back));
    }

    @Test
    void aCursorBeyondTheHeadIsToldToo() {
        String ahead = epoch() + "-999999";
        assertTrue(get("alice", "topic=ops/a&limit=1&after=" + ahead).startsWith("{\"reset\":{\"reason\":\"ahead\"},"));
        String back = get("alice", "topic=ops/a&limit=1&before=" + ahead);
        assertTrue(back.startsWith("{\"reset\":{\"reason\":\"ahead\"},"));
        assertEquals("a9", bodies(back));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "q=x                  | 400 | q",
                "unacknowledged=true | 400 | unacknowledged",
                "Topic=ops | 400 | Topic",
                "limit=0              | 400 | limit",
                "limit=1001     | 400 | limit",
                "limit=x     | 400 | limit",
                "limit=1&limit=2      | 400 | limit",
                "before=x       | 400 | before",
                "after=      | 400 | after",
                "after=m0-01          | 400 | after",
                "after=M0-1     | 400 | after",
                "before=m0--1 | 400 | before",
                "after=m0-1&before=m0-2 | 400 | after",
                "type=presence | 400 | type",
                "type=       | 400 | type",
                "priority=6           | 400 | priority",
                "topic=a//b   | 400 | topic",
                "topic=a/**/b | 400 | topic",
                "topic=               | 400 | topic",
                "topic=%ff      | 400 | topic",
                "topic=user/bob       | 403 | topic",
                "topic=ops/a&topic=user/bob | 403 | topic",
            })
    void aBadQueryIsRefusedByName(String query, int status, String field) {
        HttpResponse<String> response = portal.get("alice", "/api/messages?" + query);
        assertEquals(status, response.statusCode(), response.body());
        assertTrue(response.body().contains("\"field\":\"" + field + "\""), response.body());
        assertEquals(
                "application/problem+json;charset=UTF-8",
                response.headers().firstValue("Content-Type").orElse(""));
    }

    @Test
    void aLongQueryIsRefused() {
        assertEquals(
                400,
                portal.get("alice", "/api/messages?topic=" + "a/".repeat(2_100)).statusCode());
    }

    @Test
    void whatOneMayNotReadIsSilentlyAbsentUnderAPattern() {
        assertEquals("", bodies(get("alice", "topic=user/*")));
        assertEquals("for bob", bodies(get("bob", "topic=user/*")));
        assertEquals("for bob", bodies(get("bob", "topic=user/bob")));
    }

    @Test
    void oneMessageIsReadByItsId() {
        HttpResponse<String> response = portal.get("alice", "/api/messages/" + ids.get(3));
        assertEquals(200, response.statusCode());
        assertTrue(response.body().startsWith("{\"id\":\"" + ids.get(3) + "\",\"topic\":\"ops/b\""), response.body());
        assertEquals("no-store", response.headers().firstValue("Cache-Control").orElse(""));
    }

    @ParameterizedTest
    @CsvSource({
        "m0-999999",
        "zzz-1",
        "x",
        "''",
        "m0-0",
        "m0-01",
        "m0-1/",
        "m0-1/x",
        "M0-1",
        "m0-99999999999999999999",
        "%6d"
    })
    void thereIsNoSuchMessage(String id) {
        assertEquals(404, portal.get("alice", "/api/messages/" + id).statusCode());
    }

    @Test
    void aMessageThatOneMayNotReadIsAsGoodAsNone() {
        String secret = portal.publish("admin", "user/admin", "secret");
        HttpResponse<String> none = portal.get("alice", "/api/messages/" + epoch() + "-888888");
        HttpResponse<String> hidden = portal.get("alice", "/api/messages/" + secret);
        assertEquals(404, hidden.statusCode());
        assertEquals(none.body().replace(epoch() + "-888888", secret), hidden.body());
        assertEquals(200, portal.get("admin", "/api/messages/" + secret).statusCode());
    }

    @Test
    void anExpiredMessageIsGone() {
        Instant expires = CLOCK.instant().plusSeconds(60);
        String id = portal.publish("admin", "short/lived?expires=" + expires, "soon gone");
        assertEquals("soon gone", bodies(get("alice", "topic=short/lived")));
        assertEquals(200, portal.get("alice", "/api/messages/" + id).statusCode());
        CLOCK.pass(Duration.ofSeconds(61));
        assertEquals("", bodies(get("alice", "topic=short/lived")));
        assertEquals(404, portal.get("alice", "/api/messages/" + id).statusCode());
    }

    @Test
    void aLargePageIsCutAndGoesOn() {
        String large = "x".repeat(65_000);
        for (int i = 0; i < 40; i++) portal.publish("admin", "large/topic", large);
        String first = get("alice", "topic=large/topic&limit=1000");
        String next = next(first);
        assertNotNull(next);
        assertTrue(first.length() < 3_000_000, "the page has " + first.length() + " characters");
        String second = get("alice", "topic=large/topic&limit=1000&before=" + next);
        assertNull(next(second));
        assertEquals(40, BODY.matcher(first + second).results().count());
    }

    private static String get(String user, String query) {
        HttpResponse<String> response = portal.get(user, "/api/messages?" + query);
        assertEquals(200, response.statusCode(), response.body());
        return response.body();
    }

    private static String filled(String query) {
        return Pattern.compile("\\{(\\d+)}").matcher(query).replaceAll(m -> ids.get(Integer.parseInt(m.group(1))));
    }

    private static String bodies(String page) {
        StringBuilder bodies = new StringBuilder();
        Matcher body = BODY.matcher(page);
        while (body.find()) bodies.append(bodies.isEmpty() ? "" : " ").append(body.group(1));
        return bodies.toString();
    }

    private static @Nullable String next(String page) {
        Matcher next = NEXT.matcher(page);
        return next.find() ? next.group(1) : null;
    }

    private static String epoch() {
        return ids.get(0).substring(0, ids.get(0).indexOf('-'));
    }
}
