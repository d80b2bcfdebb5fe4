package org.bongsu.bench;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.bongsu.log.Draft;
import org.bongsu.log.Interest;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Position;
import org.bongsu.log.Publication;
import org.bongsu.log.Range;
import org.bongsu.log.Reader;
import org.bongsu.log.Receipt;
import org.bongsu.log.Retention;
import org.bongsu.log.Rights;
import org.bongsu.log.StoreException;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;

/**
 * What a publish costs, from its append until the topic's one reader has read it, when 99,999 other topics have a reader each,
 * against a log with that topic alone. In this process and with a store in memory, so that nothing else is measured.
 */
final class TopicsBench {
    static final String ID = "topics";
    static final String TITLE = "readers spread over 100,000 topics: cost of a publish to one of them";

    private static final int TOPICS = 100_000;
    private static final int BATCH = 1_000;
    private static final int BATCHES = 20;

    /** By then this JVM has compiled all that is measured; with three, "alone" has been anything from 1 to 3 µs. */
    private static final int WARM_UP_ROUNDS = 30;

    private static final int LEAST_ROUNDS = 21;

    private record Everything() implements Rights {
        @Override
        public boolean allow(Topic topic) {
            return true;
        }
    }

    /** A log with readers. */
    private static final class Hub implements AutoCloseable {
        private final MemoryMessageStore store = new MemoryMessageStore();
        private final MessageLog log;
        private final List<Topic> topics = new ArrayList<>();
        private final List<Reader> readers = new ArrayList<>();
        private final Random random = new Random(7);
        private long woken;

        Hub(int size) throws StoreException {
            log = MessageLog.open(
                    store,
                    Clock.systemUTC(),
                    new MessageLog.Settings(
                            10_000, 64 << 20, Duration.ofSeconds(1), Duration.ofHours(1), Retention.UNLIMITED));
            for (int i = 0; i < size; i++) {
                Topic topic = new Topic("bench/topic-" + i);
                Reader reader = log.reader(
                        new Interest(List.of(new TopicPattern(topic.toString())), new Everything()),
                        Position.Edge.LATEST);
                reader.feed().onNews(() -> woken++);
                topics.add(topic);
                readers.add(reader);
            }
        }

        /** Nanoseconds per message, published to topics at random or always to the same. */
        double cost(boolean spread) {
            int one = random.nextInt(topics.size());
            int[] chosen = new int[BATCH];
            List<CompletableFuture<Receipt>> receipts = new ArrayList<>(BATCH);
            long start = System.nanoTime();
            for (int batch = 0; batch < BATCHES; batch++) {
                receipts.clear();
                for (int i = 0; i < BATCH; i++) {
                    chosen[i] = spread ? random.nextInt(topics.size()) : one;
                    receipts.add(log.append(new Publication(List.of(draft(topics.get(chosen[i]))), null)));
                }
                receipts.get(BATCH - 1).join();
                int read = 0;
                for (int i = 0; i < BATCH; i++) {
                    while (readers.get(chosen[i]).next(BATCH, 1 << 20, log.head()) instanceof Range range) {
                        read += range.messages().size();
                    }
                }
                if (read != BATCH) throw new IllegalStateException(read + " of " + BATCH + " messages were read");
            }
            double nanos = (System.nanoTime() - start) / (double) (BATCH * BATCHES);
            if (woken == 0) throw new IllegalStateException("no reader was woken");
            store.disk().forget();
            return nanos;
        }

        private static Draft draft(Topic topic) {
            String content = "{\"topic\":\"" + topic + "\",\"type\":\"notice\",\"body\":\"" + "x".repeat(120) + "\"}";
            return new Draft(topic, "notice", "normal", "bench", Instant.EPOCH, null, content);
        }

        @Override
        public void close() {
            readers.forEach(Reader::close);
            log.close();
        }
    }

    List<Verdict> run(int rounds) {
        int counted = Math.max(rounds, LEAST_ROUNDS);
        double[] alone = new double[counted];
        double[] same = new double[counted];
        double[] spread = new double[counted];
        try (Hub small = new Hub(1);
                Hub large = new Hub(TOPICS)) {
            for (int round = -WARM_UP_ROUNDS; round < counted; round++) {
                double a = small.cost(false);
                double b = large.cost(false);
                double c = large.cost(true);
                if (round < 0) continue;
                alone[round] = a;
                same[round] = b;
                spread[round] = c;
            }
        } catch (StoreException e) {
            throw new IllegalStateException(e);
        }
        System.out.printf(
                Locale.ROOT,
                "{\"row\":\"%s\",\"topics\":%d,\"ns_alone\":%.0f,\"ns_one_of_many\":%.0f,\"ns_spread_over_many\":%.0f}%n",
                ID,
                TOPICS,
                Figures.median(alone),
                Figures.median(same),
                Figures.median(spread));
        return List.of(
                verdict(TITLE, Figures.median(same), Figures.median(alone)),
                verdict("the same, to all of them at random", Figures.median(spread), Figures.median(alone)));
    }

    private static Verdict verdict(String title, double many, double alone) {
        return new Verdict(
                title,
                "append → read",
                Figures.rounded(many / 1_000) + " µs",
                "alone " + Figures.rounded(alone / 1_000) + " µs",
                String.format(Locale.ROOT, "%.2f", many / alone),
                "≤ 2 × alone",
                many <= 2 * alone);
    }
}
