package org.bongsu.log;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A store whose disk is a map: for tests of everything that stands on the port.
 *
 * <p>It runs the same {@link MessageStoreContract} as the real ones. Its disk outlives it, can be shared by several
 * stores (nodes), and can be made to fail.
 */
public class MemoryMessageStore implements MessageStore {
    private static final Duration KEPT_KEYS = Duration.ofHours(24);

    /** What survives the store. Its monitor guards it. */
    public static final class Disk {
        private String epoch = "m0";
        private long head;
        private long trimVersion;
        private int epochs;
        private final NavigableMap<Long, Draft> drafts = new TreeMap<>();
        private final Map<Topic, Trim> trims = new HashMap<>();
        private final Map<List<String>, Seen> keys = new HashMap<>();

        /** Leaves a version that no trim carries, as an early release did when two nodes trimmed the same messages. */
        public synchronized void skipTrimVersion() {
            trimVersion++;
        }

        /** Makes room: the messages are gone, but not that there have been any. */
        public synchronized void forget() {
            drafts.clear();
        }

        /** Loses everything, as a database does that is replaced by an empty one. */
        public synchronized void wipe() {
            epoch = "m" + ++epochs;
            head = 0;
            trimVersion = 0;
            drafts.clear();
            trims.clear();
            keys.clear();
        }
    }

    private record Seen(Instant time, String fingerprint, List<Cursor> ids) {}

    private final Disk disk;
    private final boolean shared;
    private final Clock clock;

    private int appendsThatFail;
    private boolean failuresLand;

    @Nullable private volatile String broken;

    // Whoever writes.
    private long attemptedAfter = -1;

    public MemoryMessageStore() {
        this(new Disk(), false, Clock.systemUTC());
    }

    /** @param shared whether other stores may write to {@code disk} */
    public MemoryMessageStore(Disk disk, boolean shared, Clock clock) {
        this.disk = disk;
        this.shared = shared;
        this.clock = clock;
    }

    public Disk disk() {
        return disk;
    }

    /**
     * Makes the next {@code count} appends fail.
     *
     * @param land whether the groups reach the log nevertheless, as when a connection breaks after the commit
     */
    public synchronized void failAppends(int count, boolean land) {
        appendsThatFail = count;
        failuresLand = land;
    }

    /** Makes everything fail until {@link #heal}. */
    public void breakDown(String why) {
        broken = why;
    }

    public void heal() {
        broken = null;
    }

    @Override
    public Head open() throws StoreException {
        return head();
    }

    @Override
    public String description() {
        return "memory";
    }

    @Override
    public boolean isShared() {
        return shared;
    }

    @Override
    public Head head() throws StoreException {
        check();
        synchronized (disk) {
            return new Head(disk.epoch, disk.head, disk.trimVersion);
        }
    }

    @Override
    public @Nullable Appended appendAtOnce(List<Publication> group) throws StoreException {
        for (Publication publication : group) if (publication.once() != null) return null;
        return append(group);
    }

    @Override
    public Appended append(List<Publication> group) throws StoreException {
        attemptedAfter = -1;
        check();
        boolean fails = fails();
        if (fails && !failuresLand) throw new StoreException("the disk was told to fail");
        Appended appended;
        synchronized (disk) {
            attemptedAfter = disk.head;
            List<Receipt> receipts = new ArrayList<>();
            for (Publication publication : group) receipts.add(append(publication));
            appended = new Appended(disk.epoch, attemptedAfter, receipts);
        }
        if (fails) throw new StoreException("the disk was told to fail after the commit");
        attemptedAfter = -1;
        return appended;
    }

    private synchronized boolean fails() {
        if (appendsThatFail == 0) return false;
        appendsThatFail--;
        return true;
    }

    private Receipt append(Publication publication) {
        Publication.Once once = publication.once();
        List<String> key = once == null ? List.of() : List.of(once.principal(), once.key());
        Seen seen = disk.keys.get(key);
        if (once != null && seen != null && seen.time.plus(KEPT_KEYS).isAfter(clock.instant())) {
            return seen.fingerprint.equals(once.fingerprint())
                    ? new Receipt.Repeated(seen.ids)
                    : new Receipt.KeyReused();
        }
        if (publication.isLate()) return new Receipt.Late();
        List<Cursor> ids = new ArrayList<>();
        for (Draft draft : publication.drafts()) {
            disk.drafts.put(++disk.head, draft);
            ids.add(new Cursor(disk.epoch, disk.head));
        }
        if (once != null) disk.keys.put(key, new Seen(clock.instant(), once.fingerprint(), List.copyOf(ids)));
        return new Receipt.Published(List.copyOf(ids));
    }

