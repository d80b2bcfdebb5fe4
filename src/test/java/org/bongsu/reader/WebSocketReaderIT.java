package org.bongsu.reader;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What any reader is owed, by WebSocket. */
final class WebSocketReaderIT extends WhatAnyReaderIsOwed {
    @Override
    PortalReader open(Site at, String user, List<String> topics, @Nullable String after) {
        return new WebSocketReader(at, user, topics, after);
    }
}
