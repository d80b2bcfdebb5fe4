package org.bongsu.log;

import org.jspecify.annotations.Nullable;

/**
 * A cursor over the log: what one reader has read, and of which topics.
 *
 * <p>Catching up after an absence and following live are the same call, {@link #next}: no message can fall between
 * "history" and "live".
 *
 * <p>Threads: one at a time, its owner's; only {@link MessageLog#fetch} hands something over from another.
 */
public final class Reader implements AutoCloseable {
    private final MessageLog log;

    // The owner's.
    private Feed feed;
    private String epoch;
    private long offset;
    /** The trims this reader has been told of, or that do not concern it because it began after them. */
    private long knownTrims;

    @Nullable private ResetReason reset;

    private boolean closed;

    /** A page from the store, handed over by the fetching thread. */
    @Nullable private volatile Fetched fetched;

    record Fetched(Feed feed, String epoch, long after, MessageStore.Page page) {}

    Reader(MessageLog log, Feed feed, Cursor start, long knownTrims, @Nullable ResetReason reset) {
        this.log = log;
        this.feed = feed;
        this.epoch = start.epoch();
        this.offset = start.offset();
        this.knownTrims = knownTrims;
        this.reset = reset;
    }

    public Feed feed() {
        return feed;
    }

    /** Everything up to here that this reader is owed has been read. */
    public Cursor position() {
        return new Cursor(epoch, offset);
    }

    /**
     * What comes next, and moves past it.
     *
     * @param upTo an offset up to which to read, see {@link MessageLog#head}
     */
    public Read next(int maxMessages, int maxBytes, long upTo) {
        while (true) {
            if (reset != null) {
                Read.Reset told = new Read.Reset(reset);
                reset = null;
                return told;
            }
            String current = feed.epoch();
            if (!epoch.equals(current)) {
                epoch = current;
                offset = 0;
                knownTrims = feed.trimVersion();
                fetched = null;
                return new Read.Reset(ResetReason.EPOCH);
            }
            if (feed.hasTrimmedAfter(offset, knownTrims)) {
                knownTrims = feed.trimVersion();
                fetched = null;
                return new Read.Reset(ResetReason.TRIMMED);
            }
            Fetched page = fetched;
            if (page != null) {
                fetched = null;
                // A page that was asked for before the reader moved or changed its interest is no use any more.
                if (page.feed == feed && page.epoch.equals(epoch) && page.after == offset) {
                    offset = Math.max(offset, page.page.scannedTo());
                    if (!page.page.messages().isEmpty()) return new Range(page.page.messages());
                }
                continue;
            }
            // The epoch was seen before the head is read, so that a head of another epoch is never taken for this
            // one's.
            long end = Math.min(upTo, log.head());
            Read read = feed.read(epoch, offset, end, maxMessages, maxBytes);
            if (read == null) continue;
            if (read instanceof Range range) {
                offset = range.cursor().offset();
                return range;
            }
            if (read == Read.Nothing.CAUGHT_UP) {
                offset = Math.max(offset, end);
                return read;
            }
            Board.Scan scan = log.scanTail(feed.interest(), epoch, offset, end, maxMessages, maxBytes);
            if (scan == null) return Read.Nothing.BEHIND;
            offset = Math.max(offset, scan.scannedTo());
            if (!scan.messages().isEmpty()) return new Range(scan.messages());
        }
    }

    /** Goes on with another interest, from where it stands. */
    public void follow(Interest interest) {
        if (feed.interest().equals(interest)) return;
        Feed old = feed;
        feed = log.acquire(interest);
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

    void handOver(Fetched page) {
        fetched = page;
    }
}
