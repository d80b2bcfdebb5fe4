package org.bongsu.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.clearInvocations;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.ArgumentCaptor;
import org.mockito.InOrder;

class ExchangeTest {
    private static final int LARGE = 9_000;

    private final HttpServletRequest request = mock(HttpServletRequest.class);
    private final HttpServletResponse response = mock(HttpServletResponse.class);
    private final ServletOutputStream out = mock(ServletOutputStream.class);
    private final AsyncContext async = mock(AsyncContext.class);
    private final AtomicInteger gone = new AtomicInteger();
    private final Responders onGlassFish = new Responders(Container.GLASSFISH);
    private Exchange exchange;

    @BeforeEach
    void begin() throws IOException {
        when(request.startAsync(request, response)).thenReturn(async);
        when(response.getOutputStream()).thenReturn(out);
        when(response.getBufferSize()).thenReturn(8192);
        exchange = Exchange.begin(request, response, 1_000, new Responders(Container.OTHER));
        exchange.whenGone(gone::incrementAndGet);
    }

    @AfterEach
    void end() throws InterruptedException {
        onGlassFish.close();
    }

    /** Else the last byte closes the response, and some servers send it there and then, waiting for the client. */
    @Test
    void theLengthOfASmallAnswerIsLeftToTheServer() throws Exception {
        exchange.answer(to -> new byte[8192]);

        InOrder order = inOrder(out, async);
        order.verify(out).write(any(byte[].class));
        order.verify(async).complete();
        verify(response, never()).setContentLength(anyInt());
        verify(async, never()).start(any());
    }

    @ParameterizedTest
    @CsvSource({"8192, 8193", "4096, 4097", "32768, 8193"})
    void whatMayNotBeHeldBackIsWrittenByAThreadOfTheContainer(int buffer, int length) throws Exception {
        when(response.getBufferSize()).thenReturn(buffer);
        exchange.answer(to -> new byte[length]);

        verify(out, never()).write(any(byte[].class));
        verify(async, never()).complete();
        started().run();
        verify(response).setContentLength(length);
        verify(out).write(any(byte[].class));
        verify(async).complete();
    }

    /** It forgets the status of an answer that is not on its way when the request is completed. */
    @Test
    void onGlassFishAnswersAreOnTheirWayBeforeTheEnd() throws Exception {
        beginOnGlassFish().answer(to -> new byte[10]);

        verify(async, timeout(Await.MILLIS)).complete();
        InOrder order = inOrder(out, response, async);
        order.verify(out).write(any(byte[].class));
        order.verify(response).flushBuffer();
        order.verify(async).complete();
    }

    /** Whoever answers never waits for the client; nor does a thread for it come from the container, which has no bound for them. */
    @Test
    void onGlassFishAnswersAreWrittenAndEndedOnThreadsOfOurs() throws Exception {
        Queue<String> threads = new ConcurrentLinkedQueue<>();
        doAnswer(call -> threads.add(Thread.currentThread().getName()))
                .when(out)
                .write(any(byte[].class));
        doAnswer(call -> threads.add(Thread.currentThread().getName()))
                .when(async)
                .complete();

        beginOnGlassFish().answer(to -> new byte[10]);

        Await.until("it is written and ended", () -> threads.size() == 2);
        for (String thread : threads) assertTrue(thread.startsWith("bongsu-respond-"), thread);
        verify(async, never()).start(any());
    }

    /** The request is ended after the call-back: no other thread has time to write. */
    @Test
    void onGlassFishARefusalThatIsLateIsWrittenThereAndThen() throws Exception {
        beginOnGlassFish();

        ends().onTimeout(null);

        verify(response).setStatus(503);
        InOrder order = inOrder(response, async);
        order.verify(response).flushBuffer();
        order.verify(async).complete();
    }

