package org.bongsu.crash;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.PortalServer;
import org.bongsu.ServerMain;
import org.bongsu.Site;

/**
 * The portal in a JVM of its own, to be killed. For Linux.
 *
 * <p>For one thread. The process ends with {@link #close}, with this JVM, or when this JVM is killed.
 */
final class ServerProcess implements AutoCloseable {
    /** What is reported of a process that a signal has ended. */
    private static final int SIGNALLED = 128;

    private final Process process;
    private final Path log;
    private final Thread hook;
    private final long begunAt = System.nanoTime();
    private final CompletableFuture<Started> started = new CompletableFuture<>();

    private record Started(Site site, Duration after) {}

    /** How to start one; every method returns the same builder. */
    static final class Builder {
        private final List<String> arguments = new ArrayList<>();
        private final List<String> jvm = new ArrayList<>();

        /** The folder of its embedded database. */
        Builder home(Path folder) {
            return with("home", folder.toString());
        }

        /** The PostgreSQL that it shares with others. */
        Builder database(String jdbcUrl) {
            return with("jdbc.url", jdbcUrl);
        }

        /** A setting without its {@code bongsu.}. */
        Builder with(String setting, String value) {
            arguments.add(setting + '=' + value);
            return this;
        }

        /** An option of its JVM. */
        Builder jvm(String option) {
            jvm.add(option);
            return this;
        }

        /** Does not wait until it serves; {@link ServerProcess#site} does. */
        ServerProcess start() {
            try {
                return new ServerProcess(this);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static Builder builder() {
        return new Builder();
    }

    private ServerProcess(Builder given) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // For a fast start, not for speed.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:+UseSerialGC", "-Xmx512m"));
        String logging = System.getProperty("java.util.logging.config.file");
        if (logging != null) command.add("-Djava.util.logging.config.file=" + logging);
        command.addAll(given.jvm);
        command.add("-classpath");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(ServerMain.class.getName());
        command.addAll(given.arguments);

        log = Files.createTempFile("bongsu-server-", ".log");
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        hook = new Thread(process::destroyForcibly, "end server " + process.pid());
        Runtime.getRuntime().addShutdownHook(hook);
        Thread reader = new Thread(this::listen, "output of server " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    private void listen() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (!line.startsWith("port ")) continue;
                URI base = URI.create("http://127.0.0.1:" + line.substring(5) + PortalServer.CONTEXT_PATH + '/');
                started.complete(new Started(new Site(base), Duration.ofNanos(System.nanoTime() - begunAt)));
            }
        } catch (IOException e) {
            // It has been killed.
        }
        started.completeExceptionally(new AssertionError("it ended before it served"));
    }

    /** Where it serves; waits until it does. */
    Site site() {
        return started().site;
    }

    /** From the start of its JVM until it served. */
    Duration startedIn() {
        return started().after;
    }

    private Started started() {
        try {
            Await.until(this + " serves", started::isDone);
            return started.join();
        } catch (CompletionException | AssertionError e) {
            throw new AssertionError(this + " did not start: " + e + '\n' + log(), e);
        }
    }

    /** {@code kill -9}: it gets no chance to say or write anything more. */
    void kill() {
        process.destroyForcibly();
        awaitExit(SIGNALLED + 9);
    }

    /** As an administrator stops it. */
    void terminate() {
        process.destroy();
        awaitExit(SIGNALLED + 15);
    }

    /** Halts it in the middle of whatever it does, as a long pause of the machine would. */
    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            // The shell's own kill: a separate one is not on every system.
            int status = new ProcessBuilder("sh", "-c", "kill -" + name + ' ' + process.pid())
                    .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
                    .start()
                    .waitFor();
            if (status != 0) throw new AssertionError(this + " took no SIG" + name + '\n' + log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void awaitExit(int status) {
        try {
            if (!process.waitFor(Await.SECONDS, TimeUnit.SECONDS)) throw new AssertionError(this + " does not end");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (process.exitValue() != status) {
            throw new AssertionError(this + " ended by itself, with " + process.exitValue() + '\n' + log());
        }
    }

    /** What it has logged; the last part of it. */
    String log() {
        try {
            String text = Files.readString(log, StandardCharsets.UTF_8);
            return text.substring(Math.max(0, text.length() - 8_000));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** Idempotent; a process that is paused ends, too. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(Await.SECONDS, TimeUnit.SECONDS);
            Files.deleteIfExists(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // This JVM is ending, and the hook does its work.
        }
    }

    @Override
    public String toString() {
        return "server " + process.pid();
    }
}
