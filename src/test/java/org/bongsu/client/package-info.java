/** The JavaScript client in real engines: what it promises, on every network. */
@NullMarked
package org.bongsu.client;

import org.jspecify.annotations.NullMarked;
