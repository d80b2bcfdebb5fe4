package org.bongsu.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLSocket;
import org.bongsu.Await;
import org.bongsu.LocalAuthority;
import org.bongsu.Site;
import org.bongsu.access.WhatACallerMay;
import org.bongsu.access.WhatEndsWithASession;
import org.bongsu.reader.PortalReader;
import org.bongsu.reader.Transport;
import org.bongsu.reader.WhatAnyReaderIsOwed;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The portal behind each proxy, with the files of {@code server-config}: TLS and HTTP/2 outside, another path outside than inside,
 * a plain Tomcat behind it. Whatever holds without a proxy holds here.
 */
@ParameterizedClass(name = "{0}")
@FieldSource("org.bongsu.proxy.Proxy#ALL")
final class ProxiesIT {
    /** More than httpd serves at a time as it comes. */
    private static final int MANY_READERS = 200;

    /** Another address than the proxy's, and still this machine. */
    private static final String CLIENT = "127.0.0.2";

    @Nullable private static BehindProxy running;

    private final Proxy kind;

    ProxiesIT(Proxy kind) {
        this.kind = kind;
    }

    @BeforeParameterizedClassInvocation
    static void start(Proxy kind) {
        running = new BehindProxy(kind);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (running != null) running.close();
        running = null;
    }

    private static BehindProxy behind() {
        if (running == null) throw new IllegalStateException("it was not started");
        return running;
    }

    private static Place place() {
        return behind().place();
    }

    private static Site site() {
        return behind().site();
    }

    private abstract static class Readers extends WhatAnyReaderIsOwed {
        @Override
        protected Site site() {
            return ProxiesIT.site();
        }

        @Override
        protected Instant now() {
            return behind().clock().instant();
        }

        @Override
        protected void pass(Duration time) {
            behind().clock().pass(time);
        }
    }

    @Nested
    final class ReadersBySse extends Readers {
        @Override
        protected Transport transport() {
            return Transport.SSE;
        }
    }

    @Nested
    final class ReadersByWebSocket extends Readers {
        @Override
        protected Transport transport() {
            return Transport.WEBSOCKET;
        }
    }

    @Nested
    final class ReadersByLongPolling extends Readers {
        @Override
        protected Transport transport() {
            return Transport.LONG_POLL;
        }
    }

    @Nested
    final class ReadersByPolling extends Readers {
        @Override
        protected Transport transport() {
            return Transport.POLL;
        }
    }

    @Nested
    final class Callers extends WhatACallerMay {
        @Override
        protected Site site() {
            return ProxiesIT.site();
        }

        @Override
        protected Socket connect() throws IOException {
            return secure("127.0.0.1");
        }

        /** Proxies read it before the portal can. */
        @Override
        protected void assertUnreadable(String answer) {
            assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        }
    }

    @Nested
    final class Sessions extends WhatEndsWithASession {
        @Override
        protected Site site() {
            return ProxiesIT.site();
        }
    }

    @Test
    void httpTwoIsSpokenOutside() {
        assertEquals(
                HttpClient.Version.HTTP_2, site().get("alice", "/api/session").version());
    }

