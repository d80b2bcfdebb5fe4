package org.bongsu;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports of loopback for programs that have to be told one before they open it. Below those that systems give to whoever connects,
 * so that no other connection takes one in the meantime, and none twice in one JVM; JVMs side by side begin at different ones.
 *
 * <p>For any thread.
 */
public final class Ports {
    private static final int FIRST = 15_000;
    private static final int COUNT = 15_000;

    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 1_009 % COUNT));

    private Ports() {}

    public static int free() {
        for (int tries = 0; tries < COUNT; tries++) {
            int port = FIRST + NEXT.getAndIncrement() % COUNT;
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // The next may be free.
            }
        }
        throw new IllegalStateException("no port is free from " + FIRST + " to " + (FIRST + COUNT));
    }
}
