package org.bongsu.reader;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What any reader is owed, by Server-Sent Events. */
final class SseReaderIT extends WhatAnyReaderIsOwed {
    @Override
    PortalReader open(Site at, String user, List<String> topics, @Nullable String after) {
        return new SseReader(at, user, topics, after, null);
    }
}
