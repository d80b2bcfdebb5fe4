package org.bongsu.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What every message carries through whatever wraps it: {@code ^}, 16 hex digits of the time at which it was due, 2 of its
 * publisher, 6 of that publisher's count.
 *
 * <p>The first digit is always 0 and nothing else in a message has a {@code ^}, so a reader finds it without understanding what
 * is around it.
 */
final class Marker {
    static final int LENGTH = 25;
    static final int MAX_PUBLISHERS = 256;

    private static final long ORIGIN = System.nanoTime();
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final VarHandle FIRST_LOWEST =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Marker() {}

    /** Nanoseconds since the benchmark began. */
    static long now() {
        return System.nanoTime() - ORIGIN;
    }

    /** A text of {@code size} bytes that begins with a marker. */
    static byte[] message(int size) {
        byte[] text = new byte[size];
        for (int i = 0; i < size; i++) text[i] = (byte) ('a' + i % 26);
        write(text, 0, 0, 0, 0);
        text[LENGTH] = ' ';
        return text;
    }

    static void write(byte[] target, int at, long time, int publisher, int number) {
        target[at] = '^';
        digits(target, at + 1, 16, time);
        digits(target, at + 17, 2, publisher);
        digits(target, at + 19, 6, number);
    }

    private static void digits(byte[] target, int at, int count, long value) {
        for (int i = at + count - 1; i >= at; i--, value >>>= 4) target[i] = DIGITS[(int) (value & 15)];
    }

    /**
     * Where a marker may begin: the first {@code ^} from {@code from} on, or anything from {@code to} on. Eight bytes at once,
     * since a reader that looks at each takes more of the processors than some servers need to send them.
     */
    static int next(byte[] bytes, int from, int to) {
        int i = from;
        for (; i + 8 <= to; i += 8) {
            // Each ^ (0x5e) becomes a zero. The lowest byte that borrows when one is taken from each is the first of
            // them.
            long zeros = (long) FIRST_LOWEST.get(bytes, i) ^ 0x5e5e5e5e5e5e5e5eL;
            long found = zeros - 0x0101010101010101L & ~zeros & 0x8080808080808080L;
            if (found != 0) return i + (Long.numberOfTrailingZeros(found) >>> 3);
        }
        while (i < to && bytes[i] != '^') i++;
        return i;
    }

    /** When the message whose marker stands at {@code at} was due, as {@link #now} counts. */
    static long due(byte[] bytes, int at) {
        return number(bytes, at + 1) << 32 | number(bytes, at + 9);
    }

    static int publisher(byte[] bytes, int at) {
        return (int) (number(bytes, at + 17) >>> 24);
    }

    /** The publisher's count. */
    static int count(byte[] bytes, int at) {
        return (int) (number(bytes, at + 17) & 0xffffff);
    }

    /** Eight digits at once, each in a byte of its own until they are moved together. */
    private static long number(byte[] bytes, int at) {
        long digits = (long) LONG.get(bytes, at);
        // '0' to '9' are 0x30 to 0x39, 'a' to 'f' are 0x61 to 0x66.
        long values = (digits & 0x0f0f0f0f0f0f0f0fL) + 9 * (digits >>> 6 & 0x0101010101010101L);
        values = (values | values >>> 4) & 0x00ff00ff00ff00ffL;
        values = (values | values >>> 8) & 0x0000ffff0000ffffL;
        return (values | values >>> 16) & 0xffffffffL;
    }
}
