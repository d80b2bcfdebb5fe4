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
