/**
 * Clients which others wrote, reading our streams as they are: one suite, run once per client against a real container.
 *
 * <p>Knows of the portal what its documentation tells ({@code src/docs/clients.md}).
 */
@NullMarked
package org.bongsu.foreign;

import org.jspecify.annotations.NullMarked;
