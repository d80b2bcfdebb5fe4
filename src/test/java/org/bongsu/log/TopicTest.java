package org.bongsu.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract §1: topic, and the reserved topic {@code user/{name}}. */
class TopicTest {
    private static final String LONGEST_SEGMENT = "s".repeat(64);

    @ParameterizedTest
    @ValueSource(strings = {"a", "ops/backups", "A.b_c~d-E", "1/2/3/4/5/6/7/8", "...", "a/.b/..c", "-", "~"})
    void aTopicIsOneToEightSegmentsOfItsCharacters(String name) {
        assertEquals(name, new Topic(name).name());
    }

    @Test
    void aSegmentHas64CharactersAndATopic200AtMost() {
        new Topic(LONGEST_SEGMENT);
        new Topic(LONGEST_SEGMENT + "/" + LONGEST_SEGMENT + "/" + LONGEST_SEGMENT + "/12345");
        refused(LONGEST_SEGMENT + "s");
        refused(LONGEST_SEGMENT + "/" + LONGEST_SEGMENT + "/" + LONGEST_SEGMENT + "/123456");
    }

    static List<String> notTopics() {
        return List.of(
                "",
                "/",
                "a/",
                "/a",
                "a//b",
                ".",
                "..",
                "a/.",
                "a/..",
                "../a",
                "./a",
                "1/2/3/4/5/6/7/8/9",
                "a b",
                "a\n",
                "a\0",
                "백업",
                "a/*",
                "**",
                "*",
                "a+b",
                "a%2fb",
                "a\\b",
                "é",
                "a:b",
                "a?b",
                "a#b");
    }

    @ParameterizedTest
    @MethodSource("notTopics")
    void whatIsNoTopicIsRefusedWithTheRule(String name) {
        refused(name);
    }

    @Test
    void topicsAreCaseSensitive() {
        assertNotEquals(new Topic("Ops"), new Topic("ops"));
    }

    @ParameterizedTest
    @CsvSource({
        "kim@REALM, user/kim~40realm",
        "alice, user/alice",
        "Alice, user/alice",
        "a.b_c-d9, user/a.b_c-d9",
        "a~b, user/a~7eb",
        "CORP\\kim, user/corp~5ckim",
        "김봉수, user/~ea~b9~80~eb~b4~89~ec~88~98",
        "a/b, user/a~2fb",
        "a b, user/a~20b",
        "**, user/~2a~2a",
    })
    void anInboxIsNamedByThePrincipalsBytes(String principal, String topic) {
        assertEquals(topic, Topic.inboxOf(principal).name());
    }

    @Test
    void namesThatAreNoSegmentsStillHaveAnInboxOfTheirOwn() {
        List<String> names = List.of("", ".", "..", "~", "~2e", " ");
        assertEquals(names.size(), names.stream().map(Topic::inboxOf).distinct().count());
    }

    @Test
    void longNamesKeepTheirBeginningAndTheirDifference() {
        String inbox = Topic.inboxOf("kim@" + "x".repeat(100)).name();
        assertTrue(inbox.startsWith("user/kim~40xxx"), inbox);
        assertEquals(64, inbox.length() - "user/".length());
        assertNotEquals(Topic.inboxOf("x".repeat(99) + "a"), Topic.inboxOf("x".repeat(99) + "b"));
        assertEquals(Topic.inboxOf("X".repeat(99)), Topic.inboxOf("x".repeat(99)), "case makes no difference");
        assertEquals("user/" + "x".repeat(64), Topic.inboxOf("x".repeat(64)).name());
        Topic.inboxOf("김".repeat(70));
    }

    /**
     * The end of a long name's inbox looked like a written byte and the characters after it, so that a name made for it
     * could share somebody's inbox. No written name has {@code ~~}.
     */
    @Test
    void noOtherNameIsWrittenLikeALongOne() {
        for (int i = 0; i < 1_000; i++) {
            String inbox = Topic.inboxOf("y".repeat(70) + i).name().substring("user/".length());
            assertTrue(inbox.contains("~~"), inbox);
        }
    }

    @Test
    void aPersonsInboxIsToldFromOtherTopics() {
        assertTrue(new Topic("user/alice").isInbox());
        assertTrue(new Topic("user/alice/x").isInbox());
        assertFalse(new Topic("user").isInbox());
        assertFalse(new Topic("users/alice").isInbox());
        assertFalse(new Topic("User/alice").isInbox());
    }

    private static void refused(String name) {
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> new Topic(name));
        assertEquals("topic", e.field());
        assertTrue(String.valueOf(e.getMessage()).contains("allowed:"), e.getMessage());
    }
}
