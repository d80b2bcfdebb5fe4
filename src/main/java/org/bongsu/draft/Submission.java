package org.bongsu.draft;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bongsu.http.Json;
import org.bongsu.http.Problem;
import org.bongsu.log.Draft;
import org.bongsu.log.InvalidInputException;
import org.bongsu.log.MessageType;
import org.bongsu.log.Priority;
import org.bongsu.log.Topic;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one message as a client hands them in, whichever way they come; each is checked as it is given (§2).
 *
 * <p>For one thread.
 */
public final class Submission {
    static final int MAX_BODY_BYTES = 64 * 1024;
    static final int MAX_DATA_BYTES = 64 * 1024;
    private static final int MAX_TITLE = 200;
    private static final int MAX_TAGS = 16;
    private static final int MAX_TAG = 64;
    private static final int MAX_ACTIONS = 3;
    private static final int MAX_LABEL = 64;
    private static final int MAX_KEY = 200;

    private record Action(String label, String link) {}

    private MessageType type = MessageType.NOTICE;
    private Priority priority = Priority.NORMAL;

    @Nullable private String title;

    @Nullable private String body;

    private boolean markdown;
    private final List<String> tags = new ArrayList<>(0);

    @Nullable private String link;

    private final List<Action> actions = new ArrayList<>(0);

    @Nullable private String key;

    @Nullable private String status;

    @Nullable private Instant expires;

    @Nullable private String data;

    public void type(String text) {
        type = MessageType.parse(text);
    }

    public void priority(String text) {
        priority = Priority.parse(text);
    }

    /** An empty title is none. */
    public void title(String text) {
        title = text.isEmpty() ? null : Text.line("title", text, MAX_TITLE);
    }

    /** An empty body is none. */
    public void body(String text) {
        String lines = Text.lines("body", text);
        // A character is at most three bytes for each char, so most texts need not be measured.
        if (lines.length() > MAX_BODY_BYTES / 3) {
            int length = Text.utf8Length(lines);
            if (length > MAX_BODY_BYTES) throw tooLarge("body", length, MAX_BODY_BYTES);
        }
        body = lines.isEmpty() ? null : lines;
    }

    public void format(String text) {
        markdown = switch (text.toLowerCase(Locale.ROOT)) {
            case "text" -> false;
            case "markdown" -> true;
            default -> throw new InvalidInputException("format", shown(text) + "; allowed: text, markdown");
        };
    }

    public void addTag(String text) {
        if (tags.size() == MAX_TAGS) {
            throw new InvalidInputException("tags", "more than " + MAX_TAGS + " tags; allowed: at most " + MAX_TAGS);
        }
        tags.add(Text.line("tags", text, MAX_TAG));
    }

    public void link(String text) {
        link = Link.check("link", text);
    }

    void addAction(String label, String target) {
        if (actions.size() == MAX_ACTIONS) {
            throw new InvalidInputException(
                    "actions", "more than " + MAX_ACTIONS + " actions; allowed: at most " + MAX_ACTIONS);
        }
        actions.add(new Action(Text.line("actions", label, MAX_LABEL), Link.check("actions", target)));
    }

    public void key(String text) {
        key = Text.line("key", text, MAX_KEY);
    }

    public void status(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!lower.equals("firing") && !lower.equals("resolved")) {
            throw new InvalidInputException("status", shown(text) + "; allowed: firing, resolved");
        }
        status = lower;
    }

    public void expires(String text) {
        expires = Times.parse("expires", text);
    }

    /** @param json any value, without white space */
    void data(String json) {
        int length = Text.utf8Length(json);
        if (length > MAX_DATA_BYTES) throw tooLarge("data", length, MAX_DATA_BYTES);
        data = json;
    }

    /** The message, as the rules that concern several fields allow it, but for {@link Drafts#requireToCome}. */
    Draft draft(Topic topic, String sender, Instant now) {
        if (title == null && body == null && data == null && key == null) {
            throw new InvalidInputException(
                    "body", "there is nothing in this message; required: title, body, data or key");
        }
        if (status != null && key == null) {
            throw new InvalidInputException(
                    "status", "status \"" + status + "\" without a key; it says how the key stands");
        }
        return new Draft(topic, type.text(), priority.text(), sender, now, expires, content(topic, sender, now));
    }

    /** In the order of §2. */
    private String content(Topic topic, String sender, Instant now) {
        StringBuilder json =
                new StringBuilder(192 + (body == null ? 0 : body.length()) + (data == null ? 0 : data.length()));
        Json.string(json.append("{\"topic\":"), topic.name());
        json.append(",\"type\":\"").append(type.text());
        json.append("\",\"time\":\"").append(Times.format(now)).append('"');
        member(json, "sender", sender);
        member(json, "title", title);
        member(json, "body", body);
        if (body != null) member(json, "format", markdown ? "markdown" : "text");
        member(json, "priority", priority.text());
        if (!tags.isEmpty()) {
            char separator = '[';
            json.append(",\"tags\":");
            for (String tag : tags) {
                Json.string(json.append(separator), tag);
                separator = ',';
            }
            json.append(']');
        }
        member(json, "link", link);
        if (!actions.isEmpty()) {
            char separator = '[';
            json.append(",\"actions\":");
            for (Action action : actions) {
                Json.string(json.append(separator).append("{\"label\":"), action.label);
                Json.string(json.append(",\"link\":"), action.link).append('}');
                separator = ',';
            }
            json.append(']');
        }
        member(json, "key", key);
        if (key != null) member(json, "status", status == null ? "firing" : status);
        if (expires != null) member(json, "expires", Times.format(expires));
        if (data != null) json.append(",\"data\":").append(data);
        return json.append('}').toString();
    }

    private static void member(StringBuilder json, String name, @Nullable String value) {
        if (value != null) Json.string(json.append(",\"").append(name).append("\":"), value);
    }

    private static Problem tooLarge(String field, int length, int limit) {
        return new Problem(413, field + " of " + length + " bytes; allowed: at most " + limit)
                .field(field)
                .with("limit", limit);
    }

    private static String shown(String text) {
        return '"' + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + '"';
    }
}
