package org.bongsu.network;

import java.time.Duration;

/**
 * One thing that a network does to those who use it. They may be combined at will, but for two of one type: the later counts.
 *
 * <p>Where no more is said, what holds as a request, a response or a byte comes is what it meets. A WebSocket counts as the
 * response to its upgrade, and the bytes after the 101 as that response's body; but nothing is buffered or batched in it.
 */
public sealed interface Behaviour {
    /** Answers upgrades to WebSocket itself, with this status; other requests, to the same URL too, go through. */
    record UpgradesRefused(int status) implements Behaviour {}

    /** Never answers an upgrade to WebSocket, which the server does not see either; other requests go through. */
    record UpgradesSwallowed() implements Behaviour {}

    /** Lets the 101 through and ends the WebSocket so long afterwards; it counts for those opened while it holds. */
    record WebSocketsCut(Duration after, End how) implements Behaviour {
        public WebSocketsCut {
            requirePositive(after);
        }
    }

    /** Lets the 101 through and ends the WebSocket at the first frame from either side, which gets lost. */
    record WebSocketsCutAtFirstFrame(End how) implements Behaviour {}

    /** Lets the 101 through and no frame, in either direction, of WebSockets opened before too. They stay open. */
    record FramesSwallowed() implements Behaviour {}

    /**
     * Nothing of a response arrives before it is complete, when it comes with a Content-Length; what never ends never
     * arrives, and what ends amiss is lost.
     */
    record ResponsesBuffered() implements Behaviour {}

    /** As {@link ResponsesBuffered}, but only {@code text/event-stream}. */
    record StreamsBuffered() implements Behaviour {}

    /** Responses, their heads included, come in blocks of so many bytes; only the end of a response gives out a smaller one. */
    record BatchedBySize(int bytes) implements Behaviour {
        public BatchedBySize {
            if (bytes < 1) throw new IllegalArgumentException("a batch needs at least a byte: " + bytes);
        }
    }

    /** Responses wait until their oldest byte has waited so long; with {@link BatchedBySize}, for either. */
    record BatchedByTime(Duration longest) implements Behaviour {
        public BatchedByTime {
            requirePositive(longest);
        }
    }

    /** Ends connections on which no byte has come for so long, from either side; those between two requests too. */
    record IdleCut(Duration after, End how) implements Behaviour {
        public IdleCut {
            requirePositive(after);
        }
    }

    /** Ends connections whose response is not complete so long after its request, whatever it does; WebSockets too. */
    record LongResponsesCut(Duration after, End how) implements Behaviour {
        public LongResponsesCut {
            requirePositive(after);
        }
    }

    /** Answers itself, with this status, what has brought the client no byte of a response so long after the request. */
    record LateResponsesReplaced(Duration after, int status) implements Behaviour {
        public LateResponsesReplaced {
            requirePositive(after);
        }
    }

    /**
     * Ends the connection after so many bytes of a response's body, the chunks' own framing not counted, if there are more to
     * come or may be. Only what {@link Kind#receives}: pages load, and publishing is answered.
     */
    record BodyCut(long after, End how) implements Behaviour {}

    /**
     * As {@link BodyCut}, each time after another number of bytes below {@code within}. The numbers come from the seed and
     * the number of the connection alone, so that the same connections in the same order are cut alike.
     */
    record RandomCuts(long seed, int within, End how) implements Behaviour {}

    /**
     * Whatever arrives, bytes and ends, arrives this much later, in both directions, with no limit to how much is on its way.
     * What the network answers itself comes from the server's end. A round trip is twice this: one for the TCP handshake
     * (before the first byte of a connection sets out, although {@code connect} returns at once) and one for each request.
     * So the first answer on a new connection takes two, the next on the same one, and a frame that the server sends half.
     */
    record Latency(Duration oneWay) implements Behaviour {
        public Latency {
            requirePositive(oneWay);
        }
    }

    /** To the client go so many bytes at a time, and the next ones only so much later. */
    record Drip(int bytes, Duration every) implements Behaviour {
        public Drip {
            if (bytes < 1) throw new IllegalArgumentException("a drop needs at least a byte: " + bytes);
            requirePositive(every);
        }
    }

    private static void requirePositive(Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException("a time must be longer than nothing: " + duration);
        }
    }
}
