package org.bongsu.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import org.bongsu.http.Container;

/** How to run one kind of server: from its stock archive, with the files of {@code server-config}. */
public interface Recipe {
    /** Its name, for people. */
    String name();

    String version();

    /** What the portal has to take it for. */
    Container container();

    /**
     * Puts everything that it needs into a folder of its own, but for the WAR; {@link StandardServer#PEOPLE} included.
     *
     * @param port on loopback, for plain HTTP
     */
    void prepare(Path base, int port) throws IOException;

    /** Has it take another WAR while it runs, soon after that is there; after {@link #prepare}. */
    default void watch(Path base) throws IOException {
        // Some do so by themselves.
    }

    /** Whether its page says how people of a directory log in. */
    default boolean asksDirectory() {
        return false;
    }

    /** On how many it listens with all that its page says: plain HTTP, HTTPS. */
    default int ports() {
        return 2;
    }

    /** Whether it has a JMS provider of its own, of which its page says how to use it. */
    default boolean hasJms() {
        return false;
    }

    /** Adds what its page says of TLS, of a database, a directory, mail and JMS; after {@link #prepare}. */
    void addExtras(Path base, Extras extras) throws IOException;

    /** Has the portal say more in its log, as its page says; after {@link #addExtras}. */
    void sayMore(Path base) throws IOException;

    /** Where it says so, and all else. */
    default Path logOfThePortal(Path base) {
        return base.resolve(StandardServer.CONSOLE);
    }

    /** Where the WAR lies in that folder. */
    Path war(Path base);

    /** What starts it there, in the foreground; SIGTERM stops it. */
    ProcessBuilder start(Path base, int port);

    /** Puts the WAR there, or another in place of the one that runs, as a whole. */
    default void deploy(Path base, Path war) throws IOException {
        Path target = war(base);
        Path fresh = Files.createTempFile(base, "bongsu", ".fresh");
        Files.copy(war, fresh, StandardCopyOption.REPLACE_EXISTING);
        Files.createDirectories(target.getParent());
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What it does and the others do not. */
    default Set<Deviation> deviations() {
        return Set.of();
    }

    /** However many there have been: not looked at. */
    int EVERY_ONE = 1_000;

    /** How many portals that are gone it may remember by itself for as long as it lives. */
    default int remembered() {
        return 0;
    }

    /** Takes it away; the server goes on without it. */
    default void undeploy(Path base) throws IOException {
        Files.delete(war(base));
    }
}
