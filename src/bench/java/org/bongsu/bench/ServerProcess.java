package org.bongsu.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server that the benchmark has started: what it costs, and its end. Linux only, by {@code /proc}. */
final class ServerProcess implements AutoCloseable {
    private static final double TICKS_PER_SECOND = 100;

    private final Process process;

    private ServerProcess(Process process) {
        this.process = process;
    }

    /** One that others have started. */
    static ServerProcess of(Process process) {
        return new ServerProcess(process);
    }

    /** Starts {@code command} and waits until it listens. */
    static ServerProcess start(List<String> command, Path log, int port) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        ServerProcess server = new ServerProcess(process);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                server.close();
                throw new IOException(command.get(0) + " does not listen on " + port + ": " + Files.readString(log));
            }
            Audience.pause(50);
        }
        return server;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Writes a line to the server's standard input. */
    void tell(String line) throws IOException {
        OutputStream input = process.getOutputStream();
        input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
    }

    long pid() {
        return process.pid();
    }

    /** The process and its children: nginx works in one. */
    List<Long> pids() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }

    /** User and system time of all threads so far, in seconds. */
    double cpuSeconds() throws IOException {
        double ticks = 0;
        for (long pid : pids()) {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // After the name, which may hold anything but ends with the last bracket.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            ticks += Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    long rssKilobytes() throws IOException {
        long sum = 0;
        for (long pid : pids()) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                if (line.startsWith("VmRSS:")) sum += Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return sum;
    }

    @Override
    public void close() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) all.forEach(ProcessHandle::destroyForcibly);
        } catch (InterruptedException e) {
            all.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }
}
