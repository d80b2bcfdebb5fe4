package org.bongsu.log;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the log is kept.
 *
 * <p>Every implementation runs the same contract suite. What it must promise:
 * <ul>
 *   <li><b>Durable before it returns.</b> {@link #append} returns only after its group survives a power cut.
 *   <li><b>Offsets become visible in order.</b> Offsets are dense and in commit order, also when several nodes append at
 *       once: whoever has seen offset n sees every offset below n that retention has not removed. A committed prefix never
 *       changes.
 *   <li><b>History that is lost is another epoch.</b> A store that comes back older than it was, or empty, has another
 *       epoch.
 *   <li><b>All or none.</b> A group that fails leaves nothing behind, or {@link #settle} says that it did.
 * </ul>
 *
 * <p>Threads: {@link #append}, {@link #appendAtOnce}, {@link #open} and {@link #settle} are called by one thread at a time;
 * everything else by any thread, also while an append runs. All methods block on I/O.
 */
public interface MessageStore extends AutoCloseable {

    /**
     * Opens the store, or closes and opens it anew after a {@link StoreException}, and reads how far it goes.
     *
     * @throws StoreException if it cannot be opened now; it may be called again later
     */
    Head open() throws StoreException;

    /**
     * Whether other nodes may append to the same log; if not, nothing but this process ever changes it.
     */
    boolean isShared();

    /** How far the log goes now. */
    Head head() throws StoreException;

    /** For people, once it has been opened: what it is, and how safe. */
    String description();

    /**
     * Appends a group in one durable commit.
     *
     * <p>A publication with a {@link Publication.Once} that has been seen within the last 24 hours, or earlier in the same
     * group, appends nothing and is answered from the record. Any other that is {@link Publication#isLate late} appends
     * nothing, and its key is not used up.
     *
     * @return the place of the group in the log and what became of each publication, in their order
     * @throws StoreException if the group is not known to be durable; {@link #open} and then {@link #settle} tell
     */
    Appended append(List<Publication> group) throws StoreException;

    /**
     * {@link #append}, if all that takes is one short write which nothing holds up: for a thread that has other things to do.
     *
     * @return {@code null}, with nothing done, if it takes more
     */
    @Nullable Appended appendAtOnce(List<Publication> group) throws StoreException;

    /**
     * After a failed {@link #append} or {@link #appendAtOnce} and a successful {@link #open}: whether the group reached the
     * log after all.
     *
     * @param group the group that failed
     * @param withdraw whether its publishers have been refused already: a store that is not shared then removes what it
     *     finds, since nobody has seen it
     * @return as {@link #append} if the group is in the log and durable; {@code null} if it is not
     */
    @Nullable Appended settle(List<Publication> group, boolean withdraw) throws StoreException;

    /**
     * Reads forward.
     *
     * @param after an offset, exclusive
     * @param upTo an offset, inclusive; nothing beyond it is read
     * @param limit at most so many messages
     * @param maxBytes stops after the message with which their JSON reaches this size
     */
    Page readAfter(long after, long upTo, Selection selection, int limit, long maxBytes) throws StoreException;

    /** Reads backward: newest first, from below {@code before} (exclusive). */
    Page readBefore(long before, Selection selection, int limit, long maxBytes) throws StoreException;

    /** The message at an offset, {@code null} if there is none (any more). Expired ones are found. */
    @Nullable Message find(long offset) throws StoreException;

    /**
     * What retention has removed, of every topic whose trim has a greater version. The trims of every version up to the
     * {@link Head#trims} of before are among them; a version need not have one.
     */
    List<Trim> trimsSince(long version) throws StoreException;

    /**
     * Removes what exceeds {@code retention}, and what has expired, in steps short enough not to hold up appends for long.
     * Only what exceeds retention is recorded as a {@link Trim}; forgotten idempotency keys go too.
     */
    void trim(Retention retention, Instant now) throws StoreException;

    /** Closes for good, with everything durable. Does not throw. */
    @Override
    void close();

    /** Which messages are asked for; empty sets ask for all. Expired ones are never read. */
    record Selection(Interest interest, Set<String> types, Set<String> priorities, Instant now) {
        public Selection(Interest interest, Instant now) {
            this(interest, Set.of(), Set.of(), now);
        }
    }

    /**
     * @param epoch of the history that was read
     * @param messages in the order of reading
     * @param scannedTo every selected message between the start and this offset, inclusive, is among {@code messages};
     *     reading goes on from here
     * @param trims {@link Head#trims} when the messages had been read: if it is greater than what the caller knows, a
     *     message may be missing that {@link #trimsSince} tells about
     */
    record Page(String epoch, List<Message> messages, long scannedTo, long trims) {}

    /**
     * @param epoch the epoch of the offsets
     * @param before the head just before this group
     * @param receipts one per publication; published ones have dense offsets from {@code before + 1} on
     */
    record Appended(String epoch, long before, List<Receipt> receipts) {}
}
