package org.bongsu.publish;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.bongsu.http.Exchange;
import org.bongsu.http.Problem;
import org.bongsu.http.Problems;
import org.bongsu.log.Draft;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Publication;
import org.bongsu.log.Receipt;
import org.jspecify.annotations.Nullable;

/**
 * Puts publications into the log and answers their requests when it has them; what the doors for writing share.
 *
 * <p>Threads: a request's own thread only submits. The log completes on its writer thread, which must not wait for a client;
 * so answers are written by the executor. Its timer too, and not {@code orTimeout}, whose thread would outlive the portal.
 */
public final class Publisher {
    private static final System.Logger LOGGER = System.getLogger(Publisher.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** How much later the container would end a request that has been forgotten. */
    private static final Duration NET = Duration.ofSeconds(30);

    private static final Duration TWIN_PATIENCE = Duration.ofSeconds(10);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private record Key(String principal, String key) {}

    private final MessageLog log;
    private final Reach reach;
    private final ScheduledExecutorService answers;
    private final Duration patience;
    private final Duration twinPatience;

    /** How many requests with a key the log has not answered yet, on this node. */
    private final ConcurrentMap<Key, Integer> inFlight = new ConcurrentHashMap<>();

    /** @param answers writes answers, and waits for no client; two threads are plenty */
    public Publisher(MessageLog log, Reach reach, ScheduledExecutorService answers) {
        this(log, reach, answers, PATIENCE, TWIN_PATIENCE);
    }

    /**
     * @param patience how long a request waits for the log
     * @param twinPatience how long one waits whose key another request in flight has
     */
    Publisher(MessageLog log, Reach reach, ScheduledExecutorService answers, Duration patience, Duration twinPatience) {
        this.log = log;
        this.reach = reach;
        this.answers = answers;
        this.patience = patience;
        this.twinPatience = twinPatience;
    }

    Reach reach() {
        return reach;
    }

    /**
     * Publishes, and answers when that is durable.
     *
     * @param reply what to answer; runs on the executor
     */
    void publish(
            HttpServletRequest request,
            HttpServletResponse response,
            List<Draft> drafts,
            Publication.@Nullable Once once,
            Function<Receipt, Reply> reply) {
        Exchange exchange = Exchange.begin(request, response, patience.plus(NET).toMillis());
        boolean twin = once != null && enter(once);
        CompletableFuture<Receipt> receipt = log.append(new Publication(drafts, once));
        if (once != null) receipt.whenComplete((r, e) -> leave(once));
        Duration wait = twin ? twinPatience : patience;
        // A copy, since the time-out must not complete what is the log's.
        CompletableFuture<Receipt> awaited = receipt.copy();
        try {
            Future<?> deadline = answers.schedule(
                    () -> awaited.completeExceptionally(new TimeoutException()),
                    wait.toMillis(),
                    TimeUnit.MILLISECONDS);
            awaited.whenCompleteAsync(
                    (r, e) -> {
                        deadline.cancel(false);
                        exchange.answer(answer(r, e, twin, reply));
                    },
                    answers);
        } catch (RejectedExecutionException e) {
            exchange.answer(refusal(new Problem(503, "the portal is shutting down").retryAfter(RETRY_AFTER)));
        }
    }

    private static Exchange.Answer answer(
            @Nullable Receipt receipt, @Nullable Throwable thrown, boolean twin, Function<Receipt, Reply> reply) {
        try {
            if (receipt != null) return reply.apply(receipt)::prepare;
            throw thrown == null ? new IllegalStateException("the log completed with nothing") : cause(thrown);
        } catch (TimeoutException e) {
            return refusal(
                    twin
                            ? new Problem(409, "the first request with this Idempotency-Key is still being published")
                                    .field("Idempotency-Key")
                                    .retryAfter(RETRY_AFTER)
                            : new Problem(
                                            503,
                                            "the log has not answered in time; whether this was stored is not known: publish"
                                                    + " it again with the same Idempotency-Key to be sure")
                                    .retryAfter(RETRY_AFTER));
        } catch (Throwable e) {
            Problem problem = Problems.of(e);
            if (problem.status() == 500)
                LOGGER.log(System.Logger.Level.ERROR, "a publication could not be answered", e);
            return refusal(problem);
        }
    }

    private static Exchange.Answer refusal(Problem problem) {
        return response -> Problems.prepare(response, problem);
    }

    private static Throwable cause(Throwable thrown) {
        Throwable cause = thrown.getCause();
        return thrown instanceof CompletionException && cause != null ? cause : thrown;
    }

    /** Whether another request with this key is in flight. */
    private boolean enter(Publication.Once once) {
        return inFlight.merge(new Key(once.principal(), once.key()), 1, Integer::sum) > 1;
    }

    private void leave(Publication.Once once) {
        inFlight.computeIfPresent(new Key(once.principal(), once.key()), (key, n) -> n == 1 ? null : n - 1);
    }
}
