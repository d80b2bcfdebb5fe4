package org.bongsu.browser;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * An engine inside a program of ours that does as it is told: it posts its last answer to an address and gets the next order
 * for it, again and again.
 *
 * <p>It is the program that connects, as an engine can do that without trouble, whatever it is, and needs no port of its own.
 * Orders: {@code open(page, url, beforehand)}, {@code load(page, url)}, {@code value(page, expression)}, {@code
 * complaints(page)}, {@code close(page)}; to PhantomJS {@code collect(page)}, too. Answers: {@code {"value": …}} or {@code
 * {"error": "…"}}; the first is the version.
 *
 * <p>Threads: tests call from any; the program's requests are served by two of its own.
 */
final class Puppet implements Engine {
    /** @param dead never completes but exceptionally, when the program has ended */
    private record Run(Program program, CompletableFuture<JsonObject> dead) {}

    private record Order(JsonObject text, CompletableFuture<JsonObject> answer) {}

    /** Shorter than that of tests: nothing it is told to do waits for anything but the engine and a page on this machine. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final JsonObject STANDS_STILL =
            Json.createObjectBuilder().add("error", "stands still").build();

    private static final class StandsStill extends IllegalStateException {
        private static final long serialVersionUID = 1;

        StandsStill(String message) {
            super(message);
        }
    }

    private final EngineKind kind;
    private final HttpServer server;
    private final ExecutorService threads;
    private final Function<URI, Program> start;
    private final Set<Page> pages = ConcurrentHashMap.newKeySet();
    /** Another one after {@link #begin}. */
    private volatile Run run;

    private volatile CompletableFuture<JsonObject> greeting = new CompletableFuture<>();

    private final String version;
    private final AtomicInteger nextPage = new AtomicInteger();
    private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();

    /** The one being carried out; only the thread that serves the program, of which there is one at a time. */
    private volatile Order current = new Order(JsonValue.EMPTY_JSON_OBJECT, new CompletableFuture<>());

    /** @param start starts the program, given the address to ask for orders */
    Puppet(EngineKind kind, Function<URI, Program> start) {
        this.kind = kind;
        this.start = start;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads = Executors.newFixedThreadPool(2);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
        try {
            run = begin();
        } catch (RuntimeException e) {
            endTheServer();
            throw e;
        }
        try {
            version = greeting();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private Run begin() {
        greeting = new CompletableFuture<>();
        current = new Order(JsonValue.EMPTY_JSON_OBJECT, greeting);
        Program program =
                start.apply(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"));
        CompletableFuture<JsonObject> dead = program.end().thenApply(ended -> {
            throw new IllegalStateException(kind + " has ended and said:\n" + program.said());
        });
        return new Run(program, dead);
    }

    /** What it says first: its version. */
    private String greeting() {
        return ((JsonString) resultOf(greeting)).getString();
    }

    /** Copies the program's script into its folder. */
    static Path script(String name, Path folder) {
        Path copy = folder.resolve(name);
        try (InputStream script = Objects.requireNonNull(Puppet.class.getResourceAsStream(name))) {
            Files.copy(script, copy);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            // Some engines ask first, whether the program may ask at all.
            exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
            exchange.getResponseHeaders().set("Access-Control-Allow-Headers", "Content-Type, Accept, Origin");
            if (!exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(204, -1);
                return;
            }
            try (var reader = Json.createReader(exchange.getRequestBody())) {
                current.answer.complete(reader.readObject());
            }
            current = orders.take();
            byte[] text = current.text.toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
        } catch (InterruptedException e) {
            // Closing; the program gets no more orders.
            Thread.currentThread().interrupt();
        }
    }

    private JsonValue order(String what, int page, String argument) {
        return order(what, page, argument, "");
    }

    private JsonValue order(String what, int page, String argument, String beforehand) {
        JsonObject text = Json.createObjectBuilder()
                .add("order", what)
                .add("page", page)
                .add("argument", argument)
                .add("beforehand", beforehand)
                .build();
        Order order = new Order(text, new CompletableFuture<>());
        orders.add(order);
        return resultOf(order.answer);
    }

    private JsonValue resultOf(CompletableFuture<JsonObject> answer) {
        JsonObject said = answer.applyToEither(run.dead, Function.identity())
                .completeOnTimeout(STANDS_STILL, PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
        if (said == STANDS_STILL) {
            String state = run.program.state();
            // Every order after this one would wait in vain, too.
            run.program.close();
            throw new StandsStill(
                    kind + " stands still since " + PATIENCE + ", told to " + current.text + "; ended\n" + state);
        }
        if (said.containsKey("error")) throw new IllegalStateException(kind + ": " + said.getString("error"));
        return said.getOrDefault("value", JsonValue.NULL);
    }

    @Override
    public EngineKind kind() {
        return kind;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public boolean isRunning() {
        return !run.dead.isDone();
    }

    @Override
    public Page open(URI url, String beforehand) {
        int page = nextPage.incrementAndGet();
        String before = Script.CRASHABLE + beforehand;
        try {
            order("open", page, url.toString(), before);
        } catch (StandsStill e) {
            // PhantomJS did so once in some fifteen runs, before it had asked anybody for the page, while it searched
            // all
            // of the project with each one. Another one is as good as long as a test has nothing in this one. If it was
            // not the engine's fault, that one will stand still, too.
            if (!pages.isEmpty()) throw e;
            System.out.println(e.getMessage());
            run = begin();
            greeting();
            order("open", page, url.toString(), before);
        }
        Page opened = new PuppetPage(page);
        pages.add(opened);
        return opened;
    }

    @Override
    public void close() {
        run.program.close();
        endTheServer();
    }

    private void endTheServer() {
        server.stop(0);
        threads.shutdownNow();
    }

    private final class PuppetPage implements Page {
        private final int page;

        PuppetPage(int page) {
            this.page = page;
        }

        @Override
        public JsonValue value(String expression) {
            JsonValue value = order("value", page, Script.wrapped(expression));
            return Script.unwrapped(expression, value instanceof JsonString text ? text.getString() : null);
        }

        @Override
        public List<String> complaints() {
            return order("complaints", page, "").asJsonArray().getValuesAs(JsonString::getString);
        }

        @Override
        public void load(URI url) {
            order("load", page, url.toString());
        }

        @Override
        public void close() {
            pages.remove(this);
            // Else it has gone with all others, which its test knows already.
            if (isRunning()) order("close", page, "");
        }

        @Override
        public void crash() {
            value(Script.CRASH);
            close();
        }

        @Override
        public boolean canCrash() {
            return true;
        }

        @Override
        public Held held() {
            if (kind != EngineKind.PHANTOMJS_2) throw new UnsupportedOperationException();
            order("collect", page, "");
            return new Held(-1, Held.resident(run.program.family().stream()));
        }
    }
}
