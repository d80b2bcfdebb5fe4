/**
 * How news reaches many connections: a few threads, each serving its own connections, and what all connections have in
 * common.
 *
 * <p>Knows {@code log}; knows no transport, no servlet and no person beyond a name.
 */
@NullMarked
package org.bongsu.fanout;

import org.jspecify.annotations.NullMarked;
