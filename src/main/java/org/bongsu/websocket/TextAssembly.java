package org.bongsu.websocket;

import org.jspecify.annotations.Nullable;

/**
 * Puts the parts of text messages together, up to a size, and keeps nothing of a message once it is complete: a container
 * that assembles messages itself keeps a buffer as large as the largest ever, for each connection.
 *
 * <p>Threads: one at a time, as the container delivers.
 */
final class TextAssembly {
    private final int maxBytes;
    private int bytes;

    @Nullable private StringBuilder parts;

    /** @param maxBytes of a message as UTF-8, however it is fragmented */
    TextAssembly(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Takes the next part.
     *
     * @return the message if this completes it, otherwise {@code null}
     * @throws TooLarge as soon as the message has become too large; the rest of it must not be handed in
     */
    @Nullable String add(String part, boolean last) throws TooLarge {
        bytes += utf8Length(part);
        if (bytes > maxBytes) {
            parts = null;
            throw new TooLarge();
        }
        if (!last) {
            if (parts == null) parts = new StringBuilder(2 * part.length());
            parts.append(part);
            return null;
        }
        String whole = parts == null ? part : parts.append(part).toString();
        parts = null;
        bytes = 0;
        return whole;
    }

    static final class TooLarge extends Exception {
        TooLarge() {
            super(null, null, false, false);
        }
    }

    /** Half a surrogate pair counts half, so it does not matter where a part ends. */
    private static int utf8Length(String text) {
        int length = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) length += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
        }
        return length;
    }
}
