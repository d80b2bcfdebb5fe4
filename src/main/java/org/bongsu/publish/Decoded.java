package org.bongsu.publish;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bongsu.http.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Text made of bytes by the rule of §3: in the declared charset, strictly; without one in UTF-8, strictly, else in MS949,
 * which is what a Korean Windows console sends. Nothing is ever replaced by a question mark.
 *
 * @param charset that was used
 */
record Decoded(String text, Charset charset) {
    /** Windows' superset of EUC-KR; the WHATWG reads {@code euc-kr} as this, and so do we. */
    static final Charset MS949 = Charset.forName("x-windows-949");

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    /**
     * @param what names the bytes in a refusal
     * @param declared {@code null} if no charset was declared
     * @throws Problem 400 with the {@code position} of the first byte that does not fit
     */
    static Decoded of(String what, byte[] bytes, @Nullable Charset declared) {
        if (declared != null) return new Decoded(strictly(what, bytes, declared), declared);
        Attempt utf8 = attempt(bytes, StandardCharsets.UTF_8);
        if (utf8.text != null) return new Decoded(utf8.text, StandardCharsets.UTF_8);
        Attempt ms949 = attempt(bytes, MS949);
        if (ms949.text != null) return new Decoded(ms949.text, MS949);
        throw new Problem(
                        400,
                        what + " is neither UTF-8 (fault at byte " + utf8.fault + ") nor MS949 (fault at byte "
                                + ms949.fault + "), and no charset is declared")
                .field(what)
                .with("position", utf8.fault);
    }

    /** @throws Problem 400 as {@link #of} */
    static String utf8(String what, byte[] bytes) {
        return strictly(what, bytes, StandardCharsets.UTF_8);
    }

    /** @throws Problem 415 if there is no such charset here */
    static Charset charset(String name) {
        try {
            Charset charset = Charset.forName(name);
            return charset.name().equals("EUC-KR") ? MS949 : charset;
        } catch (IllegalArgumentException e) {
            throw new Problem(415, "the charset \"" + name + "\" is not known; UTF-8 always works").field("charset");
        }
    }

    /** As people know it. */
    String charsetName() {
        return charset.equals(MS949) ? "MS949" : charset.name();
    }

    /** Whether it makes a difference that this was not read as UTF-8. */
    boolean isNotUtf8() {
        return !charset.equals(StandardCharsets.UTF_8) && !charset.equals(StandardCharsets.US_ASCII);
    }

    private static String strictly(String what, byte[] bytes, Charset charset) {
        Attempt attempt = attempt(bytes, charset);
        if (attempt.text != null) return attempt.text;
        throw new Problem(400, what + " is not " + charset.name() + ": fault at byte " + attempt.fault)
                .field(what)
                .with("position", attempt.fault);
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) if (b < 0) return false;
        return true;
    }

    /**
     * @param text {@code null} if the bytes do not fit
     * @param fault the first byte that does not
     */
    private record Attempt(@Nullable String text, int fault) {}

    private static Attempt attempt(byte[] bytes, Charset charset) {
        if (charset.equals(StandardCharsets.UTF_8) && isAscii(bytes)) {
            return new Attempt(new String(bytes, StandardCharsets.ISO_8859_1), -1);
        }
        // Windows' editors put a mark before UTF-8; it is no part of the text.
        boolean marked = charset.equals(StandardCharsets.UTF_8)
                && bytes.length >= 3
                && Arrays.equals(bytes, 0, 3, BYTE_ORDER_MARK, 0, 3);
        ByteBuffer in = marked ? ByteBuffer.wrap(bytes, 3, bytes.length - 3) : ByteBuffer.wrap(bytes);
        // Decoders report what does not fit unless told otherwise.
        CharsetDecoder decoder = charset.newDecoder();
        CharBuffer out = CharBuffer.allocate((int) Math.ceil(in.remaining() * (double) decoder.maxCharsPerByte()) + 1);
        CoderResult result = decoder.decode(in, out, true);
        if (result.isUnderflow()) result = decoder.flush(out);
        if (result.isError()) return new Attempt(null, in.position());
        return new Attempt(out.flip().toString(), -1);
    }
}
