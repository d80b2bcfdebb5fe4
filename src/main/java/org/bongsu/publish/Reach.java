package org.bongsu.publish;

import org.bongsu.log.Topic;
import org.jspecify.annotations.Nullable;

/** Tells publishers whom a message reaches. Asked once per request, on its thread: it must be quick and must not block. */
public interface Reach {
    Audience of(Topic topic);

    /**
     * @param readers people known to be allowed to read the topic and to follow it; {@code null} if that is not known
     * @param online readers that follow the topic now; {@code null} if that is not known
     */
    record Audience(@Nullable Integer readers, @Nullable Integer online) {}
}
