/** Programs that tests run beside them: Node.js with the packages of {@code src/test/node}, and others. */
@NullMarked
package org.bongsu.node;

import org.jspecify.annotations.NullMarked;
