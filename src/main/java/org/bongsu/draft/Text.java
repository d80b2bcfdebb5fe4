package org.bongsu.draft;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import org.bongsu.log.InvalidInputException;

/** Text as people wrote it, checked and brought into one form (§2). */
final class Text {
    /**
     * Nobody writes so many marks on one letter, and putting them in order takes the square of their number: 100,000 in a
     * row would hold a thread for seconds. Unicode's own bound for streams is 30 (UAX #15 §13).
     */
    private static final int MAX_MARKS = 256;

    /** Below it every character is its own normal form and no mark. */
    private static final char FIRST_MARK = 0x300;

    private Text() {}

    /** Text of many lines: line ends become LF. */
    static String lines(String field, String text) {
        check(field, text, true);
        String unix = text.indexOf('\r') < 0 ? text : text.replace("\r\n", "\n").replace('\r', '\n');
        return normal(unix);
    }

    /** Text of one line, at least one and at most {@code max} characters (code points) long. */
    static String line(String field, String text, int max) {
        check(field, text, false);
        String normal = normal(text);
        if (normal.isBlank())
            throw new InvalidInputException(field, field + " is empty; allowed: 1 to " + max + " characters");
        int length = normal.codePointCount(0, normal.length());
        if (length > max) {
            throw new InvalidInputException(field, field + " of " + length + " characters; allowed: at most " + max);
        }
        return normal;
    }

    static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static void check(String field, String text, boolean manyLines) {
        int marks = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7f) {
                marks = 0;
                continue;
            }
            boolean lineEnd = c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;
            if (lineEnd ? !manyLines : Character.isISOControl(c) && (c != '\t' || !manyLines)) {
                throw refused(
                        field, c, i, manyLines ? "no control characters but tab and line ends" : "one line of text");
            }
            if (Character.isSurrogate(c)) {
                boolean paired = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!paired) throw refused(field, c, i, "Unicode text; this is half a character");
            }
            int codePoint = text.codePointAt(i);
            marks = isMark(codePoint) ? marks + 1 : 0;
            if (marks > MAX_MARKS) throw refused(field, c, i, "at most " + MAX_MARKS + " combining marks in a row");
            if (Character.charCount(codePoint) == 2) i++;
        }
    }

    private static boolean isMark(int codePoint) {
        if (codePoint < FIRST_MARK) return false;
        int type = Character.getType(codePoint);
        return type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.ENCLOSING_MARK;
    }

    private static String normal(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= FIRST_MARK) return Normalizer.normalize(text, Normalizer.Form.NFC);
        }
        return text;
    }

    private static RuntimeException refused(String field, char c, int at, String rule) {
        String character = String.format("U+%04X", (int) c);
        return new org.bongsu.http.Problem(
                        400, field + " has " + character + " at character " + at + "; allowed: " + rule)
                .field(field)
                .with("position", at);
    }
}
