/**
 * The doors for writing over HTTP: requests become drafts, and their publishers are answered when the log has them.
 *
 * <p>Knows {@code log}, {@code draft}, {@code access} and {@code http}; knows no reader and no transport.
 */
@NullMarked
package org.bongsu.publish;

import org.jspecify.annotations.NullMarked;
