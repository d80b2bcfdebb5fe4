package org.bongsu.publish;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.bongsu.http.Exchange;

/**
 * The thread that answers publishers, woken once for all that one commit has made durable, and that tells those whom the log
 * has not answered in time.
 *
 * <p>Nothing that runs here may wait for a client. Threads: any may call.
 */
public final class Answers implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Answers.class.getName());

    /** So much later than promised somebody may be told that time is up. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Those who have been answered leave their line only when it is looked at. */
    private static final int ANSWERS_PER_LOOK = 256;

    private static final long CLOSE_MILLIS = 5_000;

    private final Queue<Runnable> due = new ConcurrentLinkedQueue<>();
    private final CopyOnWriteArrayList<Line> lines = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::run, "bongsu-answers");

    private volatile boolean parked;
    private volatile boolean closing;
    private volatile boolean ended;

    public Answers() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Requests that wait for the log equally long, in the order of their coming: no timer of its own for each. */
    static final class Line {
        private final long patienceNanos;
        private final Exchange.Answer late;
        private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();

        private record Waiting(Exchange exchange, long until) {}

        private Line(Duration patience, Exchange.Answer late) {
            this.patienceNanos = patience.toNanos();
            this.late = late;
        }

        void add(Exchange exchange) {
            waiting.add(new Waiting(exchange, System.nanoTime() + patienceNanos));
        }

        /**
         * The log answers nearly all in the order of their coming: whoever has been answered stands in front, or will soon.
         *
         * @param end nobody is going to answer any more
         */
        private void look(boolean end) {
            for (Waiting first = waiting.peek(); first != null; first = waiting.peek()) {
                if (!first.exchange.isAnswered()) {
                    if (!end && System.nanoTime() - first.until < 0) return;
                    first.exchange.answer(late);
                }
                waiting.remove();
            }
        }
    }

    /** @param late what is answered to whoever has waited for so long */
    Line line(Duration patience, Exchange.Answer late) {
        Line line = new Line(patience, late);
        lines.add(line);
        return line;
    }

    void execute(Runnable answer) {
        due.add(answer);
        if (parked) LockSupport.unpark(thread);
        // The thread may have looked for the last time before this came.
        if (ended) answer();
    }

    private void run() {
        while (!closing || !due.isEmpty()) {
            answer(ANSWERS_PER_LOOK);
            look(false);
            parked = true;
            if (due.isEmpty() && !closing) LockSupport.parkNanos(this, LOOK_NANOS);
            parked = false;
            Thread.interrupted();
        }
        ended = true;
        answer();
        look(true);
    }

    private void answer() {
        while (answer(ANSWERS_PER_LOOK) == ANSWERS_PER_LOOK) {}
    }

    /** @return how many it has given */
    private int answer(int most) {
        for (int given = 0; given < most; given++) {
            Runnable answer = due.poll();
            if (answer == null) return given;
            try {
                answer.run();
            } catch (RuntimeException | Error e) {
                failed(e);
            }
        }
        return most;
    }

    private void look(boolean end) {
        for (Line line : lines) {
            try {
                line.look(end);
            } catch (RuntimeException | Error e) {
                failed(e);
            }
        }
    }

    /** Nothing ends this thread, or nobody would be answered any more. */
    private static void failed(Throwable e) {
        LOGGER.log(System.Logger.Level.ERROR, "a publisher could not be answered", e);
    }

    /** Answers everybody, and ends the thread. To be called when the log has been closed, and so has nothing more to tell. */
    @Override
    public void close() throws InterruptedException {
        closing = true;
        LockSupport.unpark(thread);
        thread.join(CLOSE_MILLIS);
    }
}
