package org.bongsu.log;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one sequence of messages that every transport reads.
 *
 * <p>A message is durable before it is visible, and visible before its publisher is answered. A reader is a cursor; what
 * wakes it carries no data and may be lost, late or doubled.
 *
 * <p>Threads: every method may be called from any thread. Besides the writer (see {@link GroupCommit}) there are two threads
 * that read pages for readers which have fallen out of memory, and one that follows other nodes, applies retention and
 * forgets unused feeds.
 */
public final class MessageLog implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(MessageLog.class.getName());

    /** How many messages one read of the store brings at most. */
    private static final int PAGE = 1_000;

    /**
     * @param tailCount how many of the newest messages memory holds
     * @param tailBytes how large they may be together
     * @param followEvery how soon a message from another node is seen when nothing else tells of it
     * @param trimEvery how often retention is applied
     * @param retention of each topic
     */
    public record Settings(
            int tailCount, long tailBytes, Duration followEvery, Duration trimEvery, Retention retention) {}

    private final MessageStore store;
    private final Clock clock;
    private final Settings settings;
    private final Board board;
    private final GroupCommit groupCommit;
    private final ScheduledExecutorService fetchers = daemons("bongsu-fetch");
    private final ScheduledExecutorService keeper = daemons("bongsu-keeper");

    /** Makes "read what is missing, then show" one step; held during reads of the store, never by readers. */
    private final ReentrantLock showing = new ReentrantLock();

    private final Duty following = new Duty("other nodes cannot be followed at present; it will be tried again");
    private final Duty keeping = new Duty("retention could not be applied; it will be tried again");

    private volatile boolean closed;

    /** Opens {@code store} and starts the log's threads. */
    public static MessageLog open(MessageStore store, Clock clock, Settings settings) throws StoreException {
        Head head = store.open();
        MessageLog log = new MessageLog(store, clock, settings, head);
        log.showTrims();
        log.fillTail(head);
        log.start();
        return log;
    }

    private MessageLog(MessageStore store, Clock clock, Settings settings, Head head) {
        this.store = store;
        this.clock = clock;
        this.settings = settings;
        this.board =
                new Board(clock, settings.tailCount(), settings.tailBytes(), head.epoch(), tailStart(head, settings));
        this.groupCommit = new GroupCommit(store, this::show, this::reopened);
    }

    private void start() {
        groupCommit.start();
        long follow = settings.followEvery().toMillis();
        if (store.isShared()) keeper.scheduleWithFixedDelay(this::follow, follow, follow, TimeUnit.MILLISECONDS);
        long trim = settings.trimEvery().toMillis();
        keeper.scheduleWithFixedDelay(this::keep, trim, trim, TimeUnit.MILLISECONDS);
    }

    /**
     * Publishes.
     *
     * @return completes, on the writer's thread, when the publication is durable and visible; with {@link Unavailable} if it
     *     cannot be stored
     */
    public CompletableFuture<Receipt> append(Publication publication) {
        return groupCommit.submit(publication);
    }

    /**
     * Publishes on the caller's own thread if nobody else is writing and the store takes it with one short write. Nobody has to
     * be woken then but the readers, and on a portal that is not busy that is most publications.
     *
     * @return completed; or, if the write has failed, completing as with {@link #append}, when the log has been repaired;
     *     {@code null} if nothing has been done
     */
    public @Nullable CompletableFuture<Receipt> appendAtOnce(Publication publication) {
        return groupCommit.commitAtOnce(publication);
    }

    /**
     * How many readers follow a topic on this node now, and may read it. Asks memory alone, and costs a step for each feed that
     * the topic goes to, not for each reader.
     */
    public int readersOf(Topic topic) {
        return board.readersOf(topic);
    }

    /** The offset up to which readers may read. */
    public long head() {
        return board.head();
    }

    /** The id of the newest message, or where it would be. */
    public Cursor headCursor() {
        return board.headCursor();
    }

    /** Why the log cannot be written at present; {@code null} while it can. */
    public @Nullable String failure() {
        return closed ? "the portal is shutting down" : groupCommit.failure();
    }

    /**
     * Whether the store has not answered for at least so long, though nobody may have published meanwhile: other nodes cannot
     * be followed, or retention cannot be applied.
     */
    public boolean isCutOffFor(Duration least) {
        return following.hasFailedFor(least) || keeping.hasFailedFor(least);
    }

    /**
     * A reader of {@code interest} that starts at {@code start}; the caller closes it. A start that cannot be honoured shows
     * as the first thing that {@link Reader#next} returns. Asks memory alone.
     */
    public Reader reader(Interest interest, Position start) {
        Feed feed = board.acquire(interest);
        try {
            return reader(feed, start);
        } catch (RuntimeException e) {
            board.release(feed);
            throw e;
        }
    }

    private Reader reader(Feed feed, Position start) {
        Cursor head = board.headCursor();
        if (start == Position.Edge.LATEST) return Reader.latest(this, feed, head);
        if (start == Position.Edge.EARLIEST) return Reader.retained(this, feed, head, null);
        if (!(start instanceof Cursor cursor) || !cursor.epoch().equals(head.epoch())) {
            return Reader.retained(this, feed, head, ResetReason.EPOCH);
        }
        boolean beyond = cursor.offset() > head.offset();
        // Another node may be ahead of what this one has seen: the store is asked first, see fetchNow.
        if (beyond && !store.isShared()) return Reader.retained(this, feed, head, ResetReason.AHEAD);
        return Reader.after(this, feed, cursor, beyond);
    }

    /**
     * Reads the next page for a reader that is {@code BEHIND}, then runs {@code then} on one of the log's own threads. While
     * the store cannot be read it tries again every second.
     */
    public void fetch(Reader reader, Runnable then) {
        Feed feed = reader.feed();
        Cursor position = reader.position();
        submitFetch(() -> fetch(reader, feed, position, then), 0);
    }

    private void fetch(Reader reader, Feed feed, Cursor position, Runnable then) {
        // Else those who come back again and again during an outage would leave ever more attempts behind.
        if (reader.isClosed()) return;
        try {
            fetchNow(reader, feed, position, PAGE, Integer.MAX_VALUE);
        } catch (StoreException | RuntimeException | Error e) {
            // An Error, too, or the reader would wait for ever.
            LOGGER.log(System.Logger.Level.DEBUG, "a page could not be read; trying again", e);
            submitFetch(() -> fetch(reader, feed, position, then), 1_000);
            return;
        }
        then.run();
    }

    private void submitFetch(Runnable fetch, long delayMillis) {
        try {
            fetchers.schedule(fetch, delayMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The log is closing, and with it every reader.
        }
    }

    /**
     * {@link Reader#next}, asking the store where memory has no answer; for a thread that serves this reader alone.
     *
     * @throws StoreException if the store has to be asked and cannot be
     */
    public Read read(Reader reader, int maxMessages, int maxBytes) throws StoreException {
        while (true) {
            Read read = reader.next(maxMessages, maxBytes, head());
            if (read != Read.Nothing.BEHIND) return read;
            fetchNow(reader, reader.feed(), reader.position(), maxMessages, maxBytes);
        }
    }

    private void fetchNow(Reader reader, Feed feed, Cursor position, int limit, int maxBytes) throws StoreException {
        long upTo = head();
        if (position.offset() > upTo) {
            followNow();
            Cursor now = headCursor();
            if (now.epoch().equals(position.epoch()) && position.offset() > now.offset()) {
                reader.handOver(new Reader.Fetched(feed, position.epoch(), position.offset(), null));
            }
            return;
        }
        MessageStore.Page page = store.readAfter(
                position.offset(),
                upTo,
                new MessageStore.Selection(feed.interest(), clock.instant()),
                Math.min(limit, PAGE),
                Math.min(maxBytes, MAX_PAGE_BYTES));
        if (!page.epoch().equals(position.epoch())) {
            // The reader is told before it reads on.
            followNow();
            return;
        }
        if (page.trims() > board.trimVersion()) {
            showTrims();
            if (page.trims() > board.trimVersion()) {
                // What removed some of it went with its history; of that the reader is told.
                followNow();
                return;
            }
        }
        reader.handOver(new Reader.Fetched(feed, position.epoch(), position.offset(), page));
    }

    private static final int MAX_PAGE_BYTES = 64 * 1024;

    /**
     * Reads back through history, newest first.
     *
     * @param before exclusive
     * @param maxBytes stops after the message with which their JSON reaches this size
     */
    public MessageStore.Page readBefore(long before, MessageStore.Selection selection, int limit, long maxBytes)
            throws StoreException {
        // Not bounded by the head: another node may have shown more to the reader who comes with this offset.
        return store.readBefore(before, selection, limit, maxBytes);
    }

    /** Reads history, oldest first; unlike a {@link Reader} it selects and does not wait. */
    public MessageStore.Page readAfter(long after, MessageStore.Selection selection, int limit, long maxBytes)
            throws StoreException {
        return store.readAfter(after, head(), selection, limit, maxBytes);
    }

    /** The message with this id, if it is retained and visible on any node. */
    public @Nullable Message find(Cursor id) throws StoreException {
        Cursor head = headCursor();
        if (store.isShared() && id.epoch().equals(head.epoch()) && id.offset() > head.offset()) {
            // Another node may have acknowledged it just now.
            followNow();
            head = headCursor();
        }
        if (!id.epoch().equals(head.epoch()) || id.offset() > head.offset()) return null;
        return store.find(id.offset());
    }

    /** Looks at the store at once for what other nodes have appended; a hint from outside, never needed. */
    public void hint() {
        try {
            keeper.execute(this::follow);
        } catch (RejectedExecutionException e) {
            // closing
        }
    }

    /** How many distinct interests are being followed, or were a moment ago. */
    public int feedCount() {
        return board.feedCount();
    }

    @Override
    public void close() {
        closed = true;
        groupCommit.close();
        // No interrupts: one that meets a thread in the middle of a read closes the database's file under it.
        fetchers.shutdown();
        keeper.shutdown();
        try {
            if (!keeper.awaitTermination(10, TimeUnit.SECONDS) || !fetchers.awaitTermination(10, TimeUnit.SECONDS)) {
                LOGGER.log(System.Logger.Level.WARNING, "a thread of the log did not end within 10 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        store.close();
    }

    Feed acquire(Interest interest) {
        return board.acquire(interest);
    }

    void release(Feed feed) {
        board.release(feed);
    }

    Board.@Nullable Scan scanTail(Feed feed, Reader reader, long upTo, int maxMessages, int maxBytes) {
        return board.scanTail(feed, reader, upTo, maxMessages, maxBytes);
    }

    private static long tailStart(Head head, Settings settings) {
        return Math.max(0, head.offset() - settings.tailCount());
    }

    /** Makes a restarted node answer from memory what it would have answered before. */
    private void fillTail(Head head) throws StoreException {
        showing.lock();
        try {
            if (!readUpTo(head.offset()))
                throw new StoreException("the log was replaced by another while it was opened");
        } finally {
            showing.unlock();
        }
    }

    /** Called by whoever writes: the group is durable. */
    private void show(List<Publication> group, MessageStore.Appended appended) throws StoreException {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < group.size(); i++) {
            if (!(appended.receipts().get(i) instanceof Receipt.Published published)) continue;
            List<Draft> drafts = group.get(i).drafts();
            for (int d = 0; d < drafts.size(); d++) {
                messages.add(new Message(published.ids().get(d), drafts.get(d)));
            }
        }
        if (messages.isEmpty()) return;
        showing.lock();
        try {
            if (!appended.epoch().equals(board.epoch())) {
                // Either the group is the first of a new history, or its history has been replaced since.
                if (!appended.epoch().equals(store.head().epoch())) return;
                board.replaceEpoch(appended.epoch(), appended.before());
            }
            // Other nodes may have appended before this group; theirs comes first.
            if (appended.before() > board.head() && !readUpTo(appended.before())) return;
            board.show(messages, messages.get(messages.size() - 1).offset());
        } finally {
            showing.unlock();
        }
    }

    /**
     * Shows everything that the store has up to {@code offset}. The caller holds {@link #showing}.
     *
     * @return {@code false} if the store holds another history by now
     */
    private boolean readUpTo(long offset) throws StoreException {
        MessageStore.Selection everything = new MessageStore.Selection(EVERYTHING, java.time.Instant.EPOCH);
        while (board.head() < offset) {
            MessageStore.Page page = store.readAfter(board.head(), offset, everything, PAGE, settings.tailBytes());
            if (!page.epoch().equals(board.epoch())) return false;
            // Told before the page is shown: a reader must not pass over what has gone before it could be seen here.
            if (page.trims() > board.trimVersion()) {
                showTrims();
                // What has gone can be asked for no more.
                if (page.trims() > board.trimVersion()) return false;
            }
            board.show(page.messages(), page.scannedTo());
        }
        return true;
    }

    /** Everything there is, to be filtered by each reader's own interest. */
    private static final Interest EVERYTHING = new Interest(List.of(new TopicPattern("**")), topic -> true);

    private void follow() {
        try {
            followNow();
            following.done();
        } catch (StoreException | RuntimeException | Error e) {
            // An Error, too, or the executor would never come back to this.
            if (!closed) following.failed(e);
        }
    }

    /** Shows what other nodes have appended and trimmed. */
    void followNow() throws StoreException {
        Head head = store.head();
        showing.lock();
        try {
            if (!head.epoch().equals(board.epoch()) || head.offset() < board.head()) {
                // Asked again under the lock: the writer may have shown more since.
                head = store.head();
                if (!head.epoch().equals(board.epoch())) board.replaceEpoch(head.epoch(), head.offset());
            }
            while (!readUpTo(head.offset())) {
                head = store.head();
                if (head.epoch().equals(board.epoch()))
                    throw new StoreException("the trims of the log do not reach its end");
                board.replaceEpoch(head.epoch(), head.offset());
            }
        } finally {
            showing.unlock();
        }
        if (head.trims() > board.trimVersion()) showTrims();
    }

    private void reopened(Head head) throws StoreException {
        showing.lock();
        try {
            if (!head.epoch().equals(board.epoch())) board.replaceEpoch(head.epoch(), head.offset());
        } finally {
            showing.unlock();
        }
        showTrims();
    }

    private void keep() {
        try {
            store.trim(settings.retention(), clock.instant());
            if (!store.isShared() || store.head().trims() > board.trimVersion()) showTrims();
            keeping.done();
        } catch (StoreException | RuntimeException | Error e) {
            if (!closed) keeping.failed(e);
        }
        forgetUnused(TimeUnit.SECONDS.toNanos(60));
    }

    void forgetUnused(long nanos) {
        board.forgetUnused(nanos);
    }

    private void showTrims() throws StoreException {
        String epoch = board.epoch();
        // Asked first: the trims of every version up to this one can be read now. Not each version need have one.
        long version = store.head().trims();
        List<Trim> news = store.trimsSince(board.trimVersion());
        // Asked afterwards: each history numbers its trims anew, and these may have been read from the next one.
        if (store.head().epoch().equals(epoch)) board.showTrims(epoch, news, version);
    }

    private static ScheduledExecutorService daemons(String name) {
        AtomicInteger number = new AtomicInteger();
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(2, task -> {
            Thread thread = new Thread(task, name + '-' + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return executor;
    }
}
