package org.bongsu.crash;

import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.bongsu.Await;
import org.bongsu.Site;
import org.jspecify.annotations.Nullable;

/**
 * Publishers, each on a thread and a connection of its own, that write down in the {@link Ledger} what they are promised.
 *
 * <p>One that sends an {@code Idempotency-Key} repeats a request until it is acknowledged, wherever its route leads it; the
 * others never repeat one.
 */
public final class Publishers implements AutoCloseable {
    /** Where to publish. */
    public interface Route {
        /**
         * @param failures how often this publisher has got no answer, or 503
         * @return {@code null} if nobody can be asked at present
         */
        @Nullable Site site(int publisher, int failures);
    }

    private final Ledger ledger;
    private final Route route;
    private final Duration patience;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger repeated = new AtomicInteger();
    private final AtomicInteger storedAlready = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;
    private volatile boolean abandoned;

    /**
     * Starts them.
     *
     * @param keyed which publishers send an {@code Idempotency-Key}
     * @param patience how long one waits for an answer
     */
    public Publishers(Ledger ledger, List<Integer> keyed, Duration patience, Route route) {
        this.ledger = ledger;
        this.route = route;
        this.patience = patience;
        for (int publisher = 0; publisher < ledger.publishers(); publisher++) {
            Session session = new Session(publisher, keyed.contains(publisher));
            Thread thread = new Thread(session::run, "publisher " + publisher);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    private final class Session {
        private final int publisher;
        private final boolean keyed;
        private final int batch;
        private final Random random = new Random();
        private int failed;

        Session(int publisher, boolean keyed) {
            this.publisher = publisher;
            this.keyed = keyed;
            this.batch = ledger.batchSize(publisher);
        }

        void run() {
            try {
                for (int first = 1; !stopping; first += batch) {
                    publish(first);
                    // Enough to keep commits running all the time, and little enough to read it all back often.
                    pause(1 + random.nextInt(6 * batch));
                }
            } catch (InterruptedException e) {
                // abandoned
            } catch (RuntimeException | AssertionError e) {
                failures.add(e);
            }
        }

        private void publish(int first) throws InterruptedException {
            while (true) {
                Site site = route.site(publisher, failed);
                if (site == null) {
                    if (abandoned) return;
                    pause(5);
                    continue;
                }
                inFlight.incrementAndGet();
                try {
                    HttpResponse<String> response = client.send(
                            request(site, first), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
                    if (isAcknowledged(response, first)) return;
                    refused.incrementAndGet();
                } catch (IOException e) {
                    // Whether it was stored is not known.
                } finally {
                    inFlight.decrementAndGet();
                }
                failed++;
                if (!keyed || abandoned) return;
                repeated.incrementAndGet();
                pause(20);
            }
        }

        private HttpRequest request(Site site, int first) {
            HttpRequest.Builder request;
            if (batch == 1) {
                request = site.request(Texts.SENDER, "/api/topics/" + Texts.topic(publisher))
                        .header("Content-Type", "text/plain;charset=UTF-8")
                        .POST(HttpRequest.BodyPublishers.ofString(Texts.body(publisher, first)));
            } else {
                StringBuilder lines = new StringBuilder();
                for (int number = first; number < first + batch; number++) {
                    // Nothing in these texts needs escaping.
                    lines.append("{\"topic\":\"").append(Texts.topic(publisher));
                    lines.append("\",\"body\":\"")
                            .append(Texts.body(publisher, number))
                            .append("\"}\n");
                }
                request = site.request(Texts.SENDER, "/api/messages")
                        .header("Content-Type", "application/x-ndjson")
                        .POST(HttpRequest.BodyPublishers.ofString(lines.toString()));
            }
            if (keyed) request.header("Idempotency-Key", "request " + publisher + '/' + first);
            return request.timeout(patience).build();
        }

        private boolean isAcknowledged(HttpResponse<String> response, int first) {
            switch (response.statusCode()) {
                case 200, 201 -> {
                    if (response.statusCode() == 200) storedAlready.incrementAndGet();
                    ledger.acknowledge(publisher, first, ids(Site.json(response.body())));
                    return true;
                }
                case 409, 503 -> {
                    return false;
                }
                case 404, 500 -> {
                    // Of a server that has no portal just now; the portal itself says 503.
                    if (!isProblem(response)) return false;
                    throw unexpected(response);
                }
                default -> throw unexpected(response);
            }
        }

        private boolean isProblem(HttpResponse<String> response) {
            return response.headers().firstValue("Content-Type").orElse("").startsWith("application/problem+json");
        }

        private AssertionError unexpected(HttpResponse<String> response) {
            return new AssertionError(
                    "publisher " + publisher + " was answered " + response.statusCode() + ": " + response.body());
        }

        private List<String> ids(JsonObject answer) {
            return batch == 1
                    ? List.of(answer.getString("id"))
                    : answer.getJsonArray("ids").getValuesAs(JsonString::getString);
        }
    }

    private static void pause(long millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
    }

    /** Returns once so many more messages have been acknowledged. */
    public void awaitAcknowledged(int more) {
        long goal = ledger.acknowledged() + more;
        for (long seen = ledger.acknowledged(); seen < goal; seen = ledger.acknowledged()) {
            long before = seen;
            Await.until("publishing goes on", () -> {
                failIfOneHas();
                return ledger.acknowledged() > before;
            });
        }
    }

    /** Lets them publish for a while. */
    public void publishFor(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) LockSupport.parkNanos(end - System.nanoTime());
        failIfOneHas();
    }

    /** Returns once no request is under way. */
    public void awaitIdle() {
        Await.until("every request has ended", () -> inFlight.get() == 0);
        failIfOneHas();
    }

    /** Ends them after what they have under way; those with a key wait for its acknowledgement. */
    public void stop() {
        stopping = true;
        for (Thread thread : threads) {
            try {
                thread.join(Await.MILLIS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (thread.isAlive()) throw new AssertionError(thread.getName() + " has not been answered");
        }
        failIfOneHas();
    }

    private void failIfOneHas() {
        Throwable first = failures.peek();
        if (first != null) throw new AssertionError(first);
    }

    /** How many requests were sent once more. */
    public int repeated() {
        return repeated.get();
    }

    /** How many requests sent once more turned out to have been stored the first time. */
    int storedAlready() {
        return storedAlready.get();
    }

    /** How many were refused with 503. */
    public int refused() {
        return refused.get();
    }

    @Override
    public void close() {
        abandoned = true;
        stopping = true;
        for (Thread thread : threads) thread.interrupt();
    }
}
