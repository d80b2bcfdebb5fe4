package org.bongsu.crash;

import jakarta.json.JsonObject;
import java.util.Arrays;
import org.bongsu.log.Cursor;
import org.jspecify.annotations.Nullable;

/** Messages as somebody was told them: offsets, and what each was ({@link Texts#content}). Any thread. */
public final class Sequence {
    private @Nullable String epoch;
    private long[] offsets = new long[1024];
    private long[] contents = new long[1024];
    private int size;

    void add(String id, JsonObject message) {
        Cursor cursor = Cursor.parse("id", id);
        add(cursor.epoch(), cursor.offset(), Texts.content(message));
    }

    /** Adds what {@code other} has from an index on. */
    void addFrom(Sequence other, int index) {
        for (int i = index; i < other.size(); i++) add(other.epoch(), other.offset(i), other.content(i));
    }

    private synchronized void add(String epochOfOffset, long offset, long content) {
        if (epoch == null) epoch = epochOfOffset;
        if (!epochOfOffset.equals(epoch)) throw new AssertionError("the epoch " + epoch + " became " + epochOfOffset);
        if (size == offsets.length) {
            offsets = Arrays.copyOf(offsets, size * 2);
            contents = Arrays.copyOf(contents, size * 2);
        }
        offsets[size] = offset;
        contents[size] = content;
        size++;
    }

    private synchronized String epoch() {
        return String.valueOf(epoch);
    }

    synchronized int size() {
        return size;
    }

    synchronized long offset(int index) {
        return offsets[index];
    }

    synchronized long content(int index) {
        return contents[index];
    }

    /** The id of a message in here, or {@code earliest} for an index below the first. */
    synchronized String position(int index) {
        return index < 0 ? "earliest" : new Cursor(epoch(), offsets[index]).toString();
    }

    /** {@code null} if {@code other} has, from {@code from} on, the same messages at the same offsets, and no more. */
    @Nullable String difference(Sequence other, int from) {
        int length = Math.max(size(), from + other.size());
        for (int i = from; i < length; i++) {
            String here = i < size() ? show(i) : "nothing";
            String there = i - from < other.size() ? other.show(i - from) : "nothing";
            if (!here.equals(there)) return "at index " + i + " " + here + ", but " + there;
        }
        return null;
    }

    private synchronized String show(int index) {
        return offsets[index] + ": " + Texts.show(contents[index]);
    }
}
