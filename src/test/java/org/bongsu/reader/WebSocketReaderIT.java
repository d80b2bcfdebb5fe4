package org.bongsu.reader;

/** What any reader is owed, by WebSocket. */
final class WebSocketReaderIT extends OnEmbeddedTomcat {
    WebSocketReaderIT() {
        super(Transport.WEBSOCKET);
    }
}
