package org.bongsu.reader;

/** What any reader is owed, by long-polling. */
final class LongPollReaderIT extends OnEmbeddedTomcat {
    LongPollReaderIT() {
        super(Transport.LONG_POLL);
    }
}
