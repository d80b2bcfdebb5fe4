package org.bongsu.draft;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.bongsu.access.Caller;
import org.bongsu.http.JsonInput;
import org.bongsu.http.Problem;
import org.bongsu.http.Problems;
import org.bongsu.log.Draft;
import org.bongsu.log.InvalidInputException;
import org.bongsu.log.Publication;
import org.bongsu.log.Topic;
import org.jspecify.annotations.Nullable;

/**
 * From what a client hands in to messages that may be published: the rules of §2 and the right to publish.
 *
 * <p>Whatever is wrong is thrown as {@link Problem} or {@link InvalidInputException} that names the field. Any thread.
 */
public final class Drafts {
    private static final int MAX_KEY = 128;
    private static final int MAX_BATCH = 1_000;
    private static final Set<String> SET_BY_THE_SERVER = Set.of("id", "time", "sender");
    private static final String FIELDS =
            "type, title, body, format, priority, tags, link, actions, key, status, expires, data";

    private final Clock clock;

    public Drafts(Clock clock) {
        this.clock = clock;
    }

    /**
     * A message from its JSON object.
     *
     * @param json one object of settable fields
     * @throws Problem 403 if the caller may not publish to the topic
     */
    public Draft fromJson(Topic topic, Caller caller, String json) {
        JsonInput input = new JsonInput(json);
        Draft draft = fromJson(topic, caller, input);
        input.end();
        return draft;
    }

    /** As {@link #fromJson(Topic, Caller, String)}, for an object inside of something larger: reads that value. */
    public Draft fromJson(Topic topic, Caller caller, JsonInput input) {
        caller.requirePublishable(topic);
        Submission submission = new Submission();
        input.object("message", name -> {
            if (name.equals("topic")) throw new Problem(400, "topic: it is named elsewhere, not in here").field(name);
            read(name, input, submission);
        });
        return submission.draft(topic, caller.name(), now());
    }

    /**
     * An idempotency key, with a fingerprint of what it stands for: the content, without the time of this request.
     *
     * @param key as the client sent it
     * @throws InvalidInputException as {@link #checkKey}
     */
    public static Publication.Once once(Caller caller, String key, List<Draft> drafts) {
        checkKey(key);
        return new Publication.Once(caller.name(), key, fingerprint(drafts));
    }

    /**
     * Refuses a message that has expired by now. Not before an idempotency key has been looked up: the message may repeat one
     * that came in time.
     *
     * @throws InvalidInputException if its expiry is past
     */
    public static void requireToCome(Draft draft) {
        Instant expires = draft.expires();
        if (expires != null && draft.isLate()) {
            throw new InvalidInputException("expires", Times.format(expires) + " is past; allowed: a time to come");
        }
    }

    /** A message whose fields came by other ways. */
    public Draft from(Topic topic, Caller caller, Submission submission) {
        caller.requirePublishable(topic);
        return submission.draft(topic, caller.name(), now());
    }

    /** Many messages from a JSON array of objects, each with its {@code topic}. */
    public List<Draft> fromArray(Caller caller, String json) {
        List<Draft> drafts = new ArrayList<>();
        Instant now = now();
        JsonInput input = new JsonInput(json);
        input.array("batch", index -> drafts.add(element(caller, input, index, now)));
        input.end();
        return requireSome(drafts);
    }

    /** Many messages from lines of JSON, one object each with its {@code topic}; empty lines are skipped. */
    public List<Draft> fromLines(Caller caller, String lines) {
        List<Draft> drafts = new ArrayList<>();
        Instant now = now();
        for (int start = 0; start < lines.length(); ) {
            int end = lines.indexOf('\n', start);
            if (end < 0) end = lines.length();
            String line = lines.substring(start, end);
            start = end + 1;
            if (line.isBlank()) continue;
            int index = drafts.size();
            try {
                JsonInput input = new JsonInput(line);
                drafts.add(element(caller, input, index, now));
                input.end();
            } catch (Problem problem) {
                throw problem.with("index", index);
            }
        }
        return requireSome(drafts);
    }

