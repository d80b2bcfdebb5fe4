package org.bongsu.bench;

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
    private static final byte[] VALUES = new byte[256];

    static {
        for (int i = 0; i < DIGITS.length; i++) VALUES[DIGITS[i]] = (byte) i;
    }

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

    static long number(byte[] bytes, int at, int count) {
        long value = 0;
        for (int i = 0; i < count; i++) value = value << 4 | VALUES[bytes[at + i] & 0xff];
        return value;
    }
}
