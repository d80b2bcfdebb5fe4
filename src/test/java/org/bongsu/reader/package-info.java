/** What any reader is owed, whatever its transport: one suite, run once per transport against a real container. */
@NullMarked
package org.bongsu.reader;

import org.jspecify.annotations.NullMarked;
