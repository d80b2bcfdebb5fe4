package org.bongsu.browser;

import jakarta.json.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server that does to each request what the request's own address says, down to which bytes leave together: no
 * server made for serving would cut a character in two, or end a chunked answer without its end.
 *
 * <ul>
 *   <li>{@code /stream?key=K&r=STEPS&r=STEPS}: the first request with this key is answered by the first steps, the second by
 *       the second, and all further ones by the last. {@code preflight=NAMES} allows these headers to other origins.
 *   <li>{@code /asked?key=K}: what the requests with that key were, as JSON.
 *   <li>anything else: a file from one of the folders.
 * </ul>
 *
 * <p>Steps are divided by {@code |}. Of the head: {@code status=404}, {@code type=text/plain} (or {@code type=none}),
 * {@code header=Name: value}, {@code bare} (the answer ends with the connection; else it comes in chunks, unless it has a
 * Content-Length). Then, in the order given: {@code send=hex} (in one piece), {@code bytewise=hex} (each byte in a piece of its
 * own), {@code fill=count hex}, {@code pause=milliseconds}, {@code hang} (until the client goes), {@code reset} (cuts the
 * connection off, even before the head).
 *
 * <p>It listens on two ports, so that each is another origin to the other. Threads: one for each connection.
 */
public final class ScriptedServer implements AutoCloseable {
    private static final Set<String> HEAD = Set.of("status", "type", "header", "bare");
    private static final Set<String> BODY = Set.of("send", "bytewise", "fill", "pause", "hang", "reset");

    private final Map<String, Path> folders;
    private final List<ServerSocket> listening = new ArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Map<String, List<Asked>> asked = new ConcurrentHashMap<>();
    private final long startedAt = System.nanoTime();

    /** @param folders prefix of the path, with its slashes, to the folder whose files are under it */
    public ScriptedServer(Map<String, Path> folders) throws IOException {
        this.folders = new TreeMap<>(folders).descendingMap();
        for (int i = 0; i < 2; i++) {
            ServerSocket socket = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
            listening.add(socket);
            daemon("scripted-server-accept", () -> accept(socket));
        }
    }

    public URI origin() {
        return originOf(listening.get(0));
    }

    /** The same server, but to a browser another origin. */
    public URI otherOrigin() {
        return originOf(listening.get(1));
    }

