package org.bongsu.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.bongsu.Await;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The promise of contract §1 under everything at once: two nodes on one store, eight publishers, fifty readers that read
 * when they are woken, leave and come back with their cursor on either node and change their topics, while retention
 * removes messages and now and then the whole history is replaced.
 *
 * <p>What each reader saw is compared afterwards with the log, filtered the plain way.
 */
class LogModelTest {
    private static final int PUBLISHERS = 8;
    private static final int READERS = 50;
    /** Publications of each publisher; {@code -Drounds=20000} by hand. */
    private static final int ROUNDS = Integer.getInteger("rounds", 700);

    private static final int READER_THREADS = 5;

    /** What happened to one reader, in its order. */
    private sealed interface Event {
        /**
         * It began to read after {@code cursor}.
         *
         * @param retained whether it asked for no more than what is retained
         */
        record Started(Cursor cursor, Interest interest, boolean retained) implements Event {}

        record Got(List<Cursor> ids, long stamp) implements Event {}

        record Told(ResetReason reason, Cursor position, long stamp) implements Event {}

        record Changed(Interest interest, Cursor position) implements Event {}
    }

    /** Rights by value, as they have to be. */
    private record AllBut(Set<String> topics) implements Rights {
        @Override
        public boolean allow(Topic topic) {
            return !topics.contains(topic.name());
        }
    }

    private record Removed(long through, long stamp) {}

    private static final long NEVER = Long.MAX_VALUE;

    /** Of the messages after one offset and up to another the reader was told what trims up to {@code told} removed. */
    private record Passed(Interest interest, long after, long to, long told) {}

    private final MemoryMessageStore.Disk disk = new MemoryMessageStore.Disk();
    private final List<MessageLog> nodes = new ArrayList<>();
    /** Per epoch, what was published where. */
    private final Map<String, NavigableMap<Long, Topic>> published = new ConcurrentHashMap<>();
    /** Per epoch and topic, what was removed, by the number of the trim, which is drawn before it begins. */
    private final Map<String, Map<Topic, List<Removed>>> removed = new ConcurrentHashMap<>();

    private final AtomicLong trims = new AtomicLong();
    private final AtomicLong deliveries = new AtomicLong();
    private final AtomicLong resets = new AtomicLong();
    private final AtomicBoolean publishing = new AtomicBoolean(true);

    private final class Guest {
        final List<Event> events = new ArrayList<>();
        final AtomicBoolean woken = new AtomicBoolean();
        final WakeUp wakeUp = () -> woken.set(true);
        private final Random random;
        private MessageLog node;
        private Reader reader;

        Guest(long seed) {
            random = new Random(seed);
            node = nodes.get(random.nextInt(nodes.size()));
            Position start = random.nextBoolean() ? Position.Edge.LATEST : Position.Edge.EARLIEST;
            Interest interest = interest(random);
            reader = node.reader(interest, start);
            events.add(new Event.Started(reader.position(), interest, start == Position.Edge.EARLIEST));
            follow();
        }

        private void follow() {
            reader.feed().onNews(wakeUp);
            woken.set(true);
        }

        void live() throws Exception {
            int choice = random.nextInt(100);
            if (choice < 2) {
                leaveAndComeBack();
            } else if (choice < 4) {
                reader.feed().removeOnNews(wakeUp);
                Interest interest = interest(random);
                reader.follow(interest, reader.position());
                events.add(new Event.Changed(interest, reader.position()));
                follow();
            }
            if (woken.getAndSet(false)) read(1 + random.nextInt(4));
        }

        private void leaveAndComeBack() {
            Cursor cursor = reader.position();
            reader.feed().removeOnNews(wakeUp);
            reader.close();
            node = nodes.get(random.nextInt(nodes.size()));
            Interest interest =
                    random.nextInt(3) == 0 ? interest(random) : reader.feed().interest();
            reader = node.reader(interest, cursor);
            events.add(new Event.Started(cursor, interest, false));
            follow();
        }

        /** Reads a few times; leaves word to itself if there may be more. */
        private void read(int times) throws Exception {
            for (int i = 0; i < times; i++) {
                Read read = readOnce();
                if (read == Read.Nothing.CAUGHT_UP) return;
                if (read instanceof Range range) {
                    List<Cursor> ids =
                            range.messages().stream().map(Message::id).toList();
                    events.add(new Event.Got(ids, trims.get()));
                    deliveries.addAndGet(range.messages().size());
                } else if (read instanceof Read.Reset reset) {
                    events.add(new Event.Told(reset.reason(), reader.position(), trims.get()));
                    resets.incrementAndGet();
                }
            }
            woken.set(true);
        }