    @Override
    public @Nullable Appended settle(List<Publication> group, boolean withdraw) throws StoreException {
        check();
        if (attemptedAfter < 0) return null;
        long before = attemptedAfter;
        attemptedAfter = -1;
        synchronized (disk) {
            List<Receipt> receipts = new ArrayList<>();
            long next = before;
            for (Publication publication : group) {
                List<Cursor> ids = new ArrayList<>();
                for (Draft draft : publication.drafts()) {
                    if (!draft.equals(disk.drafts.get(++next))) return null;
                    ids.add(new Cursor(disk.epoch, next));
                }
                receipts.add(new Receipt.Published(List.copyOf(ids)));
            }
            if (withdraw && !shared) {
                disk.drafts.tailMap(before, false).clear();
                disk.head = before;
                disk.keys.values().removeIf(seen -> seen.ids.get(0).offset() > before);
                return null;
            }
            return new Appended(disk.epoch, before, receipts);
        }
    }

    @Override
    public Page readAfter(long after, long upTo, Selection selection, int limit, long maxBytes) throws StoreException {
        check();
        synchronized (disk) {
            if (upTo <= after) return new Page(disk.epoch, List.of(), Math.max(after, upTo), disk.trimVersion);
            return read(disk.drafts.subMap(after, false, upTo, true), upTo, selection, limit, maxBytes);
        }
    }

    @Override
    public Page readBefore(long before, Selection selection, int limit, long maxBytes) throws StoreException {
        check();
        synchronized (disk) {
            return read(disk.drafts.headMap(before, false).descendingMap(), 1, selection, limit, maxBytes);
        }
    }

    private Page read(NavigableMap<Long, Draft> range, long end, Selection selection, int limit, long maxBytes) {
        List<Message> messages = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<Long, Draft> entry : range.entrySet()) {
            Message message = message(entry.getKey(), entry.getValue());
            if (!isSelected(message, selection)) continue;
            messages.add(message);
            bytes += message.json().length;
            if (messages.size() >= limit || bytes >= maxBytes) {
                return new Page(disk.epoch, List.copyOf(messages), message.offset(), disk.trimVersion);
            }
        }
        return new Page(disk.epoch, List.copyOf(messages), end, disk.trimVersion);
    }

    private static boolean isSelected(Message message, Selection selection) {
        return !message.hasExpired(selection.now())
                && (selection.types().isEmpty()
                        || selection.types().contains(message.draft().type()))
                && (selection.priorities().isEmpty()
                        || selection.priorities().contains(message.draft().priority()))
                && selection.interest().matches(message.topic());
    }

    private Message message(long offset, Draft draft) {
        return new Message(new Cursor(disk.epoch, offset), draft);
    }

    @Override
    public @Nullable Message find(long offset) throws StoreException {
        check();
        synchronized (disk) {
            Draft draft = disk.drafts.get(offset);
            return draft == null ? null : message(offset, draft);
        }
    }

    @Override
    public List<Trim> trimsSince(long version) throws StoreException {
        check();
        synchronized (disk) {
            return disk.trims.values().stream()
                    .filter(trim -> trim.version() > version)
                    .toList();
        }
    }

    @Override
    public void trim(Retention retention, Instant now) throws StoreException {
        check();
        synchronized (disk) {
            disk.keys.values().removeIf(seen -> !seen.time.plus(KEPT_KEYS).isAfter(now));
            disk.drafts.values().removeIf(draft -> hasExpired(draft, now));
            Map<Topic, Long> through = new HashMap<>();
            Map<Topic, long[]> kept = new HashMap<>();
            Set<Topic> full = new HashSet<>();
            for (Iterator<Map.Entry<Long, Draft>> newestFirst =
                            disk.drafts.descendingMap().entrySet().iterator();
                    newestFirst.hasNext(); ) {
                Map.Entry<Long, Draft> entry = newestFirst.next();
                Draft draft = entry.getValue();
                long[] countAndBytes = kept.computeIfAbsent(draft.topic(), topic -> new long[2]);
                countAndBytes[0]++;
                countAndBytes[1] += draft.content().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
                boolean old = !retention.age().isZero() && draft.time().isBefore(now.minus(retention.age()));
                boolean many = retention.count() > 0 && countAndBytes[0] > retention.count();
                boolean large = retention.bytes() > 0 && countAndBytes[1] > retention.bytes();
                if (many || large) full.add(draft.topic());
                if (!old && !full.contains(draft.topic())) continue;
                through.putIfAbsent(draft.topic(), entry.getKey());
                newestFirst.remove();
            }
            through.forEach((topic, offset) -> disk.trims.merge(
                    topic,
                    new Trim(topic, offset, ++disk.trimVersion),
                    (old, trim) -> new Trim(topic, Math.max(old.through(), offset), trim.version())));
        }
    }

    private static boolean hasExpired(Draft draft, Instant now) {
        Instant expires = draft.expires();
        return expires != null && !expires.isAfter(now);
    }

    @Override
    public void close() {}

    private void check() throws StoreException {
        String why = broken;
        if (why != null) throw new StoreException(why);
    }
}
