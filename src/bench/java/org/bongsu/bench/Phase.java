package org.bongsu.bench;

import java.time.Duration;

/**
 * What is published while everybody reads.
 *
 * @param messages how many in all
 * @param rate messages a second; 0 is a burst, as fast as answers come back
 * @param inFlight requests that one connection has outstanding (pipelined)
 * @param connections of the publisher
 */
record Phase(int messages, double rate, int inFlight, int connections) {
    /** Connections of a paced phase: enough that a slow answer does not delay the next message. */
    private static final int PACED_CONNECTIONS = 16;

    Phase {
        if (messages < 1 || rate < 0 || inFlight < 1 || connections < 1) {
            throw new IllegalArgumentException("a phase needs positive numbers");
        }
        if (connections > Marker.MAX_PUBLISHERS) {
            throw new IllegalArgumentException(
                    connections + " publisher connections are too many: " + Marker.MAX_PUBLISHERS + " at most");
        }
    }

    /** Reads {@code r:MESSAGES:RATE} or {@code b:MESSAGES[:INFLIGHT[:CONNECTIONS]]}. */
    static Phase parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts[0].equals("r") && parts.length == 3) {
            return paced(Integer.parseInt(parts[1]), Double.parseDouble(parts[2]));
        }
        if (parts[0].equals("b") && parts.length >= 2 && parts.length <= 4) {
            int inFlight = parts.length > 2 ? Integer.parseInt(parts[2]) : 1;
            int connections = parts.length > 3 ? Integer.parseInt(parts[3]) : 1;
            return new Phase(Integer.parseInt(parts[1]), 0, inFlight, connections);
        }
        throw new IllegalArgumentException(
                text + " is no phase: r:MESSAGES:RATE or b:MESSAGES[:INFLIGHT[:CONNECTIONS]]");
    }

    static Phase paced(int messages, double rate) {
        return new Phase(messages, rate, 1, PACED_CONNECTIONS);
    }

    Phase withMessages(int other) {
        return new Phase(other, rate, inFlight, connections);
    }

    boolean isPaced() {
        return rate > 0;
    }

    /** After so long without any progress the phase has failed. */
    Duration patience() {
        return Duration.ofSeconds(10);
    }

    @Override
    public String toString() {
        return isPaced()
                ? "r:%d:%s".formatted(messages, rate == Math.rint(rate) ? "%.0f".formatted(rate) : "" + rate)
                : "b:%d:%d:%d".formatted(messages, inFlight, connections);
    }
}
