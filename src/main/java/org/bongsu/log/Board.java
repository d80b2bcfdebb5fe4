package org.bongsu.log;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What memory holds of the log: the newest messages, and which feeds each topic goes to.
 *
 * <p>A message touches the feeds that follow its topic and nothing else: with 100,000 topics of one reader each it costs
 * the same as with one topic.
 *
 * <p>Threads: any. The lock guards everything here; no I/O happens under it and no wake-up runs under it.
 */
final class Board {
    /** How many messages of the tail one reader may look at while holding the lock. */
    private static final int SCAN_LIMIT = 2_000;

    private final Clock clock;
    private final int maxCount;
    private final long maxBytes;

    // Guarded by this monitor.
    private final Map<Topic, TopicLine> lines = new HashMap<>();
    private final Map<Interest, Feed> feeds = new HashMap<>();
    /** Feeds with a wildcard, in the order of their arrival; a topic's line looks only at those it has not seen. */
    private final List<Feed> wildcards = new ArrayList<>();

    private int wildcardGeneration;
    private final Map<Topic, Trim> trims = new HashMap<>();
    private final MessageRing tail = new MessageRing();
    private long tailBytes;
    private String epoch;
    /** Every message after this offset, up to the head, is in the tail. */
    private long tailAfter;

    /** How far readers may read. Written under the lock, after all feeds have what lies before it. */
    private volatile Cursor head;

    private volatile long trimVersion;

    Board(Clock clock, int maxCount, long maxBytes, String epoch, long head) {
        this.clock = clock;
        this.maxCount = maxCount;
        this.maxBytes = maxBytes;
        this.epoch = epoch;
        this.head = new Cursor(epoch, head);
        this.tailAfter = head;
    }

    long head() {
        return head.offset();
    }

    long trimVersion() {
        return trimVersion;
    }

    Cursor headCursor() {
        return head;
    }

    synchronized String epoch() {
        return epoch;
    }

    /**
     * Makes messages visible, in the order of their offsets, and wakes their readers.
     *
     * @param scannedTo the head from now on; offsets up to it without a message here have none (any more)
     */
    void show(Collection<Message> messages, long scannedTo) {
        Set<Feed> touched = new LinkedHashSet<>();
        synchronized (this) {
            for (Message message : messages) {
                if (message.offset() <= head.offset()) continue;
                TopicLine line = line(message.topic());
                message.line = line;
                line.messagesInTail++;
                tail.add(message);
                tailBytes += message.json().length;
                for (Feed feed : line.feeds) {
                    feed.add(message);
                    touched.add(feed);
                }
            }
            while (tail.size() > maxCount || tailBytes > maxBytes) evictOldest();
            if (scannedTo > head.offset()) head = new Cursor(epoch, scannedTo);
        }
        for (Feed feed : touched) feed.wake();
    }

    /** Starts another history: nothing of the old one is given to anybody any more, and every reader is told. */
    void replaceEpoch(String newEpoch, long newHead) {
        List<Feed> all;
        synchronized (this) {
            epoch = newEpoch;
            head = new Cursor(newEpoch, newHead);
            tailAfter = newHead;
            tail.clear();
            tailBytes = 0;
            trims.clear();
            trimVersion = 0;
            for (Feed feed : feeds.values()) feed.replaceEpoch(newEpoch, newHead);
            for (TopicLine line : List.copyOf(lines.values())) {
                line.messagesInTail = 0;
                line.trim = null;
                dropIfIdle(line);
            }
            all = List.copyOf(feeds.values());
        }
        for (Feed feed : all) feed.wake();
    }

    /**
     * Tells the feeds what retention has removed, and gives none of it to readers any more.
     *
     * @param trimmedEpoch the epoch of before {@code news} were read: trims of another history would hide messages of this
     * @param version up to which {@code news} are complete
     */
    void showTrims(String trimmedEpoch, List<Trim> news, long version) {
        Set<Feed> touched = new LinkedHashSet<>();
        synchronized (this) {
            if (!epoch.equals(trimmedEpoch)) return;
            for (Trim trim : news.stream()
                    .sorted(Comparator.comparingLong(Trim::version))
                    .toList()) {
                // Two threads may have asked the store at once, and the later answer may have come first.
                Trim known = trims.get(trim.topic());
                if (known != null && known.version() >= trim.version()) continue;
                // A topic without a line may still be followed, by a wildcard that has not met it.
                TopicLine line = line(trim.topic());
                line.trim = trim;
                for (Feed feed : line.feeds) {
                    feed.addTrim(trim);
                    touched.add(feed);
                }
                trims.put(trim.topic(), trim);
                trimVersion = Math.max(trimVersion, trim.version());
                dropIfIdle(line);
            }
            // After the feeds: whoever sees this version must find its trims there.
            trimVersion = Math.max(trimVersion, version);
        }
        for (Feed feed : touched) feed.wake();
    }

    /** How many readers follow a topic now. */
    synchronized int readersOf(Topic topic) {
        TopicLine line = line(topic);
        int readers = 0;
        for (Feed feed : line.feeds) readers += feed.users;
        dropIfIdle(line);
        return readers;
    }

