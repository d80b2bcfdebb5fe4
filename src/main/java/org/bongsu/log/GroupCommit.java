package org.bongsu.log;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gathers publications while a commit runs, and commits what has gathered as one group.
 *
 * <p>Nothing waits artificially: a lone publication is committed at once, and under load the commit is shared.
 *
 * <p>Threads: {@link #submit} and {@link #commitAtOnce} from any. One at a time writes, who holds {@link #writing}: the writer
 * thread, which commits what has been submitted and repairs what has failed, or a publisher that found nobody at it. A
 * publication's future completes on the thread of whoever commits or refuses it, under that lock, so what depends on it must be
 * short or run elsewhere.
 */
final class GroupCommit {
    private static final int MAX_MESSAGES = 1_000;
    private static final long MAX_BYTES = 256 * 1024;
    private static final long MAX_QUEUED_BYTES = 64L * 1024 * 1024;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);
    /** How long publishers of a failed group wait to learn what became of it before they are told that it is not known. */
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long END_MILLIS = 15_000;

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private static final System.Logger LOGGER = System.getLogger(GroupCommit.class.getName());

    /** What is done with a group that is durable, before its publishers are answered. */
    interface Committed {
        void show(List<Publication> group, MessageStore.Appended appended) throws StoreException;
    }

    private record Waiting(Publication publication, CompletableFuture<Receipt> receipt) {}

    /** What a publisher could not commit, and leaves to the writer to repair: that may take long. */
    private record Failed(Waiting only, MessageStore.@Nullable Appended durable, Throwable thrown) {}

    private static final String CLOSING = "the portal is shutting down";
    /** Ends the writer, once everything before it in the queue has been written. */
    private static final Waiting END = new Waiting(
            new Publication(List.of(new Draft(new Topic("end"), "", "", "", Instant.EPOCH, null, "{}")), null),
            new CompletableFuture<>());
    /** Wakes the writer, who then finds {@link #failed}. */
    private static final Waiting LOOK = new Waiting(END.publication, new CompletableFuture<>());

    private final MessageStore store;
    private final Committed committed;
    private final Reopened reopened;
    private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final Thread writer = new Thread(this::run, "bongsu-writer");

    /** Held by who writes, or repairs. */
    private final ReentrantLock writing = new ReentrantLock();

    // Guarded by writing.
    @Nullable private Failed failed;

    /** Why nothing can be written, {@code null} while it can. Written under {@link #writing}, and by the writer when it ends. */
    @Nullable private volatile String failure;

    private volatile boolean closing;
    private volatile boolean closed;

    /** What to do when the store has been opened anew after a failure. */
    interface Reopened {
        void at(Head head) throws StoreException;
    }

    GroupCommit(MessageStore store, Committed committed, Reopened reopened) {
        this.store = store;
        this.committed = committed;
        this.reopened = reopened;
        writer.setDaemon(true);
    }

    void start() {
        writer.start();
    }

    @Nullable String failure() {
        return failure;
    }

    CompletableFuture<Receipt> submit(Publication publication) {
        CompletableFuture<Receipt> receipt = new CompletableFuture<>();
        String broken = failure;
        if (closing) {
            receipt.completeExceptionally(refusal(CLOSING));
        } else if (broken != null) {
            receipt.completeExceptionally(refusal(broken));
        } else if (queuedBytes.addAndGet(publication.size()) > MAX_QUEUED_BYTES) {
            queuedBytes.addAndGet(-publication.size());
            receipt.completeExceptionally(new Unavailable("more is being published than can be stored", RETRY_AFTER));
        } else {
            queue.add(new Waiting(publication, receipt));
            // The writer may have looked for the last time between the check above and this line.
            if (closed) refuseQueued(CLOSING);
        }
        return receipt;
    }

    /** See {@link MessageLog#appendAtOnce}. Of those that are published at the same time any may be the first. */
    @Nullable CompletableFuture<Receipt> commitAtOnce(Publication publication) {
        // Who has come before goes before.
        if (!queue.isEmpty() || writing.hasQueuedThreads() || !writing.tryLock()) return null;
        try {
            if (closing || failure != null) return null;
            List<Publication> group = List.of(publication);
            CompletableFuture<Receipt> receipt = new CompletableFuture<>();
            MessageStore.Appended appended = null;
            try {
                appended = store.appendAtOnce(group);
                if (appended == null) return null;
                committed.show(group, appended);
                receipt.complete(appended.receipts().get(0));
            } catch (StoreException | RuntimeException | Error e) {
                failed = new Failed(new Waiting(publication, receipt), appended, e);
                queue.add(LOOK);
                // Last: if there is no memory for the two above, the next publication finds out.
                failure = describe(e);
            }
            return receipt;
        } finally {
            writing.unlock();
            // Else somebody looks after this, who has closed it or found the mark.
            if (closed && writing.tryLock()) leave();
        }
    }

    /** Commits what has been submitted, then ends the writer, and waits for a publisher that is still writing. */
    void close() {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(END_MILLIS);
        closing = true;
        // Not an interrupt: it would close the database's file under a commit.
        queue.add(END);
        try {
            writer.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // First: whoever still holds the lock then, and fails, finds that there is nobody who would repair it.
        closed = true;
        refuseQueued(CLOSING);
        if (lockUntil(deadline)) leave();
    }

    private boolean lockUntil(long deadline) {
        try {
            return writing.tryLock(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return writing.tryLock();
        }
    }

    /** Nobody repairs what has failed any more. Called with the lock held, which it gives back. */
    private void leave() {
        try {
            Failed left = failed;
            if (left == null) return;
            failed = null;
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    "the log could not be written in the end; whether the last message was stored is not known",
                    left.thrown);
            refuse(List.of(left.only), unknown(CLOSING));
        } finally {
            writing.unlock();
        }
    }

    private void run() {
        try {
            Waiting first = queue.take();
            while (!isEnd(first)) {
                work(first);
                first = queue.take();
            }
        } catch (InterruptedException e) {
            LOGGER.log(System.Logger.Level.WARNING, "the log's writer was interrupted and ends");
        } finally {
            if (!closing) failure = "its writer has ended";
            closed = true;
            refuseQueued(CLOSING);
            if (writing.tryLock()) leave();
        }
    }

    private void work(Waiting first) {
        writing.lock();
        try {
            Failed broken = failed;
            if (broken != null) {
                failed = null;
                // It came before that, and shares the fate of what waits behind it.
                if (!isMark(first)) refuse(gather(first), refusal(describe(broken.thrown)));
                repair(broken);
            } else if (!isMark(first)) {
                write(gather(first));
            }
        } finally {
            writing.unlock();
        }
    }

    /** What has queued up behind {@code first}, as far as it makes one group; a larger batch goes alone. */
    private List<Waiting> gather(Waiting first) {
        List<Waiting> group = new ArrayList<>();
        group.add(first);
        int messages = first.publication.drafts().size();
        long bytes = first.publication.size();
        for (Waiting next = queue.peek(); next != null && !isMark(next); next = queue.peek()) {
            messages += next.publication.drafts().size();
            bytes += next.publication.size();
            if (messages > MAX_MESSAGES || bytes > MAX_BYTES) break;
            group.add(queue.remove());
        }
        long size = 0;
        for (Waiting waiting : group) size += waiting.publication.size();
        queuedBytes.addAndGet(-size);
        return group;
    }

    private void repair(Failed broken) {
        List<Waiting> group = List.of(broken.only);
        MessageStore.Appended appended =
                recover(group, List.of(broken.only.publication), broken.durable, broken.thrown);
        if (appended != null) answer(group, appended);
    }

    private void write(List<Waiting> group) {
        List<Publication> publications =
                group.stream().map(Waiting::publication).toList();
        MessageStore.Appended appended = null;
        try {
            appended = store.append(publications);
            committed.show(publications, appended);
        } catch (StoreException | RuntimeException | Error e) {
            appended = recover(group, publications, appended, e);
            if (appended == null) return;
        }
        answer(group, appended);
    }

    private static void answer(List<Waiting> group, MessageStore.Appended appended) {
        for (int i = 0; i < group.size(); i++) {
            group.get(i).receipt.complete(appended.receipts().get(i));
        }
    }

    /**
     * Stops acknowledging, opens the store anew until that succeeds, and finds out what became of the group.
     *
     * @param durable where the group is in the log if that is known already, and only showing it failed
     * @return where the group is in the log, or {@code null} if its publishers have been refused
     */
    private MessageStore.@Nullable Appended recover(
            List<Waiting> group, List<Publication> publications, MessageStore.@Nullable Appended durable, Throwable e) {
        failure = describe(e);
        LOGGER.log(System.Logger.Level.ERROR, "the log cannot be written; publishing is refused until it can", e);
        long failedAt = System.nanoTime();
        boolean refused = false;
        boolean settled = durable != null;
        MessageStore.Appended found = durable;
        long pauseMillis = FIRST_PAUSE_MILLIS;
        while (true) {
            refuseQueued(describe(e));
            if (!refused && (closing || System.nanoTime() - failedAt > SETTLE_NANOS)) {
                refused = true;
                refuse(group, unknown(describe(e)));
            }
            if (closing) return null;
            try {
                String epoch = store.open().epoch();
                // The store answers this once; what fails after it must not make it forgotten.
                if (!settled) found = store.settle(publications, refused);
                settled = true;
                // Asked after settling, which may have withdrawn the group.
                reopened.at(store.head());
                boolean kept = found != null && found.epoch().equals(epoch);
                if (found != null && kept) committed.show(publications, found);
                failure = null;
                LOGGER.log(System.Logger.Level.INFO, "the log can be written again");
                if (refused) return null;
                if (found == null) refuse(group, refusal(describe(e)));
                else if (!kept) refuse(group, unknown("its history was replaced"));
                return kept ? found : null;
            } catch (StoreException | RuntimeException | Error again) {
                LOGGER.log(System.Logger.Level.DEBUG, "the log still cannot be written", again);
                failure = describe(again);
            }
            pause(pauseMillis);
            pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
        }
    }

    private void refuseQueued(String why) {
        boolean end = false;
        for (Waiting next = queue.poll(); next != null; next = queue.poll()) {
            if (isEnd(next)) {
                end = true;
                continue;
            }
            if (isMark(next)) continue;
            queuedBytes.addAndGet(-next.publication.size());
            next.receipt.completeExceptionally(refusal(why));
        }
        if (end) queue.add(END);
    }

    private static void refuse(List<Waiting> group, Unavailable why) {
        for (Waiting waiting : group) waiting.receipt.completeExceptionally(why);
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("ReferenceEquality") // there is one END, and nothing else is it
    private static boolean isEnd(Waiting waiting) {
        return waiting == END;
    }

    @SuppressWarnings("ReferenceEquality") // as above
    private static boolean isMark(Waiting waiting) {
        return waiting == END || waiting == LOOK;
    }

    private static String describe(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    private static Unavailable unknown(String why) {
        return new Unavailable(
                "the log cannot be written (" + why + "); whether this was stored is not known: publish it again with"
                        + " the same Idempotency-Key to be sure",
                RETRY_AFTER);
    }

    private static Unavailable refusal(String why) {
        return new Unavailable("the log cannot be written: " + why, RETRY_AFTER);
    }
}
