/**
 * Hostile networks for tests: proxies that refuse, buffer, cut, delay and fall silent as real ones do.
 *
 * <p>{@link org.bongsu.network.HostileNetwork} stands between clients and a server; {@link org.bongsu.network.Behaviour} says
 * what it does to them, {@link org.bongsu.network.Preset} which of that there is to be found outside, and what a client can
 * still hope for there. Knows TCP, HTTP/1.1 and the portal's URLs, nothing of what the portal says.
 */
@NullMarked
package org.bongsu.network;

import org.jspecify.annotations.NullMarked;
