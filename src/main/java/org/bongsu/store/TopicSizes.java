package org.bongsu.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bongsu.log.Draft;
import org.jspecify.annotations.Nullable;

/**
 * How many messages of how many bytes each topic has: a hint that tells retention which topics are worth a look, so that it
 * need not look at all of them.
 *
 * <p>Never too small. Too large where another node has removed messages, until the topic is looked at.
 *
 * <p>Threads: any; guarded by its monitor.
 */
final class TopicSizes {
    record Size(long count, long bytes) {
        private Size plus(long moreCount, long moreBytes) {
            return new Size(count + moreCount, bytes + moreBytes);
        }

        boolean exceeds(long maxCount, long maxBytes) {
            return (maxCount > 0 && count > maxCount) || (maxBytes > 0 && bytes > maxBytes);
        }
    }

    private final Map<String, Size> sizes = new HashMap<>();
    /** What lies beyond has not been counted. */
    private long countedTo;

    /**
     * What has been appended after this offset, up to {@link #aheadTo}, has been counted as well; both 0 if there is no such.
     * Else a log that is never quiet would be counted from the database again and again, and never caught up with.
     */
    private long aheadFrom;

    private long aheadTo;

    private int generation;

    /**
     * @param generation of the log: whatever is cleared while somebody counts must not come back with the count
     * @param to up to where all is counted
     * @param next from where on something is counted again
     */
    record Counted(int generation, long to, long next) {}

    synchronized Counted counted() {
        return new Counted(generation, countedTo, aheadTo == 0 ? Long.MAX_VALUE : aheadFrom);
    }

    synchronized void clear() {
        sizes.clear();
        countedTo = 0;
        aheadFrom = 0;
        aheadTo = 0;
        generation++;
    }

    /** Counts a group that has just been appended after {@code before}, unless there is more than one gap before it. */
    synchronized void appended(long before, List<Draft> drafts) {
        // A group can be read, and counted, between its commit and this.
        if (before < countedTo) return;
        boolean follows = aheadTo == 0 && before == countedTo;
        if (!follows && aheadTo != 0 && before != aheadTo) return;
        for (Draft draft : drafts) {
            add(draft.topic().name(), 1, MessageTable.utf8Length(draft.content()));
        }
        if (follows) {
            countedTo = before + drafts.size();
        } else {
            if (aheadTo == 0) aheadFrom = before;
            aheadTo = before + drafts.size();
        }
    }

    /** Adds what has been counted from there to {@code to}, unless it has been counted otherwise in the meantime. */
    synchronized void add(Counted from, long to, Map<String, Size> found) {
        Counted now = counted();
        if (from.generation != now.generation || from.to != now.to || to > now.next) return;
        found.forEach((topic, size) -> add(topic, size.count, size.bytes));
        countedTo = to;
        if (to == now.next) {
            countedTo = aheadTo;
            aheadFrom = 0;
            aheadTo = 0;
        }
    }

    synchronized void removed(String topic, long offset, long bytes) {
        boolean counted = offset <= countedTo || (offset > aheadFrom && offset <= aheadTo);
        if (counted) add(topic, -1, -bytes);
    }

    /** Replaces a hint by what a look has found, unless messages have come or gone since the hint was given. */
    synchronized void correct(String topic, Size hint, Size found) {
        if (hint.equals(sizes.get(topic))) sizes.put(topic, found);
    }

    synchronized @Nullable Size get(String topic) {
        return sizes.get(topic);
    }

    synchronized List<String> exceeding(long maxCount, long maxBytes) {
        return sizes.entrySet().stream()
                .filter(entry -> entry.getValue().exceeds(maxCount, maxBytes))
                .map(Map.Entry::getKey)
                .toList();
    }

    private void add(String topic, long count, long bytes) {
        sizes.merge(topic, new Size(count, bytes), (old, more) -> {
            Size sum = old.plus(more.count, more.bytes);
            return sum.count <= 0 ? null : sum;
        });
    }
}
