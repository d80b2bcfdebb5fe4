package org.bongsu.draft;

import java.util.regex.Pattern;
import org.bongsu.log.InvalidInputException;

/**
 * Where a message leads: an absolute {@code http} or {@code https} URL, or a path on the portal's own host.
 *
 * <p>Checked as a browser would read it (WHATWG URL), since that is where it is followed: a backslash is a slash, white space
 * and control characters vanish, so that {@code /\evil.example} and {@code java\nscript:} are not what they seem. Those are
 * refused, not repaired.
 */
final class Link {
    private static final int MAX_LENGTH = 2_000;
    private static final String RULE =
            "an absolute http or https URL, or a path that begins with one slash, without spaces, quotes, angle brackets and"
                    + " backslashes, at most " + MAX_LENGTH + " characters";

    /** A host is a name, an IPv4 or an IPv6 address; no user and password, which disguise it. */
    private static final Pattern URL = Pattern.compile(
            "(?i:https?)://(?:[\\p{L}\\p{M}\\p{N}_-][\\p{L}\\p{M}\\p{N}._-]{0,253}|\\[[0-9a-fA-F:.]{2,45}])(?::[0-9]{1,5})?"
                    + "(?:[/?#].*)?");

    private Link() {}

    /** @throws InvalidInputException if {@code text} is neither, naming {@code field} */
    static String check(String field, String text) {
        if (text.length() <= MAX_LENGTH
                && isClean(text)
                && (isPath(text) || URL.matcher(text).matches())) return text;
        String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        throw new InvalidInputException(field, '"' + shown + "\"; allowed: " + RULE);
    }

    private static boolean isPath(String text) {
        return text.startsWith("/") && !text.startsWith("//");
    }

    private static boolean isClean(String text) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            if (c <= ' ' || c == '"' || c == '<' || c == '>' || c == '\\' || c == '`' || c == 0x7f) return false;
            if (c < 0x80) continue;
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.UNASSIGNED,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SPACE_SEPARATOR -> {
                    return false;
                }
                default -> {}
            }
        }
        return true;
    }
}
