package org.bongsu.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.bongsu.log.Cursor;
import org.bongsu.log.Draft;
import org.bongsu.log.Head;
import org.bongsu.log.Message;
import org.bongsu.log.MessageStore;
import org.bongsu.log.Publication;
import org.bongsu.log.Receipt;
import org.bongsu.log.Retention;
import org.bongsu.log.StoreException;
import org.bongsu.log.Topic;
import org.bongsu.log.Trim;
import org.jspecify.annotations.Nullable;

/**
 * The log in a database: the embedded H2, or one that several nodes share.
 *
 * <p>In a shared database a group is one transaction that locks the counter row first, so offsets are dense and become visible
 * in order with any number of nodes. Idempotency keys are part of the same transaction.
 *
 * <p>A database of this process alone has a {@link Journal}: a group is acknowledged when it is there, and gets into the
 * tables with many others. Whatever reads the tables reads the journal as well; whatever changes them drains it first.
 *
 * <p>After a failed write nothing is written until {@link #open} has thrown away every connection and file handle.
 *
 * <p>Threads: as {@link MessageStore} says. {@link #writing} makes appends, steps of retention and reopening exclude each
 * other, so that a sync finds all that has been written and no connection is used by two; reads need no lock.
 */
public final class JdbcMessageStore implements MessageStore {
    private static final System.Logger LOGGER = System.getLogger(JdbcMessageStore.class.getName());

    private static final int EPOCH_LENGTH = 6;
    private static final int TIDY_STEPS = 20;

    /** How long something may be in the journal only: the less often, the more get into the tables in one commit. */
    private static final long DRAIN_SECONDS = 5;

    /** How often it is written down how far the log has been. Three syncs a time are felt where lone messages come. */
    private static final long HEAD_FILE_SECONDS = 5;

    /** The same where another machine may lose what it has acknowledged, when it takes over from the one that did. */
    private static final long SHARED_HEAD_FILE_SECONDS = 1;

    private final Database database;
    private final Clock clock;

    @Nullable private final Path home;

    @Nullable private final HeadFile headFile;

    @Nullable private final Journal journal;

    private final SecureRandom random = new SecureRandom();

    private final ReentrantLock writing = new ReentrantLock(true);
    private final ReentrantLock trimming = new ReentrantLock();

    // Guarded by writing.
    /** The group whose append failed, until it is settled. */
    @Nullable private Attempt attempt;

    /** How far the log goes, with the journal, while that is known without asking: nobody else appends to a database of our own. */
    @Nullable private LogHead present;

    @Nullable private ScheduledExecutorService timer;

    private boolean closed;

    // Guarded by trimming.
    private final Trimming retention;

    private final TopicSizes sizes = new TopicSizes();

    /** Nothing may be written before the database has been opened anew. Written by any thread. */
    private volatile boolean broken = true;

    /** How far the log is known to have been. Never more than what is durable. */
    @Nullable private volatile Cursor known;

    // Guarded by headFile's own user, the timer; after its end by close.
    @Nullable private Cursor written;

    /** What a group would have become: where, and the receipts, which name the epoch that it had. */
    private record Attempt(
            List<Publication> group, String epoch, long before, List<Draft> drafts, List<Receipt> receipts) {}

    /** The log in an H2 database of this process alone, in the folder {@code home}, which is made if there is none. */
    public static JdbcMessageStore embedded(Path home, Durability durability, Clock clock) {
        return new JdbcMessageStore(new EmbeddedDatabase(home.resolve("bongsu"), durability), home, clock);
    }

    /**
     * The log in a database that other nodes may use, too.
     *
     * @param home where this node remembers how far the log has been; without it a database that comes back older is noticed
     *     only by a node that has been running all the time
     */
    public static JdbcMessageStore shared(
            DataSource dataSource, @Nullable Path home, Durability durability, Clock clock) {
        return new JdbcMessageStore(new SharedDatabase(dataSource, durability), home, clock);
    }

