/**
 * What those who run the portal ask it.
 *
 * <p>Knows {@code log}, {@code http} and {@code access}; knows no transport.
 */
@NullMarked
package org.bongsu.admin;

import org.jspecify.annotations.NullMarked;
