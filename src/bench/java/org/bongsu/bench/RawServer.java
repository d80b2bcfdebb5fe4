package org.bongsu.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.bongsu.Ports;

/**
 * A bare epoll server as the limit of what one thread can write: any GET reads, any POST publishes, and each reader gets with one
 * write whatever has come since the last. The program is given on the command line.
 */
final class RawServer implements Contender {
    private final ServerProcess process;
    private final int port;

    private RawServer(ServerProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    static RawServer start(Path folder, String program) throws IOException {
        int port = Ports.free();
        Path home = Files.createDirectories(folder.resolve("raw"));
        ServerProcess process =
                ServerProcess.start(List.of(program, "" + port, "coal"), home.resolve("output.log"), port);
        return new RawServer(process, port);
    }

    @Override
    public String name() {
        return "raw";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public ServerProcess process() {
        return process;
    }

    @Override
    public Set<Transport> transports() {
        return Set.of(Transport.SSE);
    }

    @Override
    public Subscriber subscriber(Transport transport, String topic) {
        return new SseSubscriber("GET /" + topic + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n", "");
    }

    @Override
    public Publisher.Dialect publishing(String topic) {
        return length -> "POST /" + topic + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nContent-Length: " + length
                + "\r\n\r\n";
    }

    @Override
    public void close() {
        process.close();
    }
}
