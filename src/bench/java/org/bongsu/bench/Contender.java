package org.bongsu.bench;

import java.io.IOException;
import java.util.Set;

/** A server under test, running. */
interface Contender extends AutoCloseable {
    /** As tables and result lines name it. */
    String name();

    int port();

    ServerProcess process();

    Set<Transport> transports();

    /** A connection that reads {@code topic} from now on. */
    Subscriber subscriber(Transport transport, String topic);

    /** How to publish to {@code topic}. */
    Publisher.Dialect publishing(String topic);

    /** The durable commits since this was last asked; none for who keeps messages in memory. */
    default TimedStore.Commits commits() throws IOException {
        return new TimedStore.Commits(0, Double.NaN, Double.NaN, Double.NaN);
    }

    @Override
    void close() throws IOException;
}
