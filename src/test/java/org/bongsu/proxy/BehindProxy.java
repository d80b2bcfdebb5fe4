package org.bongsu.proxy;

import java.net.http.HttpClient;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.bongsu.LocalAuthority;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.access.WhatACallerMay;
import org.bongsu.log.TestClock;
import org.bongsu.reader.WhatAnyReaderIsOwed;

/** A portal on a plain Tomcat and a proxy before it. For one thread. */
final class BehindProxy implements AutoCloseable {
    private final TestClock clock = new TestClock(Instant.parse("2026-11-21T08:00:00Z"));
    private final Arrivals arrivals = new Arrivals();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final LocalAuthority authority;
    private final Place place;
    private final PortalServer portal;
    private final Site site;

    BehindProxy(Proxy kind) {
        RunningProxy.program(kind);
        try {
            authority = opened(new LocalAuthority());
            place = opened(Place.fresh());
            place.install(authority.issue());
            portal = opened(PortalServer.builder()
                    .with(WhatAnyReaderIsOwed.SETTINGS)
                    .with(WhatACallerMay.SETTINGS)
                    .with("publicUrl", place.url("/portal").toString())
                    .clock(clock)
                    .valve(Config.remoteIpValve())
                    .valve(arrivals)
                    .start());
            opened(RunningProxy.start(kind, place, List.of(portal.port())));
            site = new Site(place.url("/portal/"), authority.client(HttpClient.Version.HTTP_2));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.push(closeable);
        return closeable;
    }

    LocalAuthority authority() {
        return authority;
    }

    Place place() {
        return place;
    }

    int portalPort() {
        return portal.port();
    }

    TestClock clock() {
        return clock;
    }

    Arrivals arrivals() {
        return arrivals;
    }

    /** As its clients see it, over HTTP/2. */
    Site site() {
        return site;
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