        private Read readOnce() throws Exception {
            int most = 1 + random.nextInt(30);
            int bytes = 1 + random.nextInt(2_000);
            if (random.nextBoolean()) return node.read(reader, most, bytes);
            Read read = reader.next(most, bytes, node.head());
            if (read == Read.Nothing.BEHIND) {
                CountDownLatch fetched = new CountDownLatch(1);
                node.fetch(reader, fetched::countDown);
                assertTrue(fetched.await(Await.SECONDS, TimeUnit.SECONDS), "a page never came");
            }
            return read;
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 40", "3, 2000"})
    void everyReaderGetsExactlyWhatItIsOwed(long seed, int tail) throws Exception {
        Clock clock = Clock.systemUTC();
        for (int i = 0; i < 2; i++) {
            nodes.add(MessageLog.open(
                    new MemoryMessageStore(disk, true, clock),
                    clock,
                    new MessageLog.Settings(
                            tail, 1 << 20, Duration.ofMillis(2), Duration.ofMillis(7), Retention.UNLIMITED)));
        }
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            run(threads, seed);
        } finally {
            publishing.set(false);
            threads.shutdownNow();
            nodes.forEach(MessageLog::close);
        }
    }

    private void run(ExecutorService threads, long seed) throws Exception {
        List<Guest> guests = new ArrayList<>();
        for (int i = 0; i < READERS; i++) guests.add(new Guest(seed * 1_000 + i));
        List<Future<?>> publishers = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            long publisher = seed * 100 + i;
            publishers.add(threads.submit(() -> publish(new Random(publisher))));
        }
        Future<?> keeper = threads.submit(() -> {
            trimAndWipe(new Random(seed));
            return null;
        });
        List<Future<?>> readers = new ArrayList<>();
        for (int t = 0; t < READER_THREADS; t++) {
            int first = t;
            readers.add(threads.submit(() -> {
                while (publishing.get()) {
                    for (int i = first; i < READERS; i += READER_THREADS)
                        guests.get(i).live();
                    LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
                }
                return null;
            }));
        }
        for (Future<?> publisher : publishers) publisher.get(15, TimeUnit.MINUTES);
        publishing.set(false);
        keeper.get(Await.SECONDS, TimeUnit.SECONDS);
        for (Future<?> reader : readers) reader.get(Await.SECONDS, TimeUnit.SECONDS);

        // Everybody who is owed something must be woken by itself.
        for (MessageLog node : nodes) node.followNow();
        for (Guest guest : guests) {
            while (guest.woken.getAndSet(false)) guest.read(1_000);
        }
        for (Guest guest : guests) {
            // What is owed up to the head and was not read is a lost wake-up.
            verify(guest.events, nodes.get(0).headCursor());
        }
        assertTrue(published.size() > 1, "the history was replaced: " + published.keySet());
        assertTrue(resets.get() > READERS, "resets: " + resets);
        assertTrue(deliveries.get() > 10L * ROUNDS, "deliveries: " + deliveries);
    }

    private void publish(Random random) {
        MessageLog node = nodes.get(random.nextInt(nodes.size()));
        for (int round = 0; round < ROUNDS; round++) {
            Draft[] drafts = new Draft[1 + random.nextInt(4)];
            for (int i = 0; i < drafts.length; i++) drafts[i] = Drafts.draft(topic(random), "x");
            Receipt receipt = node.append(Drafts.publication(drafts)).join();
            List<Cursor> ids = ((Receipt.Published) receipt).ids();
            for (int i = 0; i < drafts.length; i++) {
                Cursor id = ids.get(i);
                Topic other = published
                        .computeIfAbsent(id.epoch(), e -> new ConcurrentSkipListMap<>())
                        .put(id.offset(), drafts[i].topic());
                if (other != null) fail("two messages at " + id);
            }
            // Now and then a pause, so that readers catch up and have to be woken.
            if (random.nextInt(20) == 0) LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
        }
    }

