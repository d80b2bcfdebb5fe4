package org.bongsu.log;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the log: what one reader has read, and of which topics.
 *
 * <p>Catching up after an absence and following live are the same call, {@link #next}: no message can fall between
 * "history" and "live".
 *
 * <p>Threads: one at a time, its owner's; only {@link MessageLog#fetch} hands something over from another, and {@link #approach}
 * is for any.
 */
public final class Reader implements AutoCloseable {
    private final MessageLog log;

    // The owner's.
    private Feed feed;
    private String epoch;
    private long offset;
    /** The trims this reader has been told of, or that do not concern it because it began after them. */
    private long knownTrims;

    /**
     * As long as it stands here it is owed, up to {@link #toldUpTo}, no more than what is retained: it asked for no more, or
     * has just been told that something is missing. One step further, a new hole is news again.
     */
    private long toldAt = -1;

    private long toldUpTo;

    @Nullable private ResetReason reset;

    /** Whether it started beyond what this node has seen, and it is not known yet whether another is as far. */
    private boolean mayBeAhead;

    private boolean live;

    private volatile boolean closed;

    /** A page from the store, handed over by the fetching thread. */
    @Nullable private volatile Fetched fetched;

    /** @param page {@code null} if nobody has got as far as {@code after} */
    record Fetched(Feed feed, String epoch, long after, MessageStore.@Nullable Page page) {}

    private Reader(MessageLog log, Feed feed, String epoch, long offset) {
        this.log = log;
        this.feed = feed;
        this.epoch = epoch;
        this.offset = offset;
    }

    /** A reader of what comes from now on. */
    static Reader latest(MessageLog log, Feed feed, Cursor head) {
        Reader reader = new Reader(log, feed, head.epoch(), head.offset());
        reader.knownTrims = feed.trimVersion();
        return reader;
    }

    /** A reader that is owed everything after {@code start}. */
    static Reader after(MessageLog log, Feed feed, Cursor start, boolean mayBeAhead) {
        Reader reader = new Reader(log, feed, start.epoch(), start.offset());
        reader.mayBeAhead = mayBeAhead;
        return reader;
    }

    /** A reader of what is retained, and of everything after {@code head}. */
    static Reader retained(MessageLog log, Feed feed, Cursor head, @Nullable ResetReason reset) {
        Reader reader = new Reader(log, feed, head.epoch(), 0);
        reader.toldAt = 0;
        reader.toldUpTo = head.offset();
        reader.knownTrims = feed.trimVersion();
        reader.reset = reset;
        return reader;
    }

    public Feed feed() {
        return feed;
    }

    /** Everything up to here that this reader is owed has been read. */
    public Cursor position() {
        return new Cursor(epoch, offset);
    }

    /**
     * Whether the last range was all that there was up to where it was to be read, if it was not as large as allowed. Other
     * ranges come from a look at a part of the log, which may have more.
     */
    public boolean isLive() {
        return live;
    }

    /**
     * Reads what {@link #next} is going to need and changes nothing, see {@code Follower.approach}. For any thread, at any time.
     */
    public int approach() {
        return (int) offset + (fetched == null ? 0 : 1);
    }

    /**
     * What comes next, and moves past it.
     *
     * @param upTo an offset up to which to read, see {@link MessageLog#head}
     */
    public Read next(int maxMessages, int maxBytes, long upTo) {
        boolean mayHaveNews = false;
        while (true) {
            if (reset != null) {
                Read.Reset told = new Read.Reset(reset);
                reset = null;
                return told;
            }
            // Taken before the trims are looked at: what a page lacks was told to the feed before it was handed over.
            Fetched answer = fetched;
            Cursor head = log.headCursor();
            boolean isSameHistory = head.epoch().equals(epoch);
            // Most reads take from the window and nothing else, and the window itself says if there is something to
            // tell first.
            boolean asks = mayHaveNews || answer != null || mayBeAhead || !isSameHistory;
            ResetReason news = asks ? feed.newsFor(this) : null;
            if (news == ResetReason.EPOCH) return startAnew(feed.epoch(), news);
            if (news == ResetReason.TRIMMED) {
                knownTrims = feed.trimVersion();
                toldAt = offset;
                toldUpTo = log.head();
                // A page from before the trim would put the hole behind its messages, where nobody tells of it.
                fetched = null;
                return new Read.Reset(news);
            }
            if (answer != null) {
                fetched = null;
                // A page that was asked for before the reader moved or changed its interest is no use any more.
                if (answer.feed == feed && answer.epoch.equals(epoch) && answer.after == offset) {
                    live = false;
                    if (answer.page == null) return startAnew(epoch, ResetReason.AHEAD);
                    Range range = take(answer.page, maxMessages, maxBytes);
                    if (range != null) return range;
                }
                continue;
            }
            if (mayBeAhead) {
                if (offset > log.head()) return Read.Nothing.BEHIND;
                mayBeAhead = false;
            }
            if (!isSameHistory) {
                // Another history is just being started, and this feed will know in a moment: nobody may be led to a
                // place in the old one by the head of the new.
                Thread.onSpinWait();
                continue;
            }
            long end = Math.min(upTo, head.offset());
            Read read = feed.read(this, end, maxMessages, maxBytes);
            if (read == null) {
                mayHaveNews = true;
                continue;
            }
            live = true;
            if (read instanceof Range range) {
                offset = range.cursor().offset();
                return range;
            }
            if (read == Read.Nothing.CAUGHT_UP) {
                offset = Math.max(offset, end);
                return read;
            }
            live = false;
            Board.Scan scan = log.scanTail(feed, this, end, maxMessages, maxBytes);
            if (scan == null) return Read.Nothing.BEHIND;
            offset = Math.max(offset, scan.scannedTo());
            if (!scan.messages().isEmpty()) return new Range(scan.messages());
        }
    }

    private Read.Reset startAnew(String newEpoch, ResetReason why) {
        epoch = newEpoch;
        offset = 0;
        toldAt = 0;
        toldUpTo = log.head();
        knownTrims = feed.trimVersion();
        mayBeAhead = false;
        fetched = null;
        return new Read.Reset(why);
    }

    /** As much of a page as may be taken at once; the rest stays for the next time. */
    private @Nullable Range take(MessageStore.Page page, int maxMessages, int maxBytes) {
        List<Message> messages = page.messages();
        int count = 0;
        int bytes = 0;
        while (count < messages.size() && count < maxMessages && bytes < maxBytes) {
            bytes += messages.get(count++).json().length;
        }
        if (count == messages.size()) {
            offset = Math.max(offset, page.scannedTo());
            return messages.isEmpty() ? null : new Range(messages);
        }
        Range range = new Range(List.copyOf(messages.subList(0, count)));
        offset = range.cursor().offset();
        List<Message> rest = List.copyOf(messages.subList(count, messages.size()));
        fetched = new Fetched(feed, epoch, offset, new MessageStore.Page(epoch, rest, page.scannedTo(), page.trims()));
        return range;
    }

    /**
     * Goes on with another interest.
     *
     * @param from a place at or before {@link #position} with nothing for the old interest between the two: a reader that was
     *     caught up has moved over messages of other topics, which the new interest may want
     */
    public void follow(Interest interest, Cursor from) {
        if (feed.interest().equals(interest)) return;
        Feed old = feed;
        feed = log.acquire(interest);
        if (from.epoch().equals(epoch)) offset = Math.min(offset, from.offset());
        // The new topics may have holes that were of no concern before.
        knownTrims = 0;
        fetched = null;
        log.release(old);
    }

    /** Gives up its feed. Idempotent. */
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        log.release(feed);
    }

    String epoch() {
        return epoch;
    }

    long offset() {
        return offset;
    }

    /** What lies behind this and is retained no more must be told of. */
    long owedAfter() {
        return offset == toldAt ? Math.max(offset, toldUpTo) : offset;
    }

    long knownTrims() {
        return knownTrims;
    }

    boolean isClosed() {
        return closed;
    }

    void handOver(Fetched answer) {
        fetched = answer;
    }
}
