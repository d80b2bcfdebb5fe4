package org.bongsu.log;

/** What a reader found: messages, a reason to start anew, nothing yet, or that the store must be asked. */
public sealed interface Read permits Range, Read.Reset, Read.Nothing {

    /** The cursor cannot be honoured; the reader goes on from what is retained. */
    record Reset(ResetReason reason) implements Read {}

    /** No range. */
    enum Nothing implements Read {
        /** Everything up to the head has been read; a wake-up will follow. */
        CAUGHT_UP,
        /** What comes next is no longer in memory: {@link MessageLog#fetch}. */
        BEHIND
    }
}
