package org.bongsu.poll;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.bongsu.log.Cursor;
import org.bongsu.log.Message;
import org.bongsu.log.Range;
import org.bongsu.log.RangeEncoder;
import org.bongsu.log.ResetReason;
import org.jspecify.annotations.Nullable;

/** The body of an answer: {@code {"cursor":"…","messages":[…]}}, after a reset with {@code "reset"} before the messages. */
final class PollAnswer {
    /** A whole answer, the same for everybody who waited at the same place. */
    static final RangeEncoder<byte[]> WHOLE = new Whole();

    private PollAnswer() {}

    private record Whole() implements RangeEncoder<byte[]> {
        @Override
        public byte[] encode(Range range) {
            return of(range.cursor(), null, range.messages());
        }
    }

    static byte[] of(Cursor cursor, @Nullable ResetReason reset, List<Message> messages) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 + messages.size() * 512);
        bytes.writeBytes(ascii("{\"cursor\":\"" + cursor + '"'));
        if (reset != null) bytes.writeBytes(ascii(",\"reset\":{\"reason\":\"" + reset.text() + "\"}"));
        bytes.writeBytes(ascii(",\"messages\":["));
        for (int i = 0; i < messages.size(); i++) {
            if (i > 0) bytes.write(',');
            bytes.writeBytes(messages.get(i).json());
        }
        bytes.writeBytes(ascii("]}"));
        return bytes.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
