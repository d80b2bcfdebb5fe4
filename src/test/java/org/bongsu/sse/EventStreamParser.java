package org.bongsu.sse;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an event stream as a browser does (WHATWG HTML 9.2.6), written independently of what writes it.
 *
 * <p>Bytes may come in chunks of any size. Not thread-safe.
 */
public final class EventStreamParser {
    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    /**
     * An event that a browser would dispatch.
     *
     * @param event its type; {@code message} if the stream names none
     * @param data the lines of its data, joined by line feeds
     * @param lastEventId what a reconnection after this event would send; empty if there is none
     * @param ownId the {@code id:} of this very event, {@code null} if it has none
     */
    public record Event(
            String event,
            String data,
            String lastEventId,
            @Nullable String ownId) {}

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean first = true;
    private boolean afterReturn;
    private String lastEventId = "";
    private String idBuffer = "";
    private long retryMillis = -1;

    private final StringBuilder data = new StringBuilder();
    private String type = "";

    @Nullable private String ownId;

    private final List<String> comments = new ArrayList<>();

    /** Takes the next bytes and gives the events that they complete. */
    public List<Event> feed(byte[] bytes) {
        return feed(bytes, 0, bytes.length);
    }

    public List<Event> feed(byte[] bytes, int from, int length) {
        List<Event> events = new ArrayList<>();
        for (int i = from; i < from + length; i++) {
            byte b = bytes[i];
            boolean secondOfPair = afterReturn && b == '\n';
            afterReturn = b == '\r';
            if (secondOfPair) continue;
            if (b == '\r' || b == '\n') endLine(events);
            else line.write(b);
        }
        return events;
    }

    /** What a reconnection would send as {@code Last-Event-ID}; empty if nothing. */
    public String lastEventId() {
        return lastEventId;
    }

    /** The newest {@code retry:}, in milliseconds; -1 if there has been none. */
    public long retryMillis() {
        return retryMillis;
    }

    /** The comments so far, without their colons. */
    public List<String> comments() {
        return List.copyOf(comments);
    }

    /** Whether bytes have come that neither end a line nor complete an event. */
    public boolean isMidEvent() {
        return line.size() > 0 || data.length() > 0 || !type.isEmpty();
    }

    private void endLine(List<Event> events) {
        byte[] bytes = line.toByteArray();
        line.reset();
        if (first && bytes.length >= 3 && Arrays.equals(bytes, 0, 3, BOM, 0, 3)) {
            bytes = Arrays.copyOfRange(bytes, 3, bytes.length);
        }
        first = false;
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.isEmpty()) {
            dispatch(events);
            return;
        }
        int colon = text.indexOf(':');
        if (colon == 0) {
            comments.add(text.substring(1));
            return;
        }
        String field = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        if (value.startsWith(" ")) value = value.substring(1);
        switch (field) {
            case "event" -> type = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> {
                if (value.indexOf('\0') < 0) {
                    idBuffer = value;
                    ownId = value;
                }
            }
            case "retry" -> {
                if (value.matches("[0-9]+")) retryMillis = Long.parseLong(value);
            }
            default -> {
                // Unknown fields are ignored.
            }
        }
    }

    private void dispatch(List<Event> events) {
        lastEventId = idBuffer;
        if (data.length() > 0) {
            String text = data.substring(0, data.length() - 1);
            events.add(new Event(type.isEmpty() ? "message" : type, text, lastEventId, ownId));
        }
        data.setLength(0);
        type = "";
        ownId = null;
    }
}
