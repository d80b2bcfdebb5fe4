package org.bongsu.log;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message that has no place in the log yet.
 *
 * @param type {@code notice}, {@code chat} or {@code event}
 * @param priority {@code min}, {@code low}, {@code normal}, {@code high} or {@code urgent}
 * @param sender the principal that published it
 * @param time when it was published, to the millisecond; for people, never for order
 * @param expires after it the message is neither listed nor replayed
 * @param content the message as a JSON object without its {@code id}, at least one member, on one line
 */
public record Draft(
        Topic topic,
        String type,
        String priority,
        String sender,
        Instant time,
        @Nullable Instant expires,
        String content) {

    /** Whether it had expired when it was handed in: it can repeat what came in time, and cannot be published itself. */
    public boolean isLate() {
        return expires != null && !expires.isAfter(time);
    }
}
