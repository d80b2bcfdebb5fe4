package org.bongsu.log;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import org.jspecify.annotations.Nullable;

/**
 * The newest messages of one {@link Interest}, in log order, shared by all its readers.
 *
 * <p>A feed is a window on the log, not a queue: readers come and go at any offset and take nothing out of it. Whoever
 * stands before the window reads from the store until it stands inside.
 *
 * <p>Threads: the board adds and evicts under its own lock; readers read from any thread. The feed's monitor guards the
 * window and is never held during I/O or while a wake-up runs.
 */
public final class Feed {
    private static final int REMEMBERED_RANGES = 4;

    private final Interest interest;
    private final Clock clock;
    /** Whether it follows topics that nobody knows yet. */
    final boolean wildcard;

    private final Set<WakeUp> wakeUps = new CopyOnWriteArraySet<>();

    // Guarded by the board's lock.
    int users;
    long unusedSinceNanos;

    // Guarded by this feed's monitor.
    private String epoch;
    private final MessageRing window = new MessageRing();
    /** Every message of this interest after this offset, up to the head, is in the window. */
    private long completeAfter;
    /** Newest first; each older one reaches further than all newer ones, or it would say nothing. */
    private final List<Trim> trims = new ArrayList<>(0);

    private final @Nullable Remembered[] remembered = new Remembered[REMEMBERED_RANGES];
    private int nextRemembered;

    /** A range together with what was asked for, so that the next reader at the same place gets the same object. */
    private record Remembered(long firstOffset, long upTo, int maxMessages, int maxBytes, boolean full, Range range) {}

    Feed(Interest interest, Clock clock, String epoch, long completeAfter) {
        this.interest = interest;
        this.clock = clock;
        this.wildcard = !interest.patterns().stream().allMatch(TopicPattern::isTopic);
        this.epoch = epoch;
        this.completeAfter = completeAfter;
    }

    public Interest interest() {
        return interest;
    }

    /**
     * Registers for news. Register first, read second: the caller must read once after this returns, or it may sleep on
     * what came in between.
     */
    public void onNews(WakeUp wakeUp) {
        wakeUps.add(wakeUp);
    }

    public void removeOnNews(WakeUp wakeUp) {
        wakeUps.remove(wakeUp);
    }

    void wake() {
        for (WakeUp wakeUp : wakeUps) wakeUp.wake();
    }

    /** Adds the newest message. */
    synchronized void add(Message message) {
        window.add(message);
    }

    /** Gives up the oldest message of the log that is still in memory, and so everything up to it. */
    synchronized void evict(Message message) {
        completeAfter = Math.max(completeAfter, message.offset());
        while (window.size() > 0 && window.get(0).offset() <= completeAfter) window.removeFirst();
    }

    synchronized void addTrim(Trim trim) {
        // A newer trim silences the older ones that do not reach beyond it.
        trims.removeIf(older -> older.through() <= trim.through());
        trims.add(0, trim);
    }

    /** Starts another history. */
    synchronized void replaceEpoch(String newEpoch, long newCompleteAfter) {
        epoch = newEpoch;
        completeAfter = newCompleteAfter;
        window.clear();
        trims.clear();
        Arrays.fill(remembered, null);
    }

    synchronized String epoch() {
        return epoch;
    }

    synchronized long trimVersion() {
        return trims.isEmpty() ? 0 : trims.get(0).version();
    }

    /** Whether a reader at {@code offset}, who knows of trims up to {@code known}, has lost something it was owed. */
    synchronized boolean hasTrimmedAfter(long offset, long known) {
        for (Trim trim : trims) {
            if (trim.version() <= known) return false;
            if (trim.through() > offset) return true;
        }
        return false;
    }

    /**
     * The messages after {@code offset} and up to {@code upTo}.
     *
     * @return a range, or {@code CAUGHT_UP} if there is none, or {@code BEHIND} if {@code offset} lies before the window;
     *     {@code null} if the epoch is another one by now
     */
    synchronized @Nullable Read read(String readerEpoch, long offset, long upTo, int maxMessages, int maxBytes) {
        if (!epoch.equals(readerEpoch)) return null;
        if (offset >= upTo) return Read.Nothing.CAUGHT_UP;
        if (offset < completeAfter) return Read.Nothing.BEHIND;
        int index = window.indexAfter(offset);
        if (index == window.size() || window.get(index).offset() > upTo) return Read.Nothing.CAUGHT_UP;
        long firstOffset = window.get(index).offset();
        for (Remembered r : remembered) {
            if (r != null
                    && r.firstOffset == firstOffset
                    && r.maxBytes == maxBytes
                    && r.maxMessages == maxMessages
                    && (r.upTo == upTo || (r.full && r.range.cursor().offset() <= upTo))) {
                return r.range;
            }
        }
        Take take = new Take(clock, maxMessages, maxBytes);
        for (; index < window.size() && !take.isFull(); index++) {
            Message message = window.get(index);
            if (message.offset() > upTo) break;
            take.offer(message);
        }
        List<Message> messages = take.messages();
        if (messages.isEmpty()) return Read.Nothing.CAUGHT_UP;
        Range range = new Range(messages);
        remembered[nextRemembered] = new Remembered(firstOffset, upTo, maxMessages, maxBytes, take.isFull(), range);
        nextRemembered = (nextRemembered + 1) % REMEMBERED_RANGES;
        return range;
    }
}
