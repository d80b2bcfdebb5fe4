package org.bongsu.log;

import org.jspecify.annotations.Nullable;

/**
 * Remembers a handful of encodings.
 *
 * <p>Any thread may ask. Two that ask at once may both encode; one result wins and both are equal, so no lock is needed.
 */
final class Memo {
    /** Encoders used with one range are few (SSE, poll, one per WebSocket subscription id); more are not kept. */
    private static final int KEPT = 8;

    private record Entry(
            RangeEncoder<?> encoder,
            Object encoded,
            @Nullable Entry next,
            int count) {}

    @Nullable private volatile Entry first;

    @SuppressWarnings("unchecked") // an entry's value came from an equal encoder, hence has its type
    <T> T get(RangeEncoder<T> encoder, Range range) {
        Entry known = first;
        for (Entry e = known; e != null; e = e.next) {
            if (e.encoder.equals(encoder)) return (T) e.encoded;
        }
        T encoded = encoder.encode(range);
        int count = known == null ? 1 : known.count + 1;
        if (count <= KEPT) first = new Entry(encoder, encoded, known, count);
        return encoded;
    }
}
