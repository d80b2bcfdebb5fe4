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
}
