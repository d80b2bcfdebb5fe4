package org.bongsu.reader;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** TCP connections as the kernel has them (proc_pid_net_tcp(5)). */
public final class Sockets {
    private static final String ESTABLISHED = "01";

    private Sockets() {}

    /** How many connections a server on this port holds open. */
    public static int established(int serverPort) {
        return established(hex(serverPort), "");
    }

    /** Whether it holds the one with a client on this port. */
    public static boolean isEstablished(int serverPort, int clientPort) {
        return established(hex(serverPort), hex(clientPort)) > 0;
    }

    private static String hex(int port) {
        return String.format(Locale.ROOT, ":%04X", port);
    }

    private static int established(String local, String remote) {
        int count = 0;
        try {
            for (String table : List.of("tcp", "tcp6")) {
                for (String line : Files.readAllLines(Path.of("/proc/self/net", table))) {
                    String[] columns = line.strip().split("\\s+", 5);
                    boolean ours = columns[1].endsWith(local) && columns[2].endsWith(remote);
                    if (ours && columns[3].equals(ESTABLISHED)) count++;
                }
            }
            return count;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
