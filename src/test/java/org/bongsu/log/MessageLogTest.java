package org.bongsu.log;

import static org.bongsu.log.LogFixture.MANY;
import static org.bongsu.log.LogFixture.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.bongsu.Await;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** How messages get into the log and become visible. */
class MessageLogTest {

    @Nested
    class Publishing {

        @Test
        void aMessageIsDurableBeforeItIsVisibleAndVisibleBeforeItIsAcknowledged() throws Exception {
            try (LogFixture f = LogFixture.open(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                CountDownLatch committing = new CountDownLatch(1);
                CountDownLatch commit = new CountDownLatch(1);
                f.store.afterAppend = () -> {
                    committing.countDown();
                    await(commit);
                };
                CompletableFuture<List<String>> seenWhenAcknowledged =
                        f.log.append(Drafts.publication(Drafts.draft("a", "x"))).thenApply(receipt -> f.drain(reader));
                committing.await();
                assertEquals(List.of(), f.drain(reader), "not visible yet");
                assertEquals(0, f.log.head());
                assertFalse(seenWhenAcknowledged.isDone());
                commit.countDown();
                assertEquals(List.of("a:1"), seenWhenAcknowledged.get(Await.SECONDS, TimeUnit.SECONDS));
            }
        }

        @Test
        void whatGathersDuringACommitIsCommittedTogether() throws Exception {
            try (LogFixture f = LogFixture.open(MANY)) {
                List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
                whileCommitting(f, () -> {
                    for (int i = 0; i < 2_500; i++) {
                        receipts.add(f.log.append(Drafts.publication(Drafts.draft("a", "x"))));
                    }
                });
                for (int i = 0; i < receipts.size(); i++) {
                    Receipt expected = new Receipt.Published(List.of(new Cursor("m0", 2 + i)));
                    assertEquals(
                            expected, receipts.get(i).get(Await.SECONDS, TimeUnit.SECONDS), "in the order of arrival");
                }
                assertEquals(List.of(1, 1_000, 1_000, 500), f.store.groups);
            }
        }

        @Test
        void aGroupIsLimitedInSizeAndALargeBatchGoesAlone() throws Exception {
            try (LogFixture f = LogFixture.open(MANY)) {
                List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
                String large = "x".repeat(100_000);
                Draft[] batch = new Draft[1_500];
                for (int i = 0; i < batch.length; i++) batch[i] = Drafts.draft("a", "x");
                whileCommitting(f, () -> {
                    for (int i = 0; i < 5; i++) {
                        receipts.add(f.log.append(Drafts.publication(Drafts.draft("a", large))));
                    }
                    receipts.add(f.log.append(Drafts.publication(batch)));
                    receipts.add(f.log.append(Drafts.publication(Drafts.draft("a", "x"))));
                });
                for (CompletableFuture<Receipt> receipt : receipts) receipt.get(Await.SECONDS, TimeUnit.SECONDS);
                assertEquals(List.of(1, 2, 2, 1, 1_500, 1), f.store.groups);
            }
        }

        @Test
        void moreThanCanBeStoredIsRefusedAndRoomIsFoundAgain() throws Exception {
            try (LogFixture f = LogFixture.open(1)) {
                String large = "x".repeat(1 << 20);
                List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
                whileCommitting(f, () -> {
                    for (int i = 0; i < 70; i++) {
                        receipts.add(f.log.append(Drafts.publication(Drafts.draft("a", large))));
                    }
                });
                int refused = 0;
                for (CompletableFuture<Receipt> receipt : receipts) {
                    try {
                        receipt.join();
                    } catch (CompletionException e) {
                        assertInstanceOf(Unavailable.class, e.getCause());
                        refused++;
                    }
                }
                assertEquals(7, refused, "64 MiB are queued at most");
                for (int i = 0; i < 70; i++) f.publish("a", large);
                assertNull(f.log.failure());
            }
        }

        @Test
        void whoFindsNobodyWritingPublishesOnItsOwnThread() {
            try (LogFixture f = LogFixture.open(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                f.store.beforeAppend = () -> writers.add(Thread.currentThread());
                CompletableFuture<Receipt> receipt = atOnce(f, "x");
                assertTrue(receipt.isDone());
                assertEquals(new Receipt.Published(List.of(new Cursor("m0", 1))), receipt.join());
                assertEquals(List.of("a:1"), f.drain(reader), "visible before it is acknowledged");
                assertEquals(List.of(Thread.currentThread()), writers);
            }
        }

        private final List<Thread> writers = new ArrayList<>();

        @Test
        void whoeverIsNotAloneIsNotPublishedAtOnceButMayQueue() throws Exception {
            try (LogFixture f = LogFixture.open(MANY)) {
                whileCommitting(f, () -> {
                    assertNull(f.log.appendAtOnce(Drafts.publication(Drafts.draft("a", "x"))));
                });
                assertEquals(new Cursor("m0", 2), f.publish("a", "y"));
            }
        }

        @Test
        void whatTheStoreDoesNotTakeAtOnceIsNotTaken() {
            try (LogFixture f = LogFixture.open(MANY)) {
                Publication keyed =
                        new Publication(List.of(Drafts.draft("a", "x")), new Publication.Once("alice", "key", "print"));
                assertNull(f.log.appendAtOnce(keyed));
                assertEquals(0, f.log.head());
                assertEquals(new Cursor("m0", 1), f.publish("a", "y"));
            }
        }

        /** One commits on a thread of its own while the writer commits what the others have submitted. */
        @Test
        void bothWaysOfPublishingMakeOneLog() throws Exception {
            try (LogFixture f = LogFixture.open(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                List<Thread> publishers = new ArrayList<>();
                AtomicInteger atOnce = new AtomicInteger();
                for (int t = 0; t < 4; t++) {
                    Thread publisher = new Thread(() -> {
                        for (int i = 0; i < 500; i++) {
                            Publication publication = Drafts.publication(Drafts.draft("a", "x"));
                            CompletableFuture<Receipt> receipt = f.log.appendAtOnce(publication);
                            if (receipt != null) atOnce.incrementAndGet();
                            else receipt = f.log.append(publication);
                            receipt.join();
                        }
                    });
                    publishers.add(publisher);
                    publisher.start();
                }
                for (Thread publisher : publishers) publisher.join();
                List<String> all = new ArrayList<>();
                for (int i = 1; i <= 2_000; i++) all.add("a:" + i);
                assertEquals(all, f.drain(reader));
                assertTrue(atOnce.get() > 0);
            }
        }

        @Test
        void aRepeatedPublicationAddsNothing() {
            try (LogFixture f = LogFixture.open(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                Publication once =
                        new Publication(List.of(Drafts.draft("a", "x")), new Publication.Once("alice", "key", "print"));
                Publication other =
                        new Publication(List.of(Drafts.draft("a", "y")), new Publication.Once("alice", "key", "other"));
                List<Cursor> ids = List.of(new Cursor("m0", 1));
                assertEquals(new Receipt.Published(ids), f.log.append(once).join());
                assertEquals(new Receipt.Repeated(ids), f.log.append(once).join());
                assertEquals(new Receipt.KeyReused(), f.log.append(other).join());
                assertEquals(List.of("a:1"), f.drain(reader));
            }
        }

        @Test
        void theTailIsFilledAgainAfterARestart() {
            try (LogFixture f = LogFixture.open(MANY)) {
                f.publish(20, "a");
                f.trimTo(15);
                try (LogFixture again = f.another(10)) {
                    again.store.reads.set(0);
                    Reader reader = again.reader(new Cursor("m0", 12), "a");
                    assertEquals(8, again.drain(reader).size());
                    assertEquals(0, again.store.reads.get());
                    assertEquals(
                            "reset:trimmed",
                            again.drain(again.reader(new Cursor("m0", 2), "a")).get(0));
                }
            }
        }

        /** Whoever is woken runs on the writer's thread: its fault made the writer publish a second time, or stop. */
        @Test
        void aWakeUpThatThrowsHarmsNoOtherAndNotTheWriter() {
            try (LogFixture f = LogFixture.open(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                AtomicInteger woken = new AtomicInteger();
                reader.feed().onNews(woken::incrementAndGet);
                reader.feed().onNews(() -> {
                    throw new IllegalStateException("thrown by a test");
                });
                reader.feed().onNews(() -> woken.addAndGet(100));
                f.publish("a", "x");
                assertEquals(101, woken.get());
                assertEquals(List.of("a:1"), f.drain(reader));
                assertEquals(1, f.store.opens.get(), "nothing had to be opened anew");
            }
        }
    }

    @Nested
    class Failing {

        @Test
        void aGroupThatDidNotLandIsRefusedAndTheLogHeals() {
            try (LogFixture f = LogFixture.openAlone(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                f.memory.failAppends(1, false);
                assertUnavailable(f.log.append(Drafts.publication(Drafts.draft("a", "lost"))));
                eventually("the log heals", () -> f.log.failure() == null);
                f.publish("a", "kept");
                assertEquals(List.of("a:1"), f.drain(reader));
            }
        }

        @Test
        void aGroupThatLandedAfterAllIsAcknowledgedOnce() {
            try (LogFixture f = LogFixture.openAlone(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                f.memory.failAppends(1, true);
                f.publish("a", "landed");
                assertEquals(List.of("a:1"), f.drain(reader));
                f.publish("a", "next");
                assertEquals(List.of("a:2"), f.drain(reader));
            }
        }

        @Test
        void whileTheLogCannotBeWrittenPublishersAreRefusedAndReadersGoOn() throws Exception {
            try (LogFixture f = LogFixture.openAlone(MANY)) {
                f.publish(3, "a");
                f.memory.breakDown("the disk is full");
                CompletableFuture<Receipt> first = f.log.append(Drafts.publication(Drafts.draft("a", "x")));
                eventually("the failure shows", () -> f.log.failure() != null);
                assertTrue(String.valueOf(f.log.failure()).contains("the disk is full"));
                for (int i = 0; i < 10; i++) {
                    Unavailable refused = assertUnavailable(f.log.append(Drafts.publication(Drafts.draft("a", "x"))));
                    assertTrue(String.valueOf(refused.getMessage()).contains("the disk is full"));
                    assertFalse(refused.retryAfter().isZero());
                }
                assertEquals(List.of("a:2", "a:3"), f.drain(f.reader(new Cursor("m0", 1), "a")));
                f.memory.heal();
                assertUnavailable(first);
                eventually("the log heals", () -> f.log.failure() == null);
                assertEquals(new Cursor("m0", 4), f.publish("a", "y"));
            }
        }

        @Test
        void whoeverWaitsTooLongIsToldThatNothingIsKnownAndItIsWithdrawn() {
            try (LogFixture f = LogFixture.openAlone(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                f.memory.failAppends(1, true);
                AtomicBoolean away = new AtomicBoolean(true);
                f.store.beforeSettle = () -> {
                    if (away.get()) throw new StoreException("away");
                };
                Unavailable refused = assertUnavailable(f.log.append(Drafts.publication(Drafts.draft("a", "x"))));
                assertTrue(String.valueOf(refused.getMessage()).contains("not known"), refused.getMessage());
                away.set(false);
                eventually("the log heals", () -> f.log.failure() == null);
                assertEquals(List.of(), f.drain(reader));
                assertEquals(new Cursor("m0", 1), f.publish("a", "the place is free"));
                assertEquals(List.of("a:1"), f.drain(reader));
            }
        }

        /** A durable group was taken for a failed one: refused, and stored all the same. */
        @Test
        void aGroupIsAcknowledgedEvenIfShowingItFailsAtFirst() throws Exception {
            try (LogFixture f = LogFixture.open(MANY);
                    LogFixture other = f.another(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                other.publish("a", "theirs comes first, and has to be read");
                AtomicInteger failures = new AtomicInteger(3);
                f.store.beforeRead = () -> {
                    if (failures.getAndDecrement() > 0) throw new StoreException("cannot be read");
                };
                assertEquals(new Cursor("m0", 2), f.publish("a", "ours"));
                assertEquals(List.of("a:1", "a:2"), f.drain(reader));
                assertNull(f.log.failure());
            }
        }

        /** What the store had found was forgotten when the step after it failed. */
        @Test
        void whatSettlingFoundIsKeptUntilItCanBeShown() {
            try (LogFixture f = LogFixture.open(MANY);
                    LogFixture other = f.another(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                other.publish("a", "theirs");
                f.memory.failAppends(1, true);
                AtomicInteger failures = new AtomicInteger(3);
                f.store.beforeRead = () -> {
                    if (failures.getAndDecrement() > 0) throw new StoreException("cannot be read");
                };
                assertEquals(new Cursor("m0", 2), f.publish("a", "ours"));
                assertEquals(List.of("a:1", "a:2"), f.drain(reader));
            }
        }

        @Test
        void aFaultOfTheStoreIsSurvivedLikeAnyFailure() {
            try (LogFixture f = LogFixture.open(MANY)) {
                AtomicInteger faults = new AtomicInteger(1);
                f.store.beforeAppend = () -> {
                    if (faults.getAndDecrement() > 0) throw new AssertionError("thrown by a test");
                };
                AtomicInteger more = new AtomicInteger(1);
                f.store.beforeSettle = () -> {
                    if (more.getAndDecrement() > 0) throw new AssertionError("thrown by a test");
                };
                assertUnavailable(f.log.append(Drafts.publication(Drafts.draft("a", "x"))));
                eventually("the log heals", () -> f.log.failure() == null);
                f.publish("a", "y");
            }
        }

        @Test
        void whatFailsAtOnceIsRepairedByTheWriterAndRefused() {
            try (LogFixture f = LogFixture.openAlone(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                f.memory.failAppends(1, false);
                assertUnavailable(atOnce(f, "lost"));
                eventually("the log heals", () -> f.log.failure() == null);
                f.publish("a", "kept");
                assertEquals(List.of("a:1"), f.drain(reader));
            }
        }

        @Test
        void whatFailsAtOnceAndLandedIsAcknowledgedOnce() {
            try (LogFixture f = LogFixture.openAlone(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                f.memory.failAppends(1, true);
                assertEquals(
                        new Receipt.Published(List.of(new Cursor("m0", 1))),
                        atOnce(f, "landed").join());
                assertEquals(List.of("a:1"), f.drain(reader));
                f.publish("a", "next");
                assertEquals(List.of("a:2"), f.drain(reader));
            }
        }

        @Test
        void whileTheLogCannotBeWrittenNothingIsDoneAtOnce() {
            try (LogFixture f = LogFixture.openAlone(MANY)) {
                f.memory.breakDown("the disk is full");
                CompletableFuture<Receipt> first = atOnce(f, "x");
                assertTrue(String.valueOf(f.log.failure()).contains("the disk is full"), "known at once");
                assertNull(f.log.appendAtOnce(Drafts.publication(Drafts.draft("a", "y"))));
                f.memory.heal();
                assertUnavailable(first);
            }
        }

        @Test
        void whatIsDurableAtOnceIsAcknowledgedEvenIfShowingItFailsAtFirst() throws Exception {
            try (LogFixture f = LogFixture.open(MANY);
                    LogFixture other = f.another(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                other.publish("a", "theirs comes first, and has to be read");
                AtomicInteger failures = new AtomicInteger(3);
                f.store.beforeRead = () -> {
                    if (failures.getAndDecrement() > 0) throw new StoreException("cannot be read");
                };
                CompletableFuture<Receipt> receipt = atOnce(f, "ours");
                assertEquals(
                        new Receipt.Published(List.of(new Cursor("m0", 2))),
                        receipt.get(Await.SECONDS, TimeUnit.SECONDS));
                assertEquals(List.of("a:1", "a:2"), f.drain(reader));
                eventually("the log is well", () -> f.log.failure() == null);
            }
        }

        /** They would have been written into a store that has to be opened anew first. */
        @Test
        void whatIsQueuedBehindAFailureAtOnceIsRefused() throws Exception {
            try (LogFixture f = LogFixture.openAlone(MANY)) {
                CountDownLatch writing = new CountDownLatch(1);
                CountDownLatch queued = new CountDownLatch(1);
                f.store.beforeAppend = () -> {
                    f.store.beforeAppend = () -> {};
                    writing.countDown();
                    await(queued);
                    throw new StoreException("the disk is full");
                };
                CompletableFuture<CompletableFuture<Receipt>> first = new CompletableFuture<>();
                new Thread(() -> first.complete(atOnce(f, "x"))).start();
                await(writing);
                List<CompletableFuture<Receipt>> others = new ArrayList<>();
                for (int i = 0; i < 3; i++) others.add(f.log.append(Drafts.publication(Drafts.draft("a", "y"))));
                queued.countDown();
                assertUnavailable(first.get(Await.SECONDS, TimeUnit.SECONDS));
                for (CompletableFuture<Receipt> other : others) assertUnavailable(other);
                eventually("the log heals", () -> f.log.failure() == null);
                assertEquals(new Cursor("m0", 1), f.publish("a", "z"));
            }
        }

        @Test
        void aGroupOfAHistoryThatHasBeenReplacedIsNotShownInTheNewOne() {
            try (LogFixture f = LogFixture.open(MANY);
                    LogFixture other = f.another(MANY)) {
                f.publish(3, "a");
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                AtomicBoolean once = new AtomicBoolean();
                f.store.afterAppend = () -> {
                    if (once.getAndSet(true)) return;
                    f.memory.disk().wipe();
                    other.publish("a", "new history");
                    f.log.followNow();
                };
                f.publish("a", "of the old");
                assertEquals(new Cursor("m1", 1), f.log.headCursor());
                assertEquals(List.of("reset:epoch", "a:1"), f.drain(reader));
            }
        }
    }

    @Nested
    class Closing {

        @Test
        void whatWasSubmittedIsCommittedBeforeTheLogCloses() throws Exception {
            LogFixture f = LogFixture.open(MANY);
            List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
            CountDownLatch closing = new CountDownLatch(1);
            whileCommitting(f, () -> {
                for (int i = 0; i < 3_000; i++) {
                    receipts.add(f.log.append(Drafts.publication(Drafts.draft("a", "x"))));
                }
                new Thread(() -> {
                            f.close();
                            closing.countDown();
                        })
                        .start();
                eventually("closing", () -> f.log.failure() != null);
            });
            assertTrue(closing.await(Await.SECONDS, TimeUnit.SECONDS));
            for (CompletableFuture<Receipt> receipt : receipts) {
                assertInstanceOf(Receipt.Published.class, receipt.get(Await.SECONDS, TimeUnit.SECONDS));
            }
            assertUnavailable(f.log.append(Drafts.publication(Drafts.draft("a", "late"))));
            assertTrue(f.store.closed);
        }

        @Test
        void everyPublisherIsAnsweredWhenTheLogClosesWhileTheyPublish() throws Exception {
            for (int round = 0; round < 50; round++) {
                LogFixture f = LogFixture.open(10);
                List<CompletableFuture<Receipt>> receipts = Collections.synchronizedList(new ArrayList<>());
                List<Thread> publishers = new ArrayList<>();
                CountDownLatch under = new CountDownLatch(40);
                for (int t = 0; t < 4; t++) {
                    Thread publisher = new Thread(() -> {
                        for (int i = 0; i < 200; i++) {
                            Publication publication = Drafts.publication(Drafts.draft("a", "x"));
                            CompletableFuture<Receipt> atOnce = f.log.appendAtOnce(publication);
                            receipts.add(atOnce != null ? atOnce : f.log.append(publication));
                            under.countDown();
                        }
                    });
                    publishers.add(publisher);
                    publisher.start();
                }
                under.await();
                f.close();
                for (Thread publisher : publishers) publisher.join();
                long acknowledged = 0;
                for (CompletableFuture<Receipt> receipt : receipts) {
                    try {
                        receipt.get(Await.SECONDS, TimeUnit.SECONDS);
                        acknowledged++;
                    } catch (java.util.concurrent.ExecutionException e) {
                        assertInstanceOf(Unavailable.class, e.getCause());
                    }
                }
                assertEquals(acknowledged, f.memory.head().offset(), "acknowledged is durable and nothing else is");
            }
        }

        @Test
        void aLogThatCannotBeWrittenCloses() {
            LogFixture f = LogFixture.openAlone(MANY);
            f.memory.breakDown("gone");
            CompletableFuture<Receipt> receipt = f.log.append(Drafts.publication(Drafts.draft("a", "x")));
            eventually("the failure shows", () -> f.log.failure() != null);
            f.close();
            assertUnavailable(receipt);
            assertTrue(f.store.closed);
        }

        @Test
        void whoPublishesAtOnceIsWaitedFor() throws Exception {
            LogFixture f = LogFixture.openAlone(MANY);
            CountDownLatch writing = new CountDownLatch(1);
            CountDownLatch written = new CountDownLatch(1);
            f.store.beforeAppend = () -> {
                writing.countDown();
                await(written);
                assertFalse(f.store.closed);
            };
            CompletableFuture<CompletableFuture<Receipt>> publishing = new CompletableFuture<>();
            new Thread(() -> publishing.complete(atOnce(f, "x"))).start();
            await(writing);
            Thread closing = new Thread(f::close);
            closing.start();
            eventually("the writer has ended, and the publisher is waited for", () -> isIn(closing, "lockUntil"));
            assertNull(f.log.appendAtOnce(Drafts.publication(Drafts.draft("a", "late"))));
            assertFalse(f.store.closed);
            written.countDown();
            CompletableFuture<Receipt> receipt = publishing.get(Await.SECONDS, TimeUnit.SECONDS);
            assertInstanceOf(Receipt.Published.class, receipt.join());
            closing.join(Await.PATIENCE.toMillis());
            assertTrue(f.store.closed);
        }

        private static boolean isIn(Thread thread, String method) {
            return Arrays.stream(thread.getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().equals(method));
        }

        @Test
        void whoFailsAtOnceWhenNobodyRepairsItAnyMoreIsTold() throws Exception {
            LogFixture f = LogFixture.openAlone(MANY);
            CountDownLatch writing = new CountDownLatch(1);
            CountDownLatch failing = new CountDownLatch(1);
            f.store.beforeAppend = () -> {
                writing.countDown();
                await(failing);
                throw new StoreException("gone");
            };
            CompletableFuture<CompletableFuture<Receipt>> publishing = new CompletableFuture<>();
            new Thread(() -> publishing.complete(atOnce(f, "x"))).start();
            await(writing);
            Thread closing = new Thread(f::close);
            closing.start();
            eventually("the writer has ended, and the publisher is waited for", () -> isIn(closing, "lockUntil"));
            failing.countDown();
            Unavailable refused = assertUnavailable(publishing.get(Await.SECONDS, TimeUnit.SECONDS));
            assertTrue(String.valueOf(refused.getMessage()).contains("not known"), refused.getMessage());
            closing.join(Await.PATIENCE.toMillis());
            assertTrue(f.store.closed);
        }

        @Test
        void whoFailsAtOnceWhileTheLogClosesIsAnswered() throws Exception {
            for (int round = 0; round < 50; round++) {
                LogFixture f = LogFixture.openAlone(MANY);
                CountDownLatch writing = new CountDownLatch(1);
                f.store.beforeAppend = () -> {
                    writing.countDown();
                    throw new StoreException("gone");
                };
                CompletableFuture<CompletableFuture<Receipt>> publishing = new CompletableFuture<>();
                new Thread(() -> publishing.complete(atOnce(f, "x"))).start();
                await(writing);
                f.close();
                assertUnavailable(publishing.get(Await.SECONDS, TimeUnit.SECONDS));
            }
        }

        /** An interrupt inside a read closes the file of an embedded database under everybody. */
        @Test
        void noThreadIsInterruptedInsideTheStore() throws Exception {
            LogFixture f = LogFixture.open(1);
            f.publish(5, "a");
            Reader reader = f.reader(new Cursor("m0", 0), "a");
            CountDownLatch reading = new CountDownLatch(1);
            AtomicBoolean interrupted = new AtomicBoolean();
            f.store.beforeRead = () -> {
                reading.countDown();
                eventually("closing", () -> f.log.failure() != null);
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
                while (System.nanoTime() < until && !Thread.currentThread().isInterrupted()) Thread.onSpinWait();
                interrupted.set(Thread.currentThread().isInterrupted());
                assertFalse(f.store.closed, "the store is closed after the last read");
            };
            CountDownLatch done = new CountDownLatch(1);
            f.log.fetch(reader, done::countDown);
            reading.await();
            f.close();
            assertTrue(done.await(Await.SECONDS, TimeUnit.SECONDS));
            assertFalse(interrupted.get());
        }
    }

    @Nested
    class SeveralNodes {

        @Test
        void bothShowAllInTheSameOrder() throws Exception {
            MemoryMessageStore.Disk disk = new MemoryMessageStore.Disk();
            MessageLog.Settings settings = new MessageLog.Settings(
                    50, 1 << 20, Duration.ofMillis(5), Duration.ofHours(1), Retention.UNLIMITED);
            try (MessageLog one = MessageLog.open(
                            new MemoryMessageStore(disk, true, Clock.systemUTC()), Clock.systemUTC(), settings);
                    MessageLog two = MessageLog.open(
                            new MemoryMessageStore(disk, true, Clock.systemUTC()), Clock.systemUTC(), settings)) {
                int each = 2_000;
                List<Thread> threads = new ArrayList<>();
                for (MessageLog log : List.of(one, two)) {
                    for (int t = 0; t < 2; t++) {
                        threads.add(new Thread(() -> {
                            for (int i = 0; i < each; i++) {
                                CompletableFuture<Receipt> receipt =
                                        log.append(Drafts.publication(Drafts.draft("a", "x")));
                                if (i % 10 == 0) receipt.join();
                            }
                        }));
                    }
                }
                List<List<Long>> seen = new ArrayList<>();
                for (MessageLog log : List.of(one, two)) {
                    List<Long> offsets = new ArrayList<>();
                    seen.add(offsets);
                    Reader reader = log.reader(Drafts.interest("a"), Position.Edge.EARLIEST);
                    threads.add(new Thread(() -> {
                        long deadline = System.nanoTime() + Await.PATIENCE.toNanos();
                        while (offsets.size() < 4 * each && System.nanoTime() < deadline) {
                            try {
                                if (log.read(reader, 100, 1 << 16) instanceof Range range) {
                                    range.messages().forEach(m -> offsets.add(m.offset()));
                                } else {
                                    // Whoever spins keeps a busy machine from publishing.
                                    LockSupport.parkNanos(100_000);
                                }
                            } catch (StoreException e) {
                                throw new AssertionError(e);
                            }
                        }
                    }));
                }
                threads.forEach(Thread::start);
                for (Thread thread : threads) thread.join();
                List<Long> all = new ArrayList<>();
                for (long offset = 1; offset <= 4L * each; offset++) all.add(offset);
                assertEquals(all, seen.get(0));
                assertEquals(all, seen.get(1));
            }
        }

        @Test
        void anotherNodesMessagesWakeTheReadersHere() {
            try (LogFixture f = LogFixture.open(MANY);
                    LogFixture other = f.another(MANY)) {
                Reader reader = f.reader(Position.Edge.LATEST, "a");
                AtomicInteger woken = new AtomicInteger();
                reader.feed().onNews(woken::incrementAndGet);
                other.publish("b", "x");
                other.publish("a", "x");
                assertEquals(List.of(), f.drain(reader));
                f.log.hint();
                eventually("the reader is woken", () -> woken.get() == 1);
                assertEquals(List.of("a:2"), f.drain(reader));
                assertEquals("a", String.valueOf(find(f, 2).topic()));
            }
        }

        /** Of such a version every node thought that it had still to see it, and read on no more. */
        @Test
        void aTrimVersionThatNoTrimCarriesHoldsNobodyUp() throws Exception {
            try (LogFixture f = LogFixture.open(1);
                    LogFixture other = f.another(MANY)) {
                Reader live = f.reader(Position.Edge.LATEST, "a");
                f.publish(2, "a");
                other.publish("a", "x");
                f.memory.disk().skipTrimVersion();
                f.follow();
                assertEquals(List.of("a:1", "a:2", "a:3"), f.drain(live));

                f.memory.disk().skipTrimVersion();
                try (LogFixture started = f.another(MANY)) {
                    assertEquals(
                            List.of("a:1", "a:2", "a:3"), started.drain(started.reader(Position.Edge.EARLIEST, "a")));
                }
                f.memory.disk().skipTrimVersion();
                assertEquals(List.of("a:1", "a:2", "a:3"), f.drain(f.reader(Position.Edge.EARLIEST, "a")));

                other.publish("a", "x");
                f.memory.disk().skipTrimVersion();
                f.publish("a", "x");
                assertEquals(List.of("a:4", "a:5"), f.drain(live));
            }
        }

        private static Message find(LogFixture f, long offset) {
            try {
                Message message = f.log.find(new Cursor("m0", offset));
                if (message == null) return fail("no message at " + offset);
                return message;
            } catch (StoreException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void aMessageIsFoundByItsIdOnlyIfItIsVisibleHere() throws Exception {
        try (LogFixture f = LogFixture.open(MANY);
                LogFixture other = f.another(MANY)) {
            f.publish("a", "x");
            other.publish("a", "y");
            assertNotNull(f.log.find(new Cursor("m0", 1)));
            assertNull(f.log.find(new Cursor("m1", 1)), "another history's");
            assertNull(f.log.find(new Cursor("m0", 9)));
        }
    }

    /** A publisher is told an id by one node and may ask another, which has not looked yet. */
    @Test
    void aMessageThatAnotherNodeHasJustAcknowledgedIsFound() throws Exception {
        try (LogFixture f = LogFixture.open(MANY);
                LogFixture other = f.another(MANY)) {
            Cursor id = other.publish("a", "y");
            Message found = f.log.find(id);
            assertEquals("a", found == null ? "" : found.topic().name());
            assertEquals(1, f.log.head(), "and is visible to readers, too");
        }
        try (LogFixture alone = LogFixture.openAlone(MANY)) {
            alone.store.beforeHead = () -> fail("nobody else could have it");
            assertNull(alone.log.find(new Cursor("m0", 2)));
        }
    }

    /** An OutOfMemoryError in the middle of a page left its reader waiting for ever. */
    @Test
    void aPageThatCouldNotBeReadForWhateverReasonIsReadAgain() throws Exception {
        try (LogFixture f = LogFixture.open(1)) {
            f.publish(5, "a");
            Reader reader = f.reader(new Cursor("m0", 0), "a");
            AtomicInteger attempts = new AtomicInteger();
            f.store.beforeRead = () -> {
                if (attempts.incrementAndGet() == 1) throw new OutOfMemoryError("thrown by a test");
            };
            CountDownLatch done = new CountDownLatch(1);
            f.log.fetch(reader, done::countDown);
            assertTrue(done.await(Await.SECONDS, TimeUnit.SECONDS));
            assertEquals(5, f.drain(reader).size());
        }
    }

    @Test
    void whoeverCatchesUpHoldsOnePageAtATime() throws Exception {
        try (LogFixture f = LogFixture.open(1)) {
            for (int i = 0; i < 100; i++) f.publish("a", "x".repeat(4_000));
            Reader reader = f.reader(new Cursor("m0", 0), "a");
            CountDownLatch done = new CountDownLatch(1);
            f.log.fetch(reader, done::countDown);
            assertTrue(done.await(Await.SECONDS, TimeUnit.SECONDS));
            int held = 0;
            while (reader.next(1, Integer.MAX_VALUE, f.log.head()) instanceof Range range)
                held += range.messages().size();
            assertEquals(17, held, "the message with which it has 64 KiB is the last");
            assertEquals(83, f.drain(reader).size());
        }
    }

    private static Unavailable assertUnavailable(CompletableFuture<Receipt> receipt) {
        CompletionException e =
                assertThrows(CompletionException.class, () -> receipt.orTimeout(Await.SECONDS, TimeUnit.SECONDS)
                        .join());
        return assertInstanceOf(Unavailable.class, e.getCause());
    }

    /** For a log that nobody has published to just now: the writer answers a moment before it lets go. */
    private static CompletableFuture<Receipt> atOnce(LogFixture f, String body) {
        CompletableFuture<Receipt> receipt = f.log.appendAtOnce(Drafts.publication(Drafts.draft("a", body)));
        assertNotNull(receipt);
        return receipt;
    }

    /** Does something while the writer is busy with the commit of one message. */
    private static void whileCommitting(LogFixture f, Runnable task) throws InterruptedException {
        CountDownLatch committing = new CountDownLatch(1);
        CountDownLatch commit = new CountDownLatch(1);
        f.store.beforeAppend = () -> {
            committing.countDown();
            await(commit);
        };
        f.log.append(Drafts.publication(Drafts.draft("a", "first")));
        committing.await();
        task.run();
        commit.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(Await.SECONDS, TimeUnit.SECONDS)) fail("waited in vain");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
