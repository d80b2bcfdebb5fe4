/**
 * Long-polling and plain polling: one answer per request, with the cursor for the next.
 *
 * <p>Knows {@code log}, {@code fanout}, {@code access} and {@code http}; knows no other transport.
 */
@NullMarked
package org.bongsu.poll;

import org.jspecify.annotations.NullMarked;
