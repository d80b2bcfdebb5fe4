/**
 * The benchmark of {@code src/docs/performance.md}: readers and publishers over real sockets against the portal, nginx with
 * nchan, and optionally a raw server, side by side.
 *
 * <p>Knows the wire only: nothing here but {@link org.bongsu.bench.TopicsBench} and {@link org.bongsu.bench.PortalProcess} uses the
 * portal's own classes, so that a mistake in them cannot hide itself.
 */
@NullMarked
package org.bongsu.bench;

import org.jspecify.annotations.NullMarked;
