package org.bongsu.reader;

/** What any reader is owed, by Server-Sent Events. */
final class SseReaderIT extends OnEmbeddedTomcat {
    SseReaderIT() {
        super(Transport.SSE);
    }
}
