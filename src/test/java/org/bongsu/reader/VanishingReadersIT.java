package org.bongsu.reader;

import java.nio.file.Path;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** What vanishing readers leave at a Tomcat in this JVM. */
final class VanishingReadersIT extends WhatVanishingReadersLeave {
    private PortalServer server;

    @BeforeAll
    void start(@TempDir Path home) {
        server = PortalServer.builder().home(home).with(SETTINGS).start();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Override
    protected Site site() {
        return server.site();
    }

    @Override
    protected long openDescriptors() {
        String[] open = Path.of("/proc/self/fd").toFile().list();
        return open == null ? 0 : open.length;
    }
}