    private void trimAndWipe(Random random) throws StoreException {
        MemoryMessageStore store = new MemoryMessageStore(disk, true, Clock.systemUTC());
        for (int i = 1; publishing.get(); i++) {
            long stamp = trims.incrementAndGet();
            store.trim(new Retention(Duration.ZERO, 1 + random.nextInt(60), 0), Drafts.TIME);
            String epoch = store.head().epoch();
            for (Trim trim : store.trimsSince(0)) {
                removed.computeIfAbsent(epoch, e -> new ConcurrentHashMap<>())
                        .computeIfAbsent(trim.topic(), t -> new ArrayList<>())
                        .add(new Removed(trim.through(), stamp));
            }
            if (i % 8 == 0) disk.wipe();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(8)));
        }
    }

    /** Goes through what a reader saw, and demands a word for everything it did not. */
    private void verify(List<Event> events, Cursor end) {
        Interest interest = Drafts.interest("nothing/yet");
        String epoch = "";
        long at = 0;
        // Of what has gone by trims up to this one the reader has been told. As long as it has got nothing since it was
        // told, that holds for later ones too.
        long told = -1;
        boolean justTold = false;
        // What it passed over since its last message; a history that it was told is lost owes nothing any more.
        List<Passed> passed = new ArrayList<>();
        for (Event event : events) {
            long excused = justTold ? NEVER - 1 : told;
            if (event instanceof Event.Started started) {
                if (epoch.equals(started.cursor.epoch())) {
                    passed.add(new Passed(interest, at, started.cursor.offset(), excused));
                }
                interest = started.interest;
                epoch = started.cursor.epoch();
                at = started.cursor.offset();
                told = -1;
                justTold = started.retained;
            } else if (event instanceof Event.Changed changed) {
                passed.add(new Passed(interest, at, changed.position.offset(), excused));
                interest = changed.interest;
                at = changed.position.offset();
            } else if (event instanceof Event.Told reset) {
                if (reset.reason == ResetReason.TRIMMED) {
                    passed.add(new Passed(interest, at, reset.position.offset(), excused));
                    at = reset.position.offset();
                    assertGone(interest, reset.position);
                } else {
                    assertEquals(ResetReason.EPOCH, reset.reason);
                    assertTrue(!epoch.equals(reset.position.epoch()), "told of another epoch without one");
                    passed.clear();
                    epoch = reset.position.epoch();
                    at = 0;
                }
                told = reset.stamp;
                justTold = true;
            } else if (event instanceof Event.Got got) {
                if (justTold) told = got.stamp;
                justTold = false;
                for (Cursor id : got.ids) {
                    assertEquals(epoch, id.epoch(), "a message of another history without a word");
                    assertTrue(id.offset() > at, "twice, or out of order: " + id + " after " + at);
                    Topic topic = published(epoch).get(id.offset());
                    assertTrue(topic != null && interest.matches(topic), "not asked for: " + id + " " + topic);
                    passed.add(new Passed(interest, at, id.offset() - 1, told));
                    at = id.offset();
                }
                for (Passed over : passed) demandNothing(events, epoch, over);
                passed.clear();
            }
        }
        assertEquals(end.epoch(), epoch, "nobody told of the last history");
        passed.add(new Passed(interest, at, end.offset(), justTold ? NEVER - 1 : told));
        for (Passed over : passed) demandNothing(events, epoch, over);
    }

    private NavigableMap<Long, Topic> published(String epoch) {
        return published.getOrDefault(epoch, new ConcurrentSkipListMap<>());
    }

    /** Everything passed over was not asked for, or went by a trim that the reader was told of. */
    private void demandNothing(List<Event> events, String epoch, Passed passed) {
        if (passed.to <= passed.after) return;
        published(epoch).subMap(passed.after, false, passed.to, true).forEach((offset, topic) -> {
            if (!passed.interest.matches(topic)) return;
            long goneBy = removed.getOrDefault(epoch, Map.of()).getOrDefault(topic, List.of()).stream()
                    .filter(r -> r.through >= offset)
                    .mapToLong(Removed::stamp)
                    .min()
                    .orElse(NEVER);
            if (goneBy <= passed.told) return;
            fail(epoch + "-" + offset + " of " + topic + " was passed over without a word (gone by trim " + goneBy
                    + "): " + passed + ": " + events.subList(Math.max(0, events.size() - 20), events.size()));
        });
    }

    private void assertGone(Interest interest, Cursor position) {
        boolean gone = removed.getOrDefault(position.epoch(), Map.of()).entrySet().stream()
                .anyMatch(e -> interest.matches(e.getKey())
                        && e.getValue().stream().anyMatch(r -> r.through > position.offset()));
        assertTrue(gone, "told of a hole where there is none: after " + position);
    }

    private static String topic(Random random) {
        return (random.nextInt(3) == 0 ? "b/" : "a/") + random.nextInt(8);
    }

    private static Interest interest(Random random) {
        List<TopicPattern> patterns = new ArrayList<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            String pattern =
                    switch (random.nextInt(8)) {
                        case 0 -> "a/*";
                        case 1 -> "b/**";
                        case 2 -> "*/" + random.nextInt(8);
                        case 3 -> random.nextInt(3) == 0 ? "**" : "nobody/publishes/this";
                        default -> topic(random);
                    };
            patterns.add(new TopicPattern(pattern));
        }
        Rights rights = random.nextBoolean()
                ? new AllBut(Set.of())
                : new AllBut(Set.of("a/" + random.nextInt(8), "b/" + random.nextInt(8)));
        return new Interest(patterns, rights);
    }
}
