package org.bongsu.proxy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** HAProxy, with {@code server-config/haproxy}. */
final class HaProxy implements Proxy {
    @Override
    public String folder() {
        return "haproxy";
    }

    @Override
    public List<String> programs() {
        return List.of("haproxy");
    }

    @Override
    public void prepare(Place place, List<Integer> portals, int timeout) throws IOException {
        Config config = Config.of("haproxy/haproxy.cfg")
                .with("  user haproxy\n  group haproxy\n", "")
                .with("log /dev/log local0", "log stdout format raw local0 notice")
                // As many files as this process may have.
                .with("maxconn 20000", "maxconn 500")
                .with("bind :80\n", "bind 127.0.0.1:" + place.port() + '\n')
                .with("bind :443 ", "bind 127.0.0.1:" + place.securePort() + ' ')
                .with("/etc/haproxy/certs/", place.certificates() + "/")
                .with("127.0.0.1:8888", "127.0.0.1:" + place.challengePort())
                .withAll(TIMEOUT + "s", timeout + "s");
        if (portals.size() == 1) {
            config.with("127.0.0.1:8080", "127.0.0.1:" + portals.get(0));
        } else {
            // As the page says.
            config.with(
                    "  server one 127.0.0.1:8080\n",
                    Config.of("haproxy/two-nodes.cfg")
                            .with("127.0.0.1:8080", "127.0.0.1:" + portals.get(0))
                            .with("127.0.0.1:8081", "127.0.0.1:" + portals.get(1)));
        }
        place.write("haproxy.cfg", config.toString());
    }

    @Override
    public void prepareWrong(Place place, int portal, String wrong) throws IOException {
        place.write(
                "haproxy.cfg",
                Config.text(wrong)
                        .with("127.0.0.1:8080", "127.0.0.1:" + portal)
                        .with("bind :443 ", "bind 127.0.0.1:" + place.securePort() + ' ')
                        .with("/etc/haproxy/certs/", place.certificates() + "/")
                        .toString());
    }

    @Override
    public List<String> command(Path program, Path folder) {
        // -W: with a master process, as Debian's unit runs it, so that it can be reloaded.
        return List.of(
                program.toString(), "-W", "-f", folder.resolve("haproxy.cfg").toString());
    }

    @Override
    public String reload() {
        return "USR2";
    }

    @Override
    public String toString() {
        return folder();
    }
}
