package org.bongsu.log;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Messages for tests, as short as they can be said. */
public final class Drafts {
    public static final Instant TIME = Instant.parse("2026-11-21T01:05:19.123Z");
    public static final Rights ALL = topic -> true;

    private Drafts() {}

    public static Draft draft(String topic, String body) {
        return new Draft(new Topic(topic), "notice", "normal", "test", TIME, null, "{\"body\":\"" + body + "\"}");
    }

    public static Draft expiring(String topic, String body, Instant expires) {
        return new Draft(new Topic(topic), "notice", "normal", "test", TIME, expires, "{\"body\":\"" + body + "\"}");
    }

    public static Publication publication(Draft... drafts) {
        return new Publication(List.of(drafts), null);
    }

    public static Message message(long offset, String topic, String body) {
        return message("e1", offset, topic, body);
    }

    public static Message message(String epoch, long offset, String topic, String body) {
        return new Message(new Cursor(epoch, offset), draft(topic, body));
    }

    /** A range as a reader of the log would get it. */
    public static Range range(Message... messages) {
        return new Range(List.of(messages));
    }

    public static Interest interest(String... patterns) {
        return interest(ALL, patterns);
    }

    public static Interest interest(Rights rights, String... patterns) {
        List<TopicPattern> list = new ArrayList<>();
        Arrays.stream(patterns).map(TopicPattern::new).forEach(list::add);
        return new Interest(list, rights);
    }
}