    /** A server that speaks HTTP/2 in the clear would be asked past the proxy's rules: for any address, in anybody's name. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "h2c",
                "h2c, websocket",
                "websocket, h2c",
                "h2c\r\nUpgrade: websocket",
                "websocket\r\nUpgrade: h2c"
            })
    void nobodyChangesOverToAnythingButAWebSocketBehindIt(String upgrade) throws IOException {
        try (SSLSocket socket = secure("127.0.0.1")) {
            socket.getOutputStream()
                    .write(("GET /portal/api/session HTTP/1.1\r\nHost: localhost:" + place().securePort()
                                    + "\r\nX-Bongsu-Test: " + upgrade.replaceAll("\\s", "")
                                    + "\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: " + upgrade
                                    + "\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nSec-WebSocket-Version: 13\r\n"
                                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            readUntil(socket, "HTTP/1.1 4");
        }
        if (behind().arrivals().hasSeen(upgrade.replaceAll("\\s", "")))
            assertFalse(behind().arrivals()
                    .of(upgrade.replaceAll("\\s", ""))
                    .upgrade()
                    .contains("h2c"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void todaysTlsIsSpoken(String version) throws IOException {
        try (SSLSocket socket = secure("127.0.0.1")) {
            socket.setEnabledProtocols(new String[] {version});
            socket.startHandshake();
            assertEquals(version, socket.getSession().getProtocol());
        }
    }

    @Test
    void yesterdaysTlsIsNot() throws IOException {
        // A ClientHello of TLS 1.1 (RFC 4346 §7.4.1.2) with ECDHE-ECDSA-AES128-SHA; this JDK no longer makes one.
        ByteArrayOutputStream hello = new ByteArrayOutputStream();
        hello.write(new byte[] {3, 2});
        hello.write(new byte[32]);
        hello.write(new byte[] {0, 0, 2, (byte) 0xc0, 9, 1, 0});
        int length = hello.size();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), place().securePort())) {
            socket.setSoTimeout(Await.MILLIS);
            socket.getOutputStream().write(new byte[] {22, 3, 1, 0, (byte) (length + 4), 1, 0, 0, (byte) length});
            socket.getOutputStream().write(hello.toByteArray());
            byte[] answer = socket.getInputStream().readNBytes(7);
            // A fatal alert, protocol_version.
            assertEquals("15 2 46", String.format("%x %x %x", answer[0], answer[5], answer[6]));
        }
    }

    @Test
    void browsersAreToldToUseNothingButHttps() {
        for (String path : List.of("/", "/api/session", "/../elsewhere")) {
            HttpResponse<String> response = site().get("alice", path);
            assertEquals(
                    "max-age=31536000",
                    response.headers().firstValue("Strict-Transport-Security").orElse(""),
                    path);
        }
    }

    @Test
    void whatThePortalSaysOfItsAddressIsTrueOutside() {
        HttpResponse<String> published =
                site().send(site().request("admin", "/api/topics/ops/path").POST(BodyPublishers.ofString("x")));
        String location = published.headers().firstValue("Location").orElse("");
        assertTrue(location.startsWith("/portal/api/messages/"), location);
        assertEquals(
                200, site().get("alice", location.replaceFirst("/portal", "")).statusCode());

        HttpResponse<String> login = site().send(site().request("/api/session")
                .header("Origin", site().origin())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("user=alice&password=alice")));
        List<String> cookies = login.headers().allValues("Set-Cookie");
        assertTrue(cookies.stream().allMatch(cookie -> (cookie + ';').contains("Path=/portal;")), cookies.toString());
        assertTrue(cookies.stream().allMatch(cookie -> cookie.contains("Secure")), cookies.toString());

        HttpResponse<String> page = site().get("alice", "/");
        assertEquals(200, page.statusCode());
        assertTrue(page.headers()
                .firstValue("Content-Security-Policy")
                .orElse("")
                .contains("wss://localhost:" + place().securePort()));
    }

    @Test
    void whoeverForgetsTheSlashIsSentToThePage() {
        HttpResponse<String> response = site().send(site().request("/../portal"));
        assertEquals(308, response.statusCode());
        assertEquals(
                site().base(),
                place().url("/portal")
                        .resolve(response.headers().firstValue("Location").orElse("")));
    }

    @Test
    void thePortalSeesWhoAsksAndHowAndNotWhatTheyClaimToBe() throws IOException {
        String answer;
        try (SSLSocket socket = secure(CLIENT)) {
            socket.getOutputStream()
                    .write(("GET /portal/api/session HTTP/1.1\r\nHost: localhost:" + place().securePort()
                                    + "\r\nConnection: close\r\nAuthorization: " + Site.basic("alice")
                                    + "\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: http"
                                    + "\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Port: 1"
                                    + "\r\nForwarded: for=203.0.113.9;host=evil.example;proto=http"
                                    + "\r\nX-Bongsu-Test: who\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
        assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
        Arrivals.Arrival seen = behind().arrivals().of("who");
        assertEquals(CLIENT, seen.address());
        assertEquals("https", seen.scheme());
        assertEquals("localhost", seen.host());
        assertEquals("", seen.claims());
    }

    @Test
    void aThousandMessagesComeOneByOneOverAStream() {
        try (PortalReader reader = Transport.SSE
                .open(site(), "alice", List.of("ops/one-by-one"), null)
                .awaitReady()) {
            for (int i = 0; i < 1_000; i++) {
                String id = site().publish("ops/one-by-one", "number " + i);
                // The next one is not published before this one is here.
                assertEquals(id, reader.message().id());
            }
        }
    }

    /** httpd works at first on no more than six requests of one connection at a time, however many threads it has. */
    @Test
    void oneConnectionOfHttpTwoCarriesManyStreams() {
        int most = kind instanceof Httpd ? 6 : 12;
        HttpClient alone = behind().authority().client(HttpClient.Version.HTTP_2);
        Site one = new Site(site().base(), alone);
        assertEquals(200, one.get("alice", "/api/session").statusCode());
        List<CompletableFuture<HttpResponse<InputStream>>> streams = IntStream.range(0, most)
                .mapToObj(i -> alone.sendAsync(
                        one.request("alice", "/api/stream?topic=ops/many").build(), BodyHandlers.ofInputStream()))
                .toList();
        for (CompletableFuture<HttpResponse<InputStream>> stream : streams) {
            Await.until("a stream has begun", stream::isDone);
            assertEquals(200, stream.join().statusCode());
        }
        for (CompletableFuture<HttpResponse<InputStream>> stream : streams)
            close(stream.join().body());
    }

