package org.bongsu.access;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bongsu.log.Rights;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;
import org.jspecify.annotations.Nullable;

/**
 * Rights that rules grant: every topic that one of the patterns matches, except people's inboxes.
 *
 * @param patterns sorted, so that equal rights are equal values
 * @param inboxes whether the patterns reach into people's inboxes too, as a publisher's do
 * @param ownInbox the one inbox allowed whatever the patterns say; {@code null} for nobody's
 */
record Grants(
        List<TopicPattern> patterns,
        boolean inboxes,
        @Nullable Topic ownInbox) implements Rights {

    Grants(Set<TopicPattern> patterns, boolean inboxes, @Nullable Topic ownInbox) {
        this(List.copyOf(new TreeSet<>(patterns)), inboxes, ownInbox);
    }

    @Override
    public boolean allow(Topic topic) {
        if (topic.isInbox()) {
            if (ownInbox != null && isWithin(ownInbox, topic)) return true;
            if (!inboxes) return false;
        }
        for (TopicPattern pattern : patterns) {
            if (pattern.matches(topic)) return true;
        }
        return false;
    }

    /**
     * The same rights for a reader of {@code asked}, without what cannot matter to it: two people who ask for topics that
     * are nobody's inbox get equal values, and so share one feed.
     */
    Grants narrowedTo(List<TopicPattern> asked) {
        if (ownInbox == null) return this;
        for (TopicPattern pattern : asked) {
            if (reachesInboxes(pattern)) return this;
        }
        return new Grants(patterns, inboxes, null);
    }

    private static boolean reachesInboxes(TopicPattern pattern) {
        String text = pattern.text();
        return text.startsWith("user/") || text.startsWith("*/") || text.equals("**");
    }

    private static boolean isWithin(Topic inbox, Topic topic) {
        String name = topic.name();
        String own = inbox.name();
        return name.startsWith(own) && (name.length() == own.length() || name.charAt(own.length()) == '/');
    }
}
