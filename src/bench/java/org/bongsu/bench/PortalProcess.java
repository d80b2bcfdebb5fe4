package org.bongsu.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.Locale;
import org.bongsu.PortalServer;
import org.bongsu.store.Durability;
import org.bongsu.store.JdbcMessageStore;

/**
 * The portal in a JVM of its own, as the benchmark starts it: {@code PortalProcess PORT HOME [setting=value …]}.
 *
 * <p>It keeps its log in the embedded database as any portal does. A line on standard input asks for the commits since the last
 * such line, written into the file of that name in HOME; the end of standard input stops it.
 */
final class PortalProcess {
    private PortalProcess() {}

    public static void main(String[] arguments) throws IOException {
        Path home = Path.of(arguments[1]);
        TimedStore store = new TimedStore(JdbcMessageStore.embedded(home, Durability.STRICT, Clock.systemUTC()));
        PortalServer.Builder builder = PortalServer.builder()
                .port(Integer.parseInt(arguments[0]))
                .home(home)
                .store(store);
        for (int i = 2; i < arguments.length; i++) {
            String[] pair = arguments[i].split("=", 2);
            if (pair[0].startsWith("connector.")) {
                builder.connector(pair[0].substring("connector.".length()), pair[1]);
            } else if (pair[0].startsWith("context.")) {
                builder.contextParameter(pair[0].substring("context.".length()), pair[1]);
            } else {
                builder.with(pair[0], pair[1]);
            }
        }
        PortalServer server = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String name = questions.readLine(); name != null; name = questions.readLine()) {
            TimedStore.Commits commits = store.take();
            String answer = String.format(
                    Locale.ROOT,
                    "%d %.3f %.3f %.1f",
                    commits.count(),
                    commits.p50(),
                    commits.p99(),
                    commits.meanSize());
            // Appears whole or not at all.
            Path written = Files.writeString(home.resolve(name + ".tmp"), answer);
            Files.move(written, home.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
        System.exit(0);
    }
}
