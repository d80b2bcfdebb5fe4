package org.bongsu.websocket;

import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCode;
import org.bongsu.fanout.ByeReason;

/** Why the server closes, in numbers and words; the table is in {@code src/docs/websocket.md}. */
record Closing(int code, String words) {
    static Closing after(ByeReason reason) {
        return switch (reason) {
            case SHUTDOWN -> new Closing(1001, "the portal is shutting down");
            case RENEW -> new Closing(1001, "connect again: connections are renewed from time to time");
            case BUSY -> new Closing(1001, "too busy; try again in a while");
            case LOGOUT -> new Closing(1008, "logged out");
            case EXPIRED -> new Closing(1008, "the session has expired");
            case REVOKED -> new Closing(1008, "the right to read has been taken away");
        };
    }

    static Closing notAllowed(String words) {
        return new Closing(1008, words);
    }

    static Closing tooLarge(int maxBytes) {
        return new Closing(1009, "a message of more than " + maxBytes + " bytes");
    }

    static Closing tooSlow(String words) {
        return new Closing(4408, words);
    }

    static Closing tooManyFrames() {
        return new Closing(4429, "too many frames; allowed: 50 a second, 200 at once");
    }

    CloseReason reason() {
        CloseCode closeCode = code < 4000 ? CloseReason.CloseCodes.getCloseCode(code) : () -> code;
        return new CloseReason(closeCode, words);
    }
}
