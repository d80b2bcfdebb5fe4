package org.bongsu.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.same;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoMoreInteractions;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import org.bongsu.Await;
import org.bongsu.Overheard;
import org.bongsu.fanout.Courier;
import org.bongsu.fanout.Couriers;
import org.bongsu.fanout.Deadlines;
import org.bongsu.fanout.FanOut;
import org.bongsu.fanout.Loop;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CourierOutputTest {
    private static final Duration EVER = Duration.ofHours(1);

    private final FanOut fanOut = new FanOut(() -> 0, new Deadlines(EVER, EVER, EVER, EVER));
    private final Couriers couriers = new Couriers("test-courier", 2);
    private final Couriers slowCouriers = new Couriers("test-slow-courier", 2);
    private final Loop loop = fanOut.assign();
    private final WriteListener listener = mock(WriteListener.class);
    private final List<Client> clients = new ArrayList<>();

    /** Waits with each write until its client reads. */
    private static final class Client extends ServletOutputStream {
        final ByteArrayOutputStream got = new ByteArrayOutputStream();
        final AtomicInteger flushed = new AtomicInteger();
        final Semaphore reads = new Semaphore(0);
        volatile boolean begun;
        volatile String thread = "";

        @Nullable volatile IOException gone;

        @Nullable volatile Error bug;

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener writes) {
            throw new AssertionError("then only the container's threads may write");
        }

        @Override
        public void write(int b) {
            throw new AssertionError("byte for byte");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            thread = Thread.currentThread().getName();
            begun = true;
            reads.acquireUninterruptibly();
            IOException e = gone;
            if (e != null) throw e;
            Error error = bug;
            if (error != null) throw error;
            got.write(bytes, offset, length);
        }

        @Override
        public void flush() {
            flushed.set(got.size());
        }
    }

    private Client client() {
        Client client = new Client();
        clients.add(client);
        return client;
    }

    private CourierOutput output(Client client) {
        return new CourierOutput(client, loop, couriers.of(loop), slowCouriers.of(loop));
    }

    private static void write(CourierOutput out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes, 0, bytes.length);
    }

    /** The courier carries one after the other, and so has done with all before. */
    private void carryOneMore() {
        Client next = client();
        next.reads.release();
        write(output(next), "fire");
        Await.until("the next has its own", () -> next.flushed.get() == 4);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(Await.SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void end() {
        clients.forEach(client -> client.reads.release(1_000));
        couriers.close();
        slowCouriers.close();
        fanOut.close();
    }

    @Test
    void theListenerIsCalledFirstWithoutBeingAskedFor() throws IOException {
        output(client()).setWriteListener(listener);

        verify(listener, timeout(Await.MILLIS)).onWritePossible();
    }

    @Test
    void whoWritesIsToldWhenTheClientHasReadIt() throws IOException {
        Client client = client();
        CourierOutput out = output(client);
        out.setWriteListener(listener);
        verify(listener, timeout(Await.MILLIS)).onWritePossible();
        assertTrue(out.isReady());

        write(out, "smoke");
        assertFalse(out.isReady());
        verifyNoMoreInteractions(listener);
        client.reads.release();

        verify(listener, timeout(Await.MILLIS).times(2)).onWritePossible();
        assertTrue(out.isReady());
        assertEquals("smoke", client.got.toString(StandardCharsets.UTF_8));
        assertEquals(5, client.flushed.get(), "flushed");
    }

    @Test
    void whoHasNotAskedIsNotTold() throws IOException {
        Client client = client();
        CourierOutput out = output(client);
        out.setWriteListener(listener);
        verify(listener, timeout(Await.MILLIS)).onWritePossible();

        write(out, "smoke");
        client.reads.release();

        carryOneMore();
        verify(listener).onWritePossible();
    }

    @Test
    void whoDoesNotAskMayNotWrite() {
        CourierOutput out = output(client());
        write(out, "smoke");

        assertThrows(IllegalStateException.class, () -> write(out, "fire"));
    }

    @Test
    void aFailureIsTheListenersAndTheStreamNeverReadyAgain() {
        Client client = client();
        IOException reset = new IOException("reset");
        client.gone = reset;
        CourierOutput out = output(client);
        out.setWriteListener(listener);

        write(out, "smoke");
        client.reads.release();

        verify(listener, timeout(Await.MILLIS)).onError(same(reset));
        assertFalse(out.isReady());
    }

    @Test
    void aListenerThatFailsIsToldSo() throws IOException {
        IOException bug = new IOException("of the listener's own");
        List<Throwable> told = new ArrayList<>();
        AtomicBoolean done = new AtomicBoolean();
        output(client()).setWriteListener(new WriteListener() {
            @Override
            public void onWritePossible() throws IOException {
                throw bug;
            }

            @Override
            public void onError(Throwable t) {
                told.add(t);
                done.set(true);
            }
        });

        Await.until("it is told", done::get);
        assertSame(bug, told.get(0));
    }

    /** The end writes, too, and takes back the buffer that is being written. */
    @Test
    void theEndWaitsForTheWriteThatIsOnItsWay() {
        Client client = client();
        CourierOutput out = output(client);
        out.setWriteListener(listener);
        AtomicBoolean ended = new AtomicBoolean();
        write(out, "smoke");
        assertFalse(out.isReady());
        Await.until("it is on its way", () -> client.begun);

        out.whenAtRest(() -> ended.set(true));
        assertFalse(ended.get());
        client.gone = new IOException("the container's time-out has passed");
        client.reads.release();

        Await.until("the end comes then", ended::get);
        carryOneMore();
        verify(listener, never()).onError(any());
    }

    @Test
    void theEndDoesNotWaitForWhatHasNotBeenBegun() {
        Client client = client();
        CourierOutput out = output(client);
        CountDownLatch ended = new CountDownLatch(1);
        // Not on the loop, which therefore has to hand it over, and hears of that later.
        CountDownLatch busy = new CountDownLatch(1);
        loop.execute(() -> await(busy));
        write(out, "smoke");

        out.whenAtRest(ended::countDown);

        assertEquals(0, ended.getCount());
        busy.countDown();
        carryOneMore();
        assertFalse(client.begun, "nothing is written after the end");
    }

    @Test
    void whoMustNotEndTheRequestMeanwhileWaitsForTheWrite() throws InterruptedException {
        Client client = client();
        CourierOutput out = output(client);
        out.awaitRest();
        write(out, "smoke");
        Await.until("it is on its way", () -> client.begun);

        Thread container = new Thread(out::awaitRest);
        container.start();
        Await.until("the container waits", () -> container.getState() == Thread.State.WAITING);
        client.reads.release();

        container.join(Await.MILLIS);
        assertFalse(container.isAlive());
        assertEquals(5, client.flushed.get());
    }

    /** As when a server takes the classes away before it tells the portal. */
    @Test
    void aBugInAWriteEndsTheStreamToo() {
        Client client = client();
        Error bug = new NoClassDefFoundError("gone");
        client.bug = bug;
        CourierOutput out = output(client);
        out.setWriteListener(listener);
        try (Overheard log = new Overheard(Courier.class, Level.SEVERE)) {
            write(out, "smoke");
            client.reads.release();

            verify(listener, timeout(Await.MILLIS)).onError(same(bug));
            Await.until("it is told", () -> log.said().equals(List.of("a send failed in an unexpected way")));
        }
    }

    /** Otherwise all others would wait for each of its writes, until it counts as hanging. */
    @Test
    void whoWasSlowIsCarriedApartUntilItIsQuickAgain() {
        Client client = client();
        CourierOutput out = output(client);
        write(out, "1");
        Await.until("it is on its way", () -> client.begun);
        assertEquals("test-courier", client.thread);
        Client next = client();
        next.reads.release();
        write(output(next), "fire");
        Await.until("another thread carries the next", () -> next.flushed.get() == 4);
        client.reads.release();
        Await.until("it is ready again", out::isReady);

        client.reads.release();
        write(out, "2");
        Await.until("it is ready again", out::isReady);
        assertEquals("test-slow-courier", client.thread);

        Await.until("it is quick again", () -> {
            client.reads.release();
            write(out, "3");
            Await.until("it is ready again", out::isReady);
            return client.thread.equals("test-courier");
        });
    }

    @Test
    void whenTooManyHangTheNextOneWaitsAndIsNotLost() {
        Courier courier = couriers.of(loop);
        List<Client> deaf = new ArrayList<>();
        Await.until("too many hang", () -> {
            if (!courier.isFree()) return true;
            if (deaf.isEmpty() || deaf.get(deaf.size() - 1).begun) {
                deaf.add(client());
                write(output(deaf.get(deaf.size() - 1)), "smoke");
            }
            return false;
        });
        Client innocent = client();
        innocent.reads.release();
        write(output(innocent), "fire");

        deaf.forEach(client -> client.reads.release());

        Await.until("it has it", () -> innocent.flushed.get() == 4);
        Await.until("and so have they", () -> deaf.stream().allMatch(client -> client.flushed.get() == 5));
    }
}
