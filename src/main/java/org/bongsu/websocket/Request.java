package org.bongsu.websocket;

import java.util.List;
import org.bongsu.log.Position;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;
import org.jspecify.annotations.Nullable;

/** What a client asks for in one frame. A {@code ref} is kept as JSON text, to be echoed as it came. */
sealed interface Request {
    @Nullable String ref();

    record Auth(@Nullable String ref) implements Request {}

    /** @param after where to start; {@code null} to go on from where the subscription stands, if it exists */
    record Subscribe(
            @Nullable String ref,
            String id,
            List<TopicPattern> patterns,
            @Nullable Position after) implements Request {}

    record Unsubscribe(@Nullable String ref, String id) implements Request {}

    /** @param message JSON text of an object */
    record Publish(
            @Nullable String ref,
            Topic topic,
            String message,
            @Nullable String idempotencyKey) implements Request {}

    record Ping(@Nullable String ref) implements Request {}
}
