package org.bongsu.http;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import jakarta.json.stream.JsonParserFactory;
import jakarta.json.stream.JsonParsingException;
import java.io.StringReader;
import java.util.HashSet;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One JSON text, read strictly and once, from left to right: RFC 8259 to the letter, at most 32 levels deep, no member
 * twice, nothing after the value.
 *
 * <p>Numbers stay text: nothing here turns {@code 1e999999999} into a number.
 *
 * <p>Every method reads one value and refuses what it does not expect with a {@link Problem} 400. Not for several threads.
 */
public final class JsonInput {
    private static final int MAX_DEPTH = 32;
    /** Made once: looking the provider up costs more than reading a message. */
    private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());

    private final JsonParser parser;
    /** How the value begins that will be read next. */
    private Event event;

    private int depth;

    /** Reads the value of one member; it must call exactly one of this input's methods. */
    public interface Member {
        void read(String name);
    }

    /** Reads one element of an array; it must call exactly one of this input's methods. */
    public interface Element {
        void read(int index);
    }

    /** @throws Problem 400 if {@code text} does not even begin like JSON */
    public JsonInput(String text) {
        parser = PARSERS.createParser(new StringReader(text));
        event = next();
    }

    public boolean isObject() {
        return event == Event.START_OBJECT;
    }

    public boolean isArray() {
        return event == Event.START_ARRAY;
    }

    public boolean isString() {
        return event == Event.VALUE_STRING;
    }

    public boolean isNumber() {
        return event == Event.VALUE_NUMBER;
    }

    /**
     * Reads an object.
     *
     * @param what names it in a refusal
     */
    public void object(String what, Member member) {
        require(isObject(), what, "an object");
        descend();
        Set<String> names = new HashSet<>();
        for (event = next(); event != Event.END_OBJECT; event = next()) {
            String name = parser.getString();
            if (!names.add(name)) throw new Problem(400, shown(name) + " is there twice; allowed: once").field(name);
            event = next();
            member.read(name);
        }
        depth--;
    }

    /** Reads an array. */
    public void array(String what, Element element) {
        require(isArray(), what, "an array");
        descend();
        int index = 0;
        for (event = next(); event != Event.END_ARRAY; event = next()) element.read(index++);
        depth--;
    }

    public String string(String what) {
        require(isString(), what, "a string");
        return parser.getString();
    }

    /** A string, or a number as it was written. */
    public String stringOrNumber(String what) {
        require(isString() || isNumber(), what, "a string or a number");
        return parser.getString();
    }

    /** Reads any value and writes it anew, without white space: numbers as they were written, members in their order. */
    public StringBuilder any(StringBuilder to) {
        switch (event) {
            case START_OBJECT -> {
                char[] separator = {'{'};
                object("value", name -> {
                    org.bongsu.http.Json.string(to.append(separator[0]), name).append(':');
                    separator[0] = ',';
                    any(to);
                });
                to.append(separator[0] == '{' ? "{}" : "}");
            }
            case START_ARRAY -> {
                to.append('[');
                array("value", index -> any(index == 0 ? to : to.append(',')));
                to.append(']');
            }
            case VALUE_STRING -> org.bongsu.http.Json.string(to, parser.getString());
            case VALUE_NUMBER -> to.append(parser.getString());
            case VALUE_TRUE -> to.append("true");
            case VALUE_FALSE -> to.append("false");
            case VALUE_NULL -> to.append("null");
            default -> throw malformed(null);
        }
        return to;
    }

    /** @throws Problem 400 if anything but white space follows */
    public void end() {
        try {
            if (parser.hasNext()) throw malformed(null);
        } catch (JsonException | NoSuchElementException e) {
            throw malformed(e);
        }
    }

    private void require(boolean fits, String what, String expected) {
        if (fits) return;
        throw new Problem(400, what + " is " + described() + "; allowed: " + expected).field(what);
    }

    private String described() {
        return switch (event) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "true or false";
            default -> "null";
        };
    }

    private void descend() {
        if (++depth > MAX_DEPTH) {
            throw new Problem(400, "JSON deeper than " + MAX_DEPTH + " levels; allowed: " + MAX_DEPTH)
                    .with("limit", MAX_DEPTH);
        }
    }

    private Event next() {
        try {
            return parser.next();
        } catch (JsonException | NoSuchElementException e) {
            throw malformed(e);
        }
    }

    private Problem malformed(@Nullable RuntimeException e) {
        long position = e instanceof JsonParsingException parsing
                ? parsing.getLocation().getStreamOffset()
                : parser.getLocation().getStreamOffset();
        Problem problem = new Problem(
                400, "this is not JSON (RFC 8259)" + (position < 0 ? "" : "; the fault is near character " + position));
        return position < 0 ? problem : problem.with("position", position);
    }

    private static String shown(String text) {
        return '"' + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + '"';
    }
}
