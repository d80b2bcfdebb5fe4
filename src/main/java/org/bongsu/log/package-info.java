/**
 * The one log of messages and its readers.
 *
 * <p>Knows {@code java.*} and nothing else: no HTTP, no JDBC, no transport, no person.
 */
@NullMarked
package org.bongsu.log;

import org.jspecify.annotations.NullMarked;
