package org.bongsu.network;

/**
 * A request that a network has seen.
 *
 * @param connection on which it came; the network's first is 1
 * @param head as the client has sent it
 */
public record Request(int connection, Kind kind, Head head) {
    @Override
    public String toString() {
        return head.firstLine() + " on connection " + connection;
    }
}
