package org.bongsu.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;

import jakarta.servlet.AsyncContext;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RespondersTest {
    private final AsyncContext async = mock(AsyncContext.class);

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GLASSFISH")
    void elsewhereRequestsAreCompletedByWhoeverCalls(Container container) throws InterruptedException {
        try (Responders responders = new Responders(container)) {
            responders.complete(async);
            verify(async).complete();
        }
    }

    /** There it may take as long as the request behind it, which its client has begun and not sent to the end. */
    @Test
    void onGlassFishNobodyWaitsForTheEndOfARequest() throws InterruptedException {
        CountDownLatch served = new CountDownLatch(1);
        doAnswer(call -> served.await(Await.SECONDS, TimeUnit.SECONDS))
                .when(async)
                .complete();
        AsyncContext other = mock(AsyncContext.class);
        try (Responders responders = new Responders(Container.GLASSFISH)) {
            responders.complete(async);
            responders.complete(other);
            verify(other, timeout(Await.MILLIS)).complete();
            served.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRequestThatTheServerHasEndedIsNoError(Container container) throws InterruptedException {
        doThrow(IllegalStateException.class).when(async).complete();
        Responders responders = new Responders(container);
        // Then it is done there and then on every server.
        responders.close();

        responders.complete(async);

        verify(async).complete();
    }

    @Test
    void whatIsQueuedWhenThePortalEndsIsStillDoneAndNobodyIsInterrupted() throws InterruptedException {
        CountDownLatch served = new CountDownLatch(1);
        AtomicInteger interrupted = new AtomicInteger();
        AtomicInteger completed = new AtomicInteger();
        doAnswer(call -> {
                    try {
                        served.await();
                    } catch (InterruptedException e) {
                        interrupted.incrementAndGet();
                    }
                    return completed.incrementAndGet();
                })
                .when(async)
                .complete();
        Responders responders = new Responders(Container.GLASSFISH);
        for (int i = 0; i < 2 * Responders.THREADS; i++) responders.complete(async);

        responders.close();
        served.countDown();

        Await.until("all are completed", () -> completed.get() == 2 * Responders.THREADS);
        assertEquals(0, interrupted.get());
    }

    @Test
    void whatComesWhileThePortalEndsIsCompletedToo() throws InterruptedException {
        Responders responders = new Responders(Container.GLASSFISH);
        responders.close();
        responders.complete(async);
        verify(async).complete();
    }
}