    /** The feed of an interest, kept until {@link #release} has been called as often. */
    synchronized Feed acquire(Interest interest) {
        Feed feed = feeds.get(interest);
        if (feed == null) {
            feed = new Feed(interest, clock, epoch, head.offset());
            feeds.put(interest, feed);
            register(feed);
        }
        feed.users = feed.users + 1;
        return feed;
    }

    synchronized void release(Feed feed) {
        feed.users = feed.users - 1;
        if (feed.users == 1) feed.forgetRanges();
        if (feed.users == 0) feed.unusedSinceNanos = System.nanoTime();
    }

    /** Forgets feeds that nobody has used for a while; a long-poll takes its feed up again at every round. */
    synchronized void forgetUnused(long nanos) {
        long now = System.nanoTime();
        Set<Feed> unused = feeds.values().stream()
                .filter(feed -> feed.users == 0 && now - feed.unusedSinceNanos >= nanos)
                .collect(Collectors.toSet());
        if (unused.isEmpty()) return;
        feeds.values().removeAll(unused);
        if (wildcards.removeIf(unused::contains)) wildcardGeneration++;
        Set<TopicLine> left = new HashSet<>();
        for (Feed feed : unused) {
            // Lines of topics that have gone quiet keep a forgotten wildcard until they are met again.
            feed.forget();
            for (TopicPattern pattern : feed.interest().patterns()) {
                TopicLine line = pattern.isTopic() ? lines.get(pattern.topic()) : null;
                if (line != null) left.add(line);
            }
        }
        // Once per line, as thousands may leave one topic together.
        for (TopicLine line : left) {
            line.feeds.removeIf(unused::contains);
            dropIfIdle(line);
        }
    }

    synchronized int feedCount() {
        return feeds.size();
    }

    synchronized int lineCount() {
        return lines.size();
    }

    private void register(Feed feed) {
        Interest interest = feed.interest();
        List<Trim> concerning = new ArrayList<>();
        if (feed.wildcard) {
            wildcards.add(feed);
            for (Trim trim : trims.values()) if (interest.matches(trim.topic())) concerning.add(trim);
        } else {
            for (TopicPattern pattern : interest.patterns()) {
                Topic topic = pattern.topic();
                if (!interest.rights().allow(topic)) continue;
                line(topic).feeds.add(feed);
                Trim trim = trims.get(topic);
                if (trim != null) concerning.add(trim);
            }
        }
        concerning.sort(Comparator.comparingLong(Trim::version));
        concerning.forEach(feed::addTrim);
    }

    /**
     * Reads what a feed is too young to have, while the tail still has it.
     *
     * @return {@code null} if the reader stands before the tail, too; otherwise where reading goes on and what there is,
     *     scanning a bounded number of messages; nothing and no further if the reader must be told something first
     */
    synchronized @Nullable Scan scanTail(Feed feed, Reader reader, long upTo, int maxMessages, int maxBytes) {
        long offset = reader.offset();
        if (feed.newsFor(reader) != null) return new Scan(List.of(), offset);
        if (offset < tailAfter) return null;
        Take take = new Take(clock, maxMessages, maxBytes, Long.MAX_VALUE);
        long scannedTo = offset;
        int index = tail.indexAfter(offset);
        for (int scanned = 0; scanned < SCAN_LIMIT && !take.isFull(); scanned++, index++) {
            if (index == tail.size() || tail.get(index).offset() > upTo) {
                scannedTo = Math.max(offset, upTo);
                break;
            }
            Message message = tail.get(index);
            scannedTo = message.offset();
            if (feed.interest().matches(message.topic())) take.offer(message);
        }
        return new Scan(take.messages(), scannedTo);
    }

    record Scan(List<Message> messages, long scannedTo) {}

    private TopicLine line(Topic topic) {
        TopicLine line = lines.get(topic);
        if (line == null) {
            line = new TopicLine(topic);
            line.trim = trims.get(topic);
            lines.put(topic, line);
        }
        meetWildcards(line);
        return line;
    }

    private void meetWildcards(TopicLine line) {
        if (line.wildcardGeneration != wildcardGeneration) {
            line.wildcardGeneration = wildcardGeneration;
            line.wildcardsSeen = 0;
            line.feeds.removeIf(feed -> feed.wildcard);
        }
        for (; line.wildcardsSeen < wildcards.size(); line.wildcardsSeen++) {
            Feed feed = wildcards.get(line.wildcardsSeen);
            if (feed.interest().matches(line.topic)) line.feeds.add(feed);
        }
    }

    private void evictOldest() {
        Message oldest = tail.removeFirst();
        tailBytes -= oldest.json().length;
        tailAfter = oldest.offset();
        TopicLine line = oldest.line;
        if (line == null) return;
        meetWildcards(line);
        for (Feed feed : line.feeds) feed.evict(oldest);
        line.messagesInTail--;
        dropIfIdle(line);
    }

    /** A line that nobody follows by name and that has nothing in the tail can be made anew when it is needed. */
    private void dropIfIdle(@Nullable TopicLine line) {
        if (line == null || line.messagesInTail > 0) return;
        for (Feed feed : line.feeds) if (!feed.wildcard) return;
        lines.remove(line.topic);
    }
}
