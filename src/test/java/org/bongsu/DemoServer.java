package org.bongsu;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** {@code mvn -Prun}: the portal with demo people, on loopback only, for trying it out. */
public final class DemoServer {
    private DemoServer() {}

    public static void main(String[] arguments) throws InterruptedException {
        int port = Integer.getInteger("port", 8080);
        String refusal = refusal(port);
        if (refusal != null) {
            System.err.println(refusal);
            System.exit(1);
        }
        PortalServer server;
        try {
            server = PortalServer.builder()
                    .port(port)
                    .home(Path.of("target", "home"))
                    .start();
        } catch (IllegalStateException e) {
            // The portal has said why.
            System.err.println("The portal did not start.");
            System.exit(1);
            return;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            server.close();
                            stopped.countDown();
                        },
                        "stop"));
        System.out.println(box(server.port()));
        stopped.await();
    }

    private static @Nullable String refusal(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return null;
        } catch (IOException | IllegalArgumentException e) {
            return "Port " + port + " is taken or not allowed (" + e.getMessage() + "); try another: mvn -Prun -Dport="
                    + (port == 8080 ? 8081 : 8080);
        }
    }

    private static String box(int port) {
        String url = "http://localhost:" + port + PortalServer.CONTEXT_PATH + "/";
        String[] lines = {
            "Bongsu is running:  " + url,
            "log in as           alice, bob or admin; the password is the name",
            "try                 curl -u admin:admin -d 'Hello' " + url + "api/topics/ops/demo",
            "stop                Ctrl-C"
        };
        int width = 0;
        for (String line : lines) width = Math.max(width, line.length());
        StringBuilder box =
                new StringBuilder("\n┌").append("─".repeat(width + 2)).append("┐\n");
        for (String line : lines) {
            box.append("│ ")
                    .append(line)
                    .append(" ".repeat(width - line.length()))
                    .append(" │\n");
        }
        return box.append('└').append("─".repeat(width + 2)).append("┘\n").toString();
    }
}
