package org.bongsu.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.bongsu.Site;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What clients of {@code ws} are told, contract §5 and §5.1, byte by byte over a real server whose people are those of {@link
 * org.bongsu.PortalServer}.
 *
 * <p>While these tests run, nobody else publishes; what was published before does not matter.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class WhatASocketIsTold {
    /** What the portal has to be started with. Its memory holds less than {@link #MANY} messages. */
    public static final Map<String, String> SETTINGS = Map.of("origins", "https://wiki.example", "tail.count", "1000");

    private static final int MANY = 3_000;

    /** The largest frame that a client may send, in bytes. */
    private static final int LARGEST = 256 * 1024;

    private Site site;

    /** The portal under test. */
    protected abstract Site site();

    @BeforeEach
    final void know() {
        site = site();
    }

    @Nested
    class TheHandshake {
        @Test
        void greetsWhoeverComesWithBasicCredentialsAndNoOrigin() {
            try (RawSocket socket = RawSocket.connect(site, "Authorization: " + Site.basic("alice"))) {
                assertEquals(101, socket.status());
                assertTrue(
                        socket.text()
                                .matches(
                                        "\\{\"op\":\"ready\",\"connection\":\"[\\w-]{22}\",\"user\":\"alice\",\"heartbeat\":[1-9]\\d*}"));
            }
        }

        @Test
        void refusesAWrongPasswordAndAStranger() {
            refused(401, "Authorization: " + "Basic YWxpY2U6d3Jvbmc=");
            refused(401, "Authorization: Bearer abc");
            refused(401, "X-Nothing: 1");
            refused(403, "Authorization: " + Site.basic("nobody"));
        }

        @Test
        void takesACookieWithTheOwnOriginOnly() {
            String cookie = "Cookie: " + site.login("alice");
            refused(403, cookie);
            refused(403, cookie, "Origin: https://evil.example");
            refused(403, cookie, "Origin: null");
            refused(403, cookie, "Origin: " + site.origin() + ".evil.example");
            refused(403, "Authorization: " + Site.basic("alice"), "Origin: https://evil.example");
            for (String origin : new String[] {site.origin(), "https://wiki.example"}) {
                try (RawSocket socket = RawSocket.connect(site, cookie, "Origin: " + origin)) {
                    assertEquals(101, socket.status());
                }
            }
        }

        @Test
        void negotiatesItsSubprotocolAndNoExtension() {
            String authorization = "Authorization: " + Site.basic("alice");
            try (RawSocket socket = RawSocket.connect(
                    site,
                    authorization,
                    "Sec-WebSocket-Protocol: other, bongsu.v1",
                    "Sec-WebSocket-Extensions: permessage-deflate")) {
                assertEquals("bongsu.v1", socket.header("Sec-WebSocket-Protocol"));
                assertNull(socket.header("Sec-WebSocket-Extensions"));
            }
            try (RawSocket socket = RawSocket.connect(site, authorization, "Sec-WebSocket-Protocol: other")) {
                assertEquals(101, socket.status());
                assertNull(socket.header("Sec-WebSocket-Protocol"));
            }
        }

        @Test
        void refusesWhatIsNoHandshake() {
            String authorization = "Authorization: " + Site.basic("alice") + "\r\n";
            String start = RawSocket.head(site, "GET", "/ws") + authorization;
            String key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
            String upgrade = "Upgrade: websocket\r\n";
            String connection = "Connection: Upgrade\r\n";
            String version = "Sec-WebSocket-Version: 13\r\n";
            RawSocket ordinary = refusedRequest(426, start);
            // RFC 9110 §15.5.22
            assertEquals(namesTheUpgrade() ? "websocket" : null, ordinary.header("Upgrade"));
            // How a page learns whether it is the handshake that something refuses; such a request names no origin.
            refusedRequest(426, start.replace(authorization, "Cookie: " + site.login("alice") + "\r\n"));
            refusedRequest(400, start + upgrade + connection + version);
            refusedRequest(400, start + upgrade + connection + version + "Sec-WebSocket-Key: short\r\n");
            RawSocket answer = refusedRequest(426, start + upgrade + connection + key + "Sec-WebSocket-Version: 8\r\n");
            assertEquals("13", answer.header("Sec-WebSocket-Version"));
            refusedRequest(400, start.replace("/ws ", "/ws?topic=a ") + upgrade + connection + version + key);
            refusedRequest(405, start.replace("GET", "POST") + "Content-Length: 0\r\n");
        }

        @Test
        void refusesAnUpgradeThatTheConnectionDoesNotName() {
            String request = RawSocket.head(site, "GET", "/ws") + "Authorization: " + Site.basic("alice")
                    + "\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
            // Some servers know that this is wrong before the portal is asked, and say so in their own words.
            try (RawSocket socket = RawSocket.request(site, request)) {
                assertEquals(400, socket.status(), socket.head);
            }
        }

        @Test
        void isTheOnlyWayIn() {
            // The endpoint has a path of its own, because servers find such classes by themselves; they refuse in their
            // own words.
            try (RawSocket socket =
                    RawSocket.handshake(site, "/ws/bongsu.v1", 0, "Authorization: " + Site.basic("alice"))) {
                assertTrue(socket.status() >= 400 && socket.status() < 500, socket.head);
            }
        }

        private void refused(int status, String... headers) {
            try (RawSocket socket = RawSocket.connect(site, headers)) {
                assertProblem(status, socket);
            }
        }

        private RawSocket refusedRequest(int status, String head) {
            try (RawSocket socket = RawSocket.request(site, head + "\r\n")) {
                assertProblem(status, socket);
                return socket;
            }
        }

        private void assertProblem(int status, RawSocket socket) {
            String answer = socket.head + socket.body;
            assertEquals(status, socket.status(), answer);
            String type = String.valueOf(socket.header("Content-Type")).replace(" ", "");
            assertEquals("application/problem+json;charset=utf-8", type.toLowerCase(Locale.ROOT), answer);
            assertEquals(status, Site.json(socket.body).getInt("status"), answer);
        }
    }

    private RawSocket greeted() {
        return RawSocket.greeted(site, "alice");
    }

    /** The end of the log. */
    private String head() {
        return Site.json(site.get("alice", "/api/poll?wait=0").body()).getString("cursor");
    }

    /** Publishes in one group, and returns the last one's id. */
    private String publishTogether(String topic, List<String> bodies) {
        JsonArrayBuilder batch = Json.createArrayBuilder();
        for (String body : bodies) {
            batch.add(Json.createObjectBuilder().add("topic", topic).add("body", body));
        }
        HttpResponse<String> response = site.send(site.request("admin", "/api/messages")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(batch.build().toString())));
        assertEquals(201, response.statusCode(), response.body());
        return Site.json(response.body()).getJsonArray("ids").getString(bodies.size() - 1);
    }

    private static List<String> bodies(String frame) {
        return Site.json(frame).getJsonArray("messages").getValuesAs(JsonObject.class).stream()
                .map(message -> message.getString("body"))
                .toList();
    }

    @Test
    void aSubscriptionAnswersFirstAndThenGetsMessagesInOneFrame() {
        try (RawSocket socket = greeted()) {
            String head = head();
            socket.send("{\"op\":\"subscribe\",\"id\":\"main\",\"topics\":[\"sub/one\"],\"ref\":1}");
            assertEquals("{\"op\":\"ok\",\"ref\":1,\"id\":\"main\",\"cursor\":\"" + head + "\"}", socket.text());
            String last = publishTogether("sub/one", List.of("a", "b"));
            String frame = socket.text();
            assertTrue(
                    frame.startsWith(
                            "{\"op\":\"messages\",\"id\":\"main\",\"cursor\":\"" + last + "\",\"messages\":[{"),
                    frame);
            assertEquals(List.of("a", "b"), bodies(frame));
        }
    }

    @Test
    void aSubscriptionGoesOnFromACursorAndIsToldOfAnUnknownEpochAfterItsOk() {
        String before = head();
        site.publish("from/cursor", "a");
        site.publish("from/cursor", "b");
        try (RawSocket socket = greeted()) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"from/*\"],\"after\":\"" + before + "\"}");
            assertEquals("{\"op\":\"ok\",\"id\":\"0\",\"cursor\":\"" + before + "\"}", socket.text());
            String frame = socket.text();
            assertTrue(frame.contains("\"a\"") && frame.contains("\"b\""), frame);

            socket.send("{\"op\":\"subscribe\",\"id\":\"x\",\"topics\":[\"from/*\"],\"after\":\"zzz-7\"}");
            assertTrue(socket.text().startsWith("{\"op\":\"ok\",\"id\":\"x\""));
            assertEquals("{\"op\":\"reset\",\"id\":\"x\",\"reason\":\"epoch\"}", socket.text());
            assertTrue(socket.text().contains("\"a\""));
        }
    }

    @Test
    void aSubscriptionOlderThanMemoryIsReadFromTheStore() {
        String before = head();
        for (int i = 0; i < MANY; i += 100) {
            publishTogether(
                    "old/" + i,
                    IntStream.range(i, i + 100).mapToObj(number -> "n" + number).toList());
        }
        try (RawSocket socket = greeted()) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"old/*\"],\"after\":\"" + before + "\"}");
            socket.text();
            int expected = 0;
            while (expected < MANY) {
                for (String body : bodies(socket.text())) assertEquals("n" + expected++, body);
            }
        }
    }

    @Test
    void subscribingAgainReplacesTheTopicsAndGoesOnFromTheCursor() {
        try (RawSocket socket = greeted()) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"again/one\"]}");
            socket.text();
            site.publish("again/one", "1");
            assertTrue(socket.text().contains("\"1\""));
            site.publish("again/two", "2");
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"again/two\"]}");
            assertTrue(socket.text().startsWith("{\"op\":\"ok\""));
            assertTrue(socket.text().contains("\"2\""), "what came since the cursor");
            site.publish("again/one", "3");
            site.publish("again/two", "4");
            assertTrue(socket.text().contains("\"4\""));
        }
    }

    @Test
    void subscribingAgainGoesOnFromTheCursorThatTheClientKnows() {
        try (RawSocket socket = greeted()) {
            String start = head();
            site.publish("known/two", "skipped");
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"known/one\"],\"after\":\"" + start + "\"}");
            String ok = "{\"op\":\"ok\",\"id\":\"0\",\"cursor\":\"" + start + "\"}";
            assertEquals(ok, socket.text());
            // Meanwhile it has looked at the other topic's message, and told nobody.
            for (int i = 0; i < 3; i++) {
                socket.send("{\"op\":\"unsubscribe\",\"id\":\"another\"}").text();
            }
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"known/two\"]}");
            assertEquals(ok, socket.text());
            assertTrue(socket.text().contains("\"skipped\""));
        }
    }

    /** Who is long without a message would otherwise come back from where the log has been forgotten since. */
    @Test
    void aPongTellsWhereReadingHasComeToOverWhatIsNotForTheClient() {
        try (RawSocket socket = greeted()) {
            socket.send("{\"op\":\"subscribe\",\"id\":\"mine\",\"topics\":[\"quiet/mine\"]}")
                    .text();
            socket.send("{\"op\":\"subscribe\",\"id\":\"all\",\"topics\":[\"quiet/*\"]}")
                    .text();
            site.publish("quiet/other", "1");
            assertTrue(socket.text().startsWith("{\"op\":\"messages\",\"id\":\"all\""));
            String head = head();

            // Not yet, while a frame is still under way.
            String pong = "{\"op\":\"pong\"}";
            for (int i = 0; i < 100 && pong.equals("{\"op\":\"pong\"}"); i++) {
                pong = socket.send("{\"op\":\"ping\"}").text();
            }
            assertEquals("{\"op\":\"pong\",\"cursors\":{\"mine\":\"" + head + "\"}}", pong);
            socket.send("{\"op\":\"ping\",\"ref\":2}");
            assertEquals("{\"op\":\"pong\",\"ref\":2}", socket.text(), "once");

            socket.send("{\"op\":\"subscribe\",\"id\":\"mine\",\"topics\":[\"quiet/other\"],\"ref\":3}");
            assertEquals(
                    "{\"op\":\"ok\",\"ref\":3,\"id\":\"mine\",\"cursor\":\"" + head + "\"}",
                    socket.text(),
                    "and what was before is not told");
        }
    }

    @Test
    void noMessageOfOnesOwnIsPassedOverByAPong() {
        try (RawSocket socket = greeted()) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"busy/mine\"]}").text();
            // 200 frames are admitted at once.
            for (int i = 0; i < 150; i++) {
                site.publish("busy/mine", "m" + i);
                site.publish("busy/other", "o" + i);
                socket.send("{\"op\":\"ping\"}");
            }
            Pattern ids = Pattern.compile("\"id\":\"[a-z0-9]+-(\\d+)\"");
            Pattern cursors = Pattern.compile("\"cursors\":\\{\"0\":\"[a-z0-9]+-(\\d+)\"");
            long passed = 0;
            int count = 0;
            while (count < 150) {
                String frame = socket.text();
                Matcher cursor = cursors.matcher(frame);
                if (cursor.find()) passed = Long.parseLong(cursor.group(1));
                for (Matcher id = ids.matcher(frame); id.find(); count++) {
                    long offset = Long.parseLong(id.group(1));
                    assertTrue(offset > passed, () -> "after a pong: " + frame);
                    passed = offset;
                }
            }
        }
    }

    @Test
    void whoIsUnsubscribedGetsNothingMore() {
        try (RawSocket socket = greeted()) {
            socket.send("{\"op\":\"subscribe\",\"id\":\"a\",\"topics\":[\"un/one\"]}")
                    .text();
            socket.send("{\"op\":\"unsubscribe\",\"id\":\"a\",\"ref\":\"x\"}");
            assertEquals("{\"op\":\"ok\",\"ref\":\"x\",\"id\":\"a\"}", socket.text());
            site.publish("un/one", "1");
            socket.send("{\"op\":\"ping\"}");
            assertEquals("{\"op\":\"pong\"}", socket.text());
        }
    }

    @Test
    void messagesOfOthersInboxesStayAwayUnderAPatternAndAreRefusedByName() {
        try (RawSocket socket = greeted()) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"chat/a\",\"user/bob\"],\"ref\":9}");
            String refusal = socket.text();
            assertTrue(
                    refusal.startsWith("{\"op\":\"error\",\"ref\":9,\"title\":\"Not allowed\",\"status\":403"),
                    refusal);
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"**\"]}").text();
            site.publish("user/bob", "secret");
            site.publish("user/alice", "mine");
            assertTrue(socket.text().contains("\"mine\""));
            site.publish("chat/a", "open");
            String frame = socket.text();
            assertTrue(frame.contains("\"open\"") && !frame.contains("secret"), frame);
        }
    }

    @Test
    void aMessageIsAcknowledgedWithItsIdAndOnce() {
        try (RawSocket socket = greeted()) {
            // Keys are remembered for a day, and so is the last run of this test.
            String publish =
                    "{\"op\":\"publish\",\"topic\":\"chat/p\",\"message\":{\"body\":\"안녕\"},\"idempotencyKey\":\""
                            + UUID.randomUUID() + "\",\"ref\":3}";
            socket.send(publish);
            String first = socket.text();
            assertEquals("{\"op\":\"ok\",\"ref\":3,\"message\":\"" + head() + "\"}", first);
            socket.send(publish);
            assertEquals(first, socket.text());
            socket.send(publish.replace("안녕", "other"));
            assertTrue(socket.text().contains("\"status\":422"));
            socket.send(publish.replace("chat/p", "ops/p"));
            assertTrue(socket.text().contains("\"status\":403"));
            socket.send(publish.replace("\"body\"", "\"bad\""));
            String refusal = socket.text();
            assertTrue(refusal.contains("\"status\":400") && refusal.contains("\"field\":\"bad\""), refusal);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "7 | 7",
                "-0.50 | -0.50",
                "1e2 | 1e2",
                "12345678901234567890123 | 12345678901234567890123",
                "\"a\\\"b\" | \"a\\\"b\"",
                "\"\\u00e9\" | \"é\"",
            })
    void aRefComesBackAsItWas(String sent, String echoed) {
        try (RawSocket socket = greeted()) {
            socket.send("{\"op\":\"ping\",\"ref\":" + sent + "}");
            assertEquals("{\"op\":\"pong\",\"ref\":" + echoed + "}", socket.text());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "hello | 400 | position",
                "[] | 400 | field",
                "{\"op\":\"ping\"} x | 400 | position",
                "{\"op\":\"ping\" | 400 | position",
                "{} | 400 | \"field\":\"op\"",
                "{\"op\":1} | 400 | \"field\":\"op\"",
                "{\"op\":\"shout\"} | 400 | unknown op \\\"shout\\\"",
                "{\"op\":\"ping\",\"op\":\"ping\"} | 400 | \"field\":\"op\"",
                "{\"op\":\"ping\",\"id\":\"a\"} | 400 | ping has no member \\\"id\\\"",
                "{\"op\":\"ping\",\"x\":[1,{}]} | 400 | ping has no member \\\"x\\\"",
                "{\"op\":\"ping\",\"ref\":null} | 400 | \"field\":\"ref\"",
                "{\"op\":\"ping\",\"ref\":\"12345678901234567890123456789012345678901234567890123456789012345\"} | 400 | \"limit\":64",
                "{\"op\":\"subscribe\"} | 400 | \"field\":\"topics\"",
                "{\"op\":\"subscribe\",\"topics\":\"a\"} | 400 | \"field\":\"topics\"",
                "{\"op\":\"subscribe\",\"topics\":[]} | 400 | \"field\":\"topics\"",
                "{\"op\":\"subscribe\",\"topics\":[1]} | 400 | \"field\":\"topics[0]\"",
                "{\"op\":\"subscribe\",\"topics\":[\"a//b\"]} | 400 | \"field\":\"topic\"",
                "{\"op\":\"subscribe\",\"topics\":[\"a\"],\"after\":\"nowhere\"} | 400 | \"field\":\"after\"",
                "{\"op\":\"subscribe\",\"topics\":[\"a\"],\"id\":\"\"} | 400 | \"field\":\"id\"",
                "{\"op\":\"subscribe\",\"topics\":[\"a\"],\"id\":7} | 400 | \"field\":\"id\"",
                "{\"op\":\"unsubscribe\",\"id\":\"none\"} | 404 | \"field\":\"id\"",
                "{\"op\":\"publish\",\"topic\":\"chat/a\"} | 400 | \"field\":\"message\"",
                "{\"op\":\"publish\",\"topic\":\"chat/a\",\"message\":\"hi\"} | 400 | \"field\":\"message\"",
                "{\"op\":\"publish\",\"message\":{}} | 400 | \"field\":\"topic\"",
                "{\"op\":\"publish\",\"topic\":\"chat/*\",\"message\":{}} | 400 | \"field\":\"topic\"",
                "{\"op\":\"publish\",\"topic\":\"chat/a\",\"message\":{},\"idempotencyKey\":\"\"} | 400 | \"field\":\"idempotencyKey\"",
            })
    void aBadFrameIsAnsweredAndTheConnectionStaysOpen(String frame, int status, String telling) {
        try (RawSocket socket = greeted()) {
            String head = head();
            socket.send(frame);
            String error = socket.text();
            assertTrue(error.startsWith("{\"op\":\"error\","), error);
            assertTrue(error.contains("\"status\":" + status + ","), error);
            assertTrue(error.contains(telling), error);
            socket.send("{\"op\":\"ping\",\"ref\":1}");
            assertEquals("{\"op\":\"pong\",\"ref\":1}", socket.text());
            assertEquals(head, head());
        }
    }

    @Test
    void aRefusalCarriesTheRefEvenIfItStandsLast() {
        try (RawSocket socket = greeted()) {
            socket.send("{\"op\":\"shout\",\"ref\":\"r\"}");
            assertTrue(socket.text().startsWith("{\"op\":\"error\",\"ref\":\"r\","));
        }
    }

    @Test
    void moreThan64SubscriptionsAreRefused() {
        try (RawSocket socket = greeted()) {
            for (int i = 0; i < 64; i++) {
                socket.send("{\"op\":\"subscribe\",\"topics\":[\"many/" + i + "\"],\"id\":\"" + i + "\"}");
                assertTrue(socket.text().startsWith("{\"op\":\"ok\""));
            }
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"many/x\"],\"id\":\"x\"}");
            assertTrue(socket.text().contains("\"limit\":64"));
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"many/x\"],\"id\":\"63\"}");
            assertTrue(socket.text().startsWith("{\"op\":\"ok\""));
        }
    }

    @Test
    void aFrameMayComeInPiecesThatCutThroughCharacters() {
        try (RawSocket socket = greeted()) {
            byte[] bytes = "{\"op\":\"ping\",\"ref\":\"안녕🙂\"}".getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < bytes.length; i++) {
                socket.send(i == 0 ? RawSocket.TEXT : 0, i == bytes.length - 1, new byte[] {bytes[i]});
            }
            if (refusesCutCharacters()) socket.assertClosed(1007);
            else assertEquals("{\"op\":\"pong\",\"ref\":\"안녕🙂\"}", socket.text());
        }
    }

    /** Whether the header that has to come with a 426 does. */
    protected boolean namesTheUpgrade() {
        return true;
    }

    /** Whether the server takes fragments for broken text that are whole only together; against RFC 6455 §5.6. */
    protected boolean refusesCutCharacters() {
        return false;
    }

    @Test
    void aFrameOfTheGreatestSizeIsTakenAndOneByteMoreIsNot() {
        String frame = "{\"op\":\"ping\"" + " ".repeat(LARGEST - 13) + "}";
        try (RawSocket socket = greeted()) {
            socket.send(frame);
            assertEquals("{\"op\":\"pong\"}", socket.text());
            socket.send(" " + frame);
            socket.assertClosed(1009);
        }
        try (RawSocket socket = greeted()) {
            byte[] part = new byte[65_000];
            Arrays.fill(part, (byte) ' ');
            socket.send(RawSocket.TEXT, false, part);
            for (int i = 0; i < 4; i++) socket.send(0, false, part);
            socket.assertClosed(1009);
        }
    }

    @Test
    void textThatIsNotUtf8ClosesWith1007() {
        try (RawSocket socket = greeted()) {
            socket.send(RawSocket.TEXT, true, new byte[] {'{', (byte) 0xc3, (byte) 0x28});
            socket.assertClosed(1007);
        }
    }

    @Test
    void binaryFramesAreRefusedAndLargeOnesEndTheConnection() {
        try (RawSocket socket = greeted()) {
            socket.send(RawSocket.BINARY, false, new byte[10]).send(0, true, new byte[10]);
            assertTrue(socket.text().contains("\"status\":415"));
            socket.send("{\"op\":\"ping\"}");
            assertEquals("{\"op\":\"pong\"}", socket.text());
            socket.send(RawSocket.BINARY, true, new byte[LARGEST + 1]);
            socket.assertClosed(1009);
        }
    }

    @Test
    void aTokenIsRefusedUntilThereAreTokens() {
        try (RawSocket socket = greeted()) {
            socket.send("{\"op\":\"auth\",\"token\":\"t\"}");
            assertTrue(socket.text().contains("\"status\":401"));
            socket.assertClosed(1008);
        }
    }

    @Test
    void whoSendsTooManyFramesIsCut() {
        try (RawSocket socket = greeted()) {
            for (int i = 0; i < 1_000; i++) {
                try {
                    socket.send("{\"op\":\"ping\"}");
                } catch (AssertionError cutAlready) {
                    break;
                }
            }
            socket.assertClosed(4429);
        }
    }

    @Test
    void aLogoutSaysByeAndCloses() {
        String cookie = site.login("alice");
        try (RawSocket socket = RawSocket.connect(site, "Cookie: " + cookie, "Origin: " + site.origin())) {
            assertTrue(socket.text().startsWith("{\"op\":\"ready\""));
            HttpResponse<String> logout = site.send(site.request("/api/session")
                    .header("Cookie", cookie)
                    .header("X-Bongsu", "1")
                    .DELETE());
            assertEquals(204, logout.statusCode());
            assertEquals("{\"op\":\"bye\",\"reason\":\"logout\"}", socket.text());
            socket.assertClosed(1008);
        }
    }
}
