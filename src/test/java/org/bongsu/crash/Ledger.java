package org.bongsu.crash;

import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.bongsu.Site;
import org.bongsu.log.Cursor;

/**
 * What publishers were promised, and the log as it was last read: each new reading is held against both. Any thread.
 *
 * <p>A publisher numbers its messages from 1 and sends them one request after the other, so along the log its numbers must
 * rise. What was acknowledged must be there, at the offset that was told; what was not may be there, once; a batch is there
 * as a whole or not at all.
 */
public final class Ledger {
    /** How far a partial reading looks back into what has been checked before: a bad recovery loses the newest first. */
    private static final int LOOK_BACK = 3_000;

    private final int[] batchSizes;
    private final long[][] acknowledgedAt;
    private final Sequence log = new Sequence();
    private final List<String> faults = new ArrayList<>();
    private long acknowledged;
    private long lost;
    private long reordered;
    private long doubled;

    /** @param batchSizes of each publisher's requests */
    public Ledger(int... batchSizes) {
        this.batchSizes = batchSizes.clone();
        this.acknowledgedAt = new long[batchSizes.length][1024];
    }

    int publishers() {
        return batchSizes.length;
    }

    int batchSize(int publisher) {
        return batchSizes[publisher];
    }

    /** @param first the number of the request's first message */
    synchronized void acknowledge(int publisher, int first, List<String> ids) {
        int last = first + ids.size() - 1;
        if (ids.size() != batchSizes[publisher]) fault("an acknowledgement of " + ids.size() + " messages");
        if (last >= acknowledgedAt[publisher].length) {
            acknowledgedAt[publisher] = Arrays.copyOf(acknowledgedAt[publisher], Math.max(last + 1, last * 2));
        }
        for (int i = 0; i < ids.size(); i++) {
            acknowledgedAt[publisher][first + i] =
                    Cursor.parse("id", ids.get(i)).offset();
        }
        acknowledged += ids.size();
    }

    synchronized long acknowledged() {
        return acknowledged;
    }

    /** The log as read so far. */
    public Sequence log() {
        return log;
    }

    /** Reads the newest part of the log, beginning some way back in what is known already, and checks it. */
    public void checkNewest(Site site) {
        check(site, Math.max(0, log.size() - LOOK_BACK));
    }

    /** Reads the log from its first message and checks it. */
    public void checkWhole(Site site) {
        check(site, 0);
    }

    private void check(Site site, int from) {
        Sequence part = read(site, log.position(from - 1));
        synchronized (this) {
            int known = log.size() - from;
            for (int i = 0; i < known; i++) {
                if (i >= part.size()
                        || part.offset(i) != log.offset(from + i)
                        || part.content(i) != log.content(from + i)) {
                    fault("the log has changed at " + log.position(from + i) + ", which was "
                            + Texts.show(log.content(from + i)));
                    break;
                }
            }
            holdAgainstPromises(part, from == 0 ? 0 : log.offset(from - 1));
            log.addFrom(part, known);
        }
    }

    private void holdAgainstPromises(Sequence part, long after) {
        BitSet[] seen = new BitSet[batchSizes.length];
        for (int p = 0; p < seen.length; p++) seen[p] = new BitSet();
        long lastOffset = after;
        int[] lastNumber = new int[batchSizes.length];
        for (int i = 0; i < part.size(); i++) {
            long offset = part.offset(i);
            long content = part.content(i);
            int publisher = Texts.publisher(content);
            int number = Texts.number(content);
            long promised = promised(publisher, number);
            if (seen[publisher].get(number)) {
                doubled++;
                fault(Texts.show(content) + " once more, at " + offset);
            } else if (number < lastNumber[publisher] || offset <= lastOffset) {
                reordered++;
                fault(Texts.show(content) + " at " + offset + " after its number " + lastNumber[publisher]);
            } else if (promised != 0 && promised != offset) {
                reordered++;
                fault(Texts.show(content) + " at " + offset + ", acknowledged as " + promised);
            }
            seen[publisher].set(number);
            lastNumber[publisher] = number;
            lastOffset = offset;
        }
        for (int p = 0; p < seen.length; p++) {
            requireAcknowledged(p, seen[p], after);
            if (after == 0) requireWholeBatches(p, seen[p]);
        }
    }

    private void requireAcknowledged(int publisher, BitSet seen, long after) {
        for (int number = 1; number < acknowledgedAt[publisher].length; number++) {
            if (acknowledgedAt[publisher][number] > after && !seen.get(number)) {
                lost++;
                fault(Texts.show(Texts.content(publisher, number)) + ", acknowledged as "
                        + acknowledgedAt[publisher][number] + ", is lost");
            }
        }
    }

    private void requireWholeBatches(int publisher, BitSet seen) {
        int batch = batchSizes[publisher];
        for (int first = 1; first < seen.length(); first += batch) {
            int stored = seen.get(first, first + batch).cardinality();
            if (stored != 0 && stored != batch) {
                fault("only " + stored + " of the batch of " + batch + " from number " + first + " of publisher "
                        + publisher);
            }
        }
    }

    private long promised(int publisher, int number) {
        return number < acknowledgedAt[publisher].length ? acknowledgedAt[publisher][number] : 0;
    }

    /** Everything after a position, by polling. */
    static Sequence read(Site site, String after) {
        Sequence read = new Sequence();
        String position = after;
        while (true) {
            HttpResponse<String> response = site.send(site.request(
                    "admin", "/api/poll?wait=0&limit=1000&topic=" + Texts.ALL_TOPICS + "&after=" + position));
            JsonObject answer = Site.json(response.body());
            if (response.statusCode() != 200 || answer.containsKey("reset")) {
                throw new AssertionError("reading after " + position + " was answered: " + response.statusCode() + ' '
                        + response.body()
                                .substring(0, Math.min(300, response.body().length())));
            }
            if (answer.getJsonArray("messages").isEmpty()) return read;
            for (JsonValue message : answer.getJsonArray("messages")) {
                read.add(message.asJsonObject().getString("id"), message.asJsonObject());
            }
            position = answer.getString("cursor");
        }
    }

    private void fault(String what) {
        if (faults.size() < 20) faults.add(what);
    }

    public synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    @Override
    public synchronized String toString() {
        return acknowledged + " acknowledged (" + log.size() + " stored), " + lost + " lost, " + reordered
                + " reordered, " + doubled + " doubled";
    }
}
