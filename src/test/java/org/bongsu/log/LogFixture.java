package org.bongsu.log;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.bongsu.Await;

/** A log on a store in memory, and what tests do with it. */
final class LogFixture implements AutoCloseable {
    static final int MANY = 10_000;

    final TestClock clock;
    final MemoryMessageStore memory;
    final HookedStore store;
    final MessageLog log;

    private LogFixture(MemoryMessageStore.Disk disk, boolean shared, int tailCount, TestClock clock) {
        this.clock = clock;
        this.memory = new MemoryMessageStore(disk, shared, clock);
        this.store = new HookedStore(memory);
        Duration never = Duration.ofHours(1);
        try {
            this.log = MessageLog.open(
                    store, clock, new MessageLog.Settings(tailCount, 1 << 24, never, never, Retention.UNLIMITED));
        } catch (StoreException e) {
            throw new AssertionError(e);
        }
    }

    /** A log that looks at its store only when it must, or when {@link #follow} tells it to. */
    static LogFixture open(int tailCount) {
        return new LogFixture(new MemoryMessageStore.Disk(), true, tailCount, new TestClock(Drafts.TIME));
    }

    static LogFixture openAlone(int tailCount) {
        return new LogFixture(new MemoryMessageStore.Disk(), false, tailCount, new TestClock(Drafts.TIME));
    }

    /** Another node on the same disk. */
    LogFixture another(int tailCount) {
        return new LogFixture(memory.disk(), true, tailCount, clock);
    }

    Cursor publish(String topic, String body) {
        return publish(Drafts.draft(topic, body));
    }

    Cursor publish(Draft... drafts) {
        Receipt receipt = log.append(Drafts.publication(drafts)).join();
        if (receipt instanceof Receipt.Published published) {
            return published.ids().get(published.ids().size() - 1);
        }
        return fail("not published: " + receipt);
    }

    void publish(int count, String topic) {
        for (int i = 0; i < count; i++) publish(topic, "x");
    }

    /** Looks at the store at once. */
    void follow() {
        try {
            log.followNow();
        } catch (StoreException e) {
            throw new AssertionError(e);
        }
    }

    /** Removes all but the newest {@code count} of each topic, and lets the log know. */
    void trimTo(int count) {
        trimSilently(count);
        follow();
    }

    void trimSilently(int count) {
        try {
            memory.trim(new Retention(Duration.ZERO, count, 0), clock.instant());
        } catch (StoreException e) {
            throw new AssertionError(e);
        }
    }

    Reader reader(Position start, String... patterns) {
        return log.reader(Drafts.interest(patterns), start);
    }

    /** Everything there is to read, as {@code topic:offset} and {@code reset:reason}. */
    List<String> drain(Reader reader) {
        return drain(reader, 100);
    }

    List<String> drain(Reader reader, int maxMessages) {
        List<String> seen = new ArrayList<>();
        try {
            while (true) {
                Read read = log.read(reader, maxMessages, 1 << 20);
                if (read == Read.Nothing.CAUGHT_UP) return seen;
                if (read instanceof Read.Reset reset)
                    seen.add("reset:" + reset.reason().text());
                if (read instanceof Range range) {
                    if (range.messages().size() > maxMessages) fail("more than were asked for: " + range.messages());
                    for (Message message : range.messages()) seen.add(message.topic() + ":" + message.offset());
                }
            }
        } catch (StoreException e) {
            throw new AssertionError(e);
        }
    }

    static void eventually(String what, BooleanSupplier condition) {
        Await.until(what, condition);
    }

    @Override
    public void close() {
        log.close();
    }
}
