package org.bongsu.log;

/**
 * The topics that one principal may read, or publish to, as an immutable value.
 *
 * <p>Two readers with equal rights and equal patterns share one feed, so {@code equals} and {@code hashCode} must be by
 * value. A changed right is another value.
 */
public interface Rights {
    /** Called once per topic and feed, not per message: the answer must depend on the topic alone. */
    boolean allow(Topic topic);
}
