package org.bongsu.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bongsu.Await;
import org.bongsu.fanout.Deadlines;
import org.bongsu.websocket.RawSocket.Frame;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ws}, contract §5 and §5.1, byte by byte against a real Tomcat. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebSocketTest {
    private SocketServer server;

    @BeforeAll
    void start() {
        server = new SocketServer();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    static void await(String what, BooleanSupplier condition) {
        Await.until(what, condition);
    }

    @Nested
    class TheHandshake {
        @Test
        void greetsWhoeverComesWithBasicCredentialsAndNoOrigin() {
            try (RawSocket socket = server.connect("alice")) {
                assertEquals(101, socket.status());
                assertTrue(
                        socket.text()
                                .matches(
                                        "\\{\"op\":\"ready\",\"connection\":\"[\\w-]{22}\",\"user\":\"alice\",\"heartbeat\":15}"));
            }
        }

        @Test
        void refusesAWrongPasswordAndAStranger() {
            refused(401, "Authorization: " + "Basic YWxpY2U6d3Jvbmc=");
            refused(401, "Authorization: Bearer abc");
            refused(401, "X-Nothing: 1");
            refused(403, "Authorization: " + SocketServer.basic("nobody"));
        }

        @Test
        void takesACookieWithTheOwnOriginOnly() {
            String cookie = "Cookie: " + login();
            refused(403, cookie);
            refused(403, cookie, "Origin: https://evil.example");
            refused(403, cookie, "Origin: null");
            refused(403, cookie, "Origin: " + server.origin() + ".evil.example");
            refused(403, "Authorization: " + SocketServer.basic("alice"), "Origin: https://evil.example");
            for (String origin : new String[] {server.origin(), "https://friend.example"}) {
                try (RawSocket socket = RawSocket.connect(server.port(), cookie, "Origin: " + origin)) {
                    assertEquals(101, socket.status());
                }
            }
        }

        @Test
        void negotiatesItsSubprotocolAndNoExtension() {
            String authorization = "Authorization: " + SocketServer.basic("alice");
            try (RawSocket socket = RawSocket.connect(
                    server.port(),
                    authorization,
                    "Sec-WebSocket-Protocol: other, bongsu.v1",
                    "Sec-WebSocket-Extensions: permessage-deflate")) {
                assertEquals("bongsu.v1", socket.header("Sec-WebSocket-Protocol"));
                assertNull(socket.header("Sec-WebSocket-Extensions"));
            }
            try (RawSocket socket = RawSocket.connect(server.port(), authorization, "Sec-WebSocket-Protocol: other")) {
                assertEquals(101, socket.status());
                assertNull(socket.header("Sec-WebSocket-Protocol"));
            }
        }

        @Test
        void refusesWhatIsNoHandshake() {
            String start = "GET /bongsu/ws HTTP/1.1\r\nHost: 127.0.0.1:" + server.port() + "\r\nAuthorization: "
                    + SocketServer.basic("alice") + "\r\n";
            String key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
            String upgrade = "Upgrade: websocket\r\n";
            String connection = "Connection: Upgrade\r\n";
            String version = "Sec-WebSocket-Version: 13\r\n";
            refusedRequest(426, start);
            // How a page learns whether it is the handshake that something refuses; such a request names no origin.
            refusedRequest(426, start.replaceFirst("Authorization: .*\r\n", "Cookie: " + login() + "\r\n"));
            refusedRequest(400, start + upgrade + version + key);
            refusedRequest(400, start + upgrade + connection + version);
            refusedRequest(400, start + upgrade + connection + version + "Sec-WebSocket-Key: short\r\n");
            RawSocket answer = refusedRequest(426, start + upgrade + connection + key + "Sec-WebSocket-Version: 8\r\n");
            assertEquals("13", answer.header("Sec-WebSocket-Version"));
            refusedRequest(400, start.replace("/ws ", "/ws?topic=a ") + upgrade + connection + version + key);
            refusedRequest(405, start.replace("GET", "POST") + "Content-Length: 0\r\n");
        }

        @Test
        void isTheOnlyWayIn() {
            try (RawSocket socket = RawSocket.handshake(
                    server.port(), "/bongsu/ws/bongsu.v1", 0, "Authorization: " + SocketServer.basic("alice"))) {
                assertEquals(403, socket.status());
            }
        }

        private void refused(int status, String... headers) {
            try (RawSocket socket = RawSocket.connect(server.port(), headers)) {
                assertProblem(status, socket);
            }
        }

        private RawSocket refusedRequest(int status, String head) {
            try (RawSocket socket = RawSocket.request(server.port(), head + "\r\n")) {
                assertProblem(status, socket);
                return socket;
            }
        }

        private void assertProblem(int status, RawSocket socket) {
            assertEquals(status, socket.status(), socket.answer);
            assertEquals("application/problem+json;charset=UTF-8", socket.header("Content-Type"), socket.answer);
            assertTrue(socket.answer.contains("\"status\":" + status), socket.answer);
        }
    }

    private String login() {
        return login(server);
    }

    private static String login(SocketServer server) {
        String body = "{\"user\":\"alice\",\"password\":\"alice\"}";
        try (RawSocket answer = RawSocket.request(
                server.port(),
                "POST /bongsu/api/session HTTP/1.1\r\nHost: 127.0.0.1:" + server.port()
                        + "\r\nX-Bongsu: 1\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body)) {
            assertEquals(204, answer.status(), answer.answer);
            // The id changes at login; the last one set counts.
            int last = answer.answer.lastIndexOf("JSESSIONID=");
            return answer.answer.substring(last, answer.answer.indexOf(';', last));
        }
    }

    @Test
    void aSubscriptionAnswersFirstAndThenGetsMessagesInOneFrame() {
        try (RawSocket socket = server.greeted("alice")) {
            String head = server.log.headCursor().toString();
            socket.send("{\"op\":\"subscribe\",\"id\":\"main\",\"topics\":[\"sub/one\"],\"ref\":1}");
            assertEquals("{\"op\":\"ok\",\"ref\":1,\"id\":\"main\",\"cursor\":\"" + head + "\"}", socket.text());
            String last = server.publish("sub/one", "a", "b");
            String frame = socket.text();
            assertTrue(
                    frame.startsWith(
                            "{\"op\":\"messages\",\"id\":\"main\",\"cursor\":\"" + last + "\",\"messages\":[{"),
                    frame);
            assertTrue(frame.matches(".*\"body\":\"a\"},\\{.*\"body\":\"b\"}]}"), frame);
        }
    }

    @Test
    void aSubscriptionGoesOnFromACursorAndIsToldOfAnUnknownEpochAfterItsOk() {
        String before = server.log.headCursor().toString();
        server.publish("from/cursor", "a");
        server.publish("from/cursor", "b");
        try (RawSocket socket = server.greeted("alice")) {
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
        String before = server.log.headCursor().toString();
        for (int i = 0; i < 3_000; i += 100) {
            String[] bodies = new String[100];
            for (int k = 0; k < 100; k++) bodies[k] = "n" + (i + k) + ";";
            server.publish("old/one", bodies);
        }
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"old/one\"],\"after\":\"" + before + "\"}");
            socket.text();
            int expected = 0;
            while (expected < 3_000) {
                String frame = socket.text();
                for (int at = frame.indexOf("\"n"); at >= 0; at = frame.indexOf("\"n", at + 1)) {
                    assertEquals("n" + expected++, frame.substring(at + 1, frame.indexOf(';', at)));
                }
            }
        }
    }

    @Test
    void subscribingAgainReplacesTheTopicsAndGoesOnFromTheCursor() {
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"again/one\"]}");
            socket.text();
            server.publish("again/one", "1");
            assertTrue(socket.text().contains("\"1\""));
            server.publish("again/two", "2");
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"again/two\"]}");
            assertTrue(socket.text().startsWith("{\"op\":\"ok\""));
            assertTrue(socket.text().contains("\"2\""), "what came since the cursor");
            server.publish("again/one", "3");
            server.publish("again/two", "4");
            assertTrue(socket.text().contains("\"4\""));
        }
    }

    @Test
    void subscribingAgainGoesOnFromTheCursorThatTheClientKnows() {
        try (RawSocket socket = server.greeted("alice")) {
            String start = server.log.headCursor().toString();
            server.publish("known/two", "skipped");
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
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"subscribe\",\"id\":\"mine\",\"topics\":[\"quiet/mine\"]}")
                    .text();
            socket.send("{\"op\":\"subscribe\",\"id\":\"all\",\"topics\":[\"quiet/*\"]}")
                    .text();
            server.publish("quiet/other", "1");
            assertTrue(socket.text().startsWith("{\"op\":\"messages\",\"id\":\"all\""));
            String head = server.log.headCursor().toString();

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
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"busy/mine\"]}").text();
            // 200 frames are admitted at once.
            for (int i = 0; i < 150; i++) {
                server.publish("busy/mine", "m" + i);
                server.publish("busy/other", "o" + i);
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
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"subscribe\",\"id\":\"a\",\"topics\":[\"un/one\"]}")
                    .text();
            socket.send("{\"op\":\"unsubscribe\",\"id\":\"a\",\"ref\":\"x\"}");
            assertEquals("{\"op\":\"ok\",\"ref\":\"x\",\"id\":\"a\"}", socket.text());
            server.publish("un/one", "1");
            socket.send("{\"op\":\"ping\"}");
            assertEquals("{\"op\":\"pong\"}", socket.text());
        }
    }

    @Test
    void messagesOfOthersInboxesStayAwayUnderAPatternAndAreRefusedByName() {
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"chat/a\",\"user/bob\"],\"ref\":9}");
            String refusal = socket.text();
            assertTrue(
                    refusal.startsWith("{\"op\":\"error\",\"ref\":9,\"title\":\"Not allowed\",\"status\":403"),
                    refusal);
            socket.send("{\"op\":\"subscribe\",\"topics\":[\"**\"]}").text();
            server.publish("user/bob", "secret");
            server.publish("user/alice", "mine");
            assertTrue(socket.text().contains("\"mine\""));
            server.publish("chat/a", "open");
            String frame = socket.text();
            assertTrue(frame.contains("\"open\"") && !frame.contains("secret"), frame);
        }
    }

    @Test
    void aMessageIsAcknowledgedWithItsIdAndOnce() {
        try (RawSocket socket = server.greeted("alice")) {
            String publish =
                    "{\"op\":\"publish\",\"topic\":\"chat/p\",\"message\":{\"body\":\"안녕\"},\"idempotencyKey\":\"k\",\"ref\":3}";
            socket.send(publish);
            String first = socket.text();
            assertEquals("{\"op\":\"ok\",\"ref\":3,\"message\":\"" + server.log.headCursor() + "\"}", first);
            socket.send(publish);
            assertEquals(first, socket.text());
            socket.send(publish.replace("안녕", "other"));
            assertTrue(socket.text().contains("\"status\":422"));
            socket.send(publish.replace("chat/p", "ops/p"));
            assertTrue(socket.text().contains("\"status\":403"));
            socket.send(publish.replace("\"body\"", "\"bad\""));
            String refusal = socket.text();
            assertTrue(refusal.contains("\"status\":400") && refusal.contains("\"field\":\"bad\""), refusal);
            server.store.failAppends(1, false);
            socket.send(publish.replace("\"k\"", "\"another\""));
            assertTrue(socket.text().contains("\"status\":503"));
            await("the log has healed", () -> server.log.failure() == null);
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
        try (RawSocket socket = server.greeted("alice")) {
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
        try (RawSocket socket = server.greeted("alice")) {
            long head = server.log.head();
            socket.send(frame);
            String error = socket.text();
            assertTrue(error.startsWith("{\"op\":\"error\","), error);
            assertTrue(error.contains("\"status\":" + status + ","), error);
            assertTrue(error.contains(telling), error);
            socket.send("{\"op\":\"ping\",\"ref\":1}");
            assertEquals("{\"op\":\"pong\",\"ref\":1}", socket.text());
            assertEquals(head, server.log.head());
        }
    }

    @Test
    void aRefusalCarriesTheRefEvenIfItStandsLast() {
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"shout\",\"ref\":\"r\"}");
            assertTrue(socket.text().startsWith("{\"op\":\"error\",\"ref\":\"r\","));
        }
    }

    @Test
    void moreThan64SubscriptionsAreRefused() {
        try (RawSocket socket = server.greeted("alice")) {
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
        try (RawSocket socket = server.greeted("alice")) {
            byte[] bytes = "{\"op\":\"ping\",\"ref\":\"안녕🙂\"}".getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < bytes.length; i++) {
                socket.send(i == 0 ? RawSocket.TEXT : 0, i == bytes.length - 1, new byte[] {bytes[i]});
            }
            assertEquals("{\"op\":\"pong\",\"ref\":\"안녕🙂\"}", socket.text());
        }
    }

    @Test
    void aFrameOfTheGreatestSizeIsTakenAndOneByteMoreIsNot() {
        String frame = "{\"op\":\"ping\"" + " ".repeat(WebSocketConnection.MAX_RECEIVED_BYTES - 13) + "}";
        try (RawSocket socket = server.greeted("alice")) {
            socket.send(frame);
            assertEquals("{\"op\":\"pong\"}", socket.text());
            socket.send(" " + frame);
            assertClosed(1009, socket);
        }
        try (RawSocket socket = server.greeted("alice")) {
            byte[] part = new byte[65_000];
            java.util.Arrays.fill(part, (byte) ' ');
            socket.send(RawSocket.TEXT, false, part);
            for (int i = 0; i < 4; i++) socket.send(0, false, part);
            assertClosed(1009, socket);
        }
    }

    @Test
    void textThatIsNotUtf8ClosesWith1007() {
        try (RawSocket socket = server.greeted("alice")) {
            socket.send(RawSocket.TEXT, true, new byte[] {'{', (byte) 0xc3, (byte) 0x28});
            assertClosed(1007, socket);
        }
    }

    @Test
    void binaryFramesAreRefusedAndLargeOnesEndTheConnection() {
        try (RawSocket socket = server.greeted("alice")) {
            socket.send(RawSocket.BINARY, false, new byte[10]).send(0, true, new byte[10]);
            assertTrue(socket.text().contains("\"status\":415"));
            socket.send("{\"op\":\"ping\"}");
            assertEquals("{\"op\":\"pong\"}", socket.text());
            socket.send(RawSocket.BINARY, true, new byte[WebSocketConnection.MAX_RECEIVED_BYTES + 1]);
            assertClosed(1009, socket);
        }
    }

    @Test
    void aTokenIsRefusedUntilThereAreTokens() {
        try (RawSocket socket = server.greeted("alice")) {
            socket.send("{\"op\":\"auth\",\"token\":\"t\"}");
            assertTrue(socket.text().contains("\"status\":401"));
            assertClosed(1008, socket);
        }
    }

    @Test
    void whoSendsTooManyFramesIsCut() {
        try (RawSocket socket = server.greeted("alice")) {
            for (int i = 0; i < 1_000; i++) {
                try {
                    socket.send("{\"op\":\"ping\"}");
                } catch (AssertionError cutAlready) {
                    break;
                }
            }
            assertClosed(4429, socket);
        }
    }

    @Test
    void aLogoutSaysByeAndCloses() {
        String cookie = "Cookie: " + login();
        try (RawSocket socket = RawSocket.connect(server.port(), cookie, "Origin: " + server.origin())) {
            assertTrue(socket.text().startsWith("{\"op\":\"ready\""));
            try (RawSocket logout = RawSocket.request(
                    server.port(),
                    "DELETE /bongsu/api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Bongsu: 1\r\n" + cookie
                            + "\r\n\r\n")) {
                assertEquals(204, logout.status());
            }
            assertEquals("{\"op\":\"bye\",\"reason\":\"logout\"}", socket.text());
            assertClosed(1008, socket);
        }
        await("every tie is given up", () -> server.sessions.tieCount() == 0);
    }

    @Test
    void aConnectionThatNoSessionEndsIsRenewedSoThatItsCredentialsAreCheckedAgain() {
        Deadlines soon = new Deadlines(
                Duration.ofMillis(400), Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofMillis(200));
        try (SocketServer renewing = new SocketServer(soon);
                RawSocket ofSession = RawSocket.connect(
                        renewing.port(), "Cookie: " + login(renewing), "Origin: " + renewing.origin())) {
            assertTrue(ofSession.text().startsWith("{\"op\":\"ready\""));
            // Twice, so that the other one is as old as it may become.
            for (int i = 0; i < 2; i++) {
                try (RawSocket ofPassword = renewing.greeted("alice")) {
                    assertEquals("{\"op\":\"bye\",\"reason\":\"renew\"}", ofPassword.text());
                    assertClosed(1001, ofPassword);
                }
            }
            ofSession.send("{\"op\":\"ping\"}");
            assertEquals("{\"op\":\"pong\"}", ofSession.text(), "it ends with its session");
        }
    }

    @Test
    void nothingIsLeftOfAClientThatGoesWithoutAWordOrWithOne() {
        await(
                "the others' connections have ended",
                () -> server.fanOut.connections().isEmpty());
        RawSocket[] sockets = new RawSocket[20];
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = server.greeted("alice");
            sockets[i].send("{\"op\":\"subscribe\",\"topics\":[\"gone\"]}").text();
        }
        assertEquals(20, server.fanOut.connections().size());
        for (int i = 0; i < sockets.length; i++) {
            if (i % 2 == 0) sockets[i].send(RawSocket.CLOSE, true, new byte[] {3, (byte) 0xe8});
            else sockets[i].close();
        }
        await("all have been given up", () -> server.fanOut.connections().isEmpty());
        server.publish("gone", "x");
    }

    private static void assertClosed(int code, RawSocket socket) {
        Frame close = socket.closed();
        assertEquals(code, close.code(), close.reason());
        if (code != 1007) assertTrue(close.reason().length() > 5, "the reason in words: " + close.reason());
    }
}
