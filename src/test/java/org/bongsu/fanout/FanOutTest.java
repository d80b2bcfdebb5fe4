package org.bongsu.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import org.bongsu.Await;
import org.bongsu.Overheard;
import org.junit.jupiter.api.Test;

class FanOutTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private final FanOut fanOut = new FanOut(() -> 0, new Deadlines(LONG, LONG, LONG, LONG));

    /** A connection that goes when it is told to. */
    private class Guest implements Connection {
        final List<ByeReason> byes = new CopyOnWriteArrayList<>();
        private final String id = fanOut.newId();

        @Override
        public String id() {
            return id;
        }

        @Override
        public String user() {
            return "alice";
        }

        @Override
        public String transport() {
            return "sse";
        }

        @Override
        public Instant since() {
            return Instant.EPOCH;
        }

        @Override
        public void alive() {}

        @Override
        public void bye(ByeReason reason) {
            byes.add(reason);
            fanOut.remove(this);
        }
    }

    @Test
    void connectionsAreFoundByTheirIdUntilTheyAreRemoved() {
        Guest guest = new Guest();
        Guest other = new Guest();
        fanOut.add(guest);
        fanOut.add(other);
        assertSame(guest, fanOut.find(guest.id()));
        assertEquals(2, fanOut.connections().size());
        fanOut.remove(guest);
        assertNull(fanOut.find(guest.id()));
        fanOut.close();
    }

    @Test
    void whoComesAndGoesIsSaidOnRequestWithoutTheId() {
        try (Overheard log = new Overheard(FanOut.class, Level.FINE)) {
            Guest guest = new Guest() {
                @Override
                public String user() {
                    return "al\nice";
                }
            };
            fanOut.add(guest);
            fanOut.remove(guest);
            fanOut.remove(guest);
            assertEquals(List.of("al?ice by sse has come", "al?ice by sse has gone"), log.said());
        } finally {
            fanOut.close();
        }
    }

    @Test
    void closingSaysGoodByeToAllAndToLateComers() {
        List<Guest> guests = List.of(new Guest(), new Guest(), new Guest());
        guests.forEach(fanOut::add);
        fanOut.close();
        for (Guest guest : guests) assertEquals(List.of(ByeReason.SHUTDOWN), guest.byes);
        assertTrue(fanOut.isClosing());
        Guest late = new Guest();
        fanOut.add(late);
        assertEquals(List.of(ByeReason.SHUTDOWN), late.byes);
    }

    /** One whose good-bye failed kept the others from being told. */
    @Test
    void aGoodByeThatFailsHarmsNoOther() {
        Guest[] failing = new Guest[5];
        for (int i = 0; i < failing.length; i++) {
            failing[i] = new Guest() {
                @Override
                public void bye(ByeReason reason) {
                    super.bye(reason);
                    throw new IllegalStateException("thrown by a test");
                }
            };
            fanOut.add(failing[i]);
        }
        fanOut.close();
        for (Guest guest : failing) assertEquals(List.of(ByeReason.SHUTDOWN), guest.byes);
    }

    @Test
    void whoeverComesWhileClosingHearsGoodByeAtLeastOnce() throws Exception {
        int count = 20_000;
        List<Guest> guests = new CopyOnWriteArrayList<>();
        CountDownLatch halfway = new CountDownLatch(1);
        Thread[] doors = new Thread[2];
        for (int d = 0; d < doors.length; d++) {
            doors[d] = new Thread(() -> {
                for (int i = 0; i < count / 20; i++) {
                    Guest guest = new Guest();
                    fanOut.add(guest);
                    guests.add(guest);
                    if (i == count / 40) halfway.countDown();
                }
            });
            doors[d].start();
        }
        halfway.await();
        fanOut.close();
        for (Thread door : doors) door.join();
        // A loop may have more to do than closing waits for.
        for (Guest guest : guests) Await.until("good-bye is said", () -> !guest.byes.isEmpty());
        Await.until("nobody is left", () -> fanOut.connections().isEmpty());
    }

    @Test
    void connectionsAreSpreadOverTheLoops() {
        int loops = Math.min(FanOut.MOST_LOOPS, Runtime.getRuntime().availableProcessors());
        Loop first = fanOut.assign();
        for (int i = 1; i < loops; i++) fanOut.assign();
        assertSame(first, fanOut.assign());
        fanOut.close();
    }

    @Test
    void idsCannotBeGuessed() {
        assertEquals(22, fanOut.newId().length());
        assertEquals(
                1_000,
                java.util.stream.Stream.generate(fanOut::newId)
                        .limit(1_000)
                        .distinct()
                        .count());
        fanOut.close();
    }
}
