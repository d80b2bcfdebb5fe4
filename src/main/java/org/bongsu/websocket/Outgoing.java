package org.bongsu.websocket;

/**
 * The text of one frame.
 *
 * @param bytes its size as UTF-8, roughly
 */
record Outgoing(String text, int bytes) {

    /** A short frame of our own: an answer, a reset, a good-bye. */
    static Outgoing of(String text) {
        return new Outgoing(text, text.length());
    }
}
