package org.bongsu.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request's body is said to be.
 *
 * @param name type and subtype in lower case, empty if nothing is said
 * @param charset as it was declared; {@code null} if it was not
 */
public record MediaType(String name, @Nullable String charset) {
    /** More than anybody needs; it also bounds the stack that the pattern below may take. */
    private static final int MAX_LENGTH = 1_000;

    /** One parameter: a token, or a quoted string with its escapes (RFC 9110 §5.6.6). */
    private static final Pattern PARAMETER =
            Pattern.compile("\\s*;\\s*(?:([^\\s=;\"]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\s;\"]*)))?\\s*");

    /** @throws Problem 415 if the header cannot be read */
    public static MediaType of(HttpServletRequest request) {
        return parse(request.getContentType());
    }

    static MediaType parse(@Nullable String header) {
        if (header == null || header.isBlank()) return new MediaType("", null);
        if (header.length() > MAX_LENGTH) throw unreadable(header);
        int semicolon = header.indexOf(';');
        String name = (semicolon < 0 ? header : header.substring(0, semicolon)).strip();
        String charset = null;
        if (semicolon >= 0) {
            Matcher parameter = PARAMETER.matcher(header).region(semicolon, header.length());
            while (parameter.lookingAt()) {
                String parameterName = parameter.group(1);
                if (parameterName != null && parameterName.equalsIgnoreCase("charset")) {
                    if (charset != null) throw unreadable(header);
                    String quoted = parameter.group(2);
                    charset = quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1");
                }
                parameter.region(parameter.end(), header.length());
            }
            if (parameter.regionStart() != header.length()) throw unreadable(header);
        }
        return new MediaType(name.toLowerCase(Locale.ROOT), charset);
    }

    private static Problem unreadable(String header) {
        String shown = header.length() > 60 ? header.substring(0, 60) + "…" : header;
        return new Problem(415, "the Content-Type \"" + shown + "\" cannot be read").field("Content-Type");
    }
}
