/**
 * The door for reading back: pages of history, and single messages by id.
 *
 * <p>Knows {@code log}, {@code access} and {@code http}; knows no transport.
 */
@NullMarked
package org.bongsu.history;

import org.jspecify.annotations.NullMarked;
