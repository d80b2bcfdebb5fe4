/**
 * Server-Sent Events: how a reader's messages look on the wire (WHATWG HTML 9.2), and how to write them without waiting
 * for anybody.
 *
 * <p>Knows {@code log}, {@code fanout}, {@code access} and {@code http}; knows no other transport.
 */
@NullMarked
package org.bongsu.sse;

import org.jspecify.annotations.NullMarked;
