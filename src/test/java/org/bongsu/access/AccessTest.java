package org.bongsu.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.log.MemoryMessageStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a caller may, on a Tomcat in this JVM. */
final class AccessTest extends WhatACallerMay {
    private static PortalServer portal;

    @BeforeAll
    static void start() {
        portal = PortalServer.builder()
                .store(new MemoryMessageStore())
                .with(SETTINGS)
                .start();
    }

    @AfterAll
    static void stop() {
        portal.close();
    }

    @Override
    protected Site site() {
        return portal.site();
    }

    @ParameterizedTest(name = "with the publicUrl {0} the path is {1}")
    @CsvSource({
        "https://portal.test, /bongsu, /bongsu",
        "https://portal.test/, /, ''",
        "https://portal.test/portal, /portal, /portal",
        "https://portal.test/a/portal/, /a/portal, /a/portal",
    })
    void behindAProxyThePathIsTheOneThatBrowsersSee(String publicUrl, String ofCookie, String ofLocation) {
        try (PortalServer behindProxy = PortalServer.builder()
                .store(new MemoryMessageStore())
                .with("publicUrl", publicUrl)
                .start()) {
            HttpResponse<String> login = behindProxy.send(behindProxy
                    .request("/api/session")
                    .header("Origin", "https://portal.test")
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"user\":\"alice\",\"password\":\"alice\"}")));
            String cookie = String.join("\n", login.headers().allValues("Set-Cookie"));
            assertTrue((cookie + ';').contains("Path=" + ofCookie + ';'), cookie);
            HttpResponse<String> published = behindProxy.send(
                    behindProxy.request("admin", "/api/topics/ops/x").POST(BodyPublishers.ofString("x")));
            String location = published.headers().firstValue("Location").orElse("");
            assertTrue(location.startsWith(ofLocation + "/api/messages/"), location);
        }
    }

    @Test
    void theCookieIsSentFromPagesOfOtherSitesOnlyWhereTheyAreAllowedAndOverHttps() {
        try (PortalServer behindProxy = PortalServer.builder()
                .store(new MemoryMessageStore())
                .with(SETTINGS)
                .with("publicUrl", "https://portal.test/bongsu")
                .start()) {
            HttpResponse<String> response = behindProxy.send(behindProxy
                    .request("/api/session")
                    .header("Origin", "https://wiki.example")
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"user\":\"alice\",\"password\":\"alice\"}")));
            assertEquals(204, response.statusCode());
            String cookie = String.join("\n", response.headers().allValues("Set-Cookie"));
            assertTrue(cookie.contains("SameSite=None") && cookie.contains("Secure"), cookie);
        }
    }
}
