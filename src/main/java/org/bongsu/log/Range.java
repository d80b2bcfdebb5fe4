package org.bongsu.log;

import java.util.List;

/**
 * Consecutive messages of one feed, ready to be encoded once for all readers that stand before them.
 *
 * <p>Immutable; any thread may encode it.
 */
public final class Range implements Read {
    private final List<Message> messages;
    private final Memo memo = new Memo();

    Range(List<Message> messages) {
        if (messages.isEmpty()) throw new IllegalArgumentException("a range has at least one message");
        this.messages = messages;
    }

    public List<Message> messages() {
        return messages;
    }

    /** Where reading goes on: the id of the last message. */
    public Cursor cursor() {
        return messages.get(messages.size() - 1).id();
    }

    /** What {@code encoder} makes of this range, made once and shared. */
    public <T> T encoded(RangeEncoder<T> encoder) {
        // A range of one is the common case where nothing can ride together; many feeds may share its message.
        return messages.size() == 1 ? messages.get(0).encoded(encoder, this) : memo.get(encoder, this);
    }
}
