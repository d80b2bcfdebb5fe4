package org.bongsu.log;

import java.util.List;
import java.util.TreeSet;

/** What a reader asks for and may have: the messages of every topic that a pattern matches and the rights allow. */
public record Interest(List<TopicPattern> patterns, Rights rights) {

    /** The order and repetition of {@code patterns} make no difference. */
    public Interest {
        // Most ask for one, at every poll.
        patterns = patterns.size() == 1 ? List.copyOf(patterns) : List.copyOf(new TreeSet<>(patterns));
        if (patterns.isEmpty()) throw new IllegalArgumentException("an interest needs at least one pattern");
    }

    public boolean matches(Topic topic) {
        for (TopicPattern pattern : patterns) {
            if (pattern.matches(topic)) return rights.allow(topic);
        }
        return false;
    }
}
