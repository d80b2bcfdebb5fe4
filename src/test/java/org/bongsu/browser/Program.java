package org.bongsu.browser;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bongsu.Await;
import org.jspecify.annotations.Nullable;

/**
 * A program that was started for tests, with the processes it starts itself and a temporary folder of its own. All are gone
 * after {@link #close}, and when this JVM ends.
 *
 * <p>Threads: any; one of its own reads what the program says, as a program that nobody listens to stops.
 */
final class Program implements AutoCloseable {
    private static final int REMEMBERED_LINES = 50;

    private final Path folder;
    private final Process process;
    private final Thread killer = new Thread(this::close, "end of a program");
    /** The last lines it said; guarded by itself. */
    private final Deque<String> said = new ArrayDeque<>();

    private final Pattern awaited;
    private final CompletableFuture<String> told = new CompletableFuture<>();

    /** One that tells nothing. */
    Program(Function<Path, List<String>> command, Map<String, String> environment) {
        this(command, environment, "()never");
    }

    /**
     * @param command gets the temporary folder
     * @param environment added to that of this JVM
     * @param awaited the line that {@link #told} is asked for, and in a group what matters of it
     */
    Program(Function<Path, List<String>> command, Map<String, String> environment, String awaited) {
        this.awaited = Pattern.compile(awaited);
        try {
            folder = Files.createTempDirectory("bongsu-engine-");
            List<String> words = command.apply(folder);
            ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
            // What it would leave where its user lives goes with the folder.
            builder.environment().put("HOME", folder.toString());
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(killer);
        Thread reader = new Thread(this::read, "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (said) {
                    if (said.size() == REMEMBERED_LINES) said.removeFirst();
                    said.addLast(line);
                }
                Matcher match = awaited.matcher(line);
                if (match.matches()) told.complete(match.group(1));
            }
        } catch (IOException e) {
            told.completeExceptionally(e);
        }
        told.completeExceptionally(new IOException("it ended and said:\n" + said()));
    }

    /** Waits for the first line of the kind awaited, and returns what matters of it. */
    String told() {
        try {
            return told.get(Await.SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("never \"" + awaited + "\"; it said:\n" + said(), e);
        }
    }

    /** The last lines of what it said. */
    String said() {
        synchronized (said) {
            return String.join("\n", said);
        }
    }

    /** What can be seen of it from outside, on Linux: whether it computes or waits, and its connections. */
    String state() {
        String inodes = family().stream().flatMap(one -> sockets(one.pid())).collect(Collectors.joining("|"));
        Pattern its = Pattern.compile(inodes.isEmpty() ? "(?!)" : ".* (" + inodes + ") .*");
        try (Stream<String> all = Files.lines(Path.of("/proc/net/tcp"))) {
            return family().stream()
                            .map(one -> one.pid() + " has computed for "
                                    + one.info().totalCpuDuration().orElse(Duration.ZERO))
                            .collect(Collectors.joining("\n"))
                    + all.filter(line -> its.matcher(line).matches()).collect(Collectors.joining("\n", "\n", "\n"))
                    + said();
        } catch (IOException e) {
            return e + "\n" + said();
        }
    }

    private static Stream<String> sockets(long pid) {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return open
                    .flatMap(link -> {
                        try {
                            return Stream.of(Files.readSymbolicLink(link).toString());
                        } catch (IOException gone) {
                            return Stream.of();
                        }
                    })
                    .filter(target -> target.startsWith("socket:["))
                    .map(target -> target.substring("socket:[".length(), target.length() - 1))
                    .toList()
                    .stream();
        } catch (IOException gone) {
            return Stream.of();
        }
    }

    /** Completes when it has ended by itself or otherwise. */
    CompletableFuture<?> end() {
        return process.onExit();
    }

    @Override
    public void close() {
        // Before it ends: whoever has lost the parent is nobody's descendant.
        close(family());
    }

    /** The same for a program that is able to end by itself, if asked to. */
    void close(Runnable politely) {
        List<ProcessHandle> family = family();
        try {
            politely.run();
            await(process.toHandle());
        } catch (RuntimeException e) {
            System.getLogger(Program.class.getName()).log(System.Logger.Level.DEBUG, "killing " + process, e);
        } finally {
            close(Stream.concat(family.stream(), family().stream()).toList());
        }
    }

    private void close(List<ProcessHandle> family) {
        family.forEach(ProcessHandle::destroyForcibly);
        family.forEach(Program::await);
        delete(folder);
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException e) {
            // It is this JVM's end.
        }
    }

    /** Its process, and those that it has started. */
    List<ProcessHandle> family() {
        return Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
    }

    private static void await(ProcessHandle one) {
        one.onExit().orTimeout(Await.SECONDS, TimeUnit.SECONDS).join();
    }

    private static void delete(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            // The last of its processes may still be writing; the system's temporary folder is cleaned by others.
            System.getLogger(Program.class.getName()).log(System.Logger.Level.DEBUG, "left " + folder, e);
        }
    }
}
