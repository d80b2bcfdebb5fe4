package org.bongsu.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bongsu.log.Cursor;
import org.bongsu.log.Publication;

/** The idempotency keys of the last 24 hours, in the table {@code idempotency}. */
final class KeyTable {
    /** Contract, section 3. */
    private static final Duration KEPT = Duration.ofHours(24);

    private static final int KEYS_PER_QUERY = 100;

    /**
     * @param id see {@link #id}
     * @param first the offset of its first message
     */
    record Known(String id, String fingerprint, String epoch, long first, int count) {
        List<Cursor> ids() {
            return LongStream.range(first, first + count)
                    .mapToObj(offset -> new Cursor(epoch, offset))
                    .toList();
        }
    }

    private KeyTable() {}

    /** A key's name in the table: of one length, whatever principal and key look like. */
    static String id(Publication.Once once) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            // The length in front tells "ab" + "c" from "a" + "bc".
            String text = once.principal().length() + ":" + once.principal() + once.key();
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** Which of {@code ids} have been used within the last 24 hours, by id. Older ones of them are removed. */
    static Map<String, Known> find(Connection connection, Collection<String> ids, Instant now) throws SQLException {
        Map<String, Known> found = new HashMap<>();
        List<String> forgotten = new ArrayList<>();
        List<String> all = List.copyOf(ids);
        for (int from = 0; from < all.size(); from += KEYS_PER_QUERY) {
            List<String> some = all.subList(from, Math.min(all.size(), from + KEYS_PER_QUERY));
            String places = some.stream().map(id -> "?").collect(Collectors.joining(", "));
            try (PreparedStatement select =
                    connection.prepareStatement("select id, fingerprint, epoch, first_offset, count_, time_"
                            + " from idempotency where id in (" + places + ")")) {
                for (int i = 0; i < some.size(); i++) select.setString(i + 1, some.get(i));
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        String id = row.getString(1);
                        if (row.getLong(6) <= forgottenUpTo(now)) {
                            forgotten.add(id);
                        } else {
                            found.put(
                                    id,
                                    new Known(id, row.getString(2), row.getString(3), row.getLong(4), row.getInt(5)));
                        }
                    }
                }
            }
        }
        delete(connection, forgotten);
        return found;
    }

    static void insert(Connection connection, Collection<Known> keys, Instant now) throws SQLException {
        if (keys.isEmpty()) return;
        try (PreparedStatement insert =
                connection.prepareStatement("insert into idempotency (id, fingerprint, epoch, first_offset, count_,"
                        + " time_) values (?, ?, ?, ?, ?, ?)")) {
            for (Known key : keys) {
                insert.setString(1, key.id);
                insert.setString(2, key.fingerprint);
                insert.setString(3, key.epoch);
                insert.setLong(4, key.first);
                insert.setInt(5, key.count);
                insert.setLong(6, now.toEpochMilli());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** At most {@code limit} keys whose day is over. */
    static List<String> old(Connection connection, Instant now, int limit) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select id from idempotency where time_ <= ? order by time_ limit ?")) {
            select.setLong(1, forgottenUpTo(now));
            select.setInt(2, limit);
            List<String> ids = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) ids.add(row.getString(1));
            }
            return ids;
        }
    }

    static void delete(Connection connection, List<String> ids) throws SQLException {
        if (ids.isEmpty()) return;
        try (PreparedStatement delete = connection.prepareStatement("delete from idempotency where id = ?")) {
            for (String id : ids) {
                delete.setString(1, id);
                delete.addBatch();
            }
            delete.executeBatch();
        }
    }

    private static long forgottenUpTo(Instant now) {
        return now.minus(KEPT).toEpochMilli();
    }
}
