package org.bongsu.http;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bongsu.log.InvalidInputException;
import org.bongsu.log.TopicPattern;
import org.jspecify.annotations.Nullable;

/**
 * The query of a request, read strictly, and alike on every server.
 *
 * <p>Never {@code getParameter}: for a form it reads the request's body, which here is a message ({@code curl -d} sends a
 * form), and each server repairs bad escapes in its own way.
 *
 * <p>Names and values are percent-encoded UTF-8 in which {@code +} is a space; a name without {@code =} has the empty
 * value. Immutable.
 */
public final class Query {
    /** How long a query may be, in bytes (§4). */
    static final int MAX_BYTES = 4096;

    private static final int MAX_PATTERNS = 64;
    private static final List<TopicPattern> ALL = List.of(new TopicPattern("**"));

    private final Map<String, List<String>> values;

    private Query(Map<String, List<String>> values) {
        this.values = values;
    }

    /** @throws Problem 400 if the query is too long, or is no percent-encoded UTF-8 */
    public static Query of(HttpServletRequest request) {
        return parse(request.getQueryString());
    }

    /** @param raw as it stands in the request line, without the {@code ?} */
    public static Query parse(@Nullable String raw) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        if (raw == null) return new Query(values);
        if (raw.length() > MAX_BYTES) {
            throw new Problem(400, "a query of " + raw.length() + " bytes; allowed: " + MAX_BYTES)
                    .with("limit", MAX_BYTES);
        }
        for (String pair : raw.split("&", -1)) {
            if (pair.isEmpty()) continue;
            int equals = pair.indexOf('=');
            String name = decode("query", equals < 0 ? pair : pair.substring(0, equals));
            if (name.isEmpty()) throw new Problem(400, "a query parameter without a name: " + shown(pair));
            String value = equals < 0 ? "" : decode(name, pair.substring(equals + 1));
            values.computeIfAbsent(name, n -> new ArrayList<>(1)).add(value);
        }
        return new Query(values);
    }

    /** The names that occur, in their order. */
    public Set<String> names() {
        return values.keySet();
    }

    /**
     * The value of a parameter, {@code null} without one.
     *
     * @throws Problem 400 if it is given more than once
     */
    public @Nullable String one(String name) {
        List<String> all = all(name);
        if (all.size() > 1) {
            throw new Problem(400, name + " is given " + all.size() + " times; allowed: once").field(name);
        }
        return all.isEmpty() ? null : all.get(0);
    }

    /** The values of a parameter, in their order. */
    public List<String> all(String name) {
        return List.copyOf(values.getOrDefault(name, List.of()));
    }

    /** @throws Problem 400 if there is a parameter of another name */
    public Query requireOnly(String... names) {
        List<String> allowed = List.of(names);
        for (String name : values.keySet()) {
            if (allowed.contains(name)) continue;
            throw new Problem(
                            400,
                            "unknown parameter " + shown(name) + "; allowed: "
                                    + (allowed.isEmpty() ? "none" : String.join(", ", allowed)))
                    .field(name);
        }
        return this;
    }

    /**
     * A whole number.
     *
     * @param otherwise what holds where the parameter is absent
     * @throws Problem 400 if it is no decimal number from {@code min} to {@code max}
     */
    public int integer(String name, int min, int max, int otherwise) {
        String text = one(name);
        if (text == null) return otherwise;
        boolean digits = isDecimal(text);
        int value = digits ? Integer.parseInt(text) : -1;
        if (!digits || value < min || value > max) {
            throw new Problem(400, name + " " + shown(text) + "; allowed: a whole number from " + min + " to " + max)
                    .field(name);
        }
        return value;
    }

    /**
     * What the parameters {@code topic} ask for: 1 to 64 topics or patterns; without any, everything that one may read.
     *
     * @throws Problem 400 if there are too many
     * @throws InvalidInputException if one is not a pattern
     */
    public List<TopicPattern> patterns() {
        List<String> texts = all("topic");
        if (texts.isEmpty()) return ALL;
        if (texts.size() > MAX_PATTERNS) {
            throw new Problem(400, texts.size() + " topics; allowed: at most " + MAX_PATTERNS)
                    .field("topic")
                    .with("limit", MAX_PATTERNS);
        }
        List<TopicPattern> patterns = new ArrayList<>(texts.size());
        for (String text : texts) patterns.add(new TopicPattern(text));
        return patterns;
    }

    private static boolean isDecimal(String text) {
        if (text.isEmpty() || text.length() > 9) return false;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') return false;
        }
        return true;
    }

    /** Whether there is nothing to decode, as in most names and values. */
    private static boolean isPlain(String raw) {
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%' || c == '+' || c <= ' ' || c >= 0x7f) return false;
        }
        return true;
    }

    private static String decode(String field, String raw) {
        if (isPlain(raw)) return raw;
        byte[] bytes = new byte[raw.length()];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                int high = i + 2 < raw.length() ? hex(raw.charAt(i + 1)) : -1;
                int low = high < 0 ? -1 : hex(raw.charAt(i + 2));
                if (low < 0) throw broken(field, raw, "% must be followed by two hex digits");
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else if (c <= ' ' || c >= 0x7f) {
                // Servers decode raw bytes here each in its own charset, so nothing can be concluded from them.
                throw broken(field, raw, "spaces, control and non-ASCII characters must be percent-encoded");
            } else {
                bytes[length++] = (byte) (c == '+' ? ' ' : c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw broken(field, raw, "the escapes must be UTF-8");
        }
    }

    static int hex(char c) {
        // Not Character.digit, which takes the digits of every script.
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    }

    private static Problem broken(String field, String raw, String rule) {
        return new Problem(400, shown(raw) + " cannot be decoded: " + rule).field(field);
    }

    private static String shown(String text) {
        return '"' + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + '"';
    }
}