    private static URI originOf(ServerSocket socket) {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                daemon("scripted-server", () -> serve(client));
            } catch (IOException closed) {
                // The loop ends.
            }
        }
    }

    private void serve(Socket client) {
        open.add(client);
        try (client) {
            client.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(client.getInputStream());
            boolean goesOn = true;
            while (goesOn) {
                Asked request = Asked.read(in, this::millis);
                goesOn = request != null && answer(request, client, in);
            }
        } catch (IOException goneAway) {
            // Browsers do that, and some cases are about it.
        } finally {
            open.remove(client);
        }
    }

    private long millis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt);
    }

    /** Returns whether the connection may be used again. */
    private boolean answer(Asked request, Socket client, InputStream in) throws IOException {
        switch (request.path) {
            case "/stream" -> {
                return stream(request, client, in);
            }
            case "/asked" -> {
                List<Asked> all = asked.getOrDefault(request.first("key"), List.of());
                whole(client, 200, "application/json", json(all).getBytes(StandardCharsets.UTF_8));
            }
            default -> file(request.path, client);
        }
        return true;
    }

    private static void whole(Socket client, int status, String type, byte[] body) throws IOException {
        OutputStream out = client.getOutputStream();
        out.write(("HTTP/1.1 " + status + " Scripted\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length
                        + "\r\nCache-Control: no-store\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.flush();
    }

    private void file(String path, Socket client) throws IOException {
        for (Map.Entry<String, Path> folder : folders.entrySet()) {
            if (!path.startsWith(folder.getKey())) continue;
            Path file = folder.getValue()
                    .resolve(path.substring(folder.getKey().length()))
                    .normalize();
            if (file.startsWith(folder.getValue()) && Files.isRegularFile(file)) {
                String type = path.endsWith(".js") ? "text/javascript" : "text/html";
                whole(client, 200, type + ";charset=utf-8", Files.readAllBytes(file));
                return;
            }
        }
        whole(client, 404, "text/plain", "no such file".getBytes(StandardCharsets.UTF_8));
    }

    private boolean stream(Asked request, Socket client, InputStream in) throws IOException {
        List<Asked> all = asked.computeIfAbsent(request.first("key"), key -> new ArrayList<>());
        int nth;
        synchronized (all) {
            nth = (int) all.stream().filter(one -> one.method.equals("GET")).count();
            all.add(request);
        }
        try {
            if (request.method.equals("OPTIONS")) {
                preflight(request, client);
                return true;
            }
            List<String> scripts = request.query.getOrDefault("r", List.of(""));
            return new Play(scripts.get(Math.min(nth, scripts.size() - 1)), client, in)
                    .run(() -> request.endedAt = millis());
        } finally {
            if (request.endedAt == 0) request.endedAt = millis();
        }
    }

    private static void preflight(Asked request, Socket client) throws IOException {
        if (!request.query.containsKey("preflight")) {
            whole(client, 403, "text/plain", "not to other origins".getBytes(StandardCharsets.UTF_8));
            return;
        }
        client.getOutputStream()
                .write(("HTTP/1.1 204 Scripted\r\nAccess-Control-Allow-Origin: " + request.headers.get("origin")
                                + "\r\nAccess-Control-Allow-Headers: " + request.first("preflight")
                                + "\r\nAccess-Control-Allow-Credentials: true\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String json(List<Asked> all) {
        var list = Json.createArrayBuilder();
        synchronized (all) {
            for (Asked one : all) {
                var headers = Json.createObjectBuilder();
                one.headers.forEach(headers::add);
                list.add(Json.createObjectBuilder()
                        .add("method", one.method)
                        .add("headers", headers)
                        .add("at", one.at)
                        .add("endedAt", one.endedAt));
            }
        }
        return list.build().toString();
    }

    @Override
    public void close() {
        try {
            for (ServerSocket socket : listening) socket.close();
            for (Socket client : open) client.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One request. */
    private static final class Asked {
        final String method;
        final String path;
        final Map<String, List<String>> query = new LinkedHashMap<>();
        /** Names in lower case; values have a character for each byte. */
        final Map<String, String> headers = new LinkedHashMap<>();

        final long at;

        /** When the answer, or the client's patience, came to its end; 0 while it has not. */
        volatile long endedAt;

        static @Nullable Asked read(InputStream in, LongSupplier millis) throws IOException {
            String[] line = line(in).split(" ", -1);
            if (line.length < 2) return null;
            Asked request = new Asked(line[0], line[1], millis.getAsLong());
            for (String header = line(in); !header.isEmpty(); header = line(in)) {
                int colon = header.indexOf(':');
                request.headers.put(
                        header.substring(0, colon).toLowerCase(Locale.ROOT),
                        header.substring(colon + 1).trim());
            }
            return request;
        }

        private static String line(InputStream in) throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
                if (c != '\r') line.write(c);
            }
            return line.toString(StandardCharsets.ISO_8859_1);
        }

        private Asked(String method, String target, long at) {
            this.method = method;
            this.at = at;
            int mark = target.indexOf('?');
            path = mark < 0 ? target : target.substring(0, mark);
            if (mark < 0) return;
            for (String pair : target.substring(mark + 1).split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals < 0) continue;
                String value = URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
                query.computeIfAbsent(pair.substring(0, equals), name -> new ArrayList<>())
                        .add(value);
            }
        }

        String first(String name) {
            return query.getOrDefault(name, List.of("")).get(0);
        }
    }

    /** One answer, step by step. */
    private static final class Play {
        private final List<String> steps;
        private final Socket client;
        private final InputStream in;
        private final OutputStream out;
        private final boolean isChunked;
        /** Qt (PhantomJS) now and then asks again by itself after an answer that ends with the connection. */
        private final boolean endsTheConnection;

        Play(String script, Socket client, InputStream in) throws IOException {
            steps = List.of(script.split("\\|", -1));
            this.client = client;
            this.in = in;
            out = client.getOutputStream();
            boolean hasNoBody = steps.contains("status=204");
            endsTheConnection =
                    steps.stream().anyMatch(step -> step.equals("bare") || step.startsWith("header=Content-Length"));
            isChunked = !endsTheConnection && !hasNoBody;
            for (String step : steps) {
                String name = name(step);
                if (name.isEmpty() || HEAD.contains(name) || BODY.contains(name)) continue;
                whole(client, 500, "text/plain", ("not a step: " + name).getBytes(StandardCharsets.UTF_8));
                throw new IllegalArgumentException("not a step: " + name);
            }
        }

        /**
         * Answers, and returns whether the connection may be used again.
         *
         * @param ending run just before the client can know that the answer is at its end
         */
        boolean run(Runnable ending) throws IOException {
            boolean headIsOut = false;
            for (String step : steps) {
                String name = name(step);
                if (name.isEmpty() || HEAD.contains(name)) continue;
                if (name.equals("reset")) {
                    // Closing is then no orderly end but a reset.
                    client.setSoLinger(true, 0);
                    ending.run();
                    return false;
                }
                if (!headIsOut) head();
                headIsOut = true;
                play(name, step.substring(Math.min(step.length(), name.length() + 1)));
            }
            if (!headIsOut) head();
            ending.run();
            if (isChunked) write("0\r\n\r\n");
            return !endsTheConnection;
        }

        private static String name(String step) {
            int equals = step.indexOf('=');
            return equals < 0 ? step : step.substring(0, equals);
        }

        private void head() throws IOException {
            String status = "200";
            String type = "text/event-stream";
            StringBuilder headers = new StringBuilder();
            for (String step : steps) {
                String value = step.substring(step.indexOf('=') + 1);
                switch (name(step)) {
                    case "status" -> status = value;
                    case "type" -> type = value;
                    case "header" -> headers.append(value).append("\r\n");
                    default -> {}
                }
            }
            if (isChunked) headers.append("Transfer-Encoding: chunked\r\n");
            if (!type.equals("none"))
                headers.append("Content-Type: ").append(type).append("\r\n");
            if (endsTheConnection) headers.append("Connection: close\r\n");
            write("HTTP/1.1 " + status + " Scripted\r\n" + headers + "\r\n");
        }

        private void write(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        private void play(String name, String value) throws IOException {
            switch (name) {
                case "send" -> piece(HexFormat.of().parseHex(value));
                case "bytewise" -> {
                    for (byte one : HexFormat.of().parseHex(value)) {
                        piece(new byte[] {one});
                        pause(2);
                    }
                }
                case "fill" -> {
                    int blank = value.indexOf(' ');
                    byte[] filling = HexFormat.of().parseHex(value.substring(blank + 1));
                    ByteArrayOutputStream all = new ByteArrayOutputStream();
                    for (int i = Integer.parseInt(value.substring(0, blank)); i > 0; i--) all.writeBytes(filling);
                    piece(all.toByteArray());
                }
                case "pause" -> pause(Long.parseLong(value));
                case "hang" -> in.transferTo(OutputStream.nullOutputStream());
                default -> {}
            }
        }

        private void piece(byte[] bytes) throws IOException {
            if (isChunked) {
                ByteArrayOutputStream chunk = new ByteArrayOutputStream();
                chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                chunk.writeBytes(bytes);
                chunk.writeBytes("\r\n".getBytes(StandardCharsets.ISO_8859_1));
                out.write(chunk.toByteArray());
            } else {
                out.write(bytes);
            }
            out.flush();
        }

        private static void pause(long milliseconds) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(milliseconds));
        }
    }
}
