package org.bongsu.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.bongsu.Ports;
import org.jspecify.annotations.Nullable;

/** nginx with the nchan module, one worker: the rival. */
final class Nchan implements Contender {
    private final ServerProcess process;
    private final int port;

    private Nchan(ServerProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /** @param module the file {@code ngx_nchan_module.so} */
    static Nchan start(Path folder, String nginx, String module) throws IOException {
        int port = Ports.free();
        Path home = Files.createDirectories(folder.resolve("nchan"));
        Path configuration = home.resolve("nginx.conf");
        Files.writeString(configuration, configuration(home, port, module));
        ServerProcess process = ServerProcess.start(
                List.of(nginx, "-p", home.toString(), "-c", configuration.toString(), "-e", home + "/error.log"),
                home.resolve("output.log"),
                port);
        return new Nchan(process, port);
    }

    private static String configuration(Path home, int port, String module) {
        String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
        return """
                load_module %s;
                %s
                daemon off;
                worker_processes 1;
                worker_rlimit_nofile 20000;
                pid %s/nginx.pid;
                error_log %s/error.log warn;
                events { worker_connections 19000; }
                http {
                  access_log off;
                  keepalive_requests 1000000000;
                  keepalive_timeout 3600s;
                  client_header_timeout 3600s;
                  client_body_temp_path %s/body;
                  proxy_temp_path %s/proxy;
                  fastcgi_temp_path %s/fastcgi;
                  uwsgi_temp_path %s/uwsgi;
                  scgi_temp_path %s/scgi;
                  nchan_shared_memory_size 512m;
                  server {
                    listen 127.0.0.1:%d backlog=4096;
                    location = /sub {
                      nchan_subscriber;
                      nchan_channel_id $arg_id;
                      nchan_subscriber_first_message newest;
                      nchan_subscriber_timeout 0;
                      nchan_websocket_ping_interval 3600;
                      nchan_eventsource_ping_interval 3600;
                    }
                    location = /pub {
                      nchan_publisher;
                      nchan_channel_id $arg_id;
                      nchan_message_buffer_length 50000;
                      nchan_message_timeout 10m;
                    }
                  }
                }
                """.formatted(module, user, home, home, home, home, home, home, home, port);
    }

    @Override
    public String name() {
        return "nchan";
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
        return Set.of(Transport.values());
    }

    @Override
    public Subscriber subscriber(Transport transport, String topic) {
        String get = "GET /sub?id=" + topic + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n";
        return switch (transport) {
            case SSE -> new SseSubscriber(get + "Accept: text/event-stream\r\n\r\n", "");
            case WEBSOCKET -> new WebSocketSubscriber(get + PortalRequests.UPGRADE + "\r\n", List.of(), "");
            case POLL -> new PollSubscriber(new Polling(get));
        };
    }

    @Override
    public Publisher.Dialect publishing(String topic) {
        return length -> "POST /pub?id=" + topic + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                + "\r\nContent-Type: text/plain\r\nContent-Length: " + length + "\r\n\r\n";
    }

    @Override
    public void close() {
        process.close();
    }

    /** The cursor is the pair of Last-Modified and Etag. */
    private record Polling(String get) implements PollSubscriber.Dialect {
        @Override
        public byte[] request(@Nullable String cursor) {
            return Subscriber.ascii(get + (cursor == null ? "" : cursor) + "\r\n");
        }

        @Override
        public boolean answersFirst() {
            return false;
        }

        @Override
        public String cursor(Head head, byte[] bytes, int bodyFrom, int bodyTo) {
            return "If-Modified-Since: " + head.field("last-modified") + "\r\nIf-None-Match: " + head.field("etag")
                    + "\r\n";
        }
    }
}
