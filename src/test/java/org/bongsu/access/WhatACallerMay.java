package org.bongsu.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bongsu.Await;
import org.bongsu.Site;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What callers may do, and what they are told who may not: contract §9, over a real server whose people are those of {@link
 * org.bongsu.PortalServer}.
 */
public abstract class WhatACallerMay {
    /** What the portal has to be started with. */
    public static final Map<String, String> SETTINGS = Map.of("origins", "https://wiki.example");

    private Site portal;

    /** The portal under test. */
    protected abstract Site site();

    @BeforeEach
    final void know() {
        portal = site();
    }

    /** A connection to the portal, for what a decent client would not send. */
    protected Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), portal.base().getPort());
    }

    /** Whether the server gives its cookies all the attributes that it was told. */
    protected boolean keepsSameSite() {
        return true;
    }

    /** Who looks at the address first says so: the portal or the server. */
    protected void assertBadAddress(String path, String answer) {
        assertTrue(answer.matches("(?s)HTTP/1.1 4\\d\\d .*"), path + ": " + answer);
    }

    /** Whatever reads the body first says so: the portal itself in its own words. */
    protected void assertUnreadable(String answer) {
        assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        assertTrue(answer.contains("application/problem+json") && answer.contains("\"status\":400"), answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/json; charset=utf-8", "application/x-www-form-urlencoded"})
    void aLoginIsJsonOrAForm(String type) {
        String body =
                type.contains("json") ? "{\"user\":\"alice\",\"password\":\"alice\"}" : "password=%61lice&user=alice";
        HttpResponse<String> response = portal.send(
                fromPage("/api/session").header("Content-Type", type).POST(BodyPublishers.ofString(body)));
        assertEquals(204, response.statusCode());
        String cookie = String.join("\n", response.headers().allValues("Set-Cookie"));
        assertTrue(cookie.contains("HttpOnly"), cookie);
        // Pages of the allowed origin get it sent along over https alone.
        boolean secure = portal.base().getScheme().equals("https");
        if (keepsSameSite()) assertTrue(cookie.contains(secure ? "SameSite=None" : "SameSite=Lax"), cookie);
        else assertFalse(cookie.contains("SameSite"), cookie);
        assertEquals(secure, cookie.contains("Secure"), cookie);
    }

    @Test
    void aSessionTellsWhoOneIs() {
        String alice = portal.login("alice");
        assertEquals(
                "{\"user\":\"alice\",\"roles\":[\"bongsu-user\"],\"topic\":\"user/alice\"}",
                withCookie(alice, "/api/session").body());
        String admin = portal.login("admin");
        assertEquals(
                "{\"user\":\"admin\",\"roles\":[\"bongsu-admin\",\"bongsu-user\"],\"topic\":\"user/admin\"}",
                withCookie(admin, "/api/session").body());
    }

    @Test
    void aLoginMakesANewSession() {
        String before = portal.login("bob");
        HttpResponse<String> response = portal.send(fromPage("/api/session")
                .header("Cookie", before)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"user\":\"alice\",\"password\":\"alice\"}")));
        assertEquals(204, response.statusCode());
        List<String> cookies = response.headers().allValues("Set-Cookie");
        String after = cookies.get(cookies.size() - 1).split(";", 2)[0];
        assertNotEquals(before, after);
        assertEquals(401, withCookie(before, "/api/session").statusCode(), "the old id is worth nothing");
        assertTrue(withCookie(after, "/api/session").body().contains("\"alice\""));
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json | {\"user\":\"alice\",\"password\":\"bob\"}     | 401 | wrong user or password",
                "application/json | {\"user\":\"carol\",\"password\":\"bob\"}     | 401 | wrong user or password",
                "application/json | {\"user\":\"alice\"}                          | 400 | password is missing",
                "application/json | {\"user\":\"\",\"password\":\"\"}             | 400 | user is missing",
                "application/json | {\"user\":\" \",\"password\":\"x\"}            | 400 | user is missing",
                "application/json | {\"user\":1,\"password\":\"x\"}               | 400 | user is not a string",
                "application/json | {\"user\":\"a\",\"password\":\"x\",\"to\":\"y\"} | 400 | \"to\" is not a field",
                "application/json | [1]                                           | 400 | not a JSON object",
                "application/json | {\"user\"                                     | 400 | not a JSON object",
                "application/json | ''                                            | 400 | not a JSON object",
                "application/x-www-form-urlencoded | user=alice&password=%4       | 400 | escape",
                "application/x-www-form-urlencoded | user=alice&password=x        | 401 | wrong user or password",
                "text/plain       | user=alice&password=alice                     | 415 | allowed: application/json",
            })
    void aLoginThatIsNoneIsRefusedInWords(String type, String body, int status, String detail) {
        HttpResponse<String> response = portal.send(
                fromPage("/api/session").header("Content-Type", type).POST(BodyPublishers.ofString(body)));
        assertProblem(status, response);
        assertTrue(response.body().contains(detail.replace("\"", "\\\"")), response.body());
        assertFalse(response.body().contains("alice"), "nothing of the credentials comes back");
    }

    @Test
    void theAddressIsNoPlaceForAPassword() {
        assertProblem(
                415,
                portal.send(fromPage("/api/session?user=alice&password=alice").POST(BodyPublishers.noBody())));
    }

    @Test
    void aLongLoginIsNotRead() {
        HttpResponse<String> response = portal.send(fromPage("/api/session")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"user\":\"" + "a".repeat(9_000) + "\"}")));
        assertProblem(413, response);
    }

    @Test
    void aLogoutEndsTheSession() {
        String cookie = portal.login("alice");
        HttpResponse<String> response =
                portal.send(fromPage("/api/session").header("Cookie", cookie).DELETE());
        assertEquals(204, response.statusCode());
        assertProblem(401, withCookie(cookie, "/api/session"));
        assertEquals(204, portal.send(fromPage("/api/session").DELETE()).statusCode(), "a second time is no error");
    }

    /** As a telephone's keyboard adds it; a directory would find her, and her notices would be somebody else's. */
    @Test
    void aBlankBesideANameIsNoPartOfIt() {
        String json = "{\"user\":\" alice \",\"password\":\"alice\"}";
        HttpResponse<String> login = portal.send(fromPage("/api/session")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json)));
        assertEquals(204, login.statusCode(), login.body());
        List<String> cookies = login.headers().allValues("Set-Cookie");
        String cookie = cookies.get(cookies.size() - 1).split(";", 2)[0];
        assertEquals(
                "alice", Site.json(withCookie(cookie, "/api/session").body()).getString("user"));

        String basic = Base64.getEncoder().encodeToString("alice :alice".getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> program =
                portal.send(portal.request("/api/session").header("Authorization", "Basic " + basic));
        assertEquals(200, program.statusCode(), program.body());
        assertEquals("alice", Site.json(program.body()).getString("user"));
    }

    @Test
    void basicIsCheckedEachTimeAndLeavesNoSession() {
        HttpResponse<String> response = portal.get("alice", "/api/session");
        assertEquals(200, response.statusCode());
        // Undertow makes a session at each login; then it takes the cookie back at once.
        for (String cookie : response.headers().allValues("Set-Cookie")) {
            assertTrue(cookie.contains("Expires=Thu, 01-Jan-1970"), cookie);
        }
        // No page of another site can send an Authorization header, so programs need no Origin.
        HttpResponse<String> post =
                portal.send(portal.request("alice", "/api/alive?c=x").POST(BodyPublishers.noBody()));
        assertProblem(404, post);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Basic YWxpY2U6Ym9i", // alice:bob
                "Basic bm9ib2R5YXRhbGw6eA==",
                "Basic !!!",
                "Basic YWxpY2U=", // alice, without a colon
                "Basic",
                "Bearer abc",
                "Bearer",
                "Digest username=alice",
                "",
                "Basic YWxpY2U6",
            })
    void wrongCredentialsAreAnswered401WithoutAPopUp(String authorization) {
        HttpResponse<String> response =
                portal.send(portal.request("/api/session").header("Authorization", authorization));
        assertProblem(401, response);
        assertEquals(List.of("Bearer"), response.headers().allValues("WWW-Authenticate"));
        assertEquals(List.of(), response.headers().allValues("Set-Cookie"));
    }

    @Test
    void basicMayUseEveryCharacter() {
        String credentials = Base64.getEncoder().encodeToString("김:철:수".getBytes(StandardCharsets.UTF_8));
        assertProblem(401, portal.send(portal.request("/api/session").header("Authorization", "Basic " + credentials)));
    }

    @Test
    void aSessionAndAnAuthorizationTogetherAreRefused() {
        String cookie = portal.login("alice");
        HttpResponse<String> response =
                portal.send(portal.request("bob", "/api/session").header("Cookie", cookie));
        assertProblem(400, response);
        assertEquals(200, withCookie(cookie, "/api/session").statusCode(), "the session has not suffered");
    }

    /** Without credentials, with those of nobody (a realm would lock alice out), with a token that is none. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/session",
                "/api/poll",
                "/api/stream",
                "/api/alive",
                "/api/topics/ops/x",
                "/api/nothing",
                "/ws",
                "/metrics"
            })
    void nobodyGetsNothing(String path) {
        for (String credentials : List.of("", "Basic bWFsbG9yeTpib2I=", "Bearer abc")) {
            HttpRequest.Builder request = portal.request(path);
            if (!credentials.isEmpty()) request.header("Authorization", credentials);
            HttpResponse<String> response = portal.send(request);
            assertProblem(401, response);
            assertEquals(List.of("Bearer"), response.headers().allValues("WWW-Authenticate"), credentials);
        }
    }

    @Test
    void aPersonWithoutARoleMayNothing() {
        assertProblem(403, portal.get("nobody", "/api/session"));
        assertProblem(403, withCookie(portal.login("nobody"), "/api/poll?wait=0"));
    }

    @ParameterizedTest(name = "a cookie with {0}: {1} is answered {2}")
    @CsvSource({
        "Origin, OWN, 204",
        "Origin, https://wiki.example, 204",
        "Origin, https://evil.example, 403",
        "Origin, OWN.evil, 403",
        "Origin, null, 403",
        "Sec-Fetch-Site, same-origin, 204",
        "Sec-Fetch-Site, same-site, 403",
        "Sec-Fetch-Site, cross-site, 403",
        "Sec-Fetch-Site, none, 403",
        "X-Bongsu, 1, 204",
        "X-Bongsu, 0, 403",
        "Accept, */*, 403",
    })
    void whatChangesSomethingMustComeFromAPageOfThePortal(String header, String value, int status) {
        String cookie = portal.login("alice");
        HttpRequest.Builder logout = portal.request("/api/session")
                .header("Cookie", cookie)
                .header(header, value.replace("OWN", portal.origin()))
                .DELETE();
        assertEquals(status, portal.send(logout).statusCode());
        // The login and every other door are guarded alike; 415 and 404 are said by the door itself.
        HttpRequest.Builder login = portal.request("/api/session")
                .header(header, value.replace("OWN", portal.origin()))
                .POST(BodyPublishers.noBody());
        assertEquals(status == 403 ? 403 : 415, portal.send(login).statusCode());
        HttpRequest.Builder alive = portal.request("/api/alive?c=x")
                .header("Cookie", portal.login("alice"))
                .header(header, value.replace("OWN", portal.origin()))
                .POST(BodyPublishers.noBody());
        assertEquals(status == 403 ? 403 : 404, portal.send(alive).statusCode());
        assertEquals(
                status == 403 ? 200 : 401, withCookie(cookie, "/api/session").statusCode(), "whether it did something");
    }

    /** Browsers add a password that they have kept to whatever page's request goes to the portal. */
    @ParameterizedTest(name = "a password with {0}: {1} is answered {2}")
    @CsvSource({
        "Origin, OWN, 404",
        "Origin, https://wiki.example, 404",
        "Origin, https://evil.example, 403",
        "Origin, null, 403",
        "Sec-Fetch-Site, same-origin, 404",
        "Sec-Fetch-Site, same-site, 403",
        "Sec-Fetch-Site, cross-site, 403",
        "Sec-Fetch-Site, none, 404",
        "X-Bongsu, 1, 404",
        "Accept, */*, 404",
    })
    void aPasswordDoesNotLetAForeignPageChangeAnything(String header, String value, int status) {
        HttpRequest.Builder alive = portal.request("alice", "/api/alive?c=x")
                .header(header, value.replace("OWN", portal.origin()))
                .POST(BodyPublishers.noBody());
        assertProblem(status, portal.send(alive));
    }

    @Test
    void anAllowedOriginGetsCorsWithCredentialsAndNoOtherDoes() {
        HttpResponse<String> allowed =
                portal.send(portal.request("alice", "/api/session").header("Origin", "https://wiki.example"));
        assertEquals("https://wiki.example", header(allowed, "Access-Control-Allow-Origin"));
        assertEquals("true", header(allowed, "Access-Control-Allow-Credentials"));
        assertTrue(allowed.headers().allValues("Vary").contains("Origin"));
        HttpResponse<String> other =
                portal.send(portal.request("alice", "/api/session").header("Origin", "https://evil.example"));
        assertEquals("", header(other, "Access-Control-Allow-Origin"));
        assertTrue(other.headers().allValues("Vary").contains("Origin"));

        assertEquals(204, preflight("https://wiki.example").statusCode());
        assertTrue(header(preflight("https://wiki.example"), "Access-Control-Allow-Methods")
                .contains("PUT"));
        assertProblem(403, preflight("https://evil.example"));
        assertEquals("", header(preflight("https://evil.example"), "Access-Control-Allow-Origin"));
    }

    @Test
    void aNamedTopicThatOneMayNotReadIsRefused() {
        assertProblem(403, portal.get("alice", "/api/poll?wait=0&topic=user/bob"));
        assertEquals(
                200, portal.get("alice", "/api/poll?wait=0&topic=user/alice").statusCode());
        assertEquals(200, portal.get("alice", "/api/poll?wait=0&topic=user/*").statusCode());
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource({
        "PUT, /api/session, 'GET, HEAD, POST, DELETE'",
        "POST, /health/live, 'GET, HEAD'",
        "DELETE, /api/poll, GET",
    })
    void aMethodThatADoorLacksIsAnswered405(String method, String path, String allow) {
        HttpResponse<String> response =
                portal.send(portal.request("alice", path).method(method, BodyPublishers.noBody()));
        assertProblem(405, response);
        assertEquals(allow, header(response, "Allow"));
    }

    @Test
    void whatIsNotThereIsAProblemForProgramsAndAPageForPeople() {
        assertProblem(404, portal.get("alice", "/api/nothing"));
        assertProblem(404, portal.get("alice", "/health/nothing"));
        HttpResponse<String> page =
                portal.get("alice", "/nothing<script>.html".replace("<", "%3C").replace(">", "%3E"));
        assertEquals(404, page.statusCode());
        assertTrue(header(page, "Content-Type").startsWith("text/html"));
        assertFalse(page.body().contains("<script>"));
        assertEquals(404, portal.get("alice", "/error").statusCode());
        assertEquals(404, portal.get("alice", "/WEB-INF/web.xml").statusCode());
    }

    @Test
    void whoAsksForTheHeadAloneGetsNoPage() throws IOException {
        String answer = raw("HEAD " + portal.url("/nothing").getPath()
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 404"), answer);
        assertTrue(answer.toLowerCase(Locale.ROOT).contains("content-type: text/html"), answer);
        assertTrue(answer.endsWith("\r\n\r\n"), answer);
    }

    @ParameterizedTest
    @CsvSource({
        "/nothing, ko-KR, 페이지를 찾을 수 없습니다, ./",
        "/nothing, 'en,ko;q=0.5', Not found, ./",
        "/nothing, fr, Not found, ./",
        "/nothing, , Not found, ./",
        "/a/b/nothing, ko, 페이지를 찾을 수 없습니다, ../../",
        "/api.html, en, Not found, ./",
    })
    void thePageForWhatIsNotThereSpeaksTheReadersLanguageAndLeadsBack(
            String path, @Nullable String languages, String title, String root) {
        HttpRequest.Builder request = portal.request("alice", path);
        if (languages != null) request.header("Accept-Language", languages);
        HttpResponse<String> page = portal.send(request.GET());
        assertEquals(404, page.statusCode());
        assertTrue(page.body().contains("<h1>" + title + "</h1>"), page.body());
        assertTrue(page.body().contains("<a href=\"" + root + "\">"), page.body());
        // Relative to what was asked for: behind a proxy the portal may be below another path.
        assertTrue(page.body().contains("href=\"" + root + "css/portal.css\""), page.body());
        assertTrue(page.body().contains("src=\"" + root + "img/bongsu.svg\""), page.body());
        String policy = header(page, "Content-Security-Policy");
        assertTrue(policy.contains("style-src 'self'") && policy.contains("img-src 'self'"), policy);
    }

    @Test
    void everyAnswerSaysWhatABrowserMayDoWithIt() {
        for (String path : new String[] {"/", "/nothing", "/api/session", "/api/nothing", "/health/live"}) {
            HttpResponse<String> response = portal.get("alice", path);
            assertEquals("nosniff", header(response, "X-Content-Type-Options"), path);
            String policy = header(response, "Content-Security-Policy");
            assertTrue(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), path);
            assertTrue(header(response, "Cache-Control").startsWith("no-"), path);
        }
        String policy = header(portal.get("alice", "/nothing"), "Content-Security-Policy");
        assertTrue(policy.contains("connect-src 'self' " + portal.origin().replaceFirst("http", "ws")), policy);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "/, text/html;charset=UTF-8",
        "/index.html, text/html;charset=UTF-8",
        "/css/portal.css, text/css;charset=UTF-8",
        "/js/page/page.js, text/javascript;charset=UTF-8",
        "/img/bongsu.svg, image/svg+xml;charset=UTF-8",
        "/img/bongsu-32.png, image/png",
    })
    void aFileComesWithItsCharset(String path, String type) {
        HttpResponse<String> response = portal.send(portal.request(path));
        assertEquals(200, response.statusCode());
        assertEquals(
                type.toLowerCase(Locale.ROOT),
                header(response, "Content-Type").replace("; ", ";").toLowerCase(Locale.ROOT));
        assertEquals("no-cache", header(response, "Cache-Control"));
        // Servers differ in the validator that they give to files.
        String tag = header(response, "ETag");
        HttpResponse<String> again = portal.send(
                tag.isEmpty()
                        ? portal.request(path).header("If-Modified-Since", header(response, "Last-Modified"))
                        : portal.request(path).header("If-None-Match", tag));
        assertEquals(304, again.statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/%2e%2e/x", "/api/a%2Fb", "/api/a%5Cb", "/api/a%00b", "/%"})
    void whatTheServerItselfRefusesShowsNothingOfTheInside(String path) throws Exception {
        String answer = raw("GET " + root() + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertBadAddress(path, answer);
        assertFalse(answer.contains("Tomcat") || answer.contains("java.") || answer.contains("at org."), answer);
    }

    @Test
    void aBodyThatTheServerCannotReadIsTheClientsFault() throws Exception {
        String answer = raw("POST " + root() + "/api/topics/ops/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Authorization: " + Site.basic("admin")
                + "\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n");
        assertUnreadable(answer);
    }

    @Test
    void healthNeedsNoLogin() {
        assertEquals(
                "{\"status\":\"live\"}",
                portal.send(portal.request("/health/live")).body());
        HttpResponse<String> ready = portal.send(portal.request("/health/ready"));
        assertEquals(200, ready.statusCode());
        assertTrue(ready.body().startsWith("{\"status\":\"ready\",\"durability\":\""), ready.body());
    }

    private String root() {
        return portal.base().getPath().replaceFirst("/$", "");
    }

    private String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.setSoTimeout(Await.MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private HttpResponse<String> preflight(String origin) {
        return portal.send(portal.request("/api/topics/ops/x")
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "PUT")
                .method("OPTIONS", BodyPublishers.noBody()));
    }

    private HttpRequest.Builder fromPage(String path) {
        return portal.request(path).header("Origin", portal.origin());
    }

    private HttpResponse<String> withCookie(String cookie, String path) {
        return portal.send(portal.request(path).header("Cookie", cookie));
    }

    private static void assertProblem(int status, HttpResponse<String> response) {
        assertEquals(status, response.statusCode(), response.body());
        assertEquals("application/problem+json;charset=UTF-8", header(response, "Content-Type"));
        assertTrue(response.body().contains("\"status\":" + status), response.body());
        assertNotNull(response.body());
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
