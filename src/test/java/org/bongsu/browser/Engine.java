package org.bongsu.browser;

import java.net.URI;

/**
 * A browser engine that runs, with nothing remembered from before: no cookies, no storage.
 *
 * <p>{@link EngineKind#start} gives one. Whatever it is made of (processes, temporary folders) is gone after {@link #close},
 * and when this JVM ends.
 *
 * <p>Threads: one test at a time; its methods wait for the engine.
 *
 * <p>Errors: what the engine refuses or does not answer in time is an {@code
 * IllegalStateException}.
 */
public interface Engine extends AutoCloseable {
    EngineKind kind();

    /** As the engine itself tells it. */
    String version();

    /**
     * Opens a page, to which every other page of this engine is a neighbour as tabs are: same cookies, same storage. None is in
     * the background.
     */
    default Page open(URI url) {
        return open(url, "");
    }

    /**
     * Opens a page, too.
     *
     * @param beforehand statements that run, as a function's, before the page's own scripts, in each document the page goes
     *     to: {@code "window.EventSource = undefined;"}; not in frames, in all engines
     * @throws UnsupportedOperationException where the engine cannot, which {@link #runsBeforehand} tells before
     */
    Page open(URI url, String beforehand);

    /** Whether it can still be told to do something: one that stood still is ended. */
    default boolean isRunning() {
        return true;
    }

    default boolean runsBeforehand() {
        return true;
    }

    @Override
    void close();
}
