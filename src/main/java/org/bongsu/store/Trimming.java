package org.bongsu.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bongsu.log.Retention;
import org.bongsu.log.StoreException;
import org.jspecify.annotations.Nullable;

/**
 * Removes what is no longer kept, a few hundred rows at a time, so that an append waits some milliseconds at most.
 *
 * <p>It costs next to nothing when there is nothing to do: age is looked for from the oldest message on until one is young
 * enough, count and size only in topics which {@link TopicSizes} says exceed them, expiry and keys by their own index.
 *
 * <p>Threads: one at a time.
 */
final class Trimming {
    /** How the steps reach the database. */
    interface Access {
        <T> T read(Database.Work<T> work) throws StoreException;

        /** In one transaction. */
        <T> T write(Database.Work<T> work) throws StoreException;
    }

    // Ordered as the index is, from its first column on, or H2 would read and sort all that there is of the topic.
    static final String NEWEST_OF_TOPIC =
            "select offset_, bytes from message where topic = ? and offset_ < ? order by topic desc, offset_ desc limit ?";
    static final String OLDEST_OF_TOPIC = "select offset_, topic, 0, null, bytes from message"
            + " where topic = ? and offset_ <= ? order by topic, offset_ limit ?";

    private static final int STEP = 250;
    private static final int LOOK = 2_000;
    private static final int GATHERED = 20_000;
    /** A message from further in the future has a time that was wrong; it must not keep all later ones alive. */
    private static final Duration FUTURE = Duration.ofHours(1);

    private record Old(long offset, String topic, long time, boolean expired, int bytes) {}

    private final Access access;
    private final TopicSizes sizes;

    /** What lies up to here has been removed for its age, or has a time from the future. */
    private long agedTo;

    @Nullable private String epoch;

    private boolean changed;

    Trimming(Access access, TopicSizes sizes) {
        this.access = access;
        this.sizes = sizes;
    }

    /** @return whether anything has been removed */
    boolean trim(Retention retention, Instant now) throws StoreException {
        changed = false;
        String present = access.read(LogHead::read).epoch();
        if (!present.equals(epoch)) {
            // Another history: nothing is known about it.
            epoch = present;
            agedTo = 0;
            sizes.clear();
        }
        forgetKeys(now);
        removeExpired(now);
        if (!retention.age().isZero()) removeOld(now.minus(retention.age()), now);
        if (retention.count() > 0 || retention.bytes() > 0) removeExcess(retention.count(), retention.bytes());
        return changed;
    }

    private void forgetKeys(Instant now) throws StoreException {
        while (true) {
            List<String> old = access.read(connection -> KeyTable.old(connection, now, STEP));
            if (old.isEmpty()) return;
            write((connection, head) -> KeyTable.delete(connection, old));
        }
    }

    private void removeExpired(Instant now) throws StoreException {
        while (true) {
            List<Long> expired = access.read(connection -> expired(connection, now));
            if (expired.isEmpty()) return;
            List<Old> rows = new ArrayList<>();
            write((connection, head) -> {
                for (long offset : expired) {
                    MessageTable.Row row = MessageTable.find(connection, offset);
                    if (row != null) {
                        rows.add(new Old(offset, row.draft().topic().name(), 0, true, row.bytes()));
                    }
                }
                delete(connection, "message", expired);
                delete(connection, "expiry", expired);
            });
            forget(rows);
        }
    }

