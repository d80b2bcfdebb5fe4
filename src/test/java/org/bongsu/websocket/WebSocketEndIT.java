package org.bongsu.websocket;

import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What ends a WebSocket, on a Tomcat in this JVM. */
final class WebSocketEndIT extends WhatEndsASocket {
    private PortalServer portal;

    @BeforeAll
    void start() {
        portal = PortalServer.start(SETTINGS);
    }

    @AfterAll
    void stop() {
        portal.close();
    }

    @Override
    protected Site site() {
        return portal.site();
    }
}
