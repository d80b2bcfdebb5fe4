package org.bongsu.log;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers messages that may still be given to readers, up to a number and a size. */
final class Take {
    private final Clock clock;
    private final int maxMessages;
    private final int maxBytes;
    private final long knownTrims;
    private final List<Message> messages = new ArrayList<>();
    private int bytes;

    @Nullable private Instant now;

    @Nullable private Instant firstExpiry;

    /** @param knownTrims messages that a newer trim has removed are still given, until it has been told to the feed */
    Take(Clock clock, int maxMessages, int maxBytes, long knownTrims) {
        this.knownTrims = knownTrims;
        this.clock = clock;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    boolean isFull() {
        return messages.size() >= maxMessages || bytes >= maxBytes;
    }

    void offer(Message message) {
        TopicLine line = message.line;
        Trim trim = line == null ? null : line.trim;
        if (trim != null && trim.version() <= knownTrims && message.offset() <= trim.through()) return;
        Instant expires = message.draft().expires();
        if (expires != null) {
            if (now == null) now = clock.instant();
            if (message.hasExpired(now)) return;
            if (firstExpiry == null || expires.isBefore(firstExpiry)) firstExpiry = expires;
        }
        messages.add(message);
        bytes += message.json().length;
    }

    /** When the first of the messages expires, {@code null} if none does. */
    @Nullable Instant firstExpiry() {
        return firstExpiry;
    }

    List<Message> messages() {
        return List.copyOf(messages);
    }
}
