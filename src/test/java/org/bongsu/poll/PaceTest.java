package org.bongsu.poll;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
    private long now = 7;
    private final Pace pace = new Pace(Duration.ofMillis(1), Duration.ofMillis(100), () -> now);

    @Test
    void nobodyIsHeldWhereNobodyElseWaits() {
        assertEquals(0, pace.nanos());
    }

    @Test
    void theMoreWaitTheLongerTheyAreHeldUpToALimit() {
        begun(20);
        assertEquals(20, millis());
        begun(79);
        assertEquals(99, millis());
        begun(1_000);
        assertEquals(100, millis());
    }

    /** In the middle of a round most have been answered and have not come back. */
    @Test
    void whoHasJustBeenAnsweredStillCounts() {
        begun(20);
        for (int i = 0; i < 20; i++) pace.ended();
        assertEquals(20, millis());
        after(6);
        assertEquals(20, millis());
        after(4);
        assertEquals(20, millis());
    }

    @Test
    void whoHasGoneIsForgotten() {
        begun(20);
        for (int i = 0; i < 15; i++) pace.ended();
        after(6);
        assertEquals(20, millis());
        after(6);
        assertEquals(5, millis());
    }

    @Test
    void nothingIsRememberedFromBeforeALongPause() {
        begun(20);
        for (int i = 0; i < 15; i++) pace.ended();
        after(3_600);
        assertEquals(5, millis());
    }

    private void begun(int count) {
        for (int i = 0; i < count; i++) pace.begun();
    }

    private void after(int seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }

    private long millis() {
        return TimeUnit.NANOSECONDS.toMillis(pace.nanos());
    }
}
