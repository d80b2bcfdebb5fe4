package org.bongsu.bench;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has received, checked message by message.
 *
 * <p>Several publishers at once are put in order by the server, so a connection is held to two things: each publisher's messages
 * come in their order without a gap, and {@link #order} is the same for every connection. Used by one thread.
 */
final class Ledger {
    private int[] expected = new int[0];

    /** What gaps have left out; a late one is out of order rather than doubled. */
    @Nullable private Set<Long> missing;

    int delivered;
    int gaps;
    int doubles;
    int disorder;

    /** Depends on every message of this phase and on their order. */
    long order;

    /** A phase begins; each publisher goes on where it stopped. */
    void begin(int publishers, int[] sentBefore) {
        if (expected.length < publishers) expected = Arrays.copyOf(expected, publishers);
        System.arraycopy(sentBefore, 0, expected, 0, publishers);
        missing = null;
        delivered = 0;
        gaps = 0;
        doubles = 0;
        disorder = 0;
        order = 0;
    }

    void received(int publisher, int number) {
        delivered++;
        long identity = (long) publisher << 32 | number;
        order = order * 31 + identity + 1;
        if (publisher >= expected.length) {
            doubles++;
            return;
        }
        int next = expected[publisher];
        if (number == next) {
            expected[publisher] = next + 1;
        } else if (number > next) {
            if (missing == null) missing = new HashSet<>();
            for (int lost = next; lost < number; lost++) missing.add((long) publisher << 32 | lost);
            gaps += number - next;
            expected[publisher] = number + 1;
        } else if (missing != null && missing.remove(identity)) {
            gaps--;
            disorder++;
        } else {
            doubles++;
        }
    }
}