    JdbcMessageStore(Database database, @Nullable Path home, Clock clock) {
        this.database = database;
        this.journal = database.journal();
        this.home = home;
        this.headFile = home == null ? null : new HeadFile(home.resolve("head"));
        this.clock = clock;
        this.retention = new Trimming(
                new Trimming.Access() {
                    @Override
                    public <T> T read(Database.Work<T> work) throws StoreException {
                        drainForRetention();
                        return JdbcMessageStore.this.read(work);
                    }

                    @Override
                    public <T> T write(Database.Work<T> work) throws StoreException {
                        return JdbcMessageStore.this.write(work);
                    }
                },
                sizes);
    }

    @Override
    public String description() {
        return database.description();
    }

    @Override
    public boolean isShared() {
        return database.isShared();
    }

    @Override
    public Head open() throws StoreException {
        writing.lock();
        try {
            if (closed) throw new StoreException("the store has been closed");
            return reopen();
        } finally {
            writing.unlock();
        }
    }

    private Head reopen() throws StoreException {
        broken = true;
        present = null;
        boolean isOpen = false;
        try {
            if (home != null) Files.createDirectories(home);
            if (journal != null && journal.isDistrusted()) database.distrust();
            database.open();
            isOpen = true;
            Connection connection = database.writer();
            Schema.migrate(connection, database.dialect());
            Cursor leftOut = replay(connection);
            LogHead head = headOfThisHistory(connection, leftOut);
            broken = false;
            // A group that is still to be settled may be withdrawn, so it does not count yet.
            if (attempt == null) know(head.cursor());
            startTimer();
            return new Head(head.epoch(), head.offset(), head.trims());
        } catch (SQLException | IOException | RuntimeException e) {
            database.distrust();
            // Until then it may be another process's.
            if (isOpen && journal != null) journal.distrust();
            database.openToRead();
            throw failure("the database cannot be opened", e);
        }
    }

