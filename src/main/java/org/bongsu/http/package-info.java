/**
 * What every HTTP door needs and no transport owns: problems as answers, JSON text, request parameters.
 *
 * <p>Knows servlets and {@code log}'s exceptions; knows nobody's rights and no transport.
 */
@NullMarked
package org.bongsu.http;

import org.jspecify.annotations.NullMarked;
