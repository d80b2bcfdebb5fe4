package org.bongsu.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimersTest {
    private long now = 1_000_003;
    private final Timers timers = new Timers(now);
    private final Loop runner = new Loop("unstarted", () -> 0, new Turns(1));
    private final List<String> ran = new ArrayList<>();

    @Test
    void nothingIsEverEarlyAndNothingMuchLate() {
        Random random = new Random(5);
        int[] left = {0};
        for (int round = 0; round < 20_000; round++) {
            long delay = random.nextInt(4) == 0 ? random.nextInt(100_000) : random.nextInt(300);
            long due = now + delay;
            left[0]++;
            timers.set(
                    () -> {
                        left[0]--;
                        assertTrue(now >= due, () -> "early by " + (due - now));
                        assertTrue(now < due + 2 * Timers.TICK_MILLIS + 50, () -> "late by " + (now - due));
                    },
                    now,
                    delay);
            advance(random.nextInt(50));
        }
        advance(0);
        for (int i = 0; i < 2_500; i++) advance(50);
        assertEquals(0, left[0]);
    }

    @Test
    void zeroAndNegativeDelaysRunAtTheNextTick() {
        timers.set(() -> ran.add("zero"), now, 0);
        timers.set(() -> ran.add("negative"), now, -5);
        advance(Timers.TICK_MILLIS);
        assertEquals(List.of("zero", "negative"), ran);
    }

    @Test
    void whatIsDueTogetherRunsInTheOrderOfSetting() {
        for (int i = 0; i < 5; i++) {
            int n = i;
            timers.set(() -> ran.add("" + n), now, 20);
        }
        advance(100);
        assertEquals(List.of("0", "1", "2", "3", "4"), ran);
    }

    @Test
    void aTimeoutRoundsAheadWaitsItsTurn() {
        timers.set(() -> ran.add("far"), now, 100_000);
        timers.set(() -> ran.add("near"), now, 100_000 % 20_480);
        advance(50_000);
        assertEquals(List.of("near"), ran);
        advance(49_990);
        assertEquals(List.of("near"), ran);
        advance(20);
        assertEquals(List.of("near", "far"), ran);
    }

    @Test
    void aCancelledTimeoutDoesNotRun() {
        Timers.Timer first = timers.set(() -> ran.add("first"), now, 50);
        Timers.Timer middle = timers.set(() -> ran.add("middle"), now, 50);
        timers.set(() -> ran.add("last"), now, 50);
        middle.cancel();
        first.cancel();
        first.cancel();
        advance(100);
        assertEquals(List.of("last"), ran);
        middle.cancel();
    }

    /** A time-out that was due at the same tick had been taken off its list already, and ran although it was cancelled. */
    @Test
    void aTaskCancelsAnotherThatIsDueAtTheSameTick() {
        Timers.Timer[] second = new Timers.Timer[1];
        timers.set(() -> second[0].cancel(), now, 50);
        second[0] = timers.set(() -> ran.add("second"), now, 50);
        timers.set(() -> ran.add("third"), now, 50);
        advance(100);
        assertEquals(List.of("third"), ran);
    }

    @Test
    void aTaskSetsOthersEvenForNow() {
        timers.set(() -> timers.set(() -> ran.add("set by a task"), now, 0), now, 10);
        advance(20);
        advance(20);
        assertEquals(List.of("set by a task"), ran);
    }

    @Test
    void aTaskThatThrowsHarmsNoOther() {
        timers.set(
                () -> {
                    throw new IllegalStateException("thrown by a test");
                },
                now,
                10);
        timers.set(() -> ran.add("other"), now, 10);
        advance(30);
        assertEquals(List.of("other"), ran);
    }

    @Test
    void anIdleWheelSaysHowLongItMayRest() {
        assertEquals(1_000, timers.idleMillis(now, 1_000));
        timers.set(() -> {}, now, 300);
        long idle = timers.idleMillis(now, 1_000);
        assertTrue(idle >= 300 && idle <= 300 + Timers.TICK_MILLIS, "idle " + idle);
        now += 500;
        assertEquals(0, timers.idleMillis(now, 1_000), "overdue");
        advance(0);
        assertEquals(1_000, timers.idleMillis(now, 1_000));
    }

    @Test
    void randomSettingAndCancellingAgreesWithAPlainList() {
        Random random = new Random(11);
        int count = 5_000;
        boolean[] cancelled = new boolean[count];
        int[] runs = new int[count];
        Timers.Timer[] set = new Timers.Timer[count];
        for (int i = 0; i < count; i++) {
            int n = i;
            set[i] = timers.set(() -> runs[n]++, now, random.nextInt(60_000));
            if (random.nextInt(2) == 0) {
                int other = random.nextInt(i + 1);
                if (runs[other] == 0) {
                    set[other].cancel();
                    cancelled[other] = true;
                }
            }
            advance(random.nextInt(20));
        }
        advance(61_000);
        int[] expected = new int[count];
        for (int i = 0; i < count; i++) expected[i] = cancelled[i] ? 0 : 1;
        assertEquals(Arrays.toString(expected), Arrays.toString(runs));
    }

    private void advance(long millis) {
        now += millis;
        timers.advance(now, runner);
    }
}
