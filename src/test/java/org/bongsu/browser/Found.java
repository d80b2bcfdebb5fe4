package org.bongsu.browser;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Where an engine's parts are: named by an environment variable, else on the path, else where Maven has put them.
 *
 * <p>Where one is missing the test is skipped and says so, but fails where {@code CI} is {@code true}: there it is a fault of
 * the build.
 */
public final class Found {
    private static final Path UNPACKED = Path.of(System.getProperty("engines", "target/engines"));

    /** Reasons that the log has, where one line each is enough. */
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    private Found() {}

    /** A program that comes with the system. */
    public static Path program(String variable, List<String> names) {
        // Servers are in folders that are on root's path only.
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("") + File.pathSeparator + "/usr/local/sbin"
                + File.pathSeparator + "/usr/sbin";
        return named(variable)
                .or(() -> names.stream()
                        .flatMap(name ->
                                Stream.of(path.split(File.pathSeparator)).map(folder -> Path.of(folder, name)))
                        .filter(Files::isExecutable)
                        .findFirst())
                .orElseThrow(() -> missing("no " + names.get(0) + ": set " + variable + " to one, or put one of "
                        + names + " on the path"));
    }

    /** A file or folder that comes with Maven, and when. */
    static Path unpacked(String variable, String name, String when) {
        return named(variable)
                .or(() -> Optional.of(UNPACKED.resolve(name).toAbsolutePath()).filter(Files::exists))
                .orElseThrow(
                        () -> missing("no " + name + ": set " + variable + " to one, or let Maven unpack it, " + when));
    }

    private static Optional<Path> named(String variable) {
        return Optional.ofNullable(System.getenv(variable))
                .filter(path -> !path.isEmpty())
                .map(Path::of);
    }

    /** Ends the test. */
    static RuntimeException missing(String reason) {
        if ("true".equals(System.getenv("CI"))) return Assertions.fail(reason);
        if (SAID.add(reason)) System.err.println("SKIPPED: " + reason);
        return Assumptions.abort(reason);
    }
}
