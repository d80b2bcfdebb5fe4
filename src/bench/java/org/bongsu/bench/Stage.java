package org.bongsu.bench;

import java.io.IOException;
import org.HdrHistogram.Histogram;

/** One server with its readers subscribed and its publisher connected, for the rounds of one row. */
final class Stage implements AutoCloseable {
    private final String row;
    private final Contender contender;
    private final Transport transport;
    private final Audience audience;
    private final String topic;
    private Publisher publisher;
    private int messageSize;

    Stage(String row, Contender contender, Transport transport, int readers, int connections, int messageSize)
            throws IOException {
        this.row = row;
        this.contender = contender;
        this.transport = transport;
        this.messageSize = messageSize;
        // A topic of its own: what is left of an earlier row's readers is not woken.
        this.topic = "bench/" + row + "-" + System.nanoTime() % 1_000_000;
        this.audience = Audience.connect(contender.port(), readers, index -> contender.subscriber(transport, topic));
        try {
            this.publisher = new Publisher(contender.port(), connections, messageSize, contender.publishing(topic));
        } catch (IOException e) {
            audience.close();
            throw e;
        }
        // Long-polls are on their way to where they wait.
        Audience.pause(500);
    }

    Contender contender() {
        return contender;
    }

    String topic() {
        return topic;
    }

    int messageSize() {
        return messageSize;
    }

    /** From now on with bodies of this size. */
    void resize(int size) throws IOException {
        if (size == messageSize) return;
        int connections = publisher.connections();
        int[] sent = publisher.sent();
        publisher.close();
        publisher = new Publisher(contender.port(), connections, size, contender.publishing(topic));
        publisher.goOn(sent);
        messageSize = size;
    }

    Outcome run(Phase phase, int round) throws IOException {
        audience.begin(publisher.connections(), publisher.sent());
        contender.commits();
        double cpuBefore = contender.process().cpuSeconds();
        Publisher.Report report = publisher.run(phase);
        long wanted = (long) phase.messages() * audience.size();
        audience.await(wanted, phase.patience());
        double cpu = contender.process().cpuSeconds() - cpuBefore;
        TimedStore.Commits commits = contender.commits();
        Audience.Tally tally = audience.tally();
        Histogram latency = tally.latency();
        return new Outcome(
                row,
                contender.name(),
                round,
                transport,
                phase,
                audience.size(),
                messageSize,
                report.acknowledged(),
                wanted,
                tally.delivered(),
                tally.gaps(),
                tally.doubles(),
                tally.disorder(),
                tally.min(),
                tally.max(),
                tally.lost(),
                (tally.lastDelivery() - report.first()) / 1e9,
                tally.bytes() / (double) Math.max(1, tally.delivered()),
                latency.getValueAtPercentile(50) / 1e6,
                latency.getValueAtPercentile(99) / 1e6,
                latency.getMaxValue() / 1e6,
                (report.last() - report.first()) / 1e9,
                report.answer().getValueAtPercentile(50) / 1e6,
                report.answer().getValueAtPercentile(99) / 1e6,
                cpu,
                contender.process().rssKilobytes(),
                commits.count(),
                commits.p50(),
                report.refusal());
    }

    @Override
    public void close() throws IOException {
        audience.close();
        publisher.close();
    }
}
