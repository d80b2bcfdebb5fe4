package org.bongsu.history;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bongsu.log.Cursor;
import org.bongsu.log.Message;
import org.bongsu.log.MessageLog;
import org.bongsu.log.MessageStore.Page;
import org.bongsu.log.MessageStore.Selection;
import org.bongsu.log.Position;
import org.bongsu.log.Read;
import org.bongsu.log.Reader;
import org.bongsu.log.ResetReason;
import org.bongsu.log.StoreException;
import org.jspecify.annotations.Nullable;

/**
 * One page of history as its JSON. A position that cannot be honoured is told as a {@code reset}, and reading begins at the
 * edge it was read from.
 */
final class History {
    /** A page may have fewer messages than asked for, and another after it, so that it never takes much memory. */
    private static final long MAX_BYTES = 2 * 1024 * 1024;

    /** So often the store is asked for one page: each time it looks through some 20,000 messages at most. */
    private static final int LOOKS = 10;

    private static final byte[] COMMA = {','};

    private final MessageLog log;
    private final Selection selection;
    private final int limit;
    private final int maxLooks;

    History(MessageLog log, Selection selection, int limit) {
        this(log, selection, limit, LOOKS);
    }

    History(MessageLog log, Selection selection, int limit, int maxLooks) {
        this.log = log;
        this.selection = selection;
        this.limit = limit;
        this.maxLooks = maxLooks;
    }

    /** Newest first. */
    List<byte[]> before(Position position) throws StoreException {
        Cursor head = log.headCursor();
        if (position == Position.Edge.EARLIEST) return page(List.of(), null, null);
        ResetReason reset = null;
        long before = head.offset() + 1;
        if (position instanceof Cursor cursor) {
            reset = unhonoured(cursor);
            if (reset != ResetReason.EPOCH && reset != ResetReason.AHEAD) {
                // A hole below is no matter for one who walks towards it: he sees where it ends.
                reset = null;
                before = cursor.offset();
            }
        }
        return walk(false, before, head, reset);
    }

    /** Oldest first. */
    List<byte[]> after(Position position) throws StoreException {
        Cursor head = log.headCursor();
        ResetReason reset = null;
        long after = position == Position.Edge.LATEST ? head.offset() : 0;
        if (position instanceof Cursor cursor) {
            reset = unhonoured(cursor);
            if (reset != ResetReason.EPOCH && reset != ResetReason.AHEAD) after = cursor.offset();
        }
        return walk(true, after, head, reset);
    }

    private List<byte[]> walk(boolean forward, long start, Cursor head, @Nullable ResetReason reset)
            throws StoreException {
        List<Message> messages = new ArrayList<>();
        long bytes = 0;
        long at = start;
        for (int looks = 0; forward ? at < head.offset() : at > 1; looks++) {
            boolean full = messages.size() >= limit || bytes >= MAX_BYTES;
            // When there is no time left to see whether there is more, the next page will tell.
            if (looks == maxLooks) return page(messages, reset, new Cursor(epoch(messages, head), at));
            Page page = full ? read(forward, at, 1, 1) : read(forward, at, limit - messages.size(), MAX_BYTES - bytes);
            if (full && !page.messages().isEmpty()) {
                return page(messages, reset, new Cursor(epoch(messages, head), at));
            }
            bytes += add(page, messages);
            if (page.scannedTo() == at) break;
            at = page.scannedTo();
        }
        return page(messages, reset, null);
    }

    private Page read(boolean forward, long from, int count, long maxBytes) throws StoreException {
        return forward
                ? log.readAfter(from, selection, count, maxBytes)
                : log.readBefore(from, selection, count, maxBytes);
    }

    /** Why a reader that came with this cursor would be told to reset; {@code null} if it would not. */
    private @Nullable ResetReason unhonoured(Cursor cursor) {
        try (Reader reader = log.reader(selection.interest(), cursor)) {
            return reader.next(1, 1, log.head()) instanceof Read.Reset reset ? reset.reason() : null;
        }
    }

    private static long add(Page page, List<Message> to) {
        long bytes = 0;
        for (Message message : page.messages()) bytes += message.json().length;
        to.addAll(page.messages());
        return bytes;
    }

    /** A page that was read while the log was replaced is of the new one. */
    private static String epoch(List<Message> messages, Cursor head) {
        return messages.isEmpty()
                ? head.epoch()
                : messages.get(messages.size() - 1).id().epoch();
    }

    private static List<byte[]> page(List<Message> messages, @Nullable ResetReason reset, @Nullable Cursor next) {
        List<byte[]> parts = new ArrayList<>(messages.size() * 2 + 2);
        String start = reset == null ? "{" : "{\"reset\":{\"reason\":\"" + reset.text() + "\"},";
        parts.add((start + "\"messages\":[").getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < messages.size(); i++) {
            if (i > 0) parts.add(COMMA);
            parts.add(messages.get(i).json());
        }
        parts.add((next == null ? "]}" : "],\"next\":\"" + next + "\"}").getBytes(StandardCharsets.UTF_8));
        return parts;
    }
}
