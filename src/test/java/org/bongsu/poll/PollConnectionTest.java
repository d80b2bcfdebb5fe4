package org.bongsu.poll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.fanout.Deadlines;
import org.bongsu.fanout.FanOut;
import org.bongsu.http.Container;
import org.bongsu.http.Exchange;
import org.bongsu.http.Responders;
import org.bongsu.log.Cursor;
import org.bongsu.log.Drafts;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Position;
import org.bongsu.log.Read;
import org.bongsu.log.Reader;
import org.bongsu.log.Retention;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PollConnectionTest {
    private static final Duration EVER = Duration.ofHours(1);

    /** The answer had the reset alone and the cursor from before it, so the next poll was told once more. */
    @ParameterizedTest
    @ValueSource(ints = {1_000, 1})
    void aPollThatWaitsIsToldOfAResetTogetherWithWhatFollowsIt(int tail) throws Exception {
        MemoryMessageStore store = new MemoryMessageStore(new MemoryMessageStore.Disk(), true, Clock.systemUTC());
        try (MessageLog log = MessageLog.open(
                        store,
                        Clock.systemUTC(),
                        new MessageLog.Settings(tail, 1 << 20, EVER, EVER, Retention.UNLIMITED));
                FanOut fanOut = new FanOut(log::head, new Deadlines(EVER, EVER, EVER, EVER))) {
            for (int i = 0; i < 4; i++) {
                log.append(Drafts.publication(Drafts.draft("a", "x"))).join();
            }
            store.trim(new Retention(Duration.ZERO, 1, 0), Instant.now());
            // A page that this node has to fetch brings the news of the trim, else a look at the store.
            log.append(Drafts.publication(Drafts.draft("b", "x"))).join();
            if (tail > 1) awaitTrim(log);
            Reader reader = log.reader(Drafts.interest("a"), new Cursor("m0", 1));

            assertEquals(
                    "{\"cursor\":\"m0-4\",\"reset\":{\"reason\":\"trimmed\"},"
                            + "\"messages\":[{\"id\":\"m0-4\",\"body\":\"x\"}]}",
                    answer(log, fanOut, reader));
        }
    }

    /** Held for longer than the wait, so that its end answers and no clock decides. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatFollowsAnAnswerCloselyIsHeldForWhatRidesAlong(boolean hasNews) throws Exception {
        try (MessageLog log = log();
                FanOut fanOut = fanOut(log)) {
            publish(log, "a", "told before");
            if (hasNews) publish(log, "a", "one");
            Reader reader = log.reader(Drafts.interest("a"), new Cursor("m0", 1));
            CompletableFuture<String> body = new CompletableFuture<>();
            open(
                    log,
                    fanOut,
                    reader,
                    1_000,
                    pace(EVER),
                    exchange(mock(AsyncContext.class), response(body)),
                    () -> {},
                    hasNews);
            awaitLoops(fanOut);
            if (!hasNews) publish(log, "a", "one");
            publish(log, "a", "two");

            assertEquals(
                    "{\"cursor\":\"m0-3\",\"messages\":"
                            + "[{\"id\":\"m0-2\",\"body\":\"one\"},{\"id\":\"m0-3\",\"body\":\"two\"}]}",
                    body.get(Await.SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void whatComesAfterAPauseIsToldAtOnce() throws Exception {
        try (MessageLog log = log();
                FanOut fanOut = fanOut(log)) {
            CompletableFuture<String> body = new CompletableFuture<>();
            open(log, fanOut, "a", mock(AsyncContext.class), response(body), () -> {});
            publish(log, "a", "one");

            assertEquals(
                    "{\"cursor\":\"m0-1\",\"messages\":[{\"id\":\"m0-1\",\"body\":\"one\"}]}",
                    body.get(Await.SECONDS, TimeUnit.SECONDS));
        }
    }

    /**
     * The answer is too large for the response and its client reads nothing, while news comes that the poll heard of before
     * it had left: the loop waited for that client, and with it everybody else.
     */
    @Test
    void aClientThatDoesNotReadItsAnswerHoldsUpNobodyElse() throws Exception {
        CountDownLatch stalled = new CountDownLatch(1);
        CountDownLatch read = new CountDownLatch(1);
        ExecutorService container = Executors.newCachedThreadPool();
        try (MessageLog log = log();
                FanOut fanOut = fanOut(log)) {
            AsyncContext async = mock(AsyncContext.class);
            HttpServletResponse response = mock(HttpServletResponse.class);
            ServletOutputStream out = mock(ServletOutputStream.class);
            when(response.getOutputStream()).thenReturn(out);
            when(response.getBufferSize()).thenReturn(8192);
            doAnswer(call -> {
                        container.execute(call.getArgument(0));
                        return null;
                    })
                    .when(async)
                    .start(any());
            doAnswer(call -> {
                        stalled.countDown();
                        read.await();
                        return null;
                    })
                    .when(out)
                    .write(any(byte[].class));
            open(log, fanOut, "a", async, response, () -> publish(log, "a", "more"));
            publish(log, "a", "x".repeat(9_000));
            assertTrue(stalled.await(Await.SECONDS, TimeUnit.SECONDS), "the answer is not written");

            // Loops are assigned in turn, so that one of these is on the loop of the first.
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                CompletableFuture<String> other = new CompletableFuture<>();
                open(log, fanOut, "b", mock(AsyncContext.class), response(other), () -> {});
                publish(log, "b", "news");
                assertTrue(other.get(Await.SECONDS, TimeUnit.SECONDS).contains("news"));
            }
        } finally {
            read.countDown();
            container.shutdown();
            assertTrue(container.awaitTermination(Await.SECONDS, TimeUnit.SECONDS));
        }
    }

    private static void publish(MessageLog log, String topic, String body) {
        log.append(Drafts.publication(Drafts.draft(topic, body))).join();
    }

    /** Until everything has been done that was handed to the loops. */
    private static void awaitLoops(FanOut fanOut) throws InterruptedException {
        int atLeastAsManyAsLoops = Runtime.getRuntime().availableProcessors();
        CountDownLatch done = new CountDownLatch(atLeastAsManyAsLoops);
        for (int i = 0; i < atLeastAsManyAsLoops; i++) fanOut.assign().execute(done::countDown);
        assertTrue(done.await(Await.SECONDS, TimeUnit.SECONDS));
    }

    private static MessageLog log() throws Exception {
        return MessageLog.open(
                new MemoryMessageStore(new MemoryMessageStore.Disk(), true, Clock.systemUTC()),
                Clock.systemUTC(),
                new MessageLog.Settings(1_000, 1 << 24, EVER, EVER, Retention.UNLIMITED));
    }

    private static FanOut fanOut(MessageLog log) {
        return new FanOut(log::head, new Deadlines(EVER, EVER, EVER, EVER));
    }

    private static Pace pace(Duration perPoll) {
        return new Pace(perPoll, EVER, System::nanoTime);
    }

    private static void open(
            MessageLog log,
            FanOut fanOut,
            String topic,
            AsyncContext async,
            HttpServletResponse response,
            Runnable onEnd) {
        Reader reader = log.reader(Drafts.interest(topic), Position.Edge.LATEST);
        open(log, fanOut, reader, 50_000, pace(Duration.ZERO), exchange(async, response), onEnd, false);
    }

    private static void open(
            MessageLog log,
            FanOut fanOut,
            Reader reader,
            long waitMillis,
            Pace pace,
            Exchange exchange,
            Runnable onEnd,
            boolean hasNews) {
        new PollConnection(log, fanOut, reader, "alice", Instant.EPOCH, 100, 1 << 16, waitMillis, pace, exchange, onEnd)
                .open(hasNews);
    }

    private static Exchange exchange(AsyncContext async, HttpServletResponse response) {
        HttpServletRequest request = mock(HttpServletRequest.class);
        when(request.startAsync(request, response)).thenReturn(async);
        return Exchange.begin(request, response, 60_000, new Responders(Container.OTHER));
    }

    private static HttpServletResponse response(CompletableFuture<String> body) throws Exception {
        HttpServletResponse response = mock(HttpServletResponse.class);
        ServletOutputStream out = mock(ServletOutputStream.class);
        when(response.getOutputStream()).thenReturn(out);
        when(response.getBufferSize()).thenReturn(8192);
        doAnswer(call -> body.complete(new String(call.<byte[]>getArgument(0), UTF_8)))
                .when(out)
                .write(any(byte[].class));
        return response;
    }

    private static void awaitTrim(MessageLog log) {
        log.hint();
        Await.until("the trim is told", () -> {
            try (Reader reader = log.reader(Drafts.interest("a"), new Cursor("m0", 1))) {
                return reader.next(1, 1 << 16, log.head()) instanceof Read.Reset;
            }
        });
    }

    private static String answer(MessageLog log, FanOut fanOut, Reader reader) throws Exception {
        AsyncContext async = mock(AsyncContext.class);
        CompletableFuture<String> body = new CompletableFuture<>();
        open(log, fanOut, reader, 50_000, pace(Duration.ZERO), exchange(async, response(body)), () -> {}, false);
        String text = body.get(Await.SECONDS, TimeUnit.SECONDS);
        verify(async, timeout(Await.MILLIS)).complete();
        return text;
    }
}
