package org.bongsu.log;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A store in front of another that lets a test stand between two steps, and counts. */
final class HookedStore implements MessageStore {
    /** Something that happens at a certain point. */
    interface Hook {
        void run() throws StoreException;
    }

    private static final Hook NOTHING = () -> {};

    private final MessageStore to;
    /** How many messages each group brought. */
    final List<Integer> groups = new CopyOnWriteArrayList<>();

    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger opens = new AtomicInteger();
    volatile Hook beforeAppend = NOTHING;
    volatile Hook afterAppend = NOTHING;
    volatile Hook beforeRead = NOTHING;
    volatile Hook afterRead = NOTHING;
    volatile Hook beforeHead = NOTHING;
    volatile Hook beforeTrims = NOTHING;
    volatile Hook afterTrims = NOTHING;
    volatile Hook beforeSettle = NOTHING;
    volatile boolean closed;

    HookedStore(MessageStore to) {
        this.to = to;
    }

    @Override
    public Head open() throws StoreException {
        opens.incrementAndGet();
        return to.open();
    }

    @Override
    public String description() {
        return to.description();
    }

    @Override
    public boolean isShared() {
        return to.isShared();
    }

    @Override
    public Head head() throws StoreException {
        beforeHead.run();
        return to.head();
    }

    @Override
    public Appended append(List<Publication> group) throws StoreException {
        groups.add(group.stream().mapToInt(p -> p.drafts().size()).sum());
        beforeAppend.run();
        Appended appended = to.append(group);
        afterAppend.run();
        return appended;
    }

    @Override
    public @Nullable Appended appendAtOnce(List<Publication> group) throws StoreException {
        beforeAppend.run();
        Appended appended = to.appendAtOnce(group);
        if (appended == null) return null;
        groups.add(group.stream().mapToInt(p -> p.drafts().size()).sum());
        afterAppend.run();
        return appended;
    }

    @Override
    public @Nullable Appended settle(List<Publication> group, boolean withdraw) throws StoreException {
        beforeSettle.run();
        return to.settle(group, withdraw);
    }

    @Override
    public Page readAfter(long after, long upTo, Selection selection, int limit, long maxBytes) throws StoreException {
        reads.incrementAndGet();
        beforeRead.run();
        Page page = to.readAfter(after, upTo, selection, limit, maxBytes);
        afterRead.run();
        return page;
    }

    @Override
    public Page readBefore(long before, Selection selection, int limit, long maxBytes) throws StoreException {
        return to.readBefore(before, selection, limit, maxBytes);
    }

    @Override
    public @Nullable Message find(long offset) throws StoreException {
        return to.find(offset);
    }

    @Override
    public List<Trim> trimsSince(long version) throws StoreException {
        beforeTrims.run();
        List<Trim> trims = to.trimsSince(version);
        afterTrims.run();
        return trims;
    }

    @Override
    public void trim(Retention retention, Instant now) throws StoreException {
        to.trim(retention, now);
    }

    @Override
    public void close() {
        closed = true;
        to.close();
    }
}
