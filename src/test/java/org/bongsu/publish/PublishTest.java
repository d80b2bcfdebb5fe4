package org.bongsu.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bongsu.Await;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.StoreException;
import org.bongsu.log.TestClock;
import org.bongsu.publish.Wire.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract §3 and §10 over a real Tomcat: one message at a time. */
final class PublishTest {
    private static final MemoryMessageStore.Disk DISK = new MemoryMessageStore.Disk();
    private static final MemoryMessageStore STORE = new MemoryMessageStore(DISK, false, Clock.systemUTC());
    private static final String OPS = "/bongsu/api/topics/ops/backups";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";

    private static PortalServer portal;
    private static Wire wire;

    @BeforeAll
    static void start() {
        portal = PortalServer.builder().store(STORE).start();
        wire = new Wire(portal.port());
    }

    @AfterAll
    static void stop() {
        portal.close();
    }

    @Test
    void aFormIsAMessagesBodyAsItStands() {
        Answer answer = post(FORM, "Backup done & a=b&c=%41+x");
        assertEquals(201, answer.status());
        assertTrue(stored(answer).contains("\"body\":\"Backup done & a=b&c=%41+x\",\"format\":\"text\""));
    }

    @Test
    void theAnswerTellsIdTopicAndTimeAndWhereTheMessageIs() {
        Answer answer = post("", "hello");
        String id = answer.member("id");
        assertEquals("/bongsu/api/messages/" + id, answer.header("Location"));
        assertEquals("ops/backups", answer.member("topic"));
        assertTrue(stored(answer).contains("\"time\":\"" + answer.member("time") + "\""));
        assertEquals("no-store", answer.header("Cache-Control"));
        assertEquals("application/json;charset=UTF-8", answer.header("Content-Type"));
        assertNull(answer.member("readers"));
        assertNull(answer.member("charset"));
    }

