package org.bongsu.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.bongsu.log.Draft;
import org.bongsu.log.Interest;
import org.bongsu.log.MessageStore.Selection;
import org.bongsu.log.TopicPattern;

/**
 * Reads one page, forward or backward.
 *
 * <p>The database narrows down by topic where that is cheap: single topics by their index, patterns with a plain beginning
 * by that beginning within a window of offsets. What remains is decided here. A page looks at a bounded part of the log,
 * so that a selection which matches little does not hold anybody up.
 */
final class PageReader {
    /** So many rows, or so many offsets, are looked at for one page. */
    private static final int SCAN_LIMIT = 20_000;

    private static final int FIRST_BATCH = 64;
    private static final int LARGEST_BATCH = 2_000;
    /** A batch is all in memory at once. */
    private static final long BATCH_BYTES = 4 * 1024 * 1024;

    private static final int MAX_CONDITIONS = 8;
    private static final char ESCAPE = '!';

    private final Connection connection;
    private final boolean forward;
    private final Selection selection;
    private final int limit;
    private final long maxBytes;
    /** How many characters the epoch adds to the JSON of each message. */
    private final int epochLength;

    /** The last offset of the range that is being read, inclusive. */
    private long end;

    private final List<MessageTable.Row> rows = new ArrayList<>();
    private long bytes;
    private int scanned;
    private long scannedBytes;
    /** Everything from the start to here, inclusive, has been looked at. */
    private long at;

    /** @param start exclusive, whichever the direction */
    PageReader(
            Connection connection,
            boolean forward,
            long start,
            long end,
            Selection selection,
            int limit,
            long maxBytes,
            int epochLength) {
        this.connection = connection;
        this.forward = forward;
        this.at = start;
        this.end = end;
        this.selection = selection;
        this.limit = limit;
        this.maxBytes = maxBytes;
        this.epochLength = epochLength;
    }

    List<MessageTable.Row> rows() {
        return rows;
    }

    long scannedTo() {
        return at;
    }

    /** @param journaled what the tables may not have yet, up to the end of the log; if they do, it is not read there again */
    void read(List<Journal.Entry> journaled) throws SQLException {
        if (journaled.isEmpty()) {
            readTables();
            return;
        }
        long first = journaled.get(0).first();
        if (forward) {
            long last = end;
            end = Math.min(last, first - 1);
            readTables();
            if (at < end || isFull()) return;
            end = last;
            if (take(journaled)) at = Math.max(at, end);
        } else {
            List<Journal.Entry> newestFirst = new ArrayList<>(journaled);
            Collections.reverse(newestFirst);
            if (!take(newestFirst)) return;
            at = Math.min(at, first);
            readTables();
        }
    }

    private void readTables() throws SQLException {
        if (isAtEnd()) return;
        List<TopicPattern> patterns = selection.interest().patterns();
        if (patterns.stream().allMatch(TopicPattern::isTopic)) {
            readTopics(selection.interest());
        } else if (patterns.size() <= MAX_CONDITIONS
                && patterns.stream().noneMatch(pattern -> pattern.text().startsWith("*"))) {
            readWindows(patterns);
        } else {
            readRows("", List.of(), end);
        }
    }

    private boolean isAtEnd() {
        return forward ? at >= end : at <= end;
    }

    /**
     * Asks for the rows of one topic, in order and up to a number. H2 takes their order from the index only if it is the order
     * of the index from its first column on; without the topic in it, each page would read and sort all that is left of the
     * topic.
     */
    static String ofTopic(boolean forward) {
        return "select " + MessageTable.COLUMNS + " from message where topic = ? and " + bounds(forward)
                + (forward ? " order by topic, offset_" : " order by topic desc, offset_ desc") + " limit ?";
    }

