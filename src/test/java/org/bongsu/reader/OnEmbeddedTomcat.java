package org.bongsu.reader;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.log.TestClock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What any reader is owed, by the portal in this JVM, whose clock is ours. */
abstract class OnEmbeddedTomcat extends WhatAnyReaderIsOwed {
    private final Transport transport;
    private final TestClock clock = new TestClock(Instant.parse("2026-11-21T08:00:00Z"));
    private PortalServer server;
    private Site site;

    OnEmbeddedTomcat(Transport transport) {
        this.transport = transport;
    }

    @BeforeAll
    void start(@TempDir Path home) {
        server = PortalServer.builder().home(home).with(SETTINGS).clock(clock).start();
        site = server.site();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Override
    protected final Transport transport() {
        return transport;
    }

    @Override
    protected final Site site() {
        return site;
    }

    @Override
    protected final Instant now() {
        return clock.instant();
    }

    @Override
    protected final void pass(Duration time) {
        clock.pass(time);
    }

    @Test
    void onShutdownTheEndIsClean(@TempDir Path other) {
        PortalServer leaving = PortalServer.builder().home(other).with(SETTINGS).start();
        try (PortalReader reader = transport.open(leaving.site(), "alice", List.of("down/*"), null)) {
            reader.awaitReady();
            leaving.close();
            transport.assertEndsCleanly(reader);
        }
    }
}
