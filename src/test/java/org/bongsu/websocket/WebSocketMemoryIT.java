package org.bongsu.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebSocketMemoryIT {
    private static final int CONNECTIONS = 200;

    /**
     * Endpoints that take whole messages keep a buffer as large as the largest one, for each connection: 1 MB after a frame
     * of 200 kB on Tomcat.
     */
    @Test
    void aConnectionCostsTheSameAfterALargeFrame() {
        String large = "{\"op\":\"ping\"" + " ".repeat(200_000) + "}";
        try (SocketServer server = new SocketServer()) {
            List<RawSocket> sockets = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                RawSocket socket = server.greeted("alice");
                sockets.add(socket);
                // A first frame, so that whatever is made at the first one is there.
                socket.send("{\"op\":\"subscribe\",\"topics\":[\"memory\"]}").text();
            }
            long before = usedBytes();
            for (RawSocket socket : sockets) {
                socket.send(large);
                assertEquals("{\"op\":\"pong\"}", socket.text());
            }
            long grownBy = (usedBytes() - before) / CONNECTIONS;
            assertTrue(grownBy < 8_000, grownBy + " bytes more per connection");
            sockets.forEach(RawSocket::close);
        }
    }

    private static long usedBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