    /** The index brings each topic's rows in order; the database merges the first of each. */
    private void readTopics(Interest interest) throws SQLException {
        List<String> topics = interest.patterns().stream()
                .map(TopicPattern::topic)
                .filter(interest.rights()::allow)
                .map(topic -> topic.name())
                .toList();
        int batch = FIRST_BATCH;
        while (!isAtEnd()) {
            if (topics.isEmpty()) {
                at = end;
                return;
            }
            String one = ofTopic(forward);
            String sql = topics.size() == 1
                    ? one
                    : topics.stream().map(topic -> "(" + one + ")").collect(Collectors.joining(" union all "))
                            + order()
                            + " limit ?";
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                int p = 1;
                for (String topic : topics) {
                    select.setString(p++, topic);
                    p = setBounds(select, p, end);
                    select.setInt(p++, batch);
                }
                if (topics.size() > 1) select.setInt(p, batch);
                if (!take(select, batch, end)) return;
            }
            batch = nextBatch(batch);
        }
    }

    /**
     * The beginnings of the patterns, applied by the database to some offsets at a time. An expression instead of the topic
     * itself keeps it from using the index by topic, and so from sorting all that is found there.
     */
    private void readWindows(List<TopicPattern> patterns) throws SQLException {
        List<String> arguments = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        for (TopicPattern pattern : patterns) {
            if (pattern.isTopic()) {
                conditions.add("concat(topic, '') = ?");
                arguments.add(pattern.text());
            } else {
                conditions.add("concat(topic, '') like ? escape '" + ESCAPE + "'");
                arguments.add(escaped(pattern.text().substring(0, pattern.text().indexOf('*'))) + '%');
            }
        }
        skipHole();
        if (isAtEnd()) return;
        long window = forward ? Math.min(end, at + SCAN_LIMIT) : Math.max(end, at - SCAN_LIMIT);
        readRows(" and (" + String.join(" or ", conditions) + ")", arguments, window);
    }

    /** Retention may have left nothing at all between here and the next message. */
    private void skipHole() throws SQLException {
        String sql = "select offset_ from message where " + bounds() + order() + " limit 1";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            setBounds(select, 1, end);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) at = end;
                else at = forward ? row.getLong(1) - 1 : row.getLong(1) + 1;
            }
        }
    }

    private void readRows(String condition, List<String> arguments, long windowEnd) throws SQLException {
        String sql =
                "select " + MessageTable.COLUMNS + " from message where " + bounds() + condition + order() + " limit ?";
        int batch = FIRST_BATCH;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            boolean more = true;
            while (more && at != windowEnd) {
                int p = setBounds(select, 1, windowEnd);
                for (String argument : arguments) select.setString(p++, argument);
                select.setInt(p, batch);
                more = take(select, batch, windowEnd);
                batch = nextBatch(batch);
            }
        }
    }

    /** @return whether the page may go on */
    private boolean take(List<Journal.Entry> journaled) {
        for (Journal.Entry entry : journaled) {
            int size = entry.drafts().size();
            for (int i = 0; i < size; i++) {
                int index = forward ? i : size - 1 - i;
                long offset = entry.first() + index;
                boolean inRange = forward ? offset > at && offset <= end : offset < at && offset >= end;
                if (!inRange) continue;
                Draft draft = entry.drafts().get(index);
                take(new MessageTable.Row(offset, draft, MessageTable.utf8Length(draft.content())));
                if (isFull()) return false;
            }
        }
        return true;
    }

    private boolean isFull() {
        return rows.size() >= limit || bytes >= maxBytes;
    }

    private void take(MessageTable.Row row) {
        scanned++;
        scannedBytes += row.bytes();
        at = row.offset();
        if (!isSelected(row.draft())) return;
        rows.add(row);
        bytes += jsonLength(row);
    }

    /** @return whether the page may go on */
    private boolean take(PreparedStatement select, int batch, long rangeEnd) throws SQLException {
        int found = 0;
        try (ResultSet columns = select.executeQuery()) {
            while (columns.next()) {
                found++;
                take(MessageTable.row(columns));
                if (isFull()) return false;
            }
        }
        if (found < batch) {
            at = rangeEnd;
            return false;
        }
        return scanned < SCAN_LIMIT;
    }

    private boolean isSelected(Draft draft) {
        Instant expires = draft.expires();
        return (expires == null || expires.isAfter(selection.now()))
                && (selection.types().isEmpty() || selection.types().contains(draft.type()))
                && (selection.priorities().isEmpty() || selection.priorities().contains(draft.priority()))
                && selection.interest().matches(draft.topic());
    }

    /** As long as the JSON of the message with its id in front will be: {@code "id":"EPOCH-OFFSET",}. */
    private int jsonLength(MessageTable.Row row) {
        return row.bytes() + 8 + epochLength + 1 + Long.toString(row.offset()).length();
    }

    private int nextBatch(int batch) {
        // Of all rows that came, wanted or not: those that come next are in memory, too.
        long average = scanned == 0 ? 0 : scannedBytes / scanned;
        long affordable = average == 0 ? LARGEST_BATCH : Math.max(FIRST_BATCH / 4, BATCH_BYTES / average);
        return (int) Math.min(Math.min(4L * batch, LARGEST_BATCH), affordable);
    }

    private String bounds() {
        return bounds(forward);
    }

    private static String bounds(boolean forward) {
        return forward ? "offset_ > ? and offset_ <= ?" : "offset_ < ? and offset_ >= ?";
    }

    private int setBounds(PreparedStatement select, int parameter, long rangeEnd) throws SQLException {
        select.setLong(parameter, at);
        select.setLong(parameter + 1, rangeEnd);
        return parameter + 2;
    }

    private String order() {
        return forward ? " order by offset_" : " order by offset_ desc";
    }

    private static String escaped(String text) {
        return text.replace("_", ESCAPE + "_");
    }
}
