package org.bongsu.log;

/** Messages in the order of their offsets: added at the end, taken from the beginning. Not thread-safe. */
final class MessageRing {
    private static final int SMALLEST = 8;

    private Message[] ring = new Message[SMALLEST];
    private int first;
    private int size;

    int size() {
        return size;
    }

    Message get(int index) {
        return ring[(first + index) & (ring.length - 1)];
    }

    void add(Message message) {
        if (size == ring.length) {
            Message[] larger = new Message[ring.length * 2];
            for (int i = 0; i < size; i++) larger[i] = get(i);
            ring = larger;
            first = 0;
        }
        ring[(first + size) & (ring.length - 1)] = message;
        size++;
    }

    @SuppressWarnings("NullAway") // a slot outside the ring's bounds holds null and is never read
    Message removeFirst() {
        Message removed = ring[first];
        ring[first] = null;
        first = (first + 1) & (ring.length - 1);
        size--;
        if (size == 0 && ring.length > 8 * SMALLEST) clear();
        return removed;
    }

    void clear() {
        ring = new Message[SMALLEST];
        first = 0;
        size = 0;
    }

    /** The index of the first message after {@code offset}; {@code size} if there is none. */
    int indexAfter(long offset) {
        // Nearly all readers stand at the newest messages, so the end is looked at first.
        if (size == 0 || get(size - 1).offset() <= offset) return size;
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (get(middle).offset() <= offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
