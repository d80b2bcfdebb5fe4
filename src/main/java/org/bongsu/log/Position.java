package org.bongsu.log;

/** Where reading starts: after a {@link Cursor}, at the end of the log, or at the oldest retained message. */
public sealed interface Position permits Cursor, Position.Edge {

    /** A start that needs no cursor. */
    enum Edge implements Position {
        /** Only what comes from now on. */
        LATEST,
        /** Everything retained. */
        EARLIEST,
        /** What a cursor that cannot be read at all comes to: told as a lost epoch, then everything retained. */
        UNREADABLE
    }

    /**
     * Reads {@code latest}, {@code earliest} or a cursor.
     *
     * @throws InvalidInputException if it is none of them, naming {@code field}
     */
    static Position parse(String field, String text) {
        if (text.equals("latest")) return Edge.LATEST;
        if (text.equals("earliest")) return Edge.EARLIEST;
        try {
            return Cursor.parse(field, text);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(field, e.getMessage() + ", latest or earliest");
        }
    }
}
