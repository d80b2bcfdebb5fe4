package org.bongsu;

import java.io.IOException;
import org.bongsu.crash.TinyPool;

/**
 * The portal of {@link PortalServer} as a process of its own, for tests that kill it.
 *
 * <p>Arguments are settings, {@code name=value}, and {@code jdbc.url=…} for a PostgreSQL as {@code jdbc/bongsu}. Says
 * {@code port <n>} on its standard output once it serves, and ends when its standard input does, so that it cannot outlive
 * whoever started it.
 */
public final class ServerMain {
    private ServerMain() {}

    public static void main(String[] arguments) {
        dieWithTheParent();
        PortalServer.Builder builder = PortalServer.builder();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String name = argument.substring(0, equals);
            String value = argument.substring(equals + 1);
            if (name.equals("jdbc.url")) builder.dataSource(new TinyPool(value));
            else builder.with(name, value);
        }
        PortalServer server = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
        System.out.println("port " + server.port());
        System.out.flush();
    }

    private static void dieWithTheParent() {
        Thread watch = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) {
                            // nothing is expected
                        }
                    } catch (IOException e) {
                        // as good as the end
                    }
                    Runtime.getRuntime().halt(1);
                },
                "parent");
        watch.setDaemon(true);
        watch.start();
    }
}
