package org.bongsu.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What memory holds of one topic: who follows it, and how far retention has gone. */
final class TopicLine {
    final Topic topic;

    // Guarded by the board's lock.
    final List<Feed> feeds = new ArrayList<>(1);
    int messagesInTail;
    /** How many of the board's wildcard feeds, and of which generation, have been matched against this topic. */
    int wildcardsSeen;

    int wildcardGeneration = -1;

    /** The newest trim of the topic. Written under the board's lock, before feeds are told; read by any thread. */
    @Nullable volatile Trim trim;

    TopicLine(Topic topic) {
        this.topic = topic;
    }
}
