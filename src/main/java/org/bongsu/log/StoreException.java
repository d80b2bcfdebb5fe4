package org.bongsu.log;

/** The store cannot be read or written at present. The world's fault: it may heal by itself. */
public final class StoreException extends Exception {
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    public StoreException(String message) {
        super(message);
    }
}