    /** As when all the threads that may wait for clients do. */
    @Test
    void anAnswerThatAwaitsItsThreadWhenTimeIsUpIsWrittenThereAndThen() throws Exception {
        exchange.answer(to -> new byte[LARGE]);

        ends().onTimeout(null);

        InOrder order = inOrder(out, async);
        order.verify(out).write(any(byte[].class));
        order.verify(async).complete();
        started().run();
        verify(out, times(1)).write(any(byte[].class));
        verify(async, times(1)).complete();
        assertEquals(0, gone.get());
    }

    /** Its pool is full, or it has ended the request in that moment. */
    @Test
    void anAnswerForWhichTheServerHasNoThreadIsNoError() {
        doThrow(IllegalStateException.class).when(async).start(any());

        exchange.answer(to -> new byte[LARGE]);

        verify(async).complete();
    }

    private Exchange beginOnGlassFish() {
        // Only of the one that follows.
        clearInvocations(async);
        return Exchange.begin(request, response, 1_000, onGlassFish);
    }

    @Test
    void anAnswerIsNotWrittenIntoAResponseThatHasEndedMeanwhile() throws Exception {
        exchange.answer(to -> new byte[LARGE]);
        ends().onError(null);
        verify(async, times(1)).complete();

        started().run();

        verify(out, never()).write(any(byte[].class));
        verify(async, times(1)).complete();
    }

    /** The container had it back while the other end of the write was still unwinding. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aWriteThatFailsIsLeftToTheContainer(boolean checked) throws Exception {
        doThrow(checked ? new IOException("gone") : new IllegalStateException("gone"))
                .when(out)
                .write(any(byte[].class));
        exchange.answer(to -> new byte[LARGE]);

        started().run();

        verify(async, never()).complete();
        ends().onTimeout(null);
        verify(async, times(1)).complete();
    }

    @Test
    void onlyTheFirstAnswerCounts() throws Exception {
        exchange.answer(to -> new byte[1]);
        exchange.answer(to -> new byte[2]);

        verify(out, times(1)).write(any(byte[].class));
        verify(async, times(1)).complete();
    }

    @Test
    void nobodyWaitsWhileAnAnswerIsWritten() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch read = new CountDownLatch(1);
        doAnswer(call -> {
                    writing.countDown();
                    assertTrue(read.await(Await.SECONDS, TimeUnit.SECONDS), "the other answer waits");
                    return null;
                })
                .when(out)
                .write(any(byte[].class));
        exchange.answer(to -> new byte[LARGE]);
        Thread container = new Thread(started());
        container.start();
        assertTrue(writing.await(Await.SECONDS, TimeUnit.SECONDS));

        exchange.answer(to -> new byte[1]);

        read.countDown();
        container.join(Await.MILLIS);
        verify(async).complete();
    }

    /** As when the machine has slept: the container's clock then runs out together with ours. */
    @Test
    void aRequestThatNobodyAnswersInTimeIsRefused() throws Exception {
        ends().onTimeout(null);
        ends().onComplete(null);

        verify(response).setStatus(503);
        verify(response).setHeader("Retry-After", "2");
        verify(out).write(any(byte[].class));
        verify(async, times(1)).complete();
        assertEquals(1, gone.get());
        exchange.answer(to -> new byte[1]);
        verify(out, times(1)).write(any(byte[].class));
    }

    @Test
    void theEndOfARequestThatNobodyHasAnsweredIsTold() throws Exception {
        ends().onError(null);
        ends().onComplete(null);

        assertEquals(1, gone.get());
        verify(async, times(1)).complete();
        exchange.answer(to -> new byte[1]);
        verifyNoInteractions(out);
    }

    @Test
    void theEndOfAnAnsweredRequestIsNotTold() throws Exception {
        exchange.answer(to -> new byte[1]);
        ends().onComplete(null);

        assertEquals(0, gone.get());
    }

    private Runnable started() {
        ArgumentCaptor<Runnable> task = ArgumentCaptor.forClass(Runnable.class);
        verify(async).start(task.capture());
        return task.getValue();
    }

    private AsyncListener ends() {
        ArgumentCaptor<AsyncListener> listener = ArgumentCaptor.forClass(AsyncListener.class);
        verify(async).addListener(listener.capture());
        return listener.getValue();
    }
}
