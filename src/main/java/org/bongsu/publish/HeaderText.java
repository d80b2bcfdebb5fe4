package org.bongsu.publish;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bongsu.http.Problem;

/**
 * Text in the value of a header, in any of the three ways that clients use: raw bytes by the rule of {@link Decoded}, encoded
 * words (RFC 2047), or {@code UTF-8''%EC%95%88} (RFC 8187).
 */
final class HeaderText {
    /** {@code =?charset*language?B or Q?text?=} */
    private static final Pattern ENCODED_WORD =
            Pattern.compile("=\\?([A-Za-z0-9_.:+-]{1,40})(?:\\*[A-Za-z0-9-]*)?\\?([BbQq])\\?([!-~&&[^?]]*)\\?=");

    /** Whether each percent sign is followed by two digits is seen on decoding: a repeated group would cost stack. */
    private static final Pattern EXTENDED =
            Pattern.compile("([A-Za-z0-9_.:+-]{1,40})'[A-Za-z0-9-]*'([A-Za-z0-9!#$&+.^_`|~%-]*)");

    private HeaderText() {}

    /**
     * @param name of the header; with a {@code *} at its end the value must be of RFC 8187
     * @param value as the server hands it over
     * @throws Problem 400 if it cannot be decoded, naming the header; 415 if its charset is not known
     */
    static Decoded decode(String name, String value) {
        String trimmed = value.strip();
        Matcher extended = EXTENDED.matcher(trimmed);
        boolean isExtended = extended.matches();
        if (name.endsWith("*")) {
            if (!isExtended) {
                throw new Problem(400, name + " is not of RFC 8187; allowed: as in UTF-8''%EC%95%88").field(name);
            }
            return unescaped(name, extended);
        }
        if (isExtended && extended.group(1).equalsIgnoreCase("UTF-8")) return unescaped(name, extended);
        return words(name, raw(name, trimmed));
    }

    private static Decoded raw(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            // The server has decoded the bytes already, and told us what it took them for.
            if (value.charAt(i) > 0xff) return new Decoded(value, StandardCharsets.UTF_8);
        }
        return Decoded.of(name, value.getBytes(StandardCharsets.ISO_8859_1), null);
    }

    private static Decoded unescaped(String name, Matcher extended) {
        Charset charset = Decoded.charset(extended.group(1));
        String text = extended.group(2);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                bytes.write(hex(name, text, i + 1));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return Decoded.of(name, bytes.toByteArray(), charset);
    }

    /** Replaces encoded words; white space between two of them only separates them (RFC 2047 §6.2). */
    private static Decoded words(String name, Decoded raw) {
        Matcher word = ENCODED_WORD.matcher(raw.text());
        if (!word.find()) return raw;
        StringBuilder text = new StringBuilder();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String pending = "";
        int end = 0;
        Charset used = raw.charset();
        do {
            String between = raw.text().substring(end, word.start());
            String charset = word.group(1).toLowerCase(Locale.ROOT);
            boolean adjoins = !pending.isEmpty() && between.isBlank();
            // Some mailers cut a character in two, so neighbours in one charset are decoded together.
            if (!adjoins || !charset.equals(pending)) {
                if (!pending.isEmpty()) used = append(name, text, bytes, pending, used);
                if (!adjoins) text.append(between);
            }
            pending = charset;
            decodeWord(name, word.group(2), word.group(3), bytes);
            end = word.end();
        } while (word.find());
        used = append(name, text, bytes, pending, used);
        text.append(raw.text(), end, raw.text().length());
        return new Decoded(text.toString(), used);
    }

    /** Decodes what has gathered; tells the charset to report, which is the last that is not UTF-8. */
    private static Charset append(
            String name, StringBuilder text, ByteArrayOutputStream bytes, String charset, Charset used) {
        Decoded decoded = Decoded.of(name, bytes.toByteArray(), Decoded.charset(charset));
        bytes.reset();
        text.append(decoded.text());
        return decoded.isNotUtf8() ? decoded.charset() : used;
    }

    private static void decodeWord(String name, String encoding, String text, ByteArrayOutputStream to) {
        if (encoding.equalsIgnoreCase("B")) {
            try {
                to.writeBytes(Base64.getDecoder().decode(text));
            } catch (IllegalArgumentException e) {
                throw broken(name);
            }
            return;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '=') {
                to.write(hex(name, text, i + 1));
                i += 2;
            } else {
                to.write(c == '_' ? ' ' : c);
            }
        }
    }

    private static int hex(String name, String text, int at) {
        if (at + 2 > text.length()) throw broken(name);
        int high = Character.digit(text.charAt(at), 16);
        int low = Character.digit(text.charAt(at + 1), 16);
        if (high < 0 || low < 0) throw broken(name);
        return high << 4 | low;
    }

    private static Problem broken(String name) {
        return new Problem(400, name + " has encoded text (RFC 2047, RFC 8187) that cannot be decoded").field(name);
    }
}
