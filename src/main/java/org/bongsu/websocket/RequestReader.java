package org.bongsu.websocket;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bongsu.http.Json;
import org.bongsu.http.JsonInput;
import org.bongsu.http.Problem;
import org.bongsu.log.Position;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads one frame from a client. The frame is read to its end before anything is refused, so that a refusal carries its
 * {@code ref} wherever that stands.
 */
final class RequestReader {
    private static final String DEFAULT_ID = "0";
    private static final int MAX_REF = 64;
    private static final int MAX_ID = 64;
    private static final int MAX_PATTERNS = 64;
    private static final int MAX_KEY = 128;

    /** The operations and their members, besides {@code op} and {@code ref}. */
    private static final Map<String, Set<String>> MEMBERS = Map.of(
            "auth", Set.of("token"),
            "subscribe", Set.of("id", "topics", "after"),
            "unsubscribe", Set.of("id"),
            "publish", Set.of("topic", "message", "idempotencyKey"),
            "ping", Set.of());

    @Nullable private String ref;

    /** Strings by name; a value of another kind is refused at once, {@code topics} and {@code message} are read apart. */
    private final Map<String, String> strings = new HashMap<>();

    private final Set<String> names = new TreeSet<>();
    private final List<String> topics = new ArrayList<>();

    @Nullable private String message;

    @Nullable private Problem fault;

    /** The {@code ref} as JSON text, as far as the frame could be read. */
    @Nullable String ref() {
        return ref;
    }

    /** @throws RuntimeException a {@link Problem}, or what {@code log} throws for bad topics and positions */
    Request read(String text) {
        JsonInput input = new JsonInput(text);
        input.object("the frame", name -> member(input, name));
        input.end();
        if (fault != null) throw fault;
        String op = required("op");
        Set<String> allowed = MEMBERS.get(op);
        if (allowed == null) {
            throw new Problem(
                            400,
                            "unknown op " + shown(op) + "; allowed: "
                                    + String.join(", ", new TreeSet<>(MEMBERS.keySet())))
                    .field("op");
        }
        for (String name : names) {
            if (allowed.contains(name) || name.equals("op") || name.equals("ref")) continue;
            throw new Problem(400, op + " has no member " + shown(name) + "; allowed: " + listed(allowed)).field(name);
        }
        return switch (op) {
            case "auth" -> new Request.Auth(ref);
            case "subscribe" -> new Request.Subscribe(ref, id(), patterns(), after());
            case "unsubscribe" -> new Request.Unsubscribe(ref, id());
            case "publish" -> new Request.Publish(ref, new Topic(required("topic")), message(), key());
            default -> new Request.Ping(ref);
        };
    }

    private void member(JsonInput input, String name) {
        names.add(name);
        if (name.equals("ref")) {
            ref(input);
        } else if (name.equals("topics") && input.isArray()) {
            input.array("topics", index -> {
                if (input.isString()) topics.add(input.string("topics"));
                else refuse(input, "topics[" + index + "]", "a string");
            });
        } else if (name.equals("message") && input.isObject()) {
            message = input.any(new StringBuilder()).toString();
        } else if (input.isString() && !name.equals("topics") && !name.equals("message")) {
            strings.put(name, input.string(name));
        } else {
            refuse(input, name, name.equals("topics") ? "an array" : name.equals("message") ? "an object" : "a string");
        }
    }

    private void ref(JsonInput input) {
        boolean isString = input.isString();
        if (!isString && !input.isNumber()) {
            refuse(input, "ref", "a string or a number");
            return;
        }
        String given = input.stringOrNumber("ref");
        if (given.length() > MAX_REF) {
            refuse(tooLong("ref", given, MAX_REF));
            return;
        }
        ref = isString ? Json.string(given) : given;
    }

    private void refuse(JsonInput input, String name, String allowed) {
        String found = input.any(new StringBuilder()).toString();
        // An unknown member is refused as such, whatever its value.
        boolean isKnown = name.startsWith("topics[")
                || name.equals("op")
                || name.equals("ref")
                || MEMBERS.values().stream().anyMatch(members -> members.contains(name));
        if (isKnown) refuse(new Problem(400, name + " is " + cut(found) + "; allowed: " + allowed).field(name));
    }

    private void refuse(Problem problem) {
        if (fault == null) fault = problem;
    }

    private String id() {
        String id = strings.getOrDefault("id", DEFAULT_ID);
        if (id.isEmpty() || id.length() > MAX_ID) {
            throw new Problem(400, "id of " + id.length() + " characters; allowed: 1 to " + MAX_ID)
                    .field("id")
                    .with("limit", MAX_ID);
        }
        return id;
    }

    private List<TopicPattern> patterns() {
        if (!names.contains("topics")) throw missing("topics");
        if (topics.isEmpty() || topics.size() > MAX_PATTERNS) {
            throw new Problem(400, topics.size() + " topics; allowed: 1 to " + MAX_PATTERNS)
                    .field("topics")
                    .with("limit", MAX_PATTERNS);
        }
        return topics.stream().map(TopicPattern::new).toList();
    }

    @Nullable private Position after() {
        String after = strings.get("after");
        return after == null ? null : Position.parse("after", after);
    }

    private String message() {
        if (message == null) throw missing("message");
        return message;
    }

    @Nullable private String key() {
        String key = strings.get("idempotencyKey");
        if (key == null) return null;
        if (key.isEmpty()) throw new Problem(400, "idempotencyKey is empty").field("idempotencyKey");
        if (key.length() > MAX_KEY) throw tooLong("idempotencyKey", key, MAX_KEY);
        return key;
    }

    private String required(String name) {
        String value = strings.get(name);
        if (value == null) throw missing(name);
        return value;
    }

    private static Problem missing(String name) {
        return new Problem(400, name + " is missing").field(name);
    }

    private static Problem tooLong(String name, String value, int limit) {
        return new Problem(400, name + " of " + value.length() + " characters; allowed: " + limit)
                .field(name)
                .with("limit", limit);
    }

    private static String listed(Set<String> allowed) {
        Set<String> all = new TreeSet<>(allowed);
        all.add("op");
        all.add("ref");
        return String.join(", ", all);
    }

    private static String shown(String text) {
        return '"' + cut(text) + '"';
    }

    private static String cut(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
