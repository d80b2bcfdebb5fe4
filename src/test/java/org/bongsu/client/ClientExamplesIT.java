package org.bongsu.client;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bongsu.PortalServer;
import org.bongsu.browser.Engine;
import org.bongsu.browser.EngineKind;
import org.bongsu.browser.Page;
import org.bongsu.browser.TestSite;
import org.bongsu.network.HostileNetwork;
import org.bongsu.node.Node;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The examples of {@code src/docs/client.md}, run as they stand there but for the portal's address, in pages of another origin, with
 * the packaged WAR.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClientExamplesIT {
    private static final Path DOCUMENT = Path.of("src", "docs", "client.md");
    private static final Path WAR = Path.of(System.getProperty("war.under.test", "target/bongsu.war"));
    private static final String ADDRESS = "https://portal.intra.example/bongsu/";
    private static final Pattern EXAMPLE =
            Pattern.compile("### ([^\\n]+)\\n\\n```(\\w+)\\n(.*?)\\n```", Pattern.DOTALL);

    /** What each has to bring about, beyond showing the messages. */
    private static final Map<String, String> OUTCOMES = Map.ofEntries(
            entry("A page", "client.state.transport === 'websocket'"),
            entry("A bundler, or CommonJS", "made.length === 0"),
            entry("RxJS", "shown.join() === 'hello,hello,hello,complete'"),
            entry("A token", "client.state.transport === 'fetch'"),
            entry("Several clients", "alarms.state.leader !== room.state.leader"),
            entry("Going on after a reload", "sessionStorage.getItem('read') === client.state.cursor"),
            entry("Publishing", "shown.indexOf('Build done') >= 0 && shown.indexOf('chat/general') >= 0"),
            entry("Showing the state", "document.getElementById('state').textContent === 'live over websocket'"),
            entry("A connection of its own", "client.state.shared === ''"),
            entry("The shared worker", "client.state.shared === 'worker' && client.state.transport === 'websocket'"),
            entry(
                    "With a content security policy",
                    "client.state.shared === 'worker' && fetched.state.transport === 'fetch' && fetched.state.name === 'live'"));

    /** Streams by fetch, too, which load a script from the portal. */
    private static final String UNDER_A_POLICY = "var shown = [], asked = [];\n"
            + "var client = Bongsu.connect({ url: '" + ADDRESS + "', topics: 'ops/*' });\n"
            + "client.on('message', function (message) { shown.push(message.body); });\n"
            + "function clients() { return [client]; }\n"
            + "var fetched = Bongsu.connect({ url: '" + ADDRESS + "', transports: ['fetch'] });\n";

    private static final String AROUND = "<script>var shown = [], asked = [], made = [], token = 't1';\n"
            + "function show(message) { shown.push(message.body); }\n"
            + "function askToSignIn(problem) { asked.push(problem); }\n"
            + "window.SharedWorker = (function (Real) { return function (address, name) {"
            + " made.push(address); return new Real(address, name); }; }(SharedWorker));\n"
            + "function require(file) { var xhr = new XMLHttpRequest(); var module = { exports: {} };\n"
            + " xhr.open('GET', file, false); xhr.send();\n"
            + " new Function('module', 'exports', xhr.responseText)(module, module.exports); return module.exports; }\n"
            + "</script>\n";

    private record Example(String title, String language, String text) {
        @Override
        public String toString() {
            return title;
        }
    }

    private TestSite site;
    private PortalServer portal;
    private HostileNetwork network;
    private Engine engine;

    @BeforeAll
    void start() {
        Node.require();
        site = new TestSite().files("/rxjs/", Node.FOLDER.resolve(Path.of("node_modules", "rxjs", "dist", "bundles")));
        portal = PortalServer.builder()
                .war(WAR)
                .with("durability", "relaxed")
                .with("origins", TokenIT.origin(site))
                .start();
        network = HostileNetwork.to(portal).bearer("t1", "alice").open();
        String bundle = portal.send(portal.request("/js/bongsu.min.js")).body();
        script("/bongsu.min.js", bundle);
        engine = EngineKind.CHROMIUM.start();
        // Cookies do not tell ports apart: the pages elsewhere are signed in, too.
        try (Page page = engine.open(network.url("/js/topics.js"))) {
            page.waitUntil("document.readyState === 'complete'");
            page.value(
                    "fetch('" + network.url("/api/session")
                            + "', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Bongsu': '1' },"
                            + " body: JSON.stringify({ user: 'alice', password: 'alice' }) }).then(a => { window.answer = a.status; })");
            page.waitUntil("window.answer === 204");
        }
    }

    @AfterAll
    void end() {
        if (engine != null) engine.close();
        network.close();
        portal.close();
        site.close();
    }

    static Stream<Example> examples() throws IOException {
        Matcher matcher = EXAMPLE.matcher(Files.readString(DOCUMENT));
        return matcher.results().map(found -> new Example(found.group(1), found.group(2), found.group(3)));
    }

    @Test
    void eachIsFound() throws IOException {
        long fences = Files.readAllLines(DOCUMENT).stream()
                .filter(line -> line.matches("```\\w+"))
                .count();
        assertEquals(fences, examples().count());
        assertEquals(
                OUTCOMES.keySet().stream().sorted().toList(),
                examples().map(Example::title).sorted().toList());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void showsWhatIsPublished(Example example) {
        String path = "/example" + example.title.hashCode();
        String html = page(example);
        site.on(path, exchange -> {
            if (example.language.equals("text")) {
                exchange.getResponseHeaders().set("Content-Security-Policy", policy(example));
            }
            answer(exchange, "text/html", html);
        });
        try (Page page = engine.open(site.url(path))) {
            page.waitUntil("clients().length && clients().every(function (one) {"
                    + " return one.state.name === 'live' && !one.state.probing; })");
            String all = "(" + OUTCOMES.get(example.title) + ")";
            for (int i = 0; i < 3; i++) {
                portal.publish("backup-job", "ops/backups", "hello");
                portal.publish("backup-job", "chat/general", "hello");
            }
            page.waitUntil("shown.indexOf('hello') >= 0 && " + all);
            assertEquals(List.of(), page.complaints());
            assertEquals(List.of(), page.texts("asked.map(JSON.stringify)"));
        }
    }

    private String page(Example example) {
        String client = "<script src=\"" + ADDRESS + "js/bongsu.min.js\"></script>\n";
        String clients =
                "<script>function clients() { return typeof alarms === 'undefined' ? typeof client === 'undefined'"
                        + " ? [] : [client] : [alarms, room]; }</script>\n";
        String body =
                switch (example.language) {
                    case "html" -> AROUND + example.text + clients;
                    case "js" ->
                        example.text.contains("require(")
                                ? AROUND + bundled(example.text) + clients
                                : AROUND + client + "<script src=\"/rxjs/rxjs.umd.min.js\"></script>\n<script>\n"
                                        + example.text + "\n</script>" + clients;
                    case "text" -> {
                        script("/page.js", UNDER_A_POLICY);
                        yield "<script src=\"/bongsu.min.js\"></script><script src=\"/page.js\"></script>\n";
                    }
                    default -> throw new AssertionError("nobody knows how to run " + example.language);
                };
        return at("<!DOCTYPE html><html><head><meta charset=utf-8><title>example</title></head><body>\n" + body
                + "</body></html>");
    }

    /** In a file of another's, as bundlers make them. */
    private String bundled(String text) {
        script("/app.min.js", text);
        return "<script src=\"/app.min.js\"></script>\n";
    }

    private void script(String path, String text) {
        site.on(path, exchange -> answer(exchange, "text/javascript", at(text)));
    }

    private static void answer(HttpExchange exchange, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    private String policy(Example example) {
        String origin = "http://" + network.url("/").getAuthority();
        return "default-src 'none'; "
                + example.text
                        .replace("wss://portal.intra.example", origin.replace("http:", "ws:"))
                        .replace("https://portal.intra.example", origin);
    }

    private String at(String text) {
        return text.replace(ADDRESS, network.url("/").toString());
    }
}
