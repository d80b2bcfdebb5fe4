package org.bongsu.bench;

/** How a reader of the benchmark receives. */
enum Transport {
    SSE,
    WEBSOCKET,
    POLL
}
