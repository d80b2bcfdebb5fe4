package org.bongsu.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private long nanos = Long.MAX_VALUE - 5; // nanoTime may overflow
    private final Admission admission = new Admission(100, 5, () -> nanos);

    @Test
    void aBurstIsAdmittedAndNoMore() {
        assertEquals(5, admitted(50));
    }

    @Test
    void theBucketFillsWithTimeUpToTheBurst() {
        admitted(5);
        nanos += TimeUnit.MILLISECONDS.toNanos(9);
        assertFalse(admission.admit());
        nanos += TimeUnit.MILLISECONDS.toNanos(2);
        assertTrue(admission.admit());
        assertFalse(admission.admit());
        nanos += TimeUnit.HOURS.toNanos(1);
        assertEquals(5, admitted(50));
    }

    @Test
    void inTheLongRunTheRateIsAdmitted() {
        int admitted = 0;
        for (int i = 0; i < 100_000; i++) {
            nanos += TimeUnit.MICROSECONDS.toNanos(100);
            if (admission.admit()) admitted++;
        }
        assertTrue(Math.abs(admitted - 1_005) <= 1, "admitted " + admitted);
    }

    private int admitted(int asked) {
        int admitted = 0;
        for (int i = 0; i < asked; i++) if (admission.admit()) admitted++;
        return admitted;
    }
}