    /** @throws InvalidInputException if it is not 1 to 128 characters without control characters */
    public static void checkKey(String key) {
        boolean visible = !key.isEmpty() && key.length() <= MAX_KEY;
        for (int i = 0; i < key.length() && visible; i++) visible = key.charAt(i) >= ' ' && key.charAt(i) != 0x7f;
        if (visible) return;
        throw new InvalidInputException(
                "Idempotency-Key",
                "a key of " + key.length() + " characters; allowed: 1 to " + MAX_KEY
                        + " of them, no control characters");
    }

    private Draft element(Caller caller, JsonInput input, int index, Instant now) {
        if (index == MAX_BATCH) {
            throw new Problem(413, "more than " + MAX_BATCH + " messages in one batch; allowed: at most " + MAX_BATCH)
                    .with("limit", MAX_BATCH);
        }
        try {
            Submission submission = new Submission();
            @Nullable Topic[] topic = {null};
            input.object("message", name -> {
                if (name.equals("topic")) topic[0] = new Topic(input.string("topic"));
                else read(name, input, submission);
            });
            if (topic[0] == null) throw new InvalidInputException("topic", "topic is missing; each message needs one");
            caller.requirePublishable(topic[0]);
            return submission.draft(topic[0], caller.name(), now);
        } catch (Problem | InvalidInputException e) {
            throw Problems.of(e).with("index", index);
        }
    }

    private static List<Draft> requireSome(List<Draft> drafts) {
        if (drafts.isEmpty()) throw new Problem(400, "a batch without messages; required: 1 to " + MAX_BATCH);
        return drafts;
    }

    private static void read(String name, JsonInput input, Submission submission) {
        switch (name) {
            case "type" -> submission.type(input.string(name));
            case "title" -> submission.title(input.string(name));
            case "body" -> submission.body(input.string(name));
            case "format" -> submission.format(input.string(name));
            case "priority" -> submission.priority(input.stringOrNumber(name));
            case "tags" -> input.array(name, index -> submission.addTag(input.string(name)));
            case "link" -> submission.link(input.string(name));
            case "actions" -> input.array(name, index -> readAction(input, submission));
            case "key" -> submission.key(input.string(name));
            case "status" -> submission.status(input.string(name));
            case "expires" -> submission.expires(input.string(name));
            case "data" -> submission.data(input.any(new StringBuilder()).toString());
            default ->
                throw new InvalidInputException(
                        name,
                        SET_BY_THE_SERVER.contains(name)
                                ? name + " is set by the server; allowed: " + FIELDS
                                : "unknown field \"" + (name.length() > 60 ? name.substring(0, 60) + "…" : name)
                                        + "\"; allowed: " + FIELDS);
        }
    }

    private static void readAction(JsonInput input, Submission submission) {
        @Nullable String[] action = {null, null};
        input.object("actions", name -> {
            switch (name) {
                case "label" -> action[0] = input.string("actions");
                case "link" -> action[1] = input.string("actions");
                default ->
                    throw new InvalidInputException(
                            "actions", "unknown field \"" + name + "\" in an action; allowed: label, link");
            }
        });
        if (action[0] == null || action[1] == null) {
            throw new InvalidInputException("actions", "an action without label or link; both are required");
        }
        submission.addAction(action[0], action[1]);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static String fingerprint(List<Draft> drafts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Draft draft : drafts) {
                String content = draft.content();
                // Neither topic nor type, which come before it, can hold a quotation mark.
                int start = content.indexOf("\"time\":");
                int end = content.indexOf(',', start);
                digest.update(content.substring(0, start).getBytes(StandardCharsets.UTF_8));
                digest.update(content.substring(end).getBytes(StandardCharsets.UTF_8));
                digest.update((byte) '\n');
            }
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