    private static void close(InputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void noStreamIsCompressed() throws Exception {
        HttpResponse<InputStream> response = site().client()
                .send(
                        site().request("alice", "/api/stream?topic=ops/*")
                                .header("Accept-Encoding", "gzip, deflate, br")
                                .build(),
                        BodyHandlers.ofInputStream());
        assertEquals(List.of(), response.headers().allValues("Content-Encoding"));
        response.body().close();
    }

    @Test
    void aBatchOfFourMegabytesGoesThrough() {
        String body = "x".repeat(4_000);
        String lines = IntStream.range(0, 1_000)
                .mapToObj(i -> "{\"topic\":\"large/batch\",\"body\":\"" + body + "\"}")
                .collect(Collectors.joining("\n"));
        HttpResponse<String> response = site().send(site().request("admin", "/api/messages")
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(lines)));
        assertEquals(201, response.statusCode(), response.body());
    }

    @Test
    void manyReadersAreServedAtOnce() throws IOException {
        List<Socket> readers = new ArrayList<>();
        try {
            for (int i = 0; i < MANY_READERS; i++) {
                SSLSocket reader = secure("127.0.0.1");
                readers.add(reader);
                reader.getOutputStream()
                        .write(("GET /portal/api/stream?topic=ops/many HTTP/1.1\r\nHost: localhost:"
                                        + place().securePort() + "\r\nAuthorization: " + Site.basic("alice")
                                        + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
            }
            for (Socket reader : readers) readUntil(reader, "event: ready");
            String id = site().publish("ops/many", "for all of them");
            for (Socket reader : readers) readUntil(reader, id);
        } finally {
            for (Socket reader : readers) reader.close();
        }
    }

    private static void readUntil(Socket socket, String text) throws IOException {
        InputStream input = socket.getInputStream();
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int next = input.read();
            if (next < 0) throw new AssertionError("ended without \"" + text + "\": " + read);
            read.append((char) next);
        }
    }

    /** By a proxy of its own, for a reload may close the connections of others once they are idle. */
    @Test
    void aNewCertificateIsUsedWithoutCuttingAnybody() {
        LocalAuthority authority = behind().authority();
        // Java's client takes the good-bye that HTTP/2 says then for the end of all that is open on the connection.
        HttpClient client = authority.client(HttpClient.Version.HTTP_1_1);
        try (Place place = Place.fresh()) {
            LocalAuthority.Issued first = authority.issue();
            place.install(first);
            Site site = new Site(place.url("/portal/"), client);
            try (RunningProxy proxy = RunningProxy.start(kind, place, List.of(behind().portalPort()));
                    PortalReader stream = Transport.SSE.open(site, "alice", List.of("ops/renewed"), null);
                    PortalReader socket = Transport.WEBSOCKET.open(site, "alice", List.of("ops/renewed"), null)) {
                stream.awaitReady();
                assertEquals(first.certificate().getSerialNumber(), served(place));
                LocalAuthority.Issued renewed = authority.issue();
                place.install(renewed);
                proxy.reload();
                Await.until(
                        kind + " uses the new certificate",
                        () -> renewed.certificate().getSerialNumber().equals(served(place)));
                String id = site().publish("ops/renewed", "still there?");
                assertEquals(id, stream.message().id());
                assertEquals(id, socket.message().id());
            }
        }
    }

    private static BigInteger served(Place place) {
        try (SSLSocket socket = (SSLSocket)
                behind().authority().trusted().getSocketFactory().createSocket("localhost", place.securePort())) {
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
        } catch (IOException notNow) {
            return BigInteger.ZERO;
        }
    }

    @Test
    void inTheClearThereIsNothingButTheWayToHttps() throws IOException {
        String answer = inTheClear("/portal/a?b=c");
        assertTrue(answer.startsWith("HTTP/1.1 308"), answer);
        assertTrue(
                answer.toLowerCase(Locale.ROOT).contains("location: https://portal.example/portal/a?b=c\r\n"), answer);
    }

    @Test
    void letsEncryptIsAnsweredInTheClear() throws IOException {
        String path = "/.well-known/acme-challenge/token";
        Path file = place().folder().resolve("letsencrypt" + path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "proof");
        // What certbot or acme.sh runs for a moment where the proxy serves no files.
        HttpServer standalone =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), place().challengePort()), 0);
        standalone.createContext(path, exchange -> {
            exchange.sendResponseHeaders(200, "proof".length());
            exchange.getResponseBody().write("proof".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        standalone.start();
        try {
            String answer = inTheClear(path);
            assertTrue(answer.startsWith("HTTP/1.1 200") && answer.endsWith("proof"), answer);
        } finally {
            standalone.stop(0);
        }
    }

    private String inTheClear(String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), place().port())) {
            socket.setSoTimeout(Await.MILLIS);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: portal.example\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private SSLSocket secure(String from) throws IOException {
        SSLSocket socket = (SSLSocket) behind().authority()
                .trusted()
                .getSocketFactory()
                .createSocket("localhost", place().securePort(), InetAddress.getByName(from), 0);
        socket.setSoTimeout(Await.MILLIS);
        return socket;
    }
}
