package org.bongsu.bench;

import java.time.Instant;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.bongsu.log.Head;
import org.bongsu.log.Message;
import org.bongsu.log.MessageStore;
import org.bongsu.log.Publication;
import org.bongsu.log.Retention;
import org.bongsu.log.StoreException;
import org.bongsu.log.Trim;
import org.jspecify.annotations.Nullable;

/** A store that also knows how long its commits take and how large they are. */
final class TimedStore implements MessageStore {
    /** @param p50 milliseconds */
    record Commits(long count, double p50, double p99, double meanSize) {}

    private final MessageStore store;

    // guarded by the monitor
    private Histogram times = new Histogram(3);
    private long publications;

    TimedStore(MessageStore store) {
        this.store = store;
    }

    /** What has been committed since the last call. */
    synchronized Commits take() {
        long count = times.getTotalCount();
        Commits commits = new Commits(
                count,
                times.getValueAtPercentile(50) / 1e6,
                times.getValueAtPercentile(99) / 1e6,
                publications / (double) Math.max(1, count));
        times = new Histogram(3);
        publications = 0;
        return commits;
    }

    @Override
    public Appended append(List<Publication> group) throws StoreException {
        long start = System.nanoTime();
        Appended appended = store.append(group);
        record(group, start);
        return appended;
    }

    @Override
    public @Nullable Appended appendAtOnce(List<Publication> group) throws StoreException {
        long start = System.nanoTime();
        Appended appended = store.appendAtOnce(group);
        if (appended != null) record(group, start);
        return appended;
    }

    private synchronized void record(List<Publication> group, long start) {
        times.recordValue(System.nanoTime() - start);
        publications += group.size();
    }

    @Override
    public Head open() throws StoreException {
        return store.open();
    }

    @Override
    public String description() {
        return store.description();
    }

    @Override
    public boolean isShared() {
        return store.isShared();
    }

    @Override
    public Head head() throws StoreException {
        return store.head();
    }

    @Override
    public @Nullable Appended settle(List<Publication> group, boolean withdraw) throws StoreException {
        return store.settle(group, withdraw);
    }

    @Override
    public Page readAfter(long after, long upTo, Selection selection, int limit, long maxBytes) throws StoreException {
        return store.readAfter(after, upTo, selection, limit, maxBytes);
    }

    @Override
    public Page readBefore(long before, Selection selection, int limit, long maxBytes) throws StoreException {
        return store.readBefore(before, selection, limit, maxBytes);
    }

    @Override
    public @Nullable Message find(long offset) throws StoreException {
        return store.find(offset);
    }

    @Override
    public List<Trim> trimsSince(long version) throws StoreException {
        return store.trimsSince(version);
    }

    @Override
    public void trim(Retention retention, Instant now) throws StoreException {
        store.trim(retention, now);
    }

    @Override
    public void close() {
        store.close();
    }
}
