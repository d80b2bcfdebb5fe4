package org.bongsu.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.bongsu.PortalServer;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.StoreException;
import org.bongsu.publish.Wire.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract §3 over a real Tomcat: many messages at once. */
final class BatchTest {
    private static final MemoryMessageStore STORE =
            new MemoryMessageStore(new MemoryMessageStore.Disk(), false, Clock.systemUTC());
    private static final String BATCH = "POST /bongsu/api/messages";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String LINES = "Content-Type: application/x-ndjson\r\n";
    private static final String ONE = "{\"topic\":\"ops/a\",\"body\":\"1\"}";
    private static final String TWO = "{\"topic\":\"ops/b\",\"body\":\"안\",\"data\":[1.0]}";

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
    void anArrayIsPublishedInItsOrder() {
        Answer answer = wire.send("admin", BATCH, JSON, "[" + ONE + "," + TWO + "," + ONE + "]");
        assertEquals(201, answer.status(), answer.body());
        assertNull(answer.header("Location"));
        List<String> ids = ids(answer);
        assertEquals(3, ids.size());
        assertTrue(message(ids.get(0)).contains("\"topic\":\"ops/a\""));
        assertTrue(message(ids.get(1)).contains("\"topic\":\"ops/b\"")
                && message(ids.get(1)).contains("\"data\":[1.0]"));
        assertEquals(offset(ids.get(0)) + 2, offset(ids.get(2)));
    }

    @Test
    void soAreLines() {
        Answer answer = wire.send("admin", BATCH, LINES, ONE + "\r\n\n" + TWO + "\n");
        assertEquals(201, answer.status(), answer.body());
        assertEquals(2, ids(answer).size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"topic\":\"ops\",\"body\":\"\\u0007\"}       | 400 | body",
                "{\"topic\":\"ops\",\"to\":[\"x\"]}             | 400 | to",
                "{\"topic\":\"..\",\"body\":\"x\"}              | 400 | topic",
                "{\"body\":\"x\"}                               | 400 | topic",
                "{\"topic\":\"ops\"}                            | 400 | body",
                "{\"topic\":\"ops\",\"data\":[1,2,}             | 400 | -",
            })
    void aRefusedOneIsNamedByItsIndexAndNothingIsPublished(String bad, int status, String field) {
        for (Answer answer : List.of(
                refused(status, JSON, "[" + ONE + "," + TWO + "," + bad + "," + ONE + "]"),
                refused(status, LINES, ONE + "\n" + TWO + "\n" + bad + "\n" + ONE))) {
            assertEquals("2", answer.member("index"));
            assertEquals(field.equals("-") ? null : field, answer.member("field"));
        }
    }

