package org.bongsu.publish;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.bongsu.draft.Submission;
import org.bongsu.http.Problem;
import org.bongsu.http.Query;
import org.jspecify.annotations.Nullable;

/**
 * What headers, or query parameters of the same names, say about a request: the fields of a message whose body is the
 * request's own, and {@code Dry-Run} (§3). Names are case-insensitive; ntfy's other words for them are taken too.
 */
final class Labels {
    /** Every name that is taken, and the field it sets. */
    private static final Map<String, String> FIELDS = fields();

    /** Fields that would change what happens, but cannot yet: better refused than silently left out. */
    private static final Map<String, String> NOT_TAKEN = notTaken();

    /** A browser's own opinion on how urgent a request is (RFC 9218), under the same name as ours. */
    private static final Pattern PRIORITY_OF_HTTP =
            Pattern.compile("\\s*(?:u=[0-7]|i(?:=\\?[01])?)(?:\\s*,\\s*(?:u=[0-7]|i(?:=\\?[01])?))*\\s*");

    /** Names with a meaning of their own in HTTP, which any client may send beside a JSON object. */
    private static final List<String> OF_HTTP = List.of("priority", "link", "expires");

    private final Map<String, String> values = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>(0);

    private Labels() {}

    /** Reads what accompanies a raw body. */
    static Labels of(HttpServletRequest request) {
        Labels labels = new Labels();
        for (String name : Collections.list(request.getHeaderNames())) {
            String lower = name.toLowerCase(Locale.ROOT);
            boolean extended = lower.endsWith("*");
            String plain = extended ? lower.substring(0, lower.length() - 1) : lower;
            String field = FIELDS.get(plain);
            if (field != null) labels.readHeader(field, plain, lower, Collections.list(request.getHeaders(name)));
            else if (NOT_TAKEN.containsKey(plain)) throw notTaken(plain);
        }
        labels.readQuery(Query.of(request), true);
        return labels;
    }

    /** Reads what accompanies JSON, which says everything about its messages itself. */
    static Labels besideJson(HttpServletRequest request) {
        Labels labels = new Labels();
        for (String name : Collections.list(request.getHeaderNames())) {
            String lower = name.toLowerCase(Locale.ROOT);
            String field = FIELDS.get(lower);
            if (field != null && field.equals("dry-run")) {
                labels.readHeader(field, lower, lower, Collections.list(request.getHeaders(name)));
            } else if (NOT_TAKEN.containsKey(lower)) {
                throw notTaken(lower);
            } else if (field != null && !OF_HTTP.contains(lower)) {
                throw new Problem(400, "the header " + name + " is not taken beside JSON; it belongs into the object")
                        .field(field);
            }
        }
        labels.readQuery(Query.of(request), false);
        return labels;
    }

    /** What was not read as UTF-8. */
    List<String> warnings() {
        return warnings;
    }

    /** @throws Problem 400 if {@code Dry-Run} is neither yes nor no */
    boolean isDryRun() {
        return isYes("dry-run");
    }

    /** Sets every field that is given. */
    void applyTo(Submission submission) {
        values.forEach((field, value) -> {
            switch (field) {
                case "title" -> submission.title(value);
                case "priority" -> submission.priority(value);
                case "tags" -> {
                    for (String tag : value.split(",", -1)) {
                        if (!tag.isBlank()) submission.addTag(tag.strip());
                    }
                }
                case "link" -> submission.link(value);
                case "key" -> submission.key(value);
                case "status" -> submission.status(value);
                case "expires" -> submission.expires(value);
                case "type" -> submission.type(value);
                case "format" -> submission.format(value);
                default -> {}
            }
        });
        if (isYes("markdown") && !values.containsKey("format")) submission.format("markdown");
    }

    private void readHeader(String field, String plain, String name, List<String> lines) {
        List<String> texts = new ArrayList<>(1);
        for (String line : lines) {
            if (line.isBlank() || (plain.equals("priority") && isPriorityOfHttp(line))) continue;
            Decoded decoded = HeaderText.decode(name, line);
            if (decoded.isNotUtf8()) warnings.add(field + " was read as " + decoded.charsetName());
            texts.add(decoded.text());
        }
        // A list may be spread over several lines (RFC 9110 §5.3); everything else is said once.
        if (texts.size() > 1 && !field.equals("tags")) throw twice(field);
        if (!texts.isEmpty()) put(field, String.join(",", texts));
    }

    private static boolean isPriorityOfHttp(String line) {
        return line.length() <= 100 && PRIORITY_OF_HTTP.matcher(line).matches();
    }

    private void readQuery(Query query, boolean fields) {
        for (String name : query.names()) {
            String field = FIELDS.get(name.toLowerCase(Locale.ROOT));
            if (field == null || (!fields && !field.equals("dry-run"))) {
                throw new Problem(
                                400,
                                "unknown parameter \"" + name + "\"; allowed: "
                                        + (fields
                                                ? "title, priority, tags, link, key, status, expires, type, format, dry-run"
                                                : "dry-run"))
                        .field(name);
            }
            String value = query.one(name);
            if (value != null && !value.isBlank()) put(field, value);
        }
    }

    private void put(String field, String value) {
        if (values.put(field, value) != null) throw twice(field);
    }

    private boolean isYes(String field) {
        @Nullable String value = values.get(field);
        if (value == null) return false;
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "yes", "true", "1" -> true;
            case "no", "false", "0" -> false;
            default -> throw new Problem(400, field + " \"" + value + "\"; allowed: yes, no").field(field);
        };
    }

    private static Problem twice(String field) {
        return new Problem(400, field + " is given more than once; allowed: one header or one parameter").field(field);
    }

    private static Problem notTaken(String name) {
        return new Problem(400, "the header " + name + " is not taken: " + NOT_TAKEN.get(name)).field(name);
    }

    private static Map<String, String> fields() {
        Map<String, String> fields = new HashMap<>();
        for (String name : List.of("title", "t", "ti", "x-title")) fields.put(name, "title");
        for (String name : List.of("priority", "p", "prio", "x-priority")) fields.put(name, "priority");
        for (String name : List.of("tags", "tag", "ta", "x-tags")) fields.put(name, "tags");
        for (String name : List.of("link", "click", "x-click")) fields.put(name, "link");
        for (String name : List.of("markdown", "md", "x-markdown")) fields.put(name, "markdown");
        for (String name : List.of("key", "status", "expires", "type", "format", "dry-run")) fields.put(name, name);
        return Map.copyOf(fields);
    }

    private static Map<String, String> notTaken() {
        Map<String, String> names = new HashMap<>();
        String later = "what it asks for is not built yet";
        for (String name : List.of("to", "at", "x-at", "in", "x-in", "delay", "x-delay", "ack", "ack-by")) {
            names.put(name, later);
        }
        for (String name : List.of("attach", "x-attach", "a", "filename", "x-filename", "file", "f")) {
            names.put(name, later);
        }
        for (String name : List.of("actions", "action", "x-actions")) names.put(name, "actions need a JSON object");
        for (String name : List.of("message", "m", "x-message")) names.put(name, "the request's body is the message");
        return Map.copyOf(names);
    }
}
