/**
 * From what a client hands in to a message that may be published: the rules for its fields, whichever door it comes through.
 *
 * <p>Knows {@code log}, {@code access} and {@code http}; knows no request, no transport and no door.
 */
@NullMarked
package org.bongsu.draft;

import org.jspecify.annotations.NullMarked;
