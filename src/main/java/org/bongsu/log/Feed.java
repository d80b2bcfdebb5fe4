package org.bongsu.log;

import java.time.Clock;
import java.time.Instant;
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
    private static final System.Logger LOGGER = System.getLogger(Feed.class.getName());
    private static final int REMEMBERED_RANGES = 4;

    private final Interest interest;
    private final Clock clock;
    /** Whether it follows topics that nobody knows yet. */
    final boolean wildcard;

    private final Set<WakeUp> wakeUps = new CopyOnWriteArraySet<>();

    /** How many readers there are. Written under the board's lock, read under this feed's monitor, too. */
    volatile int users;

    // Guarded by the board's lock.
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

    /** What the last reader got that found its range remembered. Written under the monitor, read without it. */
    @Nullable private volatile Shared shared;

    /**
     * A range together with what was asked for, so that the next reader at the same place gets the same object.
     *
     * @param first the offset of the first message in the window that was looked at
     * @param last of the last one up to where the reader wanted to read
     * @param full whether the range ends where it does whatever comes behind it
     * @param expires from when on the range holds a message that is no longer given to readers
     */
    private record Remembered(
            long first,
            long last,
            int maxMessages,
            int maxBytes,
            boolean full,
            @Nullable Instant expires,
            Range range) {}

    /**
     * An answer that holds for every reader which stands where the first did and asks the same: all those who follow live.
     *
     * @param after where the readers stand. No trim reaches beyond it: there is nothing that they must be told first
     */
    private record Shared(String epoch, long after, long upTo, int maxMessages, int maxBytes, Range range) {}

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
        for (WakeUp wakeUp : wakeUps) {
            try {
                wakeUp.wake();
            } catch (RuntimeException e) {
                // A fault of one reader's must keep neither others from hearing nor the writer from writing.
                LOGGER.log(System.Logger.Level.ERROR, "a wake-up failed", e);
            }
        }
    }

    /** Adds the newest message. */
    synchronized void add(Message message) {
        window.add(message);
    }

    /** Gives up the oldest message of the log that is still in memory, and so everything up to it. */
    synchronized void evict(Message message) {
        completeAfter = Math.max(completeAfter, message.offset());
        while (window.size() > 0 && window.get(0).offset() <= completeAfter) window.removeFirst();
        // Else each of many quiet feeds would keep messages for as long as it lives.
        for (int i = 0; i < remembered.length; i++) {
            Remembered r = remembered[i];
            if (r != null && r.first <= completeAfter) remembered[i] = null;
        }
        Shared given = shared;
        if (given != null && given.after < completeAfter) shared = null;
    }

    synchronized void addTrim(Trim trim) {
        // A newer trim silences the older ones that do not reach beyond it.
        trims.removeIf(older -> older.through() <= trim.through());
        trims.add(0, trim);
        forgetRanges();
    }

    /** Starts another history. */
    synchronized void replaceEpoch(String newEpoch, long newCompleteAfter) {
        epoch = newEpoch;
        completeAfter = newCompleteAfter;
        window.clear();
        trims.clear();
        forgetRanges();
    }

    /** Lets go of the ranges that readers have shared, until there are several readers again. */
    synchronized void forgetRanges() {
        Arrays.fill(remembered, null);
        shared = null;
    }

    /** Lets go of everything: nobody reads this feed any more, whoever may still know of it. */
    synchronized void forget() {
        completeAfter = Long.MAX_VALUE;
        window.clear();
        forgetRanges();
    }

    synchronized String epoch() {
        return epoch;
    }

    synchronized long trimVersion() {
        return trims.isEmpty() ? 0 : trims.get(0).version();
    }

    /** What {@code reader} must be told before it reads on: of another epoch, of a trim, or {@code null}. */
    synchronized @Nullable ResetReason newsFor(Reader reader) {
        // In one step: another epoch takes the trims of the old one with it.
        if (!epoch.equals(reader.epoch())) return ResetReason.EPOCH;
        return hasTrimmedAfter(reader.owedAfter(), reader.knownTrims()) ? ResetReason.TRIMMED : null;
    }

    /** Whether a message after {@code offset} has gone by a trim that is newer than {@code known}. */
    synchronized boolean hasTrimmedAfter(long offset, long known) {
        for (Trim trim : trims) {
            if (trim.version() <= known) return false;
            if (trim.through() > offset) return true;
        }
        return false;
    }

    /**
     * The messages after the reader's offset and up to {@code upTo}.
     *
     * @return a range, or {@code CAUGHT_UP} if there is none, or {@code BEHIND} if the reader stands before the window;
     *     {@code null} if it has to be told something first, see {@link #newsFor}
     */
    @Nullable Read read(Reader reader, long upTo, int maxMessages, int maxBytes) {
        Shared given = shared;
        if (given != null
                && given.after == reader.offset()
                && given.upTo == upTo
                && given.maxMessages == maxMessages
                && given.maxBytes == maxBytes
                && given.epoch.equals(reader.epoch())) {
            return given.range;
        }
        return readWindow(reader, upTo, maxMessages, maxBytes);
    }

    private synchronized @Nullable Read readWindow(Reader reader, long upTo, int maxMessages, int maxBytes) {
        // In one step with the reading: a trim hides messages, and must be told before they are passed over.
        if (newsFor(reader) != null) return null;
        long offset = reader.offset();
        if (offset >= upTo) return Read.Nothing.CAUGHT_UP;
        if (offset < completeAfter) return Read.Nothing.BEHIND;
        int index = window.indexAfter(offset);
        if (index == window.size() || window.get(index).offset() > upTo) return Read.Nothing.CAUGHT_UP;
        long first = window.get(index).offset();
        long last = window.get(window.indexAfter(upTo) - 1).offset();
        for (Remembered r : remembered) {
            if (r != null
                    && r.first == first
                    && r.maxBytes == maxBytes
                    && r.maxMessages == maxMessages
                    && (r.last == last || (r.full && r.range.cursor().offset() <= last))
                    && (r.expires == null || clock.instant().isBefore(r.expires))) {
                if (r.expires == null) share(offset, upTo, maxMessages, maxBytes, r.range);
                return r.range;
            }
        }
        Take take = new Take(clock, maxMessages, maxBytes, trimVersion());
        for (; index < window.size() && !take.isFull(); index++) {
            Message message = window.get(index);
            if (message.offset() > upTo) break;
            take.offer(message);
        }
        List<Message> messages = take.messages();
        if (messages.isEmpty()) return Read.Nothing.CAUGHT_UP;
        Range range = new Range(messages);
        // Nobody else would come for it, and ten thousand inboxes would keep gigabytes.
        if (users < 2) return range;
        remembered[nextRemembered] =
                new Remembered(first, last, maxMessages, maxBytes, take.isFull(), take.firstExpiry(), range);
        nextRemembered = (nextRemembered + 1) % REMEMBERED_RANGES;
        return range;
    }

    private void share(long after, long upTo, int maxMessages, int maxBytes, Range range) {
        // The last of them reaches furthest.
        if (!trims.isEmpty() && trims.get(trims.size() - 1).through() > after) return;
        shared = new Shared(epoch, after, upTo, maxMessages, maxBytes, range);
    }
}
