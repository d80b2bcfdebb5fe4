package org.bongsu.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Apache httpd, with {@code server-config/httpd} and the modules that its page names. */
final class Httpd implements Proxy {
    private static final List<Path> MODULE_FOLDERS =
            List.of(Path.of("/usr/lib/apache2/modules"), Path.of("/usr/lib64/httpd/modules"));

    /** Those that Debian has on from the start, as far as they touch a proxy, and those that the page adds. */
    private static final List<String> MODULES = List.of(
            "mpm_event",
            "authz_core",
            "alias",
            "deflate",
            "filter",
            "reqtimeout",
            "setenvif",
            "headers",
            "http2",
            "proxy",
            "proxy_http",
            "socache_shmcb",
            "ssl");

    @Override
    public String folder() {
        return "httpd";
    }

    @Override
    public List<String> programs() {
        return List.of("apache2", "httpd");
    }

    @Override
    public void prepare(Place place, List<Integer> portals, int timeout) throws IOException {
        Config portal = Config.of("httpd/bongsu.conf")
                .with("<VirtualHost *:80>", "<VirtualHost 127.0.0.1:" + place.port() + '>')
                .with("<VirtualHost *:443>", "<VirtualHost 127.0.0.1:" + place.securePort() + '>')
                .withAll("/var/www/letsencrypt", place.folder().resolve("letsencrypt"))
                .with("/etc/letsencrypt/live/portal.example/fullchain.pem", place.chain())
                .with("/etc/letsencrypt/live/portal.example/privkey.pem", place.key());
        String nodes = "";
        if (portals.size() == 1) {
            portal.with("127.0.0.1:8080", "127.0.0.1:" + portals.get(0))
                    .with("timeout=" + TIMEOUT, "timeout=" + timeout);
        } else {
            // As the page says.
            portal.with("http://127.0.0.1:8080/bongsu/ upgrade=websocket timeout=90", "balancer://bongsu/bongsu/");
            nodes = module("proxy_balancer")
                    + module("lbmethod_byrequests")
                    + module("slotmem_shm")
                    + Config.of("httpd/two-nodes.conf")
                            .with("127.0.0.1:8080", "127.0.0.1:" + portals.get(0))
                            .with("127.0.0.1:8081", "127.0.0.1:" + portals.get(1));
        }
        // And somebody has httpd compress whatever it can.
        prepareMain(place, "SetOutputFilter DEFLATE\n" + Config.of("httpd/bongsu-threads.conf") + nodes + portal);
    }

    @Override
    public void prepareWrong(Place place, int portal, String wrong) throws IOException {
        String host =
                Config.text(wrong).with("127.0.0.1:8080", "127.0.0.1:" + portal).toString();
        prepareMain(
                place,
                "<VirtualHost 127.0.0.1:" + place.securePort() + ">\n  ServerName localhost\n  SSLEngine on\n"
                        + "  SSLCertificateFile " + place.chain() + "\n  SSLCertificateKeyFile " + place.key()
                        + "\n  Protocols h2 http/1.1\n" + host + "</VirtualHost>\n");
    }

    private static void prepareMain(Place place, String rest) throws IOException {
        List<String> lines = new ArrayList<>(List.of(
                "ServerRoot " + place.folder(),
                "PidFile " + place.folder().resolve("pid"),
                "DefaultRuntimeDir " + place.folder(),
                "Mutex file:" + place.folder() + " default",
                "ErrorLog /dev/stderr",
                "ServerName localhost",
                "Listen 127.0.0.1:" + place.port(),
                "Listen 127.0.0.1:" + place.securePort()));
        for (String module : MODULES) lines.add(module(module).strip());
        // Debian's.
        lines.add("RequestReadTimeout header=20-40,minrate=500 body=10,minrate=500");
        if (System.getProperty("user.name").equals("root")) lines.addAll(List.of("User www-data", "Group www-data"));
        place.write("apache2.conf", String.join("\n", lines) + '\n' + rest);
    }

    private static String module(String name) {
        Path folder = MODULE_FOLDERS.stream()
                .filter(Files::isDirectory)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no folder of modules: " + MODULE_FOLDERS));
        return "LoadModule " + name + "_module " + folder.resolve("mod_" + name + ".so") + '\n';
    }

    @Override
    public List<String> command(Path program, Path folder) {
        return List.of(program.toString(), "-f", folder.resolve("apache2.conf").toString(), "-DFOREGROUND");
    }

    @Override
    public String reload() {
        return "USR1";
    }

    @Override
    public String toString() {
        return folder();
    }
}
