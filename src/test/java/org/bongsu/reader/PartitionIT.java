package org.bongsu.reader;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.Metronome;
import org.bongsu.PortalServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network that is cut in silence: neither side is told anything, and the server's writes succeed for a long time. */
final class PartitionIT {
    /**
     * Contract §4.1 and §5.1, two seconds between two looks at a WebSocket, and the ten after which Tomcat gives up waiting for
     * the answer to a close, with the socket but without the portal's part of it.
     */
    private static final long FREED_MILLIS = 60_000 + 2_000 + 10_000 + 3_000;

    @TempDir
    Path home;

    @Test
    void whoHasShownThatItIsAliveIsFreedWithinAMinuteOfTheCut() throws Exception {
        try (Partition network = Partition.make();
                PortalServer server = PortalServer.builder()
                        .home(home)
                        .connector("address", network.serverAddress())
                        // So that what is left open are the stream and the socket.
                        .connector("keepAliveTimeout", "5000")
                        .with("durability", "relaxed")
                        .with("deadline.liveness", "60s")
                        .with("deadline.write", "20s")
                        .start();
                Metronome time = new Metronome()) {
            int port = server.port();
            InetSocketAddress address = network.reach(port);
            Process clients = start(network, address);
            try {
                awaitLively(clients);
                network.cut();
                long cut = time.millis();
                long really = System.nanoTime();
                Await.until("only the stream and the socket are left", () -> Sockets.established(port) <= 2);
                Await.until("one is freed", () -> Sockets.established(port) < 2);
                long first = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - really);
                Await.until("both are freed", () -> Sockets.established(port) == 0);
                boolean inTime = time.millis() - cut < FREED_MILLIS;
                long both = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - really);
                System.out.println("PartitionIT: freed " + first + " ms and " + both + " ms after the cut of a "
                        + network.getClass().getSimpleName());
                assertTrue(clients.isAlive(), "the clients are still there");
                assertTrue(first > 20_000, "freed as silent, not for another reason: after " + first + " ms");
                assertTrue(inTime, "freed after " + both + " ms");
            } finally {
                clients.destroyForcibly();
                clients.waitFor();
            }
        }
    }

    private static Process start(Partition network, InetSocketAddress address) throws Exception {
        List<String> command = new ArrayList<>(network.onTheFarSide());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-classpath"));
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(LivelyClients.class.getName());
        URI base = URI.create(
                "http://" + address.getHostString() + ':' + address.getPort() + PortalServer.CONTEXT_PATH + '/');
        command.add(base.toString());
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static void awaitLively(Process clients) throws Exception {
        StringBuilder said = new StringBuilder();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(clients.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); !"lively".equals(line); line = output.readLine()) {
            if (line == null) throw new AssertionError("the clients ended: " + said);
            said.append(line).append('\n');
        }
    }
}
