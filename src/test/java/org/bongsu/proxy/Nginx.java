package org.bongsu.proxy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** nginx, with {@code server-config/nginx}. */
final class Nginx implements Proxy {
    @Override
    public String folder() {
        return "nginx";
    }

    @Override
    public List<String> programs() {
        return List.of("nginx");
    }

    @Override
    public void prepare(Place place, List<Integer> portals, int timeout) throws IOException {
        prepareMain(place);
        Config portal = Config.of("nginx/bongsu.conf")
                .with("listen 80;", "listen 127.0.0.1:" + place.port() + ';')
                .with("listen 443 ", "listen 127.0.0.1:" + place.securePort() + ' ')
                .with("/var/www/letsencrypt", place.folder().resolve("letsencrypt"))
                .with("/etc/letsencrypt/live/portal.example/fullchain.pem", place.chain())
                .with("/etc/letsencrypt/live/portal.example/privkey.pem", place.key())
                .withAll(TIMEOUT + "s", timeout + "s");
        if (portals.size() == 1) {
            portal.with("  server 127.0.0.1:8080;", "  server 127.0.0.1:" + portals.get(0) + ';');
        } else {
            // As the page says.
            portal.with("upstream bongsu {\n  server 127.0.0.1:8080;\n  keepalive 32;\n}\n", "")
                    .with(
                            "proxy_pass http://bongsu/bongsu/;",
                            "rewrite ^/portal/(.*)$ /bongsu/$1 break;\n    proxy_pass http://$bongsu;");
            place.write(
                    "conf.d/bongsu-nodes.conf",
                    Config.of("nginx/two-nodes.conf")
                            .withAll("127.0.0.1:8080", "127.0.0.1:" + portals.get(0))
                            .withAll("127.0.0.1:8081", "127.0.0.1:" + portals.get(1))
                            .toString());
        }
        place.write("conf.d/bongsu.conf", portal.toString());
    }

    private static void prepareMain(Place place) throws IOException {
        StringBuilder ownFolders = new StringBuilder();
        for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
            ownFolders
                    .append(kind)
                    .append("_temp_path ")
                    .append(place.folder().resolve(kind))
                    .append(";\n  ");
        }
        place.write(
                "nginx.conf",
                Config.of("nginx/nginx.conf")
                        .with("user www-data;", "user " + System.getProperty("user.name") + ';')
                        .with("/run/nginx.pid", place.folder().resolve("pid"))
                        .with("/var/log/nginx/error.log", "stderr")
                        .with("/var/log/nginx/access.log", place.folder().resolve("access.log"))
                        // As many as this process may have.
                        .with("worker_rlimit_nofile 65536;\n", "")
                        .with("worker_connections 32768;", "worker_connections 1024;")
                        .with("include /etc/nginx/mime.types;", "")
                        // And somebody has nginx compress whatever it can.
                        .with("gzip on;", "gzip on; gzip_types *; gzip_proxied any;")
                        .with(
                                "include /etc/nginx/conf.d",
                                ownFolders + "include " + place.folder().resolve("conf.d"))
                        .toString());
    }

    @Override
    public void prepareWrong(Place place, int portal, String wrong) throws IOException {
        prepareMain(place);
        place.write(
                "conf.d/bongsu.conf",
                "server {\n  listen 127.0.0.1:" + place.securePort() + " ssl http2;\n  ssl_certificate "
                        + place.chain() + ";\n  ssl_certificate_key " + place.key() + ";\n"
                        + Config.text(wrong).with("127.0.0.1:8080", "127.0.0.1:" + portal) + "}\n");
    }

    @Override
    public List<String> command(Path program, Path folder) {
        return List.of(
                program.toString(),
                "-e",
                "stderr",
                "-c",
                folder.resolve("nginx.conf").toString(),
                "-g",
                "daemon off;");
    }

    @Override
    public String reload() {
        return "HUP";
    }

    @Override
    public String toString() {
        return folder();
    }
}
