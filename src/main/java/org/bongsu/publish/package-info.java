/**
 * The doors for writing: what a client hands in becomes a checked message, and its publisher is answered when the log has it.
 *
 * <p>Knows {@code log}, {@code access} and {@code http}; knows no reader and no transport. {@link org.bongsu.publish.Drafts}
 * is for transports that publish as well.
 */
@NullMarked
package org.bongsu.publish;

import org.jspecify.annotations.NullMarked;
