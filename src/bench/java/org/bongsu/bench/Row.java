package org.bongsu.bench;

import java.util.List;

/** One scenario of the table: the same phase on every server, round after round. */
record Row(String id, String title, Transport transport, int readers, Phase phase, List<Goal> goals) {
    private static final String NCHAN = "nchan";
    private static final String RAW = "raw";

    /** 16 posts in flight, each on a connection of its own, as from 16 programs. */
    private static Phase burst(int messages) {
        return new Phase(messages, 0, 1, 16);
    }

    private static final Goal AFTER_COMMIT = new Goal(
            "publish → delivered p50, beyond a commit's own",
            "ms",
            outcome -> outcome.p50() - outcome.commitP50(),
            null,
            false,
            3);

    static final List<Row> ALL = List.of(
            new Row(
                    "sse-burst",
                    "burst, 1,000 SSE readers, 16 posts in flight",
                    Transport.SSE,
                    1_000,
                    burst(3_000),
                    List.of(Goal.deliveries(NCHAN, 12), Goal.deliveries(RAW, 0.8))),
            new Row(
                    "ws-burst",
                    "burst, 1,000 WebSocket readers, 16 posts in flight",
                    Transport.WEBSOCKET,
                    1_000,
                    burst(3_000),
                    List.of(Goal.deliveries(NCHAN, 5))),
            new Row(
                    "sse-burst-5000",
                    "burst, 5,000 SSE readers, 16 posts in flight",
                    Transport.SSE,
                    5_000,
                    burst(600),
                    List.of(Goal.deliveries(NCHAN, 10))),
            new Row(
                    "sse-paced",
                    "paced 20/s × 1,000 SSE readers",
                    Transport.SSE,
                    1_000,
                    Phase.paced(300, 20),
                    List.of(Goal.cpu(NCHAN, 1.15), Goal.p99(NCHAN, 1.2))),
            new Row(
                    "ws-paced",
                    "paced 20/s × 1,000 WebSocket readers",
                    Transport.WEBSOCKET,
                    1_000,
                    Phase.paced(300, 20),
                    List.of(Goal.cpu(NCHAN, 1.9))),
            new Row(
                    "sse-paced-5000",
                    "paced 10/s × 5,000 SSE readers",
                    Transport.SSE,
                    5_000,
                    Phase.paced(100, 10),
                    List.of(
                            new Goal(
                                    "share of the offered deliveries that came in time",
                                    "",
                                    outcome -> outcome.deliveriesPerSecond()
                                            / (outcome.phase().rate() * outcome.readers()),
                                    null,
                                    true,
                                    0.98),
                            Goal.p99(NCHAN, 1.3))),
            new Row(
                    "poll-burst",
                    "long-poll, 1,000 waiting, burst",
                    Transport.POLL,
                    1_000,
                    burst(1_500),
                    List.of(Goal.deliveries(NCHAN, 8))),
            new Row(
                    "poll-paced",
                    "long-poll, 1,000 waiting, paced 10/s",
                    Transport.POLL,
                    1_000,
                    Phase.paced(100, 10),
                    List.of(Goal.cpu(NCHAN, 3))),
            new Row(
                    "publish",
                    "durable publishes/s, 64 connections, 1 reader",
                    Transport.SSE,
                    1,
                    new Phase(40_000, 0, 1, 64),
                    List.of(
                            new Goal("publishes/s", "/s", Outcome::publishesPerSecond, NCHAN, true, 0.3),
                            AFTER_COMMIT)),
            new Row(
                    "publish-paced",
                    "durable publishes, 100/s, 1 reader",
                    Transport.SSE,
                    1,
                    Phase.paced(500, 100),
                    List.of(AFTER_COMMIT)));

    Row with(int otherReaders, int otherMessages) {
        return new Row(
                id,
                title,
                transport,
                otherReaders > 0 ? otherReaders : readers,
                otherMessages > 0 ? phase.withMessages(otherMessages) : phase,
                goals);
    }

    boolean wantsRaw() {
        return goals.stream().anyMatch(goal -> RAW.equals(goal.rival()));
    }

    /**
     * What a server does, again and again, before it is counted.
     *
     * <p>Before a paced phase there are bursts, too: at 20 messages a second a JVM would be compiling what publishes them for
     * an hour.
     */
    List<Phase> warmUp() {
        if (!phase.isPaced()) return List.of(phase);
        return List.of(
                new Phase(Math.max(20, Math.min(3_000, 3_000_000 / readers)), 0, 1, phase.connections()),
                new Phase(Math.max(20, Math.min(300, 200_000 / readers)), 100, 1, phase.connections()));
    }
}
