package org.bongsu.store;

/** What an acknowledgement is worth. */
public enum Durability {
    /** Whatever is acknowledged survives a power cut. A database that does not give that is refused. */
    STRICT,
    /** Whatever is acknowledged survives the end of the process; a power cut may take the latest with it. */
    RELAXED
}
