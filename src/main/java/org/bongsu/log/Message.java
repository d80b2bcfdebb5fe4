package org.bongsu.log;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A message in its place in the log. Immutable, and shared by all readers. */
public final class Message {
    private final Cursor id;
    private final Draft draft;
    private final byte[] json;

    /** What the one message looks like in the encodings used so far; racing writers write equal values. */
    private final Memo memo = new Memo();

    /** The topic's line, so that reading finds out without a look-up what retention has removed; set on dispatch. */
    @Nullable TopicLine line;

    public Message(Cursor id, Draft draft) {
        this.id = id;
        this.draft = draft;
        this.json = ("{\"id\":\"" + id + "\"," + draft.content().substring(1)).getBytes(StandardCharsets.UTF_8);
    }

    public Cursor id() {
        return id;
    }

    public long offset() {
        return id.offset();
    }

    public Topic topic() {
        return draft.topic();
    }

    public Draft draft() {
        return draft;
    }

    /** The message as UTF-8 JSON on one line. Shared: must not be changed. */
    public byte[] json() {
        return json;
    }

    public boolean hasExpired(Instant now) {
        Instant expires = draft.expires();
        return expires != null && !expires.isAfter(now);
    }

    <T> T encoded(RangeEncoder<T> encoder, Range alone) {
        return memo.get(encoder, alone);
    }

    @Override
    public String toString() {
        return new String(json, StandardCharsets.UTF_8);
    }
}
