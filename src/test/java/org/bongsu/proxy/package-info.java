/**
 * The portal behind proxies, each as an administrator would run it: the system's program with the files of {@code server-config},
 * of which nothing is replaced but ports, paths and names.
 */
@NullMarked
package org.bongsu.proxy;

import org.jspecify.annotations.NullMarked;
