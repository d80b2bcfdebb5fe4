package org.bongsu.http;

/** JSON text, written by hand where it is written often. */
public final class Json {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private Json() {}

    /** Appends {@code text} as a JSON string, with its quotes; the result has no line break. */
    public static StringBuilder string(StringBuilder to, String text) {
        to.append('"');
        int written = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isEscaped(text, i, c)) continue;
            to.append(text, written, i);
            written = i + 1;
            switch (c) {
                case '"' -> to.append("\\\"");
                case '\\' -> to.append("\\\\");
                case '\n' -> to.append("\\n");
                case '\r' -> to.append("\\r");
                case '\t' -> to.append("\\t");
                default ->
                    to.append("\\u")
                            .append(HEX[c >> 12])
                            .append(HEX[(c >> 8) & 15])
                            .append(HEX[(c >> 4) & 15])
                            .append(HEX[c & 15]);
            }
        }
        return to.append(text, written, text.length()).append('"');
    }

    private static boolean isEscaped(String text, int i, char c) {
        if (c < 0x20 || c == '"' || c == '\\') return true;
        if (c < 0x2028) return false;
        // Lone surrogates cannot be written in UTF-8, so they are escaped as well.
        return c <= 0x2029 || (Character.isSurrogate(c) && !isPaired(text, i));
    }

    public static String string(String text) {
        return string(new StringBuilder(text.length() + 16), text).toString();
    }

    private static boolean isPaired(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) return i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
        return i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
