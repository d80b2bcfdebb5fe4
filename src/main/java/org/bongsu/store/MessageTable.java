package org.bongsu.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bongsu.log.Draft;
import org.bongsu.log.Topic;
import org.jspecify.annotations.Nullable;

/** The rows of the table {@code message}. */
final class MessageTable {
    static final String COLUMNS = "offset_, topic, type, priority, sender, time_, expires, bytes, content";

    /** A message as it lies in the table: its epoch is the log's. */
    record Row(long offset, Draft draft, int bytes) {}

    /** As wide as the column; every other one takes whatever a draft may hold. */
    private static final int MAX_SENDER = 1_000;

    private MessageTable() {}

    /** Whether the table has room for it. */
    static boolean takes(Draft draft) {
        return draft.sender().length() <= MAX_SENDER;
    }

    /** Inserts drafts at dense offsets from {@code first} on. */
    static void insert(Connection connection, long first, List<Draft> drafts) throws SQLException {
        if (drafts.isEmpty()) return;
        try (PreparedStatement insert = connection.prepareStatement(
                        "insert into message (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?)");
                PreparedStatement expiry =
                        connection.prepareStatement("insert into expiry (offset_, expires) values (?, ?)")) {
            boolean expiring = false;
            long offset = first;
            for (Draft draft : drafts) {
                insert.setLong(1, offset);
                insert.setString(2, draft.topic().name());
                insert.setString(3, draft.type());
                insert.setString(4, draft.priority());
                insert.setString(5, draft.sender());
                insert.setLong(6, draft.time().toEpochMilli());
                Instant expires = draft.expires();
                if (expires == null) {
                    insert.setNull(7, Types.BIGINT);
                } else {
                    insert.setLong(7, expires.toEpochMilli());
                    expiry.setLong(1, offset);
                    expiry.setLong(2, expires.toEpochMilli());
                    expiry.addBatch();
                    expiring = true;
                }
                insert.setInt(8, utf8Length(draft.content()));
                insert.setString(9, draft.content());
                insert.addBatch();
                offset++;
            }
            insert.executeBatch();
            if (expiring) expiry.executeBatch();
        }
    }

    /** Reads a row of {@link #COLUMNS}. */
    static Row row(ResultSet columns) throws SQLException {
        long expires = columns.getLong(7);
        Instant expiry = columns.wasNull() ? null : Instant.ofEpochMilli(expires);
        Draft draft = new Draft(
                new Topic(columns.getString(2)),
                columns.getString(3),
                columns.getString(4),
                columns.getString(5),
                Instant.ofEpochMilli(columns.getLong(6)),
                expiry,
                columns.getString(9));
        return new Row(columns.getLong(1), draft, columns.getInt(8));
    }

    static @Nullable Row find(Connection connection, long offset) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select " + COLUMNS + " from message where offset_ = ?")) {
            select.setLong(1, offset);
            try (ResultSet columns = select.executeQuery()) {
                return columns.next() ? row(columns) : null;
            }
        }
    }

    /** Whether exactly these drafts stand from {@code first} on. */
    static boolean contains(Connection connection, long first, List<Draft> drafts) throws SQLException {
        List<Draft> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "select " + COLUMNS + " from message where offset_ between ? and ? order by offset_")) {
            select.setLong(1, first);
            select.setLong(2, first + drafts.size() - 1);
            try (ResultSet columns = select.executeQuery()) {
                while (columns.next()) {
                    Row row = row(columns);
                    if (row.offset != first + found.size()) return false;
                    found.add(row.draft);
                }
            }
        }
        return found.equals(drafts.stream().map(MessageTable::toTheMillisecond).toList());
    }

    private static Draft toTheMillisecond(Draft draft) {
        Instant expires = draft.expires();
        return new Draft(
                draft.topic(),
                draft.type(),
                draft.priority(),
                draft.sender(),
                Instant.ofEpochMilli(draft.time().toEpochMilli()),
                expires == null ? null : Instant.ofEpochMilli(expires.toEpochMilli()),
                draft.content());
    }

    static int utf8Length(String text) {
        int length = text.length();
        int bytes = length;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < 0x80) continue;
            // Two surrogates make four bytes; a lone one becomes a question mark.
            if (Character.isSurrogate(c)) {
                boolean pair =
                        Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1));
                if (pair) {
                    bytes += 2;
                    i++;
                }
            } else {
                bytes += c < 0x800 ? 1 : 2;
            }
        }
        return bytes;
    }
}
