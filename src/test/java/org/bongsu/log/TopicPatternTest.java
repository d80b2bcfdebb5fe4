package org.bongsu.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract §1: pattern. */
class TopicPatternTest {

    @ParameterizedTest
    @CsvSource({
        "ops/backups, ops/backups, true",
        "ops/backups, ops/backup, false",
        "ops/backups, ops/backups/a, false",
        "ops/backups, ops, false",
        "ops/*, ops/backups, true",
        "ops/*, ops, false",
        "ops/*, ops/a/b, false",
        "ops/*, opsx/a, false",
        "*/b, a/b, true",
        "*/b, a/c, false",
        "*, a, true",
        "*, a/b, false",
        "**, a, true",
        "**, a/b/c, true",
        "ops/**, ops, false",
        "ops/**, ops/a, true",
        "ops/**, ops/a/b/c, true",
        "*/**, a, false",
        "*/**, a/b, true",
        "a/*/c, a/b/c, true",
        "a/*/c, a/b/d, false",
        "a/*/**, a/b, false",
        "a/*/**, a/b/c, true",
        "ops/*, OPS/a, false",
    })
    void aStarIsOneSegmentAndTwoAtTheEndAreOneOrMore(String pattern, String topic, boolean matches) {
        assertEquals(matches, new TopicPattern(pattern).matches(new Topic(topic)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "**/a", "a/**/b", "a*", "*a", "***", "a/b*", "a//*", "*/", "1/2/3/4/5/6/7/8/*", "a/../*"})
    void starsStandForWholeSegmentsOnly(String text) {
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> new TopicPattern(text));
        assertEquals("topic", e.field());
        assertTrue(String.valueOf(e.getMessage()).contains("allowed:"), e.getMessage());
    }

    @Test
    void aPatternWithoutAStarIsATopic() {
        assertTrue(new TopicPattern("ops/backups").isTopic());
        assertEquals(new Topic("ops/backups"), new TopicPattern("ops/backups").topic());
        assertFalse(new TopicPattern("ops/*").isTopic());
        assertThrows(InvalidInputException.class, () -> new TopicPattern("ops/*").topic());
    }

    @Test
    void matchingAgreesWithASlowButPlainMatcher() {
        Random random = new Random(7);
        int matched = 0;
        for (int i = 0; i < 200_000; i++) {
            StringBuilder pattern = new StringBuilder(path(random, 4, "a", "b", "ab", "*", "*"));
            if (random.nextInt(3) == 0) pattern.append("/**");
            String topic = path(random, 5, "a", "b", "ab", "ba");
            boolean expected = matches(List.of(pattern.toString().split("/")), List.of(topic.split("/")));
            if (expected) matched++;
            assertEquals(
                    expected,
                    new TopicPattern(pattern.toString()).matches(new Topic(topic)),
                    () -> pattern + " against " + topic);
        }
        assertTrue(matched > 10_000, "the inputs match often enough: " + matched);
    }

    private static boolean matches(List<String> pattern, List<String> topic) {
        if (pattern.isEmpty() || topic.isEmpty()) return pattern.isEmpty() && topic.isEmpty();
        if (pattern.get(0).equals("**")) return true;
        if (!pattern.get(0).equals("*") && !pattern.get(0).equals(topic.get(0))) return false;
        return matches(pattern.subList(1, pattern.size()), topic.subList(1, topic.size()));
    }

    private static String path(Random random, int longest, String... segments) {
        StringBuilder path = new StringBuilder(segments[random.nextInt(segments.length)]);
        for (int i = random.nextInt(longest); i > 0; i--) {
            path.append('/').append(segments[random.nextInt(segments.length)]);
        }
        return path.toString();
    }
}
