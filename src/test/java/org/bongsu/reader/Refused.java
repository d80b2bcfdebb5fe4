package org.bongsu.reader;

/** The server answered a reader with something else than messages. */
final class Refused extends RuntimeException {
    private final int status;

    Refused(int status) {
        super("refused with " + status);
        this.status = status;
    }

    int status() {
        return status;
    }
}
