package org.bongsu.network;

/** How a network ends a connection. What it has let through before arrives, whichever it is. */
public enum End {
    /** In good order, as if the other side had closed it. */
    FIN,
    /** Abruptly. */
    RST,
    /** Not at all: the network forgets it, as a NAT does. Neither side is told, and nothing passes any more. */
    SILENCE
}
