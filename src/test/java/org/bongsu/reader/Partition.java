package org.bongsu.reader;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/** A network between clients and a server that can be cut without a word to either: no FIN, no RST, no answer. */
interface Partition extends AutoCloseable {
    /** What begins the command of a process that is to be on the clients' side. */
    List<String> onTheFarSide();

    /** Where the server has to listen. */
    String serverAddress();

    /** Where clients find what listens on that port of the server's. */
    InetSocketAddress reach(int serverPort);

    /** From now on nothing arrives, on either side. */
    void cut();

    @Override
    void close();

    /**
     * A network namespace where that is possible (it takes root on Linux and iproute2); else a {@link Relay}, which differs in
     * that the server's packets are still acknowledged, by the kernel.
     */
    static Partition make() {
        try {
            return new Namespace();
        } catch (IOException e) {
            System.out.println("PartitionIT: no network namespace here (" + e.getMessage()
                    + "), so packets are not lost but" + " left lying by a relay");
            return new Relay();
        }
    }

    /** Two interfaces tied to each other, one of them in a network of its own; the cut takes that one down. */
    final class Namespace implements Partition {
        private final String name = "bongsu" + ProcessHandle.current().pid();
        private final String here = "bt" + ProcessHandle.current().pid();
        /** Of those for tests of networks (RFC 2544). */
        private final String network = "198.18." + ProcessHandle.current().pid() % 256 + '.';

        Namespace() throws IOException {
            run("netns", "add", name);
            try {
                run("link", "add", here, "type", "veth", "peer", "name", "far", "netns", name);
                run("addr", "add", network + "1/24", "dev", here);
                run("link", "set", here, "up");
                inside("addr", "add", network + "2/24", "dev", "far");
                inside("link", "set", "far", "up");
                if (new ProcessBuilder(withPrefix("true")).start().waitFor() != 0) {
                    throw new IOException("nothing can be run in one");
                }
            } catch (IOException e) {
                close();
                throw e;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        private List<String> withPrefix(String program) {
            return Stream.concat(onTheFarSide().stream(), Stream.of(program)).toList();
        }

        @Override
        public List<String> onTheFarSide() {
            return List.of(ip(), "netns", "exec", name);
        }

        @Override
        public String serverAddress() {
            return network + '1';
        }

        @Override
        public InetSocketAddress reach(int serverPort) {
            return InetSocketAddress.createUnresolved(serverAddress(), serverPort);
        }

        @Override
        public void cut() {
            try {
                inside("link", "set", "far", "down");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            for (String[] command : new String[][] {{"link", "del", here}, {"netns", "del", name}}) {
                try {
                    run(command);
                } catch (IOException neverMade) {
                    // Nothing to remove.
                }
            }
        }

        private void inside(String... arguments) throws IOException {
            run(Stream.concat(Stream.of("-n", name), Stream.of(arguments)).toArray(String[]::new));
        }

        private static String ip() {
            return Files.isExecutable(Path.of("/usr/sbin/ip")) ? "/usr/sbin/ip" : "ip";
        }

        private static void run(String... arguments) throws IOException {
            List<String> command = new ArrayList<>(List.of(ip()));
            command.addAll(List.of(arguments));
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            try {
                if (process.waitFor() != 0) throw new IOException(String.join(" ", command) + ": " + said.strip());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Carries bytes between sockets until the cut; then it reads nothing more and closes nothing. */
    final class Relay implements Partition {
        private final ServerSocket door;
        private final List<Socket> sockets = new ArrayList<>();
        private final CountDownLatch closed = new CountDownLatch(1);
        private volatile boolean isCut;
        private volatile int serverPort;

        Relay() {
            try {
                door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            start("relay", this::letIn);
        }

        private static void start(String name, Runnable task) {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            thread.start();
        }

        private void letIn() {
            try {
                while (true) {
                    Socket client = kept(door.accept());
                    if (isCut) continue;
                    Socket server = kept(new Socket(InetAddress.getLoopbackAddress(), serverPort));
                    start("relay to the server", () -> carry(client, server));
                    start("relay to the client", () -> carry(server, client));
                }
            } catch (IOException e) {
                // closed
            }
        }

        private Socket kept(Socket socket) {
            synchronized (sockets) {
                sockets.add(socket);
            }
            return socket;
        }

        private void carry(Socket from, Socket to) {
            byte[] bytes = new byte[8192];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                while (true) {
                    int length = in.read(bytes);
                    if (isCut) closed.await();
                    if (length < 0) break;
                    out.write(bytes, 0, length);
                }
                to.shutdownOutput();
            } catch (IOException | InterruptedException e) {
                // One of them is closed.
            }
        }

        @Override
        public List<String> onTheFarSide() {
            return List.of();
        }

        @Override
        public String serverAddress() {
            return "127.0.0.1";
        }

        @Override
        public InetSocketAddress reach(int port) {
            serverPort = port;
            return InetSocketAddress.createUnresolved("127.0.0.1", door.getLocalPort());
        }

        @Override
        public void cut() {
            isCut = true;
        }

        @Override
        public void close() {
            closed.countDown();
            try {
                door.close();
                synchronized (sockets) {
                    for (Socket socket : sockets) socket.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
