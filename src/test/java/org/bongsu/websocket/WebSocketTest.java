package org.bongsu.websocket;

import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.log.MemoryMessageStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What clients of {@code ws} are told, by a Tomcat in this JVM. */
final class WebSocketTest extends WhatASocketIsTold {
    private PortalServer portal;

    @BeforeAll
    void start() {
        portal = PortalServer.builder()
                .store(new MemoryMessageStore())
                .with(SETTINGS)
                .start();
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