    @Test
    void rightsHoldForEachMessage() {
        long before = head();
        Answer answer = wire.send("alice", BATCH, JSON, "[{\"topic\":\"chat/general\",\"body\":\"x\"}," + ONE + "]");
        assertEquals(403, answer.status());
        assertEquals("1", answer.member("index"));
        assertEquals(before, head());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", ONE, "null", "[null]", "[" + ONE + ",]", "[" + ONE, "[" + ONE + "]]"})
    void whatIsNoArrayOfMessagesIsRefused(String json) {
        refused(400, JSON, json);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "[]", "[" + ONE + "]", ONE + ONE, ONE + "," + ONE, "x"})
    void whatIsNoLinesOfMessagesIsRefused(String lines) {
        refused(400, LINES, lines);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Content-Type: text/plain\r\n",
                "Content-Type: application/x-www-form-urlencoded\r\n",
                "Content-Type: multipart/form-data; boundary=x\r\n",
                "Content-Type: application/json; charset=euc-kr\r\n",
                "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"
            })
    void anotherTypeIsRefused(String headers) {
        refused(415, headers, "[" + ONE + "]");
    }

    @Test
    void aThousandMessagesAreABatchAndOneMoreIsNot() {
        Answer answer = wire.send("admin", BATCH, LINES, (ONE + "\n").repeat(1_000));
        assertEquals(201, answer.status());
        assertEquals(1_000, ids(answer).size());
        assertEquals("1000", refused(413, LINES, (ONE + "\n").repeat(1_001)).member("limit"));
        refused(413, JSON, "[" + (ONE + ",").repeat(1_000) + ONE + "]");
    }

    @Test
    void fourMebibytesAreTakenAndNoMore() {
        String large = "{\"topic\":\"ops\",\"body\":\"" + "x".repeat(65_000) + "\"}\n";
        assertEquals(201, wire.send("admin", BATCH, LINES, large.repeat(64)).status());
        refused(413, LINES, large.repeat(65));
        long before = head();
        assertEquals(
                413,
                wire.raw("admin", BATCH, LINES + "Content-Length: 4194305\r\n", new byte[0])
                        .status());
        assertEquals(before, head());
    }

    @Test
    void whoSendsAllBeforeReadingLearnsWhyItIsRefused() {
        byte[] large = "x".repeat(12 * 1024 * 1024).getBytes(StandardCharsets.UTF_8);
        assertEquals(413, wire.send("admin", BATCH, LINES, large).status());
        assertEquals(
                415,
                wire.send("admin", BATCH, LINES + "Content-Encoding: gzip\r\n", large)
                        .status());
    }

    @Test
    void badUtf8IsRefusedWithItsPosition() {
        byte[] json = ("[" + ONE + "]").getBytes(StandardCharsets.UTF_8);
        json[20] = (byte) 0xc3;
        long before = head();
        Answer answer = wire.send("admin", BATCH, JSON, json);
        assertEquals(400, answer.status());
        assertEquals("20", answer.member("position"));
        assertEquals(before, head());
    }

    @Test
    void aRepeatedBatchIsAnsweredWithTheFirstIds() {
        String key = "Idempotency-Key: batch-1\r\n";
        Answer first = wire.send("admin", BATCH, LINES + key, ONE + "\n" + TWO);
        assertEquals(201, first.status());
        Answer again = refused(200, JSON + key, "[" + ONE + "," + TWO + "]");
        assertEquals(ids(first), ids(again));
        refused(422, JSON + key, "[" + TWO + "," + ONE + "]");
        refused(422, JSON + key, "[" + ONE + "]");
    }

    @Test
    void aDryRunPublishesNothing() {
        Answer answer = refused(200, JSON + "Dry-Run: yes\r\n", "[" + ONE + "," + TWO + "]");
        assertTrue(answer.body().startsWith("{\"dryRun\":true,\"messages\":[{\"topic\":\"ops/a\","), answer.body());
    }

    @Test
    void thereIsNothingToPublishToBelow() {
        long before = head();
        for (String path : List.of("/bongsu/api/messages/", "/bongsu/api/messages/x", "/bongsu/api/messages;x=y")) {
            int status =
                    wire.send("admin", "POST " + path, JSON, "[" + ONE + "]").status();
            assertTrue(status == 404 || status == 405, path + " was answered " + status);
        }
        Answer put = wire.send("admin", "PUT /bongsu/api/messages", JSON, "[" + ONE + "]");
        assertEquals(405, put.status());
        assertEquals("GET, POST", put.header("Allow"));
        assertEquals(before, head());
    }

    private static Answer refused(int status, String headers, String body) {
        long before = head();
        Answer answer = wire.send("admin", BATCH, headers, body);
        assertEquals(status, answer.status(), answer.body());
        if (status >= 400) assertNotNull(answer.member("detail"));
        assertEquals(before, head(), "nothing is stored");
        return answer;
    }

    private static List<String> ids(Answer answer) {
        String ids = String.valueOf(answer.member("ids"));
        return Arrays.stream(ids.substring(1, ids.length() - 1).split(",", -1))
                .map(id -> id.substring(1, id.length() - 1))
                .toList();
    }

    private static long offset(String id) {
        return Long.parseLong(id.substring(id.indexOf('-') + 1));
    }

    private static String message(String id) {
        return wire.send("admin", "GET /bongsu/api/messages/" + id, "", "").body();
    }

    private static long head() {
        try {
            return STORE.head().offset();
        } catch (StoreException e) {
            throw new IllegalStateException(e);
        }
    }
}
