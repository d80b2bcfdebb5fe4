package org.bongsu.publish;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.bongsu.http.Exchange;
import org.bongsu.http.Problem;
import org.bongsu.http.Problems;
import org.bongsu.http.Responders;
import org.bongsu.log.Draft;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Publication;
import org.bongsu.log.Receipt;
import org.jspecify.annotations.Nullable;

/**
 * Puts publications into the log and answers their requests when it has them; what the doors for writing share.
 *
 * <p>Threads: where the log takes a publication at once, the request's own thread answers. Else it only submits; the log
 * completes on its writer thread, which must not wait for a client nor lose time, so {@link Answers} answers.
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
    private final Answers answers;
    private final Responders responders;
    private final Duration net;
    private final Answers.Line twins;
    private final Answers.Line others;

    /** How many requests with a key the log has not answered yet, on this node. */
    private final ConcurrentMap<Key, Integer> inFlight = new ConcurrentHashMap<>();

    public Publisher(MessageLog log, Reach reach, Answers answers, Responders responders) {
        this(log, reach, answers, responders, PATIENCE, TWIN_PATIENCE);
    }

    /**
     * @param patience how long a request waits for the log
     * @param twinPatience how long one waits whose key another request in flight has
     */
    Publisher(
            MessageLog log,
            Reach reach,
            Answers answers,
            Responders responders,
            Duration patience,
            Duration twinPatience) {
        this.log = log;
        this.reach = reach;
        this.answers = answers;
        this.responders = responders;
        this.net = patience.plus(NET);
        this.others = answers.line(
                patience,
                response -> Problems.prepare(
                        response,
                        new Problem(
                                        503,
                                        "the log has not answered in time; whether this was stored is not known: publish"
                                                + " it again with the same Idempotency-Key to be sure")
                                .retryAfter(RETRY_AFTER)));
        this.twins = answers.line(
                twinPatience,
                response -> Problems.prepare(
                        response,
                        new Problem(409, "the first request with this Idempotency-Key is still being published")
                                .field("Idempotency-Key")
                                .retryAfter(RETRY_AFTER)));
    }

    Reach reach() {
        return reach;
    }

    /**
     * Publishes, and answers when that is durable.
     *
     * @param reply what to answer; runs on the thread that answers
     * @throws IOException if the client has gone; what it wanted may be published
     */
    void publish(
            HttpServletRequest request,
            HttpServletResponse response,
            List<Draft> drafts,
            Publication.@Nullable Once once,
            Function<Receipt, Reply> reply)
            throws IOException {
        Publication publication = new Publication(drafts, once);
        // Who has a key waits in line, where its twins are known.
        CompletableFuture<Receipt> begun = once == null ? log.appendAtOnce(publication) : null;
        if (begun != null && begun.isDone()) {
            send(response, begun.handle((r, e) -> answer(r, e, reply)).join());
            return;
        }
        Exchange exchange = Exchange.begin(request, response, net.toMillis(), responders);
        boolean twin = once != null && enter(once);
        CompletableFuture<Receipt> receipt = begun != null ? begun : log.append(publication);
        if (once != null) receipt.whenComplete((r, e) -> leave(once));
        if (!receipt.isDone()) (twin ? twins : others).add(exchange);
        receipt.whenComplete((r, e) -> answers.execute(() -> exchange.answer(answer(r, e, reply))));
    }

    private static void send(HttpServletResponse response, Exchange.Answer answer) throws IOException {
        byte[] body = answer.prepare(response);
        try {
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        } catch (RuntimeException e) {
            // What was wanted has been done: not an error of ours, whatever the server made of the answer.
            LOGGER.log(System.Logger.Level.DEBUG, "a publisher has gone before it was answered", e);
        }
    }

    private static Exchange.Answer answer(
            @Nullable Receipt receipt, @Nullable Throwable thrown, Function<Receipt, Reply> reply) {
        try {
            if (receipt != null) return reply.apply(receipt);
            throw thrown == null ? new IllegalStateException("the log completed with nothing") : thrown;
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

    /** Whether another request with this key is in flight. */
    private boolean enter(Publication.Once once) {
        return inFlight.merge(new Key(once.principal(), once.key()), 1, Integer::sum) > 1;
    }

    private void leave(Publication.Once once) {
        inFlight.computeIfPresent(new Key(once.principal(), once.key()), (key, n) -> n == 1 ? null : n - 1);
    }
}