    @Test
    void theAnswerTellsHowManyReadersFollowTheTopicNow() throws Exception {
        String here = "POST /bongsu/api/topics/ops/followed";
        assertEquals("0", wire.send("admin", here, "", "x").member("online"));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), portal.port())) {
            socket.setSoTimeout(Await.MILLIS);
            socket.getOutputStream()
                    .write(("GET /bongsu/api/stream?topic=ops/* HTTP/1.1\r\nHost: x\r\nAuthorization: "
                                    + Site.basic("alice") + "\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder stream = new StringBuilder();
            while (stream.indexOf("event: ready") < 0) {
                int next = socket.getInputStream().read();
                assertTrue(next >= 0, "the stream has ended: " + stream);
                stream.append((char) next);
            }
            Answer answer = wire.send("admin", here, "", "x");
            assertEquals("1", answer.member("online"), answer.body());
            assertNull(answer.member("readers"), "what people follow is not known");
            assertEquals("1", wire.send("admin", here, "Dry-Run: yes\r\n", "x").member("online"));
            assertEquals(
                    "0",
                    wire.send("admin", "POST /bongsu/api/topics/news", "", "x").member("online"));
        }
    }

    @Test
    void aRepetitionThatComesWhenItsMessageHasExpiredIsStillOne() throws Exception {
        TestClock clock = new TestClock(Instant.parse("2026-11-21T00:00:00Z"));
        MemoryMessageStore store = new MemoryMessageStore(new MemoryMessageStore.Disk(), false, clock);
        try (PortalServer other =
                PortalServer.builder().store(store).clock(clock).start()) {
            Wire there = new Wire(other.port());
            String one = "POST " + OPS;
            String many = "POST /bongsu/api/messages";
            String expires = "Expires: 2026-11-21T01:00:00Z\r\n";
            String batch = "[{\"topic\":\"ops/a\",\"body\":\"1\"},"
                    + "{\"topic\":\"ops/a\",\"body\":\"2\",\"expires\":\"2026-11-21T01:00:00Z\"}]";
            Answer first = there.send("admin", one, "Idempotency-Key: one\r\n" + expires, "x");
            assertEquals(201, first.status(), first.body());
            Answer both = there.send("admin", many, JSON + "Idempotency-Key: many\r\n", batch);
            assertEquals(201, both.status(), both.body());

            clock.pass(Duration.ofHours(2));

            Answer again = there.send("admin", one, "Idempotency-Key: one\r\n" + expires, "x");
            assertEquals(200, again.status(), again.body());
            assertEquals(first.member("id"), again.member("id"));
            Answer bothAgain = there.send("admin", many, JSON + "Idempotency-Key: many\r\n", batch);
            assertEquals(200, bothAgain.status(), bothAgain.body());
            assertEquals(both.member("ids"), bothAgain.member("ids"));
            assertEquals(
                    422,
                    there.send("admin", one, "Idempotency-Key: one\r\n" + expires, "other")
                            .status());
            for (String header : List.of("", "Idempotency-Key: new\r\n", "Idempotency-Key: one\r\nDry-Run: yes\r\n")) {
                Answer late = there.send("admin", one, header + expires, "x");
                assertEquals(400, late.status(), late.body());
                assertEquals("expires", late.member("field"));
                Answer lateBatch = there.send("admin", many, JSON + header, batch);
                assertEquals(400, lateBatch.status(), lateBatch.body());
                assertEquals("1", lateBatch.member("index"));
            }
            assertEquals(3, store.head().offset());
        }
    }

    @Test
    void putIsTheSameAsPost() {
        assertEquals(201, wire.send("admin", "PUT " + OPS, "", "x").status());
    }

    @Test
    void headersSetTheFields() {
        Answer answer = post(
                String.join(
                        "\r\n",
                        "Title: Backup",
                        "Priority: 4",
                        "Tags: disk, night ,,",
                        "Tags: x",
                        "Link: /runs/77",
                        "Key: nightly",
                        "Status: resolved",
                        "Expires: 2999-01-01T00:00:00Z",
                        "Type: event",
                        "Format: markdown",
                        ""),
                "done");
        assertTrue(stored(answer)
                .contains("\"sender\":\"admin\",\"title\":\"Backup\",\"body\":\"done\",\"format\":\"markdown\","
                        + "\"priority\":\"high\",\"tags\":[\"disk\",\"night\",\"x\"],\"link\":\"/runs/77\","
                        + "\"key\":\"nightly\",\"status\":\"resolved\",\"expires\":\"2999-01-01T00:00:00.000Z\"}"));
    }

    @Test
    void soDoQueryParametersOfTheSameNames() {
        Answer answer = wire.send(
                "admin",
                "POST " + OPS + "?title=%EB%B0%B1%EC%97%85+x&Priority=max&tags=a,b&click=/r&type=chat",
                FORM,
                "b=c");
        assertTrue(stored(answer).contains("\"title\":\"백업 x\",\"body\":\"b=c\""));
        assertTrue(stored(answer).contains("\"priority\":\"urgent\",\"tags\":[\"a\",\"b\"],\"link\":\"/r\""));
        assertTrue(stored(answer).contains("\"type\":\"chat\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "t: x            | title    | x",
                "ti: x           | title    | x",
                "X-Title: x      | title    | x",
                "TITLE: x        | title    | x",
                "p: 5            | priority | urgent",
                "prio: low       | priority | low",
                "X-Priority: 1   | priority | min",
                "ta: x           | tags     | [\"x\"]",
                "tag: x          | tags     | [\"x\"]",
                "X-Tags: x       | tags     | [\"x\"]",
                "Click: /x       | link     | /x",
                "X-Click: /x     | link     | /x",
                "md: yes         | format   | markdown",
                "Markdown: 1     | format   | markdown",
                "X-Markdown: no  | format   | text",
                "Content-Type: text/markdown | format | markdown",
                "Content-Type: text/markdown;charset=utf-8 | format | markdown",
                "Content-Type: text/html | format | text",
                "Title*: UTF-8''%EB%B0%B1 | title | 백",
                "Title: =?UTF-8?B?67Cx?=  | title | 백",
                "Priority: u=1, i | priority | normal",
                "Priority: u=3   | priority | normal",
                "Priority: i     | priority | normal",
            })
    void otherWordsAreTakenToo(String header, String field, String value) {
        Answer answer = post(header + "\r\n", "x");
        assertEquals(201, answer.status(), answer.body());
        assertEquals(value, new Answer(200, "", stored(answer)).member(field));
    }

    @Test
    void anExplicitFormatWinsOverTheContentType() {
        assertTrue(stored(post("Content-Type: text/markdown\r\nFormat: text\r\n", "x"))
                .contains("\"format\":\"text\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "To: alice            | to",
                "At: tomorrow         | at",
                "X-At: 9am            | x-at",
                "In: 30m              | in",
                "Delay: 30m           | delay",
                "Ack: required        | ack",
                "Ack-By: 2999-01-01T00:00:00Z | ack-by",
                "Attach: http://x/y   | attach",
                "Filename: x.jpg      | filename",
                "Actions: view, x, /x | actions",
                "Message: x           | message",
                "m: x                 | m",
                "Priority: 6          | priority",
                "Priority: u=9        | priority",
                "Type: presence       | type",
                "Type: typing         | type",
                "Format: html         | format",
                "Markdown: maybe      | markdown",
                "Dry-Run: maybe       | dry-run",
                "Link: javascript:x   | link",
                "Click: //evil        | link",
                "Status: firing       | status",
                "Expires: 0           | expires",
                "Expires: 2020-01-01T00:00:00Z | expires",
                "Title: =?utf-8?B?/w==?= | title",
                "Title*: x            | title*",
                "Tags: 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17 | tags",
            })
    void aBadHeaderIsRefusedByName(String header, String field) {
        Answer answer = refused(400, () -> post(header + "\r\n", "x"));
        assertEquals(field, answer.member("field"), answer.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "titel=x        | titel",
                "to=alice | to",
                "at=x | at",
                "in=1m | in",
                "ack=required | ack",
                "title=%ff      | title",
                "title=a&title=b | title",
                "title=a&t=b | title",
                "title=a%0Ab | title",
                "body=x         | body",
                "message=x | message",
                "priority=9 | priority",
                "data=1 | data",
            })
    void aBadParameterIsRefusedByName(String query, String field) {
        Answer answer = refused(400, () -> wire.send("admin", "POST " + OPS + "?" + query, "", "x"));
        assertEquals(field, answer.member("field"), answer.body());
    }

    @Test
    void oneFieldTwiceIsRefused() {
        refused(400, () -> post("Title: a\r\nTitle: b\r\n", "x"));
        refused(400, () -> post("Title: a\r\nt: b\r\n", "x"));
        refused(400, () -> wire.send("admin", "POST " + OPS + "?title=a", "Title: a\r\n", "x"));
    }

    @Test
    void emptyHeadersAndParametersSayNothing() {
        Answer answer = wire.send("admin", "POST " + OPS + "?tags=&key=", "Title:\r\nExpires: \r\n", "x");
        assertEquals(201, answer.status(), answer.body());
    }

    @Test
    void jsonSaysEverythingItself() {
        Answer answer = post(
                JSON, "{\"body\":\"x\",\"data\":{\"n\":1e999999999},\"actions\":[{\"label\":\"a\",\"link\":\"/b\"}]}");
        assertTrue(stored(answer)
                .contains("\"actions\":[{\"label\":\"a\",\"link\":\"/b\"}],\"data\":{\"n\":1e999999999}}"));
        assertEquals(
                "title",
                refused(400, () -> post(JSON + "Title: x\r\n", "{\"body\":\"x\"}"))
                        .member("field"));
        assertEquals(
                "to",
                refused(400, () -> post(JSON + "To: x\r\n", "{\"body\":\"x\"}")).member("field"));
        assertEquals(
                "title",
                refused(400, () -> wire.send("admin", "POST " + OPS + "?title=x", JSON, "{\"body\":\"x\"}"))
                        .member("field"));
        assertEquals(
                201,
                post(JSON + "Priority: u=1\r\nExpires: 0\r\n", "{\"body\":\"x\"}")
                        .status());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"body\":\"x\",\"to\":[\"alice\"]}  | 400 | to",
                "{\"body\":\"x\",\"topic\":\"ops\"}   | 400 | topic",
                "{\"body\":\"x\",\"id\":\"m0-1\"}     | 400 | id",
                "{\"body\":\"x\",\"ack\":\"required\"} | 400 | ack",
                "{\"body\":\"x\",\"body\":\"y\"}      | 400 | body",
                "{}                                  | 400 | body",
            })
    void badJsonIsRefusedByField(String json, int status, String field) {
        assertEquals(field, refused(status, () -> post(JSON, json)).member("field"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[]", "null", "{\"body\":\"x\"}}", "{'body':'x'}", "\"x\"", "{\"body\":\"\\ud800\"}"})
    void whatIsNoJsonObjectIsRefused(String json) {
        refused(400, () -> post(JSON, json));
    }

    @Test
    void bombsAreRefused() {
        refused(400, () -> post(JSON, "{\"data\":" + "[".repeat(100_000)));
        refused(400, () -> post(JSON, "{\"data\":" + "{\"a\":".repeat(40_000)));
        refused(413, () -> post(JSON, "{\"data\":[" + "1,".repeat(100_000) + "1]}"));
        refused(413, () -> post(JSON, "{\"data\":\"" + "\\u0000".repeat(40_000) + "\"}"));
        refused(400, () -> post("", "a" + "\u0301".repeat(30_000) + "\u0327".repeat(30_000)));
        refused(415, () -> post("Content-Type: " + "a;".repeat(2_000) + "\r\nTitle: " + "=?".repeat(200) + "\r\n", ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "multipart/form-data; boundary=x       | 415",
                "multipart/mixed                       | 415",
                "Multipart/Form-Data                   | 415",
                "application/json;charset=euc-kr       | 415",
                "application/json;charset=utf-16       | 415",
                "text/plain;charset=bogus              | 415",
                "text/plain;charset=a;charset=b        | 415",
                "text/plain;charset=\"                 | 415",
            })
    void aTypeThatIsNotTakenIsRefused(String type, int status) {
        refused(status, () -> post("Content-Type: " + type + "\r\n", "{\"body\":\"x\"}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "deflate", "identity, gzip", "x"})
    void anEncodedBodyIsRefused(String encoding) {
        refused(415, () -> post("Content-Encoding: " + encoding + "\r\n", "x"));
    }

    @Test
    void anIdentityEncodingIsNone() {
        assertEquals(201, post("Content-Encoding: Identity\r\n", "x").status());
    }

    @Test
    void textFromAKoreanConsoleIsReadAndTheAnswerSaysSo() {
        byte[] body = "안녕하세요".getBytes(Charset.forName("MS949"));
        Answer answer = wire.send("admin", "POST " + OPS, FORM, body);
        assertEquals("MS949", answer.member("charset"));
        assertTrue(stored(answer).contains("\"body\":\"안녕하세요\""));

        String title = new String("백업".getBytes(Charset.forName("MS949")), StandardCharsets.ISO_8859_1);
        answer = wire.send("admin", "POST " + OPS, "Title: " + title + "\r\n", body);
        assertEquals("[\"title was read as MS949\"]", answer.member("warnings"));
        assertTrue(stored(answer).contains("\"title\":\"백업\",\"body\":\"안녕하세요\""));

        title = new String("백업".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        answer = wire.send("admin", "POST " + OPS, "Title: " + title + "\r\n", "안녕");
        assertNull(answer.member("warnings"));
        assertTrue(stored(answer).contains("\"title\":\"백업\",\"body\":\"안녕\""));
    }

    @Test
    void aDeclaredCharsetIsTakenStrictly() {
        byte[] euc = "안녕".getBytes(Charset.forName("EUC-KR"));
        Answer answer = wire.send("admin", "POST " + OPS, "Content-Type: text/plain; charset=\"euc-kr\"\r\n", euc);
        assertEquals("MS949", answer.member("charset"));
        Answer refusal = refused(
                400, () -> wire.send("admin", "POST " + OPS, "Content-Type: text/plain; charset=utf-8\r\n", euc));
        assertEquals("0", refusal.member("position"));
        byte[] neither = {'a', 'b', (byte) 0xff, 'c'};
        assertEquals(
                "2",
                refused(400, () -> wire.send("admin", "POST " + OPS, "", neither))
                        .member("position"));
        byte[] json = concat("{\"body\":\"", neither, "\"}");
        assertEquals(
                "11",
                refused(400, () -> wire.send("admin", "POST " + OPS, JSON, json))
                        .member("position"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "\u0007", "a\u001b[31m", "\u007f", "\u0085"})
    void controlCharactersAreRefusedWithTheirPosition(String body) {
        Answer answer = refused(400, () -> post("", body));
        assertEquals("body", answer.member("field"));
        assertNotNull(answer.member("position"));
    }

    @Test
    void lineEndsAndCompositionAreMadeOne() {
        assertTrue(stored(post("", "a\r\nb\rc\td e\u0301")).contains("\"body\":\"a\\nb\\nc\\td é\""));
    }

    @ParameterizedTest
    @MethodSource("evilTopics")
    void anEvilTopicIsRefused(String topic) {
        long before = head();
        Answer answer = wire.send("admin", "POST /bongsu/api/topics/" + topic, "", "x");
        assertTrue(
                answer.status() == 400 || answer.status() == 404 || answer.status() == 405,
                topic + " was answered " + answer.status());
        assertEquals(before, head());
    }

    static Stream<String> evilTopics() {
        List<String> topics = new ArrayList<>(List.of(
                "",
                "/",
                "//",
                "a/",
                "/a",
                "a//b",
                "a///b",
                ".",
                "..",
                "a/.",
                "a/..",
                "./a",
                "../a",
                "a/./b",
                "a/../b",
                "../messages",
                "a/../../nothing",
                "%2e",
                "%2e%2e",
                "a/%2e%2e/b",
                "%2e%2e/a",
                "a/%2E./b",
                "a%2fb",
                "a%2Fb",
                "a%5cb",
                "a\\b",
                "..\\a",
                "a%252fb",
                "a%25",
                "%",
                "%4",
                "%zz",
                "%00",
                "a%00b",
                "%0a",
                "%0d%0a",
                "%20",
                "a%20b",
                "a+b",
                "a*b",
                "*",
                "**",
                "a/*",
                "a/**",
                "a;b",
                "a;b=c",
                ";",
                "a;/b",
                "a/;x",
                ";x=y/a",
                "a;jsessionid=1",
                "a:b",
                "a@b",
                "a&b",
                "a=b",
                "a,b",
                "a!b",
                "a$b",
                "a'b",
                "a(b)",
                "a[b]",
                "a{b}",
                "a|b",
                "a^b",
                "a`b",
                "a\"b",
                "a<b>",
                "%EC%95%88",
                "%ec",
                "%ff",
                "%C0%AE%C0%AE",
                "%c0%af",
                "%u002e",
                "%ED%A0%80",
                "\u00ec\u0095\u0088",
                "a%09b",
                "a%7Fb",
                "a%80b",
                "%2a",
                "%2A%2A",
                "a%2a",
                "%3b",
                "a%3Bb",
                "a%3Fb",
                "a%23b",
                "~%2f",
                "a%2f..%2fb",
                "1/2/3/4/5/6/7/8/9",
                "a".repeat(65),
                "a/" + "b".repeat(65),
                ("a".repeat(60) + "/").repeat(3) + "b".repeat(20),
                "a/%2e",
                "%2e/a",
                ".%2e",
                "%2E%2E%2F",
                "a/.%2e/b",
                "a%",
                "a%2",
                "a/%",
                "a%c2%a0b",
                "a%e2%80%8bb"));
        assertTrue(topics.size() >= 100, "only " + topics.size());
        return topics.stream();
    }

    @ParameterizedTest
    @CsvSource({
        "ops%2Dx, ops-x",
        "%6fps, ops",
        "user/kim%7E40realm, user/kim~40realm",
        "a.b_c~d-e, a.b_c~d-e",
        "1/2/3/4/5/6/7/8, 1/2/3/4/5/6/7/8",
        "..., ...",
        "a..b, a..b"
    })
    void aTopicIsDecodedOnce(String path, String topic) {
        Answer answer = wire.send("admin", "POST /bongsu/api/topics/" + path, "", "x");
        assertEquals(201, answer.status(), answer.body());
        assertEquals(topic, answer.member("topic"));
    }

    @Test
    void aRequestThatIsTooLargeIsRefusedBeforeItIsRead() {
        Answer answer =
                refused(413, () -> wire.raw("admin", "POST " + OPS, "Content-Length: 100000000\r\n", new byte[0]));
        assertEquals("262144", answer.member("limit"));
        refused(413, () -> post("", "x".repeat(262_145)));
        refused(413, () -> wire.raw("admin", "POST " + OPS, "Transfer-Encoding: chunked\r\n", chunks(300_000)));
        refused(413, () -> post("", "x".repeat(65_537)));
        assertEquals(201, post("", "\r\n".repeat(65_535) + "x").status());
    }

    @Test
    void aBodyThatEndsTooEarlyIsNotPublished() {
        long before = head();
        wire.raw("admin", "POST " + OPS, "Content-Length: 100\r\n", "short".getBytes(StandardCharsets.UTF_8));
        wire.raw(
                "admin",
                "POST " + OPS,
                "Transfer-Encoding: chunked\r\n",
                "5\r\nhello\r\n".getBytes(StandardCharsets.UTF_8));
        wire.raw(
                "admin",
                "POST " + OPS,
                "Transfer-Encoding: chunked\r\n",
                "zz\r\nhello\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(before, head());
    }

    @Test
    void chunksAreOneBody() {
        byte[] body = "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8);
        Answer answer = wire.raw("admin", "POST " + OPS, "Transfer-Encoding: chunked\r\n", body);
        assertTrue(stored(answer).contains("\"body\":\"hello!\""));
    }

    @Test
    void anEmptyBodyIsRefusedUnlessSomethingElseIsSaid() {
        assertEquals("body", refused(400, () -> post("", "")).member("field"));
        assertEquals(201, post("Title: x\r\n", "").status());
        assertEquals(201, post("Key: x\r\nStatus: resolved\r\n", "").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "DELETE", "PATCH", "TRACE"})
    void otherMethodsAreNotAllowed(String method) {
        Answer answer = wire.send("admin", method + " " + OPS, "", "");
        assertEquals(405, answer.status());
        assertNotNull(answer.header("Allow"));
    }

    @Test
    void onlyWhoMayPublishPublishes() {
        refused(401, () -> wire.send("", "POST " + OPS, "X-Bongsu: 1\r\n", "x"));
        refused(403, () -> wire.send("alice", "POST " + OPS, "", "x"));
        assertEquals(
                201,
                wire.send("alice", "POST /bongsu/api/topics/chat/general", "", "x")
                        .status());
        assertEquals(201, wire.send("backup-job", "POST " + OPS, "", "x").status());
    }

    @Test
    void aDryRunTellsWhatWouldBePublishedAndPublishesNothing() {
        Answer answer = refused(200, () -> post("Dry-Run: yes\r\nTitle: x\r\n", "y"));
        assertTrue(answer.body().startsWith("{\"dryRun\":true,\"message\":{\"topic\":\"ops/backups\","), answer.body());
        assertTrue(answer.body().contains("\"title\":\"x\",\"body\":\"y\""));
        refused(200, () -> wire.send("admin", "POST " + OPS + "?dry-run=1", JSON, "{\"body\":\"x\"}"));
        refused(400, () -> post("Dry-Run: yes\r\nType: presence\r\n", "y"));
        refused(403, () -> wire.send("alice", "POST " + OPS, "Dry-Run: yes\r\n", "x"));
        assertEquals(201, post("Dry-Run: no\r\n", "y").status());
    }

    @Test
    void aRepetitionIsAnsweredWithTheFirstId() {
        String key = "Idempotency-Key: repeated-1\r\n";
        Answer first = post(key, "x");
        assertEquals(201, first.status());
        Answer again = refused(200, () -> post(key, "x"));
        assertEquals(first.member("id"), again.member("id"));
        assertEquals(first.header("Location"), again.header("Location"));
        assertEquals("true", again.member("repeated"));
        Answer asJson = refused(200, () -> post(key + JSON, "{\"body\":\"x\"}"));
        assertEquals(first.member("id"), asJson.member("id"));
        refused(422, () -> post(key, "y"));
        refused(422, () -> post(key + "Title: z\r\n", "x"));
        refused(422, () -> wire.send("admin", "POST /bongsu/api/topics/ops", key, "x"));
        assertEquals(201, wire.send("backup-job", "POST " + OPS, key, "x").status());
    }

    @Test
    void twinsPublishOnce() throws Exception {
        long before = head();
        ExecutorService clients = Executors.newFixedThreadPool(20);
        try {
            List<Future<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                answers.add(clients.submit(() -> post("Idempotency-Key: twins\r\n", "x")));
            }
            List<Integer> statuses = new ArrayList<>();
            List<String> ids = new ArrayList<>();
            for (Future<Answer> answer : answers) {
                statuses.add(answer.get().status());
                ids.add(String.valueOf(answer.get().member("id")));
            }
            assertEquals(1, statuses.stream().filter(s -> s == 201).count());
            assertEquals(19, statuses.stream().filter(s -> s == 200).count());
            assertEquals(1, ids.stream().distinct().count());
        } finally {
            clients.shutdown();
        }
        assertEquals(before + 1, head());
    }

    @Test
    void aBadKeyIsRefused() {
        assertEquals(
                "Idempotency-Key",
                refused(400, () -> post("Idempotency-Key: " + "k".repeat(129) + "\r\n", "x"))
                        .member("field"));
        refused(400, () -> post("Idempotency-Key:\r\n", "x"));
        refused(400, () -> post("Idempotency-Key: a\r\nIdempotency-Key: b\r\n", "x"));
        assertEquals(
                201, post("Idempotency-Key: " + "k".repeat(128) + "\r\n", "x").status());
    }

    /** Asks, and checks that nothing was stored. */
    static Answer refused(int status, Supplier<Answer> request) {
        long before = head();
        Answer answer = request.get();
        assertEquals(status, answer.status(), answer.body());
        if (status >= 400) {
            assertEquals("application/problem+json;charset=UTF-8", answer.header("Content-Type"));
            assertEquals(String.valueOf(status), answer.member("status"));
            assertNotNull(answer.member("title"));
            assertNotNull(answer.member("detail"));
            assertTrue(!answer.body().contains("Exception"), answer.body());
        }
        assertEquals(before, head(), "nothing is stored");
        return answer;
    }

    private static Answer post(String headers, String body) {
        return wire.send("admin", "POST " + OPS, headers, body);
    }

    private static String stored(Answer answer) {
        assertEquals(201, answer.status(), answer.body());
        return wire.send("admin", "GET " + answer.header("Location"), "", "").body();
    }

    private static long head() {
        try {
            return STORE.head().offset();
        } catch (StoreException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] chunks(int length) {
        return (Integer.toHexString(length) + "\r\n" + "x".repeat(length) + "\r\n0\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] concat(String before, byte[] bytes, String after) {
        byte[] start = before.getBytes(StandardCharsets.UTF_8);
        byte[] end = after.getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[start.length + bytes.length + end.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(bytes, 0, all, start.length, bytes.length);
        System.arraycopy(end, 0, all, start.length + bytes.length, end.length);
        return all;
    }
}
