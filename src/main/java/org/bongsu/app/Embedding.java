package org.bongsu.app;

import java.time.Clock;
import org.bongsu.log.MessageStore;
import org.jspecify.annotations.Nullable;

/**
 * What whoever runs the portal inside its own program hands over in place of the usual, as the context attribute
 * {@link #ATTRIBUTE}, before the portal starts. Tests do.
 *
 * @param store in place of the database
 * @param clock in place of the system's
 */
public record Embedding(
        @Nullable MessageStore store, @Nullable Clock clock) {
    public static final String ATTRIBUTE = "org.bongsu.app.Embedding";
}
