package org.bongsu.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bongsu.Await;
import org.junit.jupiter.api.Test;

/** What takes too long to be answered is in {@link PublisherTest}. */
final class AnswersTest {
    @Test
    void answersAreGivenInTheOrderInWhichTheyCome() throws Exception {
        List<Integer> given = new CopyOnWriteArrayList<>();
        CountDownLatch all = new CountDownLatch(1);
        try (Answers answers = new Answers()) {
            IntStream.range(0, 100).forEach(i -> answers.execute(() -> given.add(i)));
            answers.execute(all::countDown);
            assertTrue(all.await(Await.SECONDS, TimeUnit.SECONDS));
        }
        assertEquals(IntStream.range(0, 100).boxed().toList(), given);
    }

    @Test
    void oneThatFailsKeepsNobodyElseFromBeingAnswered() throws Exception {
        CompletableFuture<Thread> next = new CompletableFuture<>();
        try (Answers answers = new Answers()) {
            answers.execute(() -> {
                throw new IllegalStateException("told in the log once, as it should be");
            });
            answers.execute(() -> next.complete(Thread.currentThread()));
            next.get(Await.SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatIsDueWhenItIsClosedIsStillAnsweredAndItsThreadEnds() throws Exception {
        CompletableFuture<Thread> due = new CompletableFuture<>();
        CountDownLatch closing = new CountDownLatch(1);
        Answers answers = new Answers();
        answers.execute(() -> await(closing));
        answers.execute(() -> due.complete(Thread.currentThread()));
        Thread closer = new Thread(() -> close(answers));
        closer.start();
        Await.until("it waits for the thread", () -> closer.getState() == Thread.State.TIMED_WAITING);
        closing.countDown();
        closer.join(Await.MILLIS);
        assertTrue(due.isDone());
        assertFalse(due.join().isAlive(), "servers report threads that outlive the portal");
    }

    @Test
    void whoeverComesAfterTheEndIsAnsweredOnTheSpot() throws Exception {
        Answers answers = new Answers();
        answers.close();
        CompletableFuture<Thread> late = new CompletableFuture<>();
        answers.execute(() -> late.complete(Thread.currentThread()));
        assertSame(Thread.currentThread(), late.getNow(null));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(Await.SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void close(Answers answers) {
        try {
            answers.close();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
