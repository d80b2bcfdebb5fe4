package org.bongsu.log;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one request publishes: all of it or nothing.
 *
 * @param drafts at least one, in the order in which they get their offsets
 * @param once makes a repetition of the request harmless
 */
public record Publication(List<Draft> drafts, @Nullable Once once) {

    public Publication {
        drafts = List.copyOf(drafts);
        if (drafts.isEmpty()) throw new IllegalArgumentException("a publication needs at least one message");
    }

    /**
     * An idempotency key.
     *
     * @param principal whose key it is
     * @param key as the client sent it
     * @param fingerprint of the request's content: the same key with another content is a mistake
     */
    public record Once(String principal, String key, String fingerprint) {}

    /** Whether it can only be a repetition, since a message of it is {@link Draft#isLate late}. */
    public boolean isLate() {
        for (Draft draft : drafts) if (draft.isLate()) return true;
        return false;
    }

    /** How many bytes of content this brings, roughly. */
    long size() {
        long size = 0;
        for (Draft draft : drafts) size += draft.content().length();
        return size;
    }
}
