/** The WAR on standard servers, each as an administrator would run it: its stock archive and the files of {@code server-config}. */
@NullMarked
package org.bongsu.server;

import org.jspecify.annotations.NullMarked;
