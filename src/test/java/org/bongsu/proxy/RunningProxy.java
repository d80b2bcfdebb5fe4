package org.bongsu.proxy;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.browser.Found;

/**
 * A proxy in processes of its own, on loopback, as root or as an ordinary user. The test is skipped, loudly, where there is no such
 * program ({@link Found}).
 *
 * <p>For one thread. The processes end with {@link #close} or with this JVM.
 */
final class RunningProxy implements AutoCloseable {
    private final Proxy kind;
    private final Place place;
    private final Path log;
    private final Process process;
    private final Thread hook = new Thread(this::end, "end of a proxy");

    /** With the files of {@code server-config}. */
    static RunningProxy start(Proxy kind, Place place, List<Integer> portals) {
        return start(kind, place, () -> kind.prepare(place, portals, Proxy.TIMEOUT));
    }

    /** With these files, but other timeouts, in seconds. */
    static RunningProxy startImpatient(Proxy kind, Place place, int portal, int timeout) {
        return start(kind, place, () -> kind.prepare(place, List.of(portal), timeout));
    }

    /** With what its page shows as wrong. */
    static RunningProxy startWrong(Proxy kind, Place place, int portal, String wrong) {
        return start(kind, place, () -> kind.prepareWrong(place, portal, wrong));
    }

    private interface Preparation {
        void run() throws IOException;
    }

    private static RunningProxy start(Proxy kind, Place place, Preparation preparation) {
        try {
            preparation.run();
            return new RunningProxy(kind, place);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RunningProxy(Proxy kind, Place place) throws IOException {
        this.kind = kind;
        this.place = place;
        log = place.folder().resolve("console.log");
        Path program = program(kind);
        process = new ProcessBuilder(kind.command(program, place.folder()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(hook);
        Await.until(kind + " listens", () -> !process.isAlive() || listens());
        if (!process.isAlive()) throw new AssertionError(kind + " has ended\n" + log());
    }

    /** Where the program is. Ends the test if nowhere. */
    static Path program(Proxy kind) {
        List<String> names = kind.programs();
        return Found.program(names.get(0).toUpperCase(Locale.ROOT), names);
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), place.securePort())) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** As an administrator does when a certificate is new. */
    void reload() {
        try {
            // The shell's own kill: a separate one is not on every system.
            int status = new ProcessBuilder("sh", "-c", "kill -" + kind.reload() + ' ' + process.pid())
                    .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
                    .start()
                    .waitFor();
            if (status != 0) throw new AssertionError(kind + " took no " + kind.reload() + '\n' + log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The last part of what it has said. */
    String log() {
        try {
            String text = Files.readString(log, StandardCharsets.UTF_8);
            return text.substring(Math.max(0, text.length() - 8_000));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    /** Politely first, for a master that is killed leaves its workers behind. */
    private void end() {
        List<ProcessHandle> workers = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS))
                process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
        workers.forEach(ProcessHandle::destroyForcibly);
    }
}
