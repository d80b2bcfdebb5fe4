/**
 * What survives when processes are killed, stopped and restarted: the portal as processes of its own, publishers that write
 * down what they were promised, and readers that come back with their last cursor. Knows the portal by its public contract.
 */
@NullMarked
package org.bongsu.crash;

import org.jspecify.annotations.NullMarked;
