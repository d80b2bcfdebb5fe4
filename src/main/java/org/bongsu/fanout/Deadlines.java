package org.bongsu.fanout;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long a connection may do nothing.
 *
 * @param heartbeat after which something is sent, so that whoever is between does not cut the connection
 * @param write how long a write may make no progress
 * @param liveness how long a client that has shown that it is alive may fail to do so again
 * @param renewal the youngest age at which a stream is renewed; the oldest is twice that
 */
public record Deadlines(Duration heartbeat, Duration write, Duration liveness, Duration renewal) {

    /** The heartbeat, less or more by up to a tenth, so that connections opened together do not beat together. */
    public long heartbeatMillis() {
        return ThreadLocalRandom.current().nextLong(leastHeartbeatMillis(), heartbeat.toMillis() + 1);
    }

    /** The least that {@link #heartbeatMillis} gives. */
    public long leastHeartbeatMillis() {
        return heartbeat.toMillis() * 9 / 10;
    }

    public long renewalMillis() {
        long millis = renewal.toMillis();
        return ThreadLocalRandom.current().nextLong(millis, 2 * millis + 1);
    }
}