    private static List<Long> expired(Connection connection, Instant now) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "select offset_ from expiry where expires <= ? order by expires, offset_ limit ?")) {
            select.setLong(1, now.toEpochMilli());
            select.setInt(2, STEP);
            List<Long> offsets = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) offsets.add(row.getLong(1));
            }
            return offsets;
        }
    }

    private void removeOld(Instant oldest, Instant now) throws StoreException {
        boolean more = true;
        while (more) {
            List<Old> rows = access.read(connection -> rowsAfter(connection, agedTo, now));
            more = rows.size() == STEP;
            List<Old> old = new ArrayList<>();
            long seenTo = agedTo;
            for (Old row : rows) {
                if (row.time < oldest.toEpochMilli()) {
                    old.add(row);
                } else if (row.time <= now.plus(FUTURE).toEpochMilli()) {
                    more = false;
                    break;
                }
                seenTo = row.offset;
            }
            if (!old.isEmpty()) remove(old);
            agedTo = seenTo;
        }
    }

    private static List<Old> rowsAfter(Connection connection, long offset, Instant now) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select offset_, topic, time_, expires, bytes"
                + " from message where offset_ > ? order by offset_ limit ?")) {
            select.setLong(1, offset);
            select.setInt(2, STEP);
            return rows(select, now.toEpochMilli());
        }
    }

    private static List<Old> rows(PreparedStatement select, long now) throws SQLException {
        List<Old> rows = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                long expires = row.getLong(4);
                boolean expired = !row.wasNull() && expires <= now;
                rows.add(new Old(row.getLong(1), row.getString(2), row.getLong(3), expired, row.getInt(5)));
            }
        }
        return rows;
    }

    private void removeExcess(long maxCount, long maxBytes) throws StoreException {
        countNews();
        Map<String, Long> lastTooMany = new HashMap<>();
        for (String topic : sizes.exceeding(maxCount, maxBytes)) {
            TopicSizes.Size hint = sizes.get(topic);
            if (hint == null) continue;
            Look look = access.read(connection -> look(connection, topic, maxCount, maxBytes));
            if (look.lastTooMany > 0) lastTooMany.put(topic, look.lastTooMany);
            else sizes.correct(topic, hint, look.kept);
        }
        // The messages of one topic lie scattered, and every page of the table that is touched is written anew: the
        // topics'
        // oldest together, in the order of the log, touch each page once.
        while (!lastTooMany.isEmpty()) {
            List<Old> excess = new ArrayList<>(access.read(connection -> oldestOf(connection, lastTooMany)));
            excess.sort(Comparator.comparingLong(Old::offset));
            for (int from = 0; from < excess.size(); from += STEP) {
                remove(excess.subList(from, Math.min(excess.size(), from + STEP)));
            }
        }
    }

    /** Takes the topics that it has brought all of out of {@code lastTooMany}. */
    private static List<Old> oldestOf(Connection connection, Map<String, Long> lastTooMany) throws SQLException {
        int each = Math.max(STEP, GATHERED / lastTooMany.size());
        List<Old> oldest = new ArrayList<>();
        for (String topic : List.copyOf(lastTooMany.keySet())) {
            if (oldest.size() >= GATHERED) break;
            List<Old> some = oldestOf(connection, topic, lastTooMany.getOrDefault(topic, 0L), each);
            oldest.addAll(some);
            if (some.size() < each) lastTooMany.remove(topic);
        }
        return oldest;
    }

    /** Other nodes append, too, and the first time everything is news. */
    private void countNews() throws StoreException {
        TopicSizes.Counted from = sizes.counted();
        long to = Math.min(
                from.next(), access.read(connection -> LogHead.read(connection).offset()));
        if (to <= from.to()) return;
        Map<String, TopicSizes.Size> news = access.read(connection -> {
            Map<String, TopicSizes.Size> found = new HashMap<>();
            try (PreparedStatement select = connection.prepareStatement("select topic, count(*), sum(bytes)"
                    + " from message where offset_ > ? and offset_ <= ? group by topic")) {
                select.setLong(1, from.to());
                select.setLong(2, to);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) found.put(row.getString(1), new TopicSizes.Size(row.getLong(2), row.getLong(3)));
                }
            }
            return found;
        });
        sizes.add(from, to, news);
    }

    /** @param lastTooMany the newest message of the topic that exceeds a limit, 0 if none does */
    private record Look(long lastTooMany, TopicSizes.Size kept) {}

    /** Newest first, so that it makes no difference if another node removes from the other end meanwhile. */
    private static Look look(Connection connection, String topic, long maxCount, long maxBytes) throws SQLException {
        long before = Long.MAX_VALUE;
        TopicSizes.Size kept = new TopicSizes.Size(0, 0);
        try (PreparedStatement select = connection.prepareStatement(NEWEST_OF_TOPIC)) {
            while (true) {
                select.setString(1, topic);
                select.setLong(2, before);
                select.setInt(3, LOOK);
                int found = 0;
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        found++;
                        before = row.getLong(1);
                        TopicSizes.Size more = new TopicSizes.Size(kept.count() + 1, kept.bytes() + row.getLong(2));
                        if (more.exceeds(maxCount, maxBytes)) return new Look(before, kept);
                        kept = more;
                    }
                }
                if (found < LOOK) return new Look(0, kept);
            }
        }
    }

    private static List<Old> oldestOf(Connection connection, String topic, long upTo, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(OLDEST_OF_TOPIC)) {
            select.setString(1, topic);
            select.setLong(2, upTo);
            select.setInt(3, limit);
            return rows(select, 0);
        }
    }

    /** Removes messages and, in the same transaction, says so. */
    private void remove(List<Old> rows) throws StoreException {
        List<Long> offsets = rows.stream().map(Old::offset).toList();
        write((connection, head) -> {
            Set<Long> deleted = delete(connection, "message", offsets);
            delete(connection, "expiry", offsets);
            Map<String, Long> through = new HashMap<>();
            for (Old row : rows) {
                // What another node has removed meanwhile it has also told of.
                if (!row.expired && deleted.contains(row.offset)) through.merge(row.topic, row.offset, Math::max);
            }
            // A version that no trim carries would be waited for in vain by every node.
            if (through.isEmpty()) return;
            long version = head.trims() + 1;
            recordTrims(connection, through, version);
            LogHead.setTrims(connection, version);
        });
        forget(rows);
    }

    /** A topic that has been trimmed further already is told of once more: who has read past that must hear of this. */
    private static void recordTrims(Connection connection, Map<String, Long> through, long version)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select through from topic_trim where topic = ?");
                PreparedStatement update =
                        connection.prepareStatement("update topic_trim set through = ?, version = ? where topic = ?");
                PreparedStatement insert = connection.prepareStatement(
                        "insert into topic_trim (through, version, topic) values (?, ?, ?)")) {
            int known = 0;
            for (Map.Entry<String, Long> trim : through.entrySet()) {
                long reach = trim.getValue();
                PreparedStatement record = insert;
                select.setString(1, trim.getKey());
                try (ResultSet row = select.executeQuery()) {
                    if (row.next()) {
                        reach = Math.max(reach, row.getLong(1));
                        record = update;
                        known++;
                    }
                }
                record.setLong(1, reach);
                record.setLong(2, version);
                record.setString(3, trim.getKey());
                record.addBatch();
            }
            if (known > 0) update.executeBatch();
            if (known < through.size()) insert.executeBatch();
        }
    }

    /** @return those that were there */
    private static Set<Long> delete(Connection connection, String table, List<Long> offsets) throws SQLException {
        Set<Long> deleted = new HashSet<>();
        try (PreparedStatement delete = connection.prepareStatement("delete from " + table + " where offset_ = ?")) {
            for (long offset : offsets) {
                delete.setLong(1, offset);
                delete.addBatch();
            }
            int[] counts = delete.executeBatch();
            // A driver may not say how many.
            for (int i = 0; i < counts.length; i++) if (counts[i] != 0) deleted.add(offsets.get(i));
        }
        return deleted;
    }

    private void forget(List<Old> rows) {
        for (Old row : rows) sizes.removed(row.topic, row.offset, row.bytes);
    }

    private interface Step {
        void on(Connection connection, LogHead head) throws SQLException;
    }

    private void write(Step step) throws StoreException {
        changed = true;
        access.write(connection -> {
            // First, so that nodes wait for each other here and nowhere else: in any other order two could wait for
            // ever.
            LogHead head = LogHead.lock(connection);
            step.on(connection, head);
            return head;
        });
    }
}
