package org.bongsu.fanout;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CourierTest {
    private static final Duration EVER = Duration.ofHours(1);
    private final FanOut fanOut = new FanOut(() -> 0, new Deadlines(EVER, EVER, EVER, EVER));
    private final Loop loop = fanOut.assign();
    private final Courier courier = new Courier(loop, "test-courier", 8);

    @AfterEach
    void stop() {
        courier.close();
        fanOut.close();
    }

    private static final class Waiting implements Courier.Errand {
        final CountDownLatch until = new CountDownLatch(1);
        volatile boolean begun;
        volatile boolean done;
        volatile boolean turnedAway;

        @Override
        public void carry() {
            begun = true;
            try {
                until.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            done = true;
        }

        @Override
        public void turnAway() {
            turnedAway = true;
        }
    }

    private Waiting hand() {
        Waiting errand = new Waiting();
        loop.execute(() -> courier.hand(errand));
        return errand;
    }

    @Test
    void errandsAreCarriedInOrderByOneThread() {
        List<Integer> order = new ArrayList<>();
        AtomicInteger carried = new AtomicInteger();
        for (int i = 0; i < 1_000; i++) {
            int number = i;
            loop.execute(() -> courier.hand(new Courier.Errand() {
                @Override
                public void carry() {
                    order.add(number);
                    carried.incrementAndGet();
                }

                @Override
                public void turnAway() {
                    throw new AssertionError("turned away");
                }
            }));
        }
        Await.until("all are carried", () -> carried.get() == 1_000);
        for (int i = 0; i < 1_000; i++) assertTrue(order.get(i) == i);
    }

    @Test
    void whoHangsIsLeftBehindWithItsErrand() {
        Waiting hanging = hand();
        Await.until("it hangs", () -> hanging.begun);
        Waiting next = hand();
        Await.until("another thread carries the next", () -> next.begun);
        assertFalse(hanging.done);
        next.until.countDown();
        hanging.until.countDown();
        Await.until("both are done", () -> hanging.done && next.done);
        assertTrue(courier.isFree());
    }

    @Test
    void whenTooManyHangTheOthersAreTurnedAwayUntilOneIsDone() {
        List<Waiting> hanging = new ArrayList<>();
        while (courier.isFree()) {
            Waiting errand = hand();
            hanging.add(errand);
            Await.until("it hangs, and is left behind", () -> errand.begun || errand.turnedAway);
            assertTrue(hanging.size() < 20);
            Waiting probe = hand();
            Await.until("the next is carried or turned away", () -> probe.begun || probe.turnedAway);
            probe.until.countDown();
        }
        hanging.get(0).until.countDown();
        Await.until("there is room again", courier::isFree);
        Waiting next = hand();
        Await.until("errands are carried again", () -> next.begun);
        next.until.countDown();
        hanging.forEach(errand -> errand.until.countDown());
    }
}
