package org.bongsu.sse;

import jakarta.servlet.ServletOutputStream;
import org.bongsu.fanout.Couriers;
import org.bongsu.fanout.Loop;
import org.bongsu.http.Container;

/**
 * The threads that write event streams where every write may wait for the client: on Open Liberty. Elsewhere there are none.
 *
 * <p>To be closed after the fan-out, whose last words they carry.
 */
public final class StreamThreads implements AutoCloseable {
    /**
     * Of each loop, once for the slow ones and once for all others. Those that come after wait until a write that hangs has
     * ended, by the server's own time-out for writes if not before.
     */
    private static final int MOST_HANGING = 200;

    private final Couriers couriers = new Couriers("bongsu-sse-send", MOST_HANGING);
    private final Couriers slowCouriers = new Couriers("bongsu-sse-slow", MOST_HANGING);

    /** The stream of a response of a loop's, as one that makes nobody wait. */
    ServletOutputStream nonBlocking(Container container, ServletOutputStream out, Loop loop) {
        return container == Container.OPEN_LIBERTY
                ? new CourierOutput(out, loop, couriers.of(loop), slowCouriers.of(loop))
                : out;
    }

    @Override
    public void close() {
        couriers.close();
        slowCouriers.close();
    }
}
