/**
 * A real browser for tests of the pages: Chromium, spoken to over its DevTools protocol.
 *
 * <p>Knows the JDK's own WebSocket and JSON-P, and nothing of the portal but, in the tests, its pages.
 */
@NullMarked
package org.bongsu.browser;

import org.jspecify.annotations.NullMarked;
