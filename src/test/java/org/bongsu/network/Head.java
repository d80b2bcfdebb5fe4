package org.bongsu.network;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/1.1 message.
 *
 * @param text first line and fields, each with its CRLF, without the empty line at the end
 */
public record Head(String text) {
    /** The request line or the status line. */
    public String firstLine() {
        return text.substring(0, text.indexOf("\r\n"));
    }

    /** Of a request. */
    public String method() {
        return firstLine().substring(0, firstLine().indexOf(' '));
    }

    /** Of a request: path and query. */
    public String target() {
        String line = firstLine();
        int start = line.indexOf(' ') + 1;
        return line.substring(start, line.lastIndexOf(' '));
    }

    /** Of a response. */
    public int status() {
        return Integer.parseInt(firstLine().substring(9, 12));
    }

    /** The first field of that name, in any case. */
    public @Nullable String header(String name) {
        int start = start(name);
        return start < 0
                ? null
                : text.substring(start + name.length() + 1, end(start) - 2).strip();
    }

    /** Whether a field of that name has this text within, both in any case. */
    public boolean says(String name, String part) {
        String value = header(name);
        return value != null && value.toLowerCase(Locale.ROOT).contains(part);
    }

    /** With this field in place of all of that name. */
    public Head with(String name, String value) {
        return new Head(without(name).text + name + ": " + value + "\r\n");
    }

    public Head without(String name) {
        String left = text;
        for (int start = start(name); start >= 0; start = new Head(left).start(name)) {
            left = left.substring(0, start) + left.substring(new Head(left).end(start));
        }
        return new Head(left);
    }

    private int start(String name) {
        for (int line = text.indexOf("\r\n") + 2; line < text.length(); line = end(line)) {
            if (text.regionMatches(true, line, name + ':', 0, name.length() + 1)) return line;
        }
        return -1;
    }

    private int end(int line) {
        return text.indexOf("\r\n", line) + 2;
    }
}
