package org.bongsu.draft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.bongsu.access.Caller;
import org.bongsu.http.Problem;
import org.bongsu.http.Problems;
import org.bongsu.log.Draft;
import org.bongsu.log.InvalidInputException;
import org.bongsu.log.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of §2, one table each. */
class DraftsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T01:05:19.123456Z");
    private static final Topic TOPIC = new Topic("ops/backups");
    private static final Caller CALLER = new Caller(
            "backup-job",
            Set.of(),
            Topic.inboxOf("backup-job"),
            topic -> true,
            topic -> !topic.name().startsWith("secret/"),
            null);

    private final Drafts drafts = new Drafts(Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void aFullMessageIsWrittenInTheOrderOfTheContract() {
        Draft draft = drafts.fromJson(TOPIC, CALLER, """
                {"data": {"gb": 412.0, "b":[1, 2]}, "expires":"2026-11-28T09:00:00.5+09:00", "status":"RESOLVED",
                 "key":"backup-nightly","actions":[{"link":"/a","label":"Open"}], "link":"https://intra/runs/77",
                 "tags":["disk","밤"], "priority":4, "format":"markdown", "body":"412 GB in\\r\\n38 min",
                 "title":"Backup finished","type":"event"}
                """);
        assertEquals(
                "{\"topic\":\"ops/backups\",\"type\":\"event\",\"time\":\"2026-11-21T01:05:19.123Z\",\"sender\":\"backup-job\","
                        + "\"title\":\"Backup finished\",\"body\":\"412 GB in\\n38 min\",\"format\":\"markdown\","
                        + "\"priority\":\"high\",\"tags\":[\"disk\",\"밤\"],\"link\":\"https://intra/runs/77\","
                        + "\"actions\":[{\"label\":\"Open\",\"link\":\"/a\"}],\"key\":\"backup-nightly\","
                        + "\"status\":\"resolved\",\"expires\":\"2026-11-28T00:00:00.500Z\","
                        + "\"data\":{\"gb\":412.0,\"b\":[1,2]}}",
                draft.content());
        assertEquals("event", draft.type());
        assertEquals("high", draft.priority());
        assertEquals("backup-job", draft.sender());
        assertEquals(Instant.parse("2026-11-21T01:05:19.123Z"), draft.time());
        assertEquals(Instant.parse("2026-11-28T00:00:00.500Z"), draft.expires());
    }

    @Test
    void absentFieldsAreLeftOut() {
        Draft draft = draft("\"body\":\"x\"");
        assertEquals(
                "{\"topic\":\"ops/backups\",\"type\":\"notice\",\"time\":\"2026-11-21T01:05:19.123Z\",\"sender\":\"backup-job\","
                        + "\"body\":\"x\",\"format\":\"text\",\"priority\":\"normal\"}",
                draft.content());
        assertNull(draft.expires());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id",
                "time",
                "sender",
                "topic",
                "to",
                "deliverAt",
                "origin",
                "ack",
                "ackBy",
                "edits",
                "deletes",
                "attachments",
                "message",
                "Title",
                "",
                "x"
            })
    void anUnknownFieldIsRefusedByName(String name) {
        Problem problem = refusal("\"body\":\"x\",\"" + name + "\":\"y\"");
        assertEquals(400, problem.status());
        assertEquals(name, problem.members().get("field"));
    }

    @ParameterizedTest
    @CsvSource({"notice, notice", "chat, chat", "event, event", "CHAT, chat"})
    void aTypeIsTaken(String given, String type) {
        assertEquals(type, draft("\"body\":\"x\",\"type\":\"" + given + "\"").type());
    }

    @ParameterizedTest
    @CsvSource({
        "\"min\", min",
        "\"low\", low",
        "\"normal\", normal",
        "\"high\", high",
        "\"urgent\", urgent",
        "\"default\", normal",
        "\"max\", urgent",
        "\"URGENT\", urgent",
        "\"1\", min",
        "\"2\", low",
        "\"3\", normal",
        "\"4\", high",
        "\"5\", urgent",
        "1, min",
        "5, urgent",
    })
    void aPriorityIsTaken(String given, String priority) {
        Draft draft = draft("\"body\":\"x\",\"priority\":" + given.replace('\'', '"'));
        assertEquals(priority, draft.priority());
        assertTrue(draft.content().contains("\"priority\":\"" + priority + "\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "type     | \"presence\"",
                "type | \"typing\"",
                "type | \"\"",
                "type | null",
                "type | 1",
                "title    | null",
                "title | 1",
                "title | \" \"",
                "title | \"a\\nb\"",
                "title | \"\\ud800\"",
                "body     | null",
                "body | {}",
                "body | \"\\u0000\"",
                "body | \"\\u001b[31m\"",
                "body | \"\\u0085\"",
                "format   | \"html\"",
                "format | true",
                "format | \"\"",
                "priority | \"6\"",
                "priority | 0",
                "priority | 6",
                "priority | 4.0",
                "priority | 1e0",
                "priority | -1",
                "priority | \"\"",
                "priority | true",
                "priority | null",
                "priority | 99999999999999999999",
                "tags     | \"disk\"",
                "tags | [1]",
                "tags | [\"\"]",
                "tags | [\"a\\tb\"]",
                "tags | null",
                "tags | [null]",
                "tags     | [\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\",\"17\"]",
                "link     | \"javascript:x\"",
                "link | \"\"",
                "link | null",
                "link | \"//evil\"",
                "actions  | {}",
                "actions | [{}]",
                "actions | [{\"label\":\"x\"}]",
                "actions | [{\"link\":\"/x\"}]",
                "actions  | [{\"label\":\"\",\"link\":\"/x\"}]",
                "actions | [{\"label\":\"x\",\"link\":\"data:x\"}]",
                "actions  | [{\"label\":\"x\",\"link\":\"/x\",\"method\":\"POST\"}]",
                "actions | [1]",
                "actions  | [{\"label\":\"x\",\"link\":\"/x\"},{\"label\":\"x\",\"link\":\"/x\"},"
                        + "{\"label\":\"x\",\"link\":\"/x\"},{\"label\":\"x\",\"link\":\"/x\"}]",
                "key      | \"\"",
                "key | \"a\\nb\"",
                "key | 1",
                "key | null",
                "status   | \"open\"",
                "status | null",
                "status | \"firing\"",
                "expires  | \"2026-11-21T01:05:19Z\"",
                "expires | \"2020-01-01T00:00:00Z\"",
                "expires | \"tomorrow\"",
                "expires  | \"2h\"",
                "expires | \"2027-02-30T00:00:00Z\"",
                "expires | \"2027-01-01T25:00:00Z\"",
                "expires  | \"2027-01-01T00:00Z\"",
                "expires | \"2027-01-01T00:00:00\"",
                "expires | \"2027-01-01\"",
                "expires  | \"+12027-01-01T00:00:00Z\"",
                "expires  | \"9999-12-31T23:59:59-18:00\"",
                "expires  | \"0000-01-01T00:00:00+18:00\"",
                "expires | 1795219519",
                "expires | \"\"",
                "expires | null",
            })
    void aBadValueIsRefusedNamingItsField(String field, String value) {
        Problem problem = refusal((field.equals("body") ? "" : "\"body\":\"x\",") + '"' + field + "\":" + value);
        assertEquals(400, problem.status(), problem.getMessage());
        assertEquals(field, problem.members().get("field"), problem.getMessage());
    }

    @Test
    void lengthsAreTakenUpToTheirLimits() {
        draft("\"title\":\"" + "😀".repeat(200) + "\"");
        draft("\"body\":\"" + "x".repeat(65_536) + "\"");
        draft("\"body\":\"" + "안".repeat(21_845) + "\"");
        draft("\"body\":\"" + "\\r\\n".repeat(65_536) + "\"");
        draft("\"key\":\"" + "k".repeat(200) + "\"");
        draft("\"body\":\"x\",\"tags\":[" + "\"x\",".repeat(15) + "\"" + "t".repeat(64) + "\"]");
        draft("\"data\":\"" + "x".repeat(65_534) + "\"");
    }

    @ParameterizedTest
    @CsvSource({"title, 201, 400", "key, 201, 400", "body, 65537, 413", "data, 65535, 413"})
    void lengthsBeyondAreRefused(String field, int length, int status) {
        Problem problem = refusal('"' + field + "\":\"" + "x".repeat(length) + '"');
        assertEquals(status, problem.status());
        assertEquals(field, problem.members().get("field"));
    }

    @Test
    void aBodyIsMeasuredAsUtf8() {
        assertEquals(413, refusal("\"body\":\"" + "안".repeat(21_846) + "\"").status());
        assertEquals(413, refusal("\"body\":\"" + "é".repeat(32_769) + "\"").status());
    }

    @Test
    void aLongTagIsRefused() {
        assertEquals(
                "tags",
                refusal("\"tags\":[\"" + "x".repeat(65) + "\"]").members().get("field"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "0",
                "-0.0",
                "1.10",
                "1e999999999",
                "12345678901234567890.12345678901234567890",
                "\"안\"",
                "[]",
                "{\"b\":1,\"a\":{\"z\":[null,true]}}",
                "\"\\u0000\""
            })
    void dataIsKeptAsItIs(String data) {
        assertTrue(draft("\"data\": " + data).content().endsWith(",\"data\":" + data + "}"));
    }

    @Test
    void aKeyFiresUnlessItIsResolved() {
        assertTrue(draft("\"key\":\"k\"").content().contains("\"key\":\"k\",\"status\":\"firing\""));
        assertTrue(draft("\"key\":\"k\",\"status\":\"resolved\"").content().contains("\"status\":\"resolved\""));
        assertFalse(draft("\"body\":\"x\"").content().contains("status"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"tags\":[\"x\"]", "\"body\":\"\"", "\"title\":\"\",\"body\":\"\"", "\"link\":\"/x\""})
    void aMessageSaysSomething(String members) {
        assertEquals("body", refusal(members).members().get("field"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "\"x\"",
                "1",
                "null",
                "",
                "{",
                "{}{}",
                "{\"body\":\"x\"} x",
                "{\"body\":\"x\",\"body\":\"y\"}"
            })
    void onlyOneJsonObjectIsAMessage(String json) {
        assertEquals(
                400,
                Problems.of(assertThrows(RuntimeException.class, () -> drafts.fromJson(TOPIC, CALLER, json)))
                        .status());
    }

    @Test
    void aTopicThatTheCallerMayNotPublishToIsRefused() {
        Problem problem =
                assertThrows(Problem.class, () -> drafts.fromJson(new Topic("secret/x"), CALLER, "{\"body\":\"x\"}"));
        assertEquals(403, problem.status());
    }

    @Test
    void aLineOfJsonHasNoLineBreak() {
        String content = draft("\"body\":\"a\\nb\\u2028c\",\"data\":\"x\\ny\"").content();
        assertFalse(content.contains("\n"));
        assertFalse(content.contains("\u2028"));
    }

    @Test
    void aBatchHasATopicEach() {
        List<Draft> batch =
                drafts.fromArray(CALLER, "[{\"topic\":\"a\",\"body\":\"1\"},{\"body\":\"2\",\"topic\":\"b/c\"}]");
        assertEquals(
                List.of("a", "b/c"), batch.stream().map(d -> d.topic().name()).toList());
        List<Draft> lines =
                drafts.fromLines(CALLER, "\n{\"topic\":\"a\",\"body\":\"1\"}\r\n\n{\"body\":\"2\",\"topic\":\"b/c\"}");
        assertEquals(batch, lines);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"topic\":\"a\",\"body\":\"\\u0000\"}  | body  | 400",
                "{\"topic\":\"a/\",\"body\":\"x\"}       | topic | 400",
                "{\"topic\":\"a/*\",\"body\":\"x\"}      | topic | 400",
                "{\"topic\":1,\"body\":\"x\"}            | topic | 400",
                "{\"body\":\"x\"}                        | topic | 400",
                "{\"topic\":\"secret/a\",\"body\":\"x\"} | topic | 403",
                "{\"topic\":\"a\",\"to\":[]}             | to    | 400",
                "\"x\"                                   | message | 400",
            })
    void aRefusedMessageOfABatchIsNamedByItsIndex(String second, String field, int status) {
        String good = "{\"topic\":\"a\",\"body\":\"x\"}";
        for (Problem problem : List.of(
                assertThrows(Problem.class, () -> drafts.fromArray(CALLER, "[" + good + "," + second + "]")),
                assertThrows(Problem.class, () -> drafts.fromLines(CALLER, good + "\n\n" + second + "\n")))) {
            assertEquals(status, problem.status());
            assertEquals(1, problem.members().get("index"));
            assertEquals(field, problem.members().get("field"));
        }
    }

    @Test
    void aThousandMessagesAreABatchAndOneMoreIsNot() {
        String one = "{\"topic\":\"a\",\"body\":\"x\"}";
        assertEquals(1000, drafts.fromLines(CALLER, (one + "\n").repeat(1000)).size());
        Problem problem =
                assertThrows(Problem.class, () -> drafts.fromArray(CALLER, "[" + (one + ",").repeat(1000) + one + "]"));
        assertEquals(413, problem.status());
        assertEquals(1000, problem.members().get("limit"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{\"topic\":\"a\",\"body\":\"x\"}", "[{}", "[] []", "null"})
    void whatIsNoBatchIsRefused(String json) {
        assertEquals(
                400,
                assertThrows(Problem.class, () -> drafts.fromArray(CALLER, json))
                        .status());
    }

    @Test
    void aLineWithTwoObjectsIsRefused() {
        Problem problem = assertThrows(
                Problem.class,
                () -> drafts.fromLines(CALLER, "{\"topic\":\"a\",\"body\":\"x\"}{\"topic\":\"a\",\"body\":\"x\"}"));
        assertEquals(0, problem.members().get("index"));
    }

    @Test
    void theSameContentLaterHasTheSameFingerprintAndAnotherContentHasNot() {
        Drafts later = new Drafts(Clock.offset(Clock.fixed(NOW, ZoneOffset.UTC), Duration.ofSeconds(3)));
        Draft first = draft("\"body\":\"x\"");
        Draft second = later.fromJson(TOPIC, CALLER, "{ \"body\" : \"\\u0078\" }");
        assertNotEquals(first, second);
        assertEquals(fingerprint(first), fingerprint(second));
        assertNotEquals(fingerprint(first), fingerprint(draft("\"body\":\"y\"")));
        assertNotEquals(fingerprint(first), fingerprint(drafts.fromJson(new Topic("ops"), CALLER, "{\"body\":\"x\"}")));
        assertNotEquals(fingerprint(first), fingerprint(first, first));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "\u0000"})
    void aBadIdempotencyKeyIsRefused(String key) {
        assertEquals(
                "Idempotency-Key",
                assertThrows(
                                InvalidInputException.class,
                                () -> Drafts.once(CALLER, key, List.of(draft("\"body\":\"x\""))))
                        .field());
    }

    @Test
    void anIdempotencyKeyOf128CharactersIsTakenAndOneMoreRefused() {
        List<Draft> one = List.of(draft("\"body\":\"x\""));
        assertEquals("backup-job", Drafts.once(CALLER, "k".repeat(128), one).principal());
        assertThrows(InvalidInputException.class, () -> Drafts.once(CALLER, "k".repeat(129), one));
    }

    private Draft draft(String members) {
        Draft draft = drafts.fromJson(TOPIC, CALLER, "{" + members + "}");
        Drafts.requireToCome(draft);
        return draft;
    }

    private Problem refusal(String members) {
        return Problems.of(assertThrows(RuntimeException.class, () -> draft(members)));
    }

    private static String fingerprint(Draft... drafts) {
        return Drafts.once(CALLER, "k", List.of(drafts)).fingerprint();
    }
}
