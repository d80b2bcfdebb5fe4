package org.bongsu.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.fanout.ByeReason;
import org.bongsu.fanout.Deadlines;
import org.bongsu.fanout.FanOut;
import org.bongsu.fanout.Loop;
import org.bongsu.http.Container;
import org.bongsu.http.Responders;
import org.bongsu.log.Cursor;
import org.bongsu.log.Drafts;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Position;
import org.bongsu.log.Reader;
import org.bongsu.log.Retention;
import org.bongsu.log.StoreException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;

final class SseConnectionTest {
    private static final Duration EVER = Duration.ofHours(1);
    private static final Deadlines NONE = new Deadlines(EVER, EVER, EVER, EVER);
    private static final int LOOPS = Runtime.getRuntime().availableProcessors();

    private final StreamThreads threads = new StreamThreads();

    @AfterEach
    void end() {
        threads.close();
    }

    /** Takes everything at once, but not before it is told to. */
    private static final class Response extends ServletOutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Nullable private WriteListener listener;

        /** Runs in the midst of the first write. */
        private Runnable meanwhile = () -> {};

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener writes) {
            listener = writes;
        }

        @Override
        public void write(int b) {
            Runnable once = meanwhile;
            meanwhile = () -> {};
            once.run();
            bytes.write(b);
        }

        void takesSome() throws IOException {
            Objects.requireNonNull(listener).onWritePossible();
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        List<String> events() {
            return text().lines().filter(line -> line.startsWith("event: ")).toList();
        }
    }

    /** {@code ready} has the id of the new history: who keeps it and never hears of the reset takes the hole for none. */
    @Test
    void aResetIsToldEvenIfGoodByeIsSaidBeforeTheFirstRead() throws Exception {
        AsyncContext async = mock(AsyncContext.class);
        Response response = new Response();
        try (MessageLog log = log();
                FanOut fanOut = new FanOut(log::head, NONE)) {
            Reader reader = log.reader(Drafts.interest("a"), Cursor.parse("after", "another-5"));
            SseConnection stream = stream(log, fanOut, reader, async, response);
            stream.open();

            stream.bye(ByeReason.RENEW);
            afterWhatIsQueued(fanOut);
            response.takesSome();

            verify(async, timeout(Await.MILLIS)).complete();
            assertEquals(List.of("event: ready", "event: reset", "event: bye"), response.events());
        }
    }

    @Test
    void aClientThatDoesNotEvenReadItsByeIsNotWaitedFor() throws Exception {
        AsyncContext async = mock(AsyncContext.class);
        Response response = new Response();
        try (MessageLog log = log();
                FanOut fanOut = new FanOut(log::head, NONE)) {
            Reader reader = log.reader(Drafts.interest("a"), Position.Edge.LATEST);
            SseConnection stream = stream(log, fanOut, reader, async, response);
            stream.open();

            stream.bye(ByeReason.RENEW);

            // The way to have a connection closed without waiting for its client.
            verify(async, timeout(Await.MILLIS)).setTimeout(1);
            assertEquals("", response.text());
        }
    }

    /** Tomcat does so when it stops the portal, and tells the portal only then. */
    @Test
    void aStreamThatTheServerTimesOutStillEndsWithABye() throws Exception {
        AsyncContext async = mock(AsyncContext.class);
        ArgumentCaptor<AsyncListener> ends = ArgumentCaptor.captor();
        Response response = new Response();
        try (MessageLog log = log();
                FanOut fanOut = new FanOut(log::head, NONE)) {
            Reader reader = log.reader(Drafts.interest("a"), Position.Edge.LATEST);
            stream(log, fanOut, reader, async, response).open();
            verify(async).addListener(ends.capture());
            response.takesSome();

            ends.getValue().onTimeout(new AsyncEvent(async));

            verify(async).complete();
            assertEquals(List.of("event: ready", "event: bye"), response.events());
            assertTrue(response.text().contains("{\"reason\":\"shutdown\"}"), response.text());
        }
    }

    /** Whoever completes one there serves what its client has sent behind its request: neither a loop may, nor anybody with a lock. */
    @Test
    void onGlassFishAStreamIsCompletedByAThreadThatMayWait() throws Exception {
        AsyncContext async = mock(AsyncContext.class);
        CompletableFuture<String> completing = new CompletableFuture<>();
        CountDownLatch served = new CountDownLatch(1);
        doAnswer(call -> {
                    completing.complete(Thread.currentThread().getName());
                    return served.await(Await.SECONDS, TimeUnit.SECONDS);
                })
                .when(async)
                .complete();
        Response response = new Response();
        try (MessageLog log = log();
                Responders responders = new Responders(Container.GLASSFISH);
                FanOut fanOut = new FanOut(log::head, NONE)) {
            Reader reader = log.reader(Drafts.interest("a"), Position.Edge.LATEST);
            SseConnection stream = stream(log, fanOut, reader, async, response, responders);
            stream.open();
            response.takesSome();

            stream.bye(ByeReason.RENEW);

            String thread = completing.get(Await.SECONDS, TimeUnit.SECONDS);
            assertTrue(thread.startsWith("bongsu-respond-"), thread);
            // The stream's lock is nobody's, and its loop goes on.
            response.takesSome();
            afterWhatIsQueued(fanOut);
            served.countDown();
        }
    }

    /** Each write may wait there. Another one beside it, even the end's, would be on the same buffers. */
    @Test
    void onOpenLibertyAStreamThatHangsHoldsUpNobodyAndEndsAfterItsWrite() throws Exception {
        AsyncContext async = mock(AsyncContext.class);
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch reads = new CountDownLatch(1);
        Response response = new Response();
        response.meanwhile = () -> waitFor(hangs, reads);
        try (MessageLog log = log();
                Responders responders = new Responders(Container.OPEN_LIBERTY);
                FanOut fanOut = new FanOut(log::head, NONE)) {
            Reader reader = log.reader(Drafts.interest("a"), Position.Edge.LATEST);
            SseConnection stream = stream(log, fanOut, reader, async, response, responders);
            stream.open();
            assertTrue(hangs.await(Await.SECONDS, TimeUnit.SECONDS));
            afterWhatIsQueued(fanOut);

            stream.bye(ByeReason.RENEW);
            Await.until(
                    "the portal has let go of it", () -> fanOut.connections().isEmpty());
            afterWhatIsQueued(fanOut);
            verify(async, never()).complete();
            verify(async, never()).setTimeout(anyLong());
            reads.countDown();

            verify(async, timeout(Await.MILLIS)).complete();
        }
    }

    /** It would take the buffers back that are being written. */
    @Test
    void onOpenLibertyTheServerDoesNotEndARequestWhileItsStreamIsWritten() throws Exception {
        AsyncContext async = mock(AsyncContext.class);
        ArgumentCaptor<AsyncListener> ends = ArgumentCaptor.captor();
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch reads = new CountDownLatch(1);
        Response response = new Response();
        response.meanwhile = () -> waitFor(hangs, reads);
        try (MessageLog log = log();
                Responders responders = new Responders(Container.OPEN_LIBERTY);
                FanOut fanOut = new FanOut(log::head, NONE)) {
            Reader reader = log.reader(Drafts.interest("a"), Position.Edge.LATEST);
            stream(log, fanOut, reader, async, response, responders).open();
            verify(async).addListener(ends.capture());
            assertTrue(hangs.await(Await.SECONDS, TimeUnit.SECONDS));

            Thread server = new Thread(() -> {
                try {
                    ends.getValue().onComplete(new AsyncEvent(async));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            server.start();

            Await.until("the server waits", () -> server.getState() == Thread.State.WAITING);
            reads.countDown();
            server.join(Await.MILLIS);
            assertFalse(server.isAlive());
        }
    }

    @Test
    void newsThatComeWhileAnotherThreadWritesAreToldAfterThat() throws Exception {
        Response response = new Response();
        try (MessageLog log = log();
                FanOut fanOut = new FanOut(log::head, NONE)) {
            Reader reader = log.reader(Drafts.interest("a"), Position.Edge.LATEST);
            SseConnection stream = stream(log, fanOut, reader, mock(AsyncContext.class), response);
            stream.open();
            afterWhatIsQueued(fanOut);
            response.meanwhile = () -> {
                log.append(Drafts.publication(Drafts.draft("a", "comes in between")))
                        .join();
                // The loop hears of it meanwhile. If it is slow, or looks at the time and so waits for this write,
                // the test shows less, but does not fail.
                CountDownLatch heard = new CountDownLatch(LOOPS);
                for (int i = 0; i < LOOPS; i++) {
                    Loop loop = fanOut.assign();
                    loop.execute(() -> loop.execute(heard::countDown));
                }
                try {
                    heard.await(200, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            };

            response.takesSome();

            Await.until("the news are told", () -> response.text().contains("comes in between"));
        }
    }

    private static void waitFor(CountDownLatch begun, CountDownLatch until) {
        begun.countDown();
        try {
            until.await(Await.SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MessageLog log() throws StoreException {
        return MessageLog.open(
                new MemoryMessageStore(),
                Clock.systemUTC(),
                new MessageLog.Settings(100, 1 << 20, EVER, EVER, Retention.UNLIMITED));
    }

    private SseConnection stream(MessageLog log, FanOut fanOut, Reader reader, AsyncContext async, Response response) {
        return stream(log, fanOut, reader, async, response, new Responders(Container.TOMCAT));
    }

    private SseConnection stream(
            MessageLog log,
            FanOut fanOut,
            Reader reader,
            AsyncContext async,
            Response response,
            Responders responders) {
        when(async.getResponse()).thenReturn(mock(ServletResponse.class));
        return new SseConnection(
                log,
                fanOut,
                Clock.systemUTC(),
                reader,
                "alice",
                0,
                8192,
                responders,
                threads,
                async,
                response,
                () -> {});
    }

    /** Waits until the loops have done what they had been asked before. */
    private static void afterWhatIsQueued(FanOut fanOut) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(LOOPS);
        for (int i = 0; i < LOOPS; i++) {
            Loop loop = fanOut.assign();
            loop.execute(done::countDown);
        }
        assertTrue(done.await(Await.SECONDS, TimeUnit.SECONDS));
    }
}
