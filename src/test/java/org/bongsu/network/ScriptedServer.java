package org.bongsu.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A server that says what the test does. */
final class ScriptedServer implements AutoCloseable {
    private final ServerSocket door;

    ScriptedServer() {
        try {
            door = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return door.getLocalPort();
    }

    /** The next that comes. */
    Caller visitor() {
        try {
            return new Caller(door.accept());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Loop.closeQuietly(door);
    }
}
