package org.bongsu.browser;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A web site on loopback for tests of scripts: pages given as text, files of this repository, and whatever a handler answers.
 *
 * <p>Threads: a request has one of its own, so that a handler may take its time.
 */
public final class TestSite implements AutoCloseable {
    private static final Map<String, String> TYPES = Map.of(
            ".html",
            "text/html; charset=utf-8",
            ".js",
            "text/javascript; charset=utf-8",
            ".css",
            "text/css; charset=utf-8");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    public TestSite() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.start();
    }

    /** @param path with what comes before the host left out: {@code /page?x=1} */
    public URI url(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    /** Answers requests whose path begins so, and that no longer one is there for. */
    public TestSite on(String path, HttpHandler handler) {
        server.createContext(path, exchange -> {
            try (exchange) {
                handler.handle(exchange);
            }
        });
        return this;
    }

    public TestSite page(String path, String html) {
        return on(path, exchange -> answer(exchange, 200, ".html", html.getBytes(StandardCharsets.UTF_8)));
    }

    /** Serves the files of a folder of this repository. */
    public TestSite files(String path, Path folder) {
        return on(path, exchange -> {
            Path file = folder.resolve(exchange.getRequestURI().getPath().substring(path.length()))
                    .normalize();
            String name = String.valueOf(file.getFileName());
            String ending = name.substring(Math.max(0, name.lastIndexOf('.')));
            if (file.startsWith(folder) && Files.isRegularFile(file)) {
                answer(exchange, 200, ending, Files.readAllBytes(file));
            } else {
                answer(exchange, 404, ".html", ("no " + file).getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    private static void answer(HttpExchange exchange, int status, String ending, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", TYPES.getOrDefault(ending, "application/octet-stream"));
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
