package org.bongsu.reader;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What any reader is owed, by plain polling. */
final class PollReaderIT extends WhatAnyReaderIsOwed {
    @Override
    PortalReader open(Site at, String user, List<String> topics, @Nullable String after) {
        return new PollReader(at, user, topics, after, 0);
    }

    @Override
    void endsCleanly(PortalReader reader) {
        // A poll is answered, with nothing; the next one finds nobody.
        PortalReader.Event event = reader.nextNews();
        assertTrue(event instanceof PortalReader.Event.End, () -> "the end, not " + event);
    }
}
