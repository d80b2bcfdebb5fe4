/**
 * Who is asking, and what they may read and publish. The container authenticates; this package decides.
 *
 * <p>Knows servlets, {@code http} and {@code log}; knows no transport.
 */
@NullMarked
package org.bongsu.access;

import org.jspecify.annotations.NullMarked;
