/**
 * WebSocket (RFC 6455) with the subprotocol {@code bongsu.v1}: the handshake, the frames, and how to write to many sockets
 * without waiting for any of them.
 *
 * <p>Knows {@code log}, {@code fanout}, {@code access}, {@code draft} and {@code http}; knows no other transport.
 */
@NullMarked
package org.bongsu.websocket;

import org.jspecify.annotations.NullMarked;
