/** What Maven runs besides its plugins. Nothing of it is in the WAR. */
@NullMarked
package org.bongsu.build;

import org.jspecify.annotations.NullMarked;
