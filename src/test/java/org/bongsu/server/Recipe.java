package org.bongsu.server;

import java.io.IOException;
import java.nio.file.Path;

/** How to run one kind of server: from its stock archive, with the files of {@code server-config}. */
interface Recipe {
    /** Its name and version, for people. */
    String title();

    /**
     * Puts everything that it needs into a folder of its own, the WAR and {@link StandardServer#PEOPLE} included.
     *
     * @param port on loopback, for plain HTTP
     */
    void prepare(Path base, int port, Path war) throws IOException;

    /** What starts it there, in the foreground; SIGTERM stops it. */
    ProcessBuilder start(Path base, int port);
}
