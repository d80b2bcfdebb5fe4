package org.bongsu.sse;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bongsu.fanout.ByeReason;
import org.bongsu.http.Json;
import org.bongsu.log.Cursor;
import org.bongsu.log.Message;
import org.bongsu.log.Range;
import org.bongsu.log.RangeEncoder;
import org.bongsu.log.ResetReason;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an event stream (WHATWG HTML 9.2.5).
 *
 * <p>Whatever is written here is on one line: messages are JSON on one line, and nothing else comes from outside, so no
 * text can end a field or begin an event.
 *
 * <p>The specification lets fields stand in any order, and ignores a block without data. Clients there are that do neither
 * ({@code FetchEventSourceIT}): they keep an {@code id} as soon as they have read it, so it comes last, when they have the rest of
 * the event; and they make an empty event of a {@code retry} alone, so it comes with the next.
 */
final class SseFormat {
    /** Messages have no {@code event:} line, so that {@code onmessage} gets them. */
    static final RangeEncoder<byte[]> MESSAGES = new Messages();

    private static final byte[] DATA = ascii("data: ");
    private static final byte[] ID = ascii("\nid: ");
    private static final byte[] END = ascii("\n\n");

    private SseFormat() {}

    private record Messages() implements RangeEncoder<byte[]> {
        @Override
        public byte[] encode(Range range) {
            ByteArrayOutputStream bytes =
                    new ByteArrayOutputStream(range.messages().size() * 512);
            for (Message message : range.messages()) {
                bytes.writeBytes(DATA);
                bytes.writeBytes(message.json());
                bytes.writeBytes(ID);
                bytes.writeBytes(ascii(message.id().toString()));
                bytes.writeBytes(END);
            }
            return bytes.toByteArray();
        }
    }

    /**
     * What a stream begins with.
     *
     * @param padding bytes of comment first, for clients that see nothing before so much has arrived
     * @param retryMillis how long a client waits before it reconnects
     */
    static byte[] opening(
            int padding, long retryMillis, Cursor position, String connection, String user, long heartbeatSeconds) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(padding + 256);
        if (padding > 0) {
            byte[] comment = new byte[padding];
            Arrays.fill(comment, (byte) ' ');
            comment[0] = ':';
            comment[padding - 1] = '\n';
            if (padding == 1) comment[0] = '\n';
            bytes.writeBytes(comment);
        }
        StringBuilder data = new StringBuilder("{\"connection\":");
        Json.string(data, connection).append(",\"user\":");
        Json.string(data, user)
                .append(",\"heartbeat\":")
                .append(heartbeatSeconds)
                .append(",\"alive\":");
        Json.string(data, "api/alive?c=" + connection).append('}');
        bytes.writeBytes(ascii("retry: " + retryMillis + "\n"));
        bytes.writeBytes(event("ready", position, data.toString()));
        return bytes.toByteArray();
    }

    static byte[] reset(ResetReason reason, Cursor position) {
        return event("reset", position, "{\"reason\":\"" + reason.text() + "\"}");
    }

    /** @param position where reading goes on, if it has moved since the client was told */
    static byte[] ping(@Nullable Cursor position, String time) {
        return event("ping", position, time);
    }

    /** @param retryMillis when to come back; negative leaves that to the client */
    static byte[] bye(ByeReason reason, long retryMillis) {
        String retry = retryMillis < 0 ? "" : "retry: " + retryMillis + "\n";
        return ascii(retry + "event: bye\ndata: {\"reason\":\"" + reason.text() + "\"}\n\n");
    }

    private static byte[] event(String name, @Nullable Cursor id, String data) {
        String idLine = id == null ? "" : "id: " + id + "\n";
        return ("event: " + name + "\ndata: " + data + "\n" + idLine + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
