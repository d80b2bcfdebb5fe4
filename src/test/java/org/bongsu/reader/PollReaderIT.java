package org.bongsu.reader;

/** What any reader is owed, by plain polling. */
final class PollReaderIT extends OnEmbeddedTomcat {
    PollReaderIT() {
        super(Transport.POLL);
    }
}