    /**
     * Brings into the tables what was only in the journal when the database went down.
     *
     * @return how far the log has been, if the tables are not those that the journal goes on from
     */
    private @Nullable Cursor replay(Connection connection) throws SQLException, IOException {
        if (journal == null) return null;
        List<Journal.Entry> left = journal.left();
        LogHead head = LogHead.exists(connection) ? LogHead.read(connection) : new LogHead("", 0, 0);
        List<Journal.Entry> missing = left.stream()
                .filter(entry -> !entry.epoch().equals(head.epoch()) || entry.first() > head.offset())
                .toList();
        Cursor leftOut = null;
        if (!missing.isEmpty()) {
            Journal.Entry first = missing.get(0);
            if (first.epoch().equals(head.epoch()) && first.first() == head.offset() + 1) {
                // A key whose day was over may have come back, if its removal never reached the disk.
                for (Journal.Entry entry : missing) KeyTable.delete(connection, entry.keyIds());
                insert(connection, missing);
            } else {
                leftOut = new Cursor(
                        first.epoch(), missing.get(missing.size() - 1).last());
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "The journal goes on from {0} to {1}, but the database is at {2}; the journal is set aside.",
                        new Cursor(first.epoch(), first.first() - 1),
                        leftOut,
                        head.cursor());
                journal.setAside();
            }
        }
        // What the tables show of it may have been written, but not synced, by a process that was killed.
        connection.commit();
        database.makeDurable();
        journal.forget();
        journal.start();
        return leftOut;
    }

    /**
     * Reads how far the log goes, and starts another epoch if it does not continue what this node knows.
     *
     * @param leftOut how far the log has been, if anything else tells
     */
    private LogHead headOfThisHistory(Connection connection, @Nullable Cursor leftOut) throws SQLException {
        // Several nodes may get here at once; the lock on the schema is the only one that does not need the row.
        database.dialect().lockMigrations(connection);
        if (!LogHead.exists(connection)) LogHead.create(connection, randomEpoch());
        LogHead head = LogHead.lock(connection);
        Cursor remembered = headFile == null ? null : headFile.read();
        for (Cursor before : new Cursor[] {known, remembered, leftOut}) {
            if (before == null || continues(connection, head, before)) continue;
            String epoch = randomEpoch();
            head.replaceEpoch(connection, epoch, clock.millis());
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "The log has been at {0}, but the database is at {1}: it has lost messages, or is another one."
                            + " Its messages go on under the new epoch {2}, and every reader is told to start anew.",
                    before,
                    head.cursor(),
                    epoch);
            head = new LogHead(epoch, head.offset(), head.trims());
            known = null;
            break;
        }
        connection.commit();
        database.makeDurable();
        return head;
    }

    private static boolean continues(Connection connection, LogHead head, Cursor before) throws SQLException {
        if (head.epoch().equals(before.epoch())) return head.offset() >= before.offset();
        // Another node has started the present epoch, or this one just before it went down.
        return LogHead.isFormerEpoch(connection, before.epoch());
    }

    private String randomEpoch() {
        StringBuilder epoch = new StringBuilder();
        for (int i = 0; i < EPOCH_LENGTH; i++) epoch.append(Character.forDigit(random.nextInt(36), 36));
        return epoch.toString();
    }

    @Override
    public Head head() throws StoreException {
        // Asked for before the database is: whatever was known by then, the database must have now.
        Cursor before = known;
        Cursor journaled = journal == null ? null : journal.end();
        LogHead head = read(LogHead::read);
        if (!database.isShared()) {
            if (journaled == null || !journaled.epoch().equals(head.epoch())) journaled = head.cursor();
            return new Head(head.epoch(), Math.max(head.offset(), journaled.offset()), head.trims());
        }
        if (before != null && before.epoch().equals(head.epoch()) && head.offset() < before.offset()) {
            head = write(connection -> headOfThisHistory(connection, null));
        }
        know(head.cursor());
        return new Head(head.epoch(), head.offset(), head.trims());
    }

    private synchronized void know(Cursor head) {
        Cursor before = known;
        boolean further = before == null || !before.epoch().equals(head.epoch()) || before.offset() < head.offset();
        if (further) known = head;
    }

    @Override
    public Appended append(List<Publication> group) throws StoreException {
        writing.lock();
        try {
            checkUsable();
            attempt = null;
            Connection connection = database.writer();
            LogHead head = headToAppendTo(connection);
            Cursor before = known;
            if (before != null && before.epoch().equals(head.epoch()) && head.offset() < before.offset()) {
                throw new SQLException("the database has gone back from " + before + " to " + head.cursor());
            }
            Map<String, KeyTable.Known> newKeys = new LinkedHashMap<>();
            Attempt plan = plan(connection, group, head, newKeys);
            attempt = plan;
            long last = head.offset() + plan.drafts.size();
            keep(
                    connection,
                    new Journal.Entry(
                            head.epoch(),
                            head.offset() + 1,
                            clock.instant(),
                            plan.drafts,
                            List.copyOf(newKeys.values())));
            Appended appended = new Appended(head.epoch(), head.offset(), plan.receipts);
            Cursor end = new Cursor(head.epoch(), last);
            LogHead next = new LogHead(head.epoch(), last, head.trims());
            sizes.appended(head.offset(), plan.drafts);
            // Whatever fails above, the group is found again; and only what can no longer be withdrawn is known.
            attempt = null;
            present = next;
            know(end);
            return appended;
        } catch (SQLException | IOException e) {
            breakDown();
            throw failure("the database cannot be written", e);
        } catch (RuntimeException | Error e) {
            breakDown();
            throw e;
        } finally {
            writing.unlock();
        }
    }

    @Override
    public @Nullable Appended appendAtOnce(List<Publication> group) throws StoreException {
        if (writing.hasQueuedThreads() || !writing.tryLock()) return null;
        try {
            return takesAtOnce(group) ? append(group) : null;
        } finally {
            writing.unlock();
        }
    }

    /** Whether all that this asks of the disk is a record in the journal. */
    private boolean takesAtOnce(List<Publication> group) {
        if (closed || broken || journal == null || present == null) return false;
        int length = 0;
        for (Publication publication : group) {
            if (publication.once() != null || publication.isLate()) return false;
            for (Draft draft : publication.drafts()) {
                if (!MessageTable.takes(draft)) return false;
                length += Journal.mostBytes(draft);
            }
        }
        return journal.takes(length);
    }

    /** Returns when the group is durable: in the journal if there is one, and room in it, else in the tables. */
    private void keep(Connection connection, Journal.Entry group) throws SQLException, IOException {
        if (group.drafts().isEmpty()) {
            connection.commit();
            return;
        }
        // What the tables might refuse must be refused now.
        if (journal != null && group.drafts().stream().allMatch(MessageTable::takes)) {
            byte[] record = Journal.record(group);
            if (!journal.takes(record.length)) drain(connection);
            if (journal.takes(record.length)) {
                journal.append(group, record);
                return;
            }
        }
        insert(connection, List.of(group));
    }

    /** Brings into the tables what is only in the journal. */
    private void drain(Connection connection) throws SQLException {
        if (journal == null || journal.isEmpty()) return;
        insert(connection, journal.entries());
        journal.forget();
    }

    private void insert(Connection connection, List<Journal.Entry> groups) throws SQLException {
        List<Draft> drafts = new ArrayList<>();
        for (Journal.Entry group : groups) {
            drafts.addAll(group.drafts());
            KeyTable.insert(connection, group.keys(), group.time());
        }
        MessageTable.insert(connection, groups.get(0).first(), drafts);
        LogHead.setOffset(connection, groups.get(groups.size() - 1).last());
        connection.commit();
        database.makeDurable();
    }

    private LogHead headToAppendTo(Connection connection) throws SQLException {
        if (database.isShared()) return LogHead.lock(connection);
        // H2 parses a statement with a lock anew each time, and there is nobody to lock out.
        LogHead head = present;
        if (head != null) return head;
        drain(connection);
        return LogHead.read(connection);
    }

    private Attempt plan(
            Connection connection, List<Publication> group, LogHead head, Map<String, KeyTable.Known> newKeys)
            throws SQLException {
        List<String> ids = group.stream()
                .map(Publication::once)
                .filter(Objects::nonNull)
                .map(KeyTable::id)
                .distinct()
                .toList();
        if (journal != null && journal.knowsAny(ids)) drain(connection);
        Map<String, KeyTable.Known> keys = ids.isEmpty() ? Map.of() : KeyTable.find(connection, ids, clock.instant());
        // Keys that are over have been removed, and the journal needs no transaction.
        if (journal != null && !ids.isEmpty()) connection.commit();
        List<Draft> drafts = new ArrayList<>();
        List<Receipt> receipts = new ArrayList<>();
        for (Publication publication : group) {
            Publication.Once once = publication.once();
            String id = once == null ? "" : KeyTable.id(once);
            KeyTable.Known seen = keys.containsKey(id) ? keys.get(id) : newKeys.get(id);
            if (once != null && seen != null) {
                boolean same = seen.fingerprint().equals(once.fingerprint());
                receipts.add(same ? new Receipt.Repeated(seen.ids()) : new Receipt.KeyReused());
                continue;
            }
            if (publication.isLate()) {
                receipts.add(new Receipt.Late());
                continue;
            }
            long first = head.offset() + drafts.size() + 1;
            int count = publication.drafts().size();
            drafts.addAll(publication.drafts());
            receipts.add(new Receipt.Published(LongStream.range(first, first + count)
                    .mapToObj(offset -> new Cursor(head.epoch(), offset))
                    .toList()));
            if (once != null) newKeys.put(id, new KeyTable.Known(id, once.fingerprint(), head.epoch(), first, count));
        }
        return new Attempt(List.copyOf(group), head.epoch(), head.offset(), List.copyOf(drafts), receipts);
    }

    @Override
    public @Nullable Appended settle(List<Publication> group, boolean withdraw) throws StoreException {
        writing.lock();
        try {
            if (broken) throw new StoreException("the database has to be opened anew first");
            present = null;
            Attempt failed = attempt;
            if (failed == null || !failed.group.equals(group)) {
                attempt = null;
                return null;
            }
            return settle(database.writer(), failed, withdraw && !database.isShared());
        } catch (SQLException e) {
            breakDown();
            throw failure("what became of the last group is not known", e);
        } finally {
            writing.unlock();
        }
    }

    private @Nullable Appended settle(Connection connection, Attempt failed, boolean withdraw)
            throws SQLException, StoreException {
        // Waits for a transaction that the server has not ended yet: ours, of a broken connection.
        LogHead head = LogHead.lock(connection);
        boolean landed = head.epoch().equals(failed.epoch)
                && head.offset() >= failed.before + failed.drafts.size()
                && MessageTable.contains(connection, failed.before + 1, failed.drafts);
        if (landed && withdraw) withdraw(connection, failed);
        connection.commit();
        if (landed) database.makeDurable();
        // Retention may have counted it, and what takes its place would pass for counted.
        if (landed && withdraw) sizes.clear();
        attempt = null;
        long end = landed && withdraw ? failed.before : head.offset();
        know(new Cursor(head.epoch(), end));
        if (!landed || withdraw) return null;
        return new Appended(failed.epoch, failed.before, failed.receipts);
    }

    private static void withdraw(Connection connection, Attempt failed) throws SQLException {
        String[] deletes = {
            "delete from message where offset_ > ?",
            "delete from expiry where offset_ > ?",
            "delete from idempotency where first_offset > ? and epoch = ?"
        };
        for (String sql : deletes) {
            try (PreparedStatement delete = connection.prepareStatement(sql)) {
                delete.setLong(1, failed.before);
                if (sql.contains("epoch")) delete.setString(2, failed.epoch);
                delete.executeUpdate();
            }
        }
        LogHead.setOffset(connection, failed.before);
    }

    @Override
    public Page readAfter(long after, long upTo, Selection selection, int limit, long maxBytes) throws StoreException {
        return page(true, after, Math.max(after, upTo), selection, limit, maxBytes);
    }

    @Override
    public Page readBefore(long before, Selection selection, int limit, long maxBytes) throws StoreException {
        return page(false, before, Math.min(before, 1), selection, limit, maxBytes);
    }

    private Page page(boolean forward, long start, long end, Selection selection, int limit, long maxBytes)
            throws StoreException {
        Cursor head = known;
        int epochLength = head == null ? EPOCH_LENGTH : head.epoch().length();
        // Asked before the tables are: what gets there meanwhile is not read twice, see PageReader.
        List<Journal.Entry> journaled = journal == null ? List.of() : journal.entries();
        return read(connection -> {
            Page page = page(
                    connection,
                    new PageReader(connection, forward, start, end, selection, limit, maxBytes, epochLength),
                    journaled);
            if (journaled.isEmpty() || journaled.get(0).epoch().equals(page.epoch())) return page;
            // What was in the journal belongs to the history before.
            return page(
                    connection,
                    new PageReader(connection, forward, start, end, selection, limit, maxBytes, epochLength),
                    List.of());
        });
    }

    private static Page page(Connection connection, PageReader reader, List<Journal.Entry> journaled)
            throws SQLException {
        reader.read(journaled);
        // After the rows: what retention removes from now on has a greater version, and another history another epoch.
        LogHead now = LogHead.read(connection);
        List<Message> messages = reader.rows().stream()
                .map(row -> new Message(new Cursor(now.epoch(), row.offset()), row.draft()))
                .toList();
        return new Page(now.epoch(), messages, reader.scannedTo(), now.trims());
    }

    @Override
    public @Nullable Message find(long offset) throws StoreException {
        Message journaled = journal == null ? null : journal.find(offset);
        if (journaled != null) return journaled;
        List<Message> found = read(connection -> {
            MessageTable.Row row = MessageTable.find(connection, offset);
            if (row == null) return List.of();
            return List.of(new Message(new Cursor(LogHead.read(connection).epoch(), offset), row.draft()));
        });
        return found.isEmpty() ? null : found.get(0);
    }

    @Override
    public List<Trim> trimsSince(long version) throws StoreException {
        return read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "select topic, through, version from topic_trim where version > ? order by version")) {
                select.setLong(1, version);
                List<Trim> trims = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        trims.add(new Trim(new Topic(row.getString(1)), row.getLong(2), row.getLong(3)));
                    }
                }
                return trims;
            }
        });
    }

    @Override
    public void trim(Retention limits, Instant now) throws StoreException {
        trimming.lock();
        try {
            boolean changed = retention.trim(limits, now);
            if (changed) {
                write(connection -> {
                    database.makeDurable();
                    return true;
                });
            }
            // One by one, so that appends come in between.
            for (int i = 0; i < TIDY_STEPS && write(connection -> database.tidy()); i++) {}
        } finally {
            trimming.unlock();
        }
    }

    @Override
    public void close() {
        ScheduledExecutorService running;
        writing.lock();
        try {
            if (closed) return;
            closed = true;
            running = timer;
        } finally {
            writing.unlock();
        }
        if (running != null) {
            running.shutdown();
            try {
                running.awaitTermination(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        writeHead();
        writing.lock();
        try {
            closeJournal();
            broken = true;
            database.close();
        } finally {
            writing.unlock();
        }
    }

    private void closeJournal() {
        if (journal == null) return;
        try {
            if (!broken) {
                drain(database.writer());
                journal.remove();
                return;
            }
        } catch (SQLException | RuntimeException e) {
            breakDown();
            LOGGER.log(System.Logger.Level.WARNING, "the journal stays for the next start; nothing is lost", e);
        }
        journal.close();
    }

    private <T> T read(Database.Work<T> work) throws StoreException {
        try {
            if (!database.isReadable()) heal();
            return database.read(work);
        } catch (SQLException e) {
            throw failure("the database cannot be read", e);
        }
    }

    /** One step of retention, or a look at the head that changes it. */
    private <T> T write(Database.Work<T> work) throws StoreException {
        writing.lock();
        try {
            heal();
            present = null;
            Connection connection = database.writer();
            drain(connection);
            T result = work.on(connection);
            connection.commit();
            return result;
        } catch (SQLException e) {
            breakDown();
            throw failure("the database cannot be written", e);
        } catch (RuntimeException | Error e) {
            breakDown();
            throw e;
        } finally {
            writing.unlock();
        }
    }

    /** Opens the database anew where that is nobody else's business: no group waits to be settled. */
    private void heal() throws StoreException {
        if (!broken && database.isReadable()) return;
        writing.lock();
        try {
            if (!broken && database.isReadable()) return;
            if (closed) throw new StoreException("the store has been closed");
            if (attempt != null) throw new StoreException("the database is being opened anew");
            reopen();
        } finally {
            writing.unlock();
        }
    }

    private void checkUsable() throws StoreException {
        if (closed) throw new StoreException("the store has been closed");
        if (!broken) return;
        if (attempt != null) throw new StoreException("the database has to be opened anew first");
        reopen();
    }

    /** Called with {@link #writing} held. */
    private void breakDown() {
        broken = true;
        present = null;
        database.distrust();
        if (journal != null) journal.distrust();
        try {
            database.writer().rollback();
        } catch (SQLException e) {
            // The connection is thrown away in any case.
        }
    }

    private static StoreException failure(String what, Exception e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) cause = cause.getCause();
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new StoreException(what + ": " + why.lines().findFirst().orElse(""), e);
    }

    private void startTimer() {
        if (timer != null || (headFile == null && journal == null)) return;
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "bongsu-store");
            thread.setDaemon(true);
            return thread;
        });
        long period = database.isShared() ? SHARED_HEAD_FILE_SECONDS : HEAD_FILE_SECONDS;
        started.scheduleWithFixedDelay(this::writeHead, 1, period, TimeUnit.SECONDS);
        if (journal != null)
            started.scheduleWithFixedDelay(this::drainNow, DRAIN_SECONDS, DRAIN_SECONDS, TimeUnit.SECONDS);
        timer = started;
    }

    private void drainNow() {
        if (journal == null || journal.isEmpty()) return;
        writing.lock();
        try {
            // What breaks it is repaired by the next who needs it, which drains the journal as well.
            if (!broken && !closed) drain(database.writer());
        } catch (SQLException | RuntimeException | Error e) {
            // An Error, too, or the timer would never come back to this.
            breakDown();
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "what is in the journal could not be brought into the tables; it stays there, and is read from there",
                    e);
        } finally {
            writing.unlock();
        }
    }

    /** Retention counts the tables alone, and must not take what is missing there for removed. */
    private void drainForRetention() throws StoreException {
        if (journal != null && !journal.isEmpty()) write(connection -> true);
    }

    private void writeHead() {
        Cursor head = known;
        if (headFile == null || head == null || head.equals(written)) return;
        try {
            headFile.write(head);
            written = head;
        } catch (IOException | RuntimeException e) {
            // It only notices less; the next time tries again, and a full disk is told elsewhere.
            LOGGER.log(System.Logger.Level.DEBUG, "how far the log has been could not be written down", e);
        }
    }
}
