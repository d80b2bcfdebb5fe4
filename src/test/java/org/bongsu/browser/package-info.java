/**
 * Real browser engines for tests of the page and its scripts: one and the same test runs in each {@link
 * org.bongsu.browser.EngineKind}, that is in today's browsers and in those of ten years ago.
 *
 * <p>Knows the JDK's own HTTP and WebSocket and JSON-P, no library for driving browsers, and nothing of the portal but, in the
 * tests, its pages.
 */
@NullMarked
package org.bongsu.browser;

import org.jspecify.annotations.NullMarked;
