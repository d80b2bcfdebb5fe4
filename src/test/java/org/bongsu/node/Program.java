package org.bongsu.node;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.bongsu.Await;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A running program, and the lines it prints. Ends with {@link #close} at the latest.
 *
 * <p>Threads: its lines are for one thread; the rest may be called from any.
 */
public final class Program implements AutoCloseable {
    /** Reasons that have been printed: a build log names an aborted test, but not why. */
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    private final List<String> command;
    private final Process process;
    private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
    private final List<String> complaints = new ArrayList<>();
    private final Thread complaining;
    private boolean over;

    /**
     * @param folder where it runs
     * @param command the program, found on the path, and its arguments
     */
    public static Program start(Path folder, List<String> command) {
        try {
            return new Program(folder, command);
        } catch (IOException e) {
            throw new UncheckedIOException(String.join(" ", command) + " did not start", e);
        }
    }

    private Program(Path folder, List<String> command) throws IOException {
        this.command = List.copyOf(command);
        process = new ProcessBuilder(command).directory(folder.toFile()).start();
        process.getOutputStream().close();
        listen(
                "prints",
                process.getInputStream(),
                line -> lines.add(Optional.of(line)),
                () -> lines.add(Optional.empty()));
        complaining = listen("complains", process.getErrorStream(), this::complain, () -> {});
    }

    private Thread listen(String does, InputStream from, Consumer<String> ear, Runnable atEnd) {
        Thread thread = new Thread(
                () -> {
                    try (BufferedReader reader =
                            new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                        for (String line = reader.readLine(); line != null; line = reader.readLine()) ear.accept(line);
                    } catch (IOException e) {
                        // It was ended.
                    } finally {
                        atEnd.run();
                    }
                },
                command.get(0) + ' ' + does);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void complain(String line) {
        synchronized (complaints) {
            complaints.add(line);
        }
    }

    /** The next line that it prints; {@code null} when it has printed its last. */
    public @Nullable String line() {
        if (over) return null;
        try {
            Optional<String> line = lines.poll(Await.SECONDS, TimeUnit.SECONDS);
            if (line == null) throw new AssertionError(this + " has printed nothing for " + Await.PATIENCE);
            over = line.isEmpty();
            return line.orElse(null);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Everything that it still prints, to its end. */
    public List<String> lines() {
        List<String> all = new ArrayList<>();
        for (String line = line(); line != null; line = line()) all.add(line);
        return all;
    }

    /** What it has written to the standard error; all of it once it has ended. */
    public String complaints() {
        synchronized (complaints) {
            return String.join("\n", complaints);
        }
    }

    /** Waits for its end and tells how it ended: 0 is well. */
    public int status() {
        try {
            if (!process.waitFor(Await.SECONDS, TimeUnit.SECONDS)) throw new AssertionError(this + " does not end");
            complaining.join();
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Kills it, and those whom it has started. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        status();
    }

    @Override
    public String toString() {
        String said = complaints();
        return String.join(" ", command) + (said.isEmpty() ? "" : ", which complained: " + said);
    }

    /** Whether the path has such a program. */
    public static boolean isFound(String name) {
        String path = System.getenv("PATH");
        return path != null
                && Arrays.stream(path.split(File.pathSeparator)).anyMatch(folder -> isProgram(Path.of(folder, name)));
    }

    private static boolean isProgram(Path file) {
        return Files.isExecutable(file)
                || Files.isExecutable(file.resolveSibling(file.getFileName() + ".exe"))
                || Files.isExecutable(file.resolveSibling(file.getFileName() + ".cmd"));
    }

    /**
     * Skips the test aloud, for want of something that {@code remedy} brings; fails it where {@code CI} is {@code true}, since
     * there it is a fault of the build.
     */
    public static void missing(String what, String remedy) {
        String reason = what + ". To run these tests: " + remedy;
        if ("true".equals(System.getenv("CI"))) Assertions.fail(reason);
        if (SAID.add(reason)) System.out.println("SKIPPED: " + reason);
        Assumptions.abort(reason);
    }
}
