package org.bongsu.fanout;

/** One reader of a feed, as its loop sees it. */
public interface Follower {
    /**
     * There may be more to read. Runs on the loop's thread, so it must not block.
     *
     * @param upTo the offset up to which to read, the same for all followers of one walk: so they all end at the same
     *     place, and share the encoding of the next range
     */
    void news(long upTo);

    /**
     * Reads what {@link #news} is going to need, and changes nothing. Called shortly before, for a few followers one after the
     * other: the processor then waits for all their memory at once, whereas in the midst of {@code news} it waits for each
     * piece by itself.
     *
     * <p>Runs on the loop's thread and does not take the follower's own lock, so what it reads may be out of date.
     *
     * @return anything that depends on what was read, since a compiler leaves out reads of which nothing comes
     */
    default int approach() {
        return 0;
    }
}
