package org.bongsu.bench;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The head of an HTTP answer, as much of it as the benchmark needs. */
record Head(String text) {
    static final byte[] END = {'\r', '\n', '\r', '\n'};

    static Head of(byte[] bytes, int from, int to) {
        return new Head(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
    }

    int status() {
        return Integer.parseInt(text.substring(9, 12));
    }

    boolean isChunked() {
        String coding = field("transfer-encoding");
        return coding != null && coding.equalsIgnoreCase("chunked");
    }

    int contentLength() {
        String length = field("content-length");
        return length == null ? 0 : Integer.parseInt(length);
    }

    /** The value of a header field; {@code name} in lower case. */
    @Nullable String field(String name) {
        for (String line : text.split("\r\n", -1)) {
            int colon = line.indexOf(':');
            if (colon == name.length()
                    && line.substring(0, colon).toLowerCase(Locale.ROOT).equals(name)) {
                return line.substring(colon + 1).trim();
            }
        }
        return null;
    }
}
