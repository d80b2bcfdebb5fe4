/**
 * The log in a database: one way of storing it for the embedded H2 and for a shared PostgreSQL.
 *
 * <p>Knows {@code log}, JDBC and H2, and neither HTTP nor any transport. What differs between databases is in
 * {@link org.bongsu.store.Dialect}; how the embedded one is kept honest is in {@link org.bongsu.store.EmbeddedDatabase}.
 */
@NullMarked
package org.bongsu.store;

import org.jspecify.annotations.NullMarked;
