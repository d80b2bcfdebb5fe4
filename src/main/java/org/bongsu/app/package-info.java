/**
 * The composition root: reads the settings, opens the log and joins every door to it.
 *
 * <p>Knows everything; nothing knows it. The only package that asks for the time of day.
 */
@NullMarked
package org.bongsu.app;

import org.jspecify.annotations.NullMarked;
