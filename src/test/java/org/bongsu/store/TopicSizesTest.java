package org.bongsu.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import org.bongsu.log.Draft;
import org.bongsu.log.Topic;
import org.junit.jupiter.api.Test;

final class TopicSizesTest {
    private final TopicSizes sizes = new TopicSizes();

    private void append(long before, int messages) {
        Draft draft = new Draft(new Topic("ops"), "notice", "normal", "x", Instant.EPOCH, null, "{}");
        sizes.appended(before, Collections.nCopies(messages, draft));
    }

    private void count(TopicSizes.Counted from, long to) {
        long messages = to - from.to();
        sizes.add(from, to, Map.of("ops", new TopicSizes.Size(messages, 2 * messages)));
    }

    private long messages() {
        TopicSizes.Size size = sizes.get("ops");
        return size == null ? 0 : size.count();
    }

    @Test
    void whatIsAppendedIsCountedWithoutTheDatabase() {
        append(0, 3);
        append(3, 2);
        assertEquals(new TopicSizes.Size(5, 10), sizes.get("ops"));
        assertEquals(5, sizes.counted().to());
    }

    @Test
    void aLogThatIsNeverQuietIsCountedFromTheDatabaseOnce() {
        TopicSizes.Counted from = sizes.counted();
        append(100, 10);
        count(from, 100);
        append(110, 5);
        assertEquals(115, messages());
        assertEquals(115, sizes.counted().to(), "nothing is left to be counted");
    }

    @Test
    void whatHasBeenCountedAlreadyIsNotCountedAgain() {
        TopicSizes.Counted from = sizes.counted();
        append(100, 10);
        count(from, 105);
        assertEquals(10, messages(), "this count went too far");
        assertEquals(100, sizes.counted().next());
        count(sizes.counted(), 100);
        assertEquals(110, messages());
    }

    /** Between its commit and its being told here, others can read a group. */
    @Test
    void aGroupThatWasCountedBeforeItIsToldOfIsNotCountedAgain() {
        append(0, 5);
        count(sizes.counted(), 10);
        append(5, 5);
        assertEquals(Long.MAX_VALUE, sizes.counted().next());
        assertEquals(10, sizes.counted().to());
        append(20, 1);
        count(sizes.counted(), 20);
        assertEquals(21, sizes.counted().to());
    }

    @Test
    void whatOtherNodesAppendInBetweenIsStillToBeCounted() {
        append(0, 1);
        append(5, 1);
        append(9, 1);
        assertEquals(2, messages());
        count(sizes.counted(), 5);
        assertEquals(6, messages());
        assertEquals(6, sizes.counted().to());
        count(sizes.counted(), 10);
        assertEquals(10, messages());
    }

    @Test
    void whatIsRemovedIsTakenOffIfItWasCounted() {
        append(0, 1);
        append(5, 1);
        sizes.removed("ops", 3, 2);
        assertEquals(2, messages(), "between the two nothing has been counted");
        sizes.removed("ops", 6, 2);
        assertEquals(1, messages());
        sizes.removed("ops", 1, 2);
        assertNull(sizes.get("ops"));
    }

    @Test
    void anotherHistoryIsCountedAnew() {
        TopicSizes.Counted from = sizes.counted();
        append(5, 1);
        sizes.clear();
        count(from, 5);
        assertNull(sizes.get("ops"), "that was the old one");
        append(0, 2);
        assertEquals(2, messages());
    }
}
