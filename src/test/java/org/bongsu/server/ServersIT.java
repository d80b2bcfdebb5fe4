package org.bongsu.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.access.WhatACallerMay;
import org.bongsu.access.WhatEndsWithASession;
import org.bongsu.crash.Ledger;
import org.bongsu.crash.Publishers;
import org.bongsu.crash.Witness;
import org.bongsu.reader.PortalReader;
import org.bongsu.reader.PortalReader.Event;
import org.bongsu.reader.Transport;
import org.bongsu.reader.WhatAnyReaderIsOwed;
import org.bongsu.reader.WhatVanishingReadersLeave;
import org.bongsu.websocket.WhatASocketIsTold;
import org.bongsu.websocket.WhatEndsASocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The packaged WAR on each standard server that is wanted ({@code -Dservers=}, {@link Recipes}), black box: over its sockets
 * alone. At the end there is a table.
 */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("org.bongsu.server.Recipes#wanted")
final class ServersIT {
    @RegisterExtension
    static final Tally TALLY = new Tally();

    /** The one whose turn it is. */
    private static @Nullable StandardServer server;

    private final Recipe recipe;

    ServersIT(Recipe recipe) {
        this.recipe = recipe;
    }

    @BeforeParameterizedClassInvocation
    static void start(Recipe recipe) {
        TALLY.begin(recipe);
        Map<String, String> settings = new HashMap<>(WhatAnyReaderIsOwed.SETTINGS);
        settings.putAll(WhatACallerMay.SETTINGS);
        StandardServer started = new StandardServer(recipe, settings);
        server = started;
        TALLY.started(started.startedIn());
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (server != null) server.close();
        server = null;
    }

    private boolean does(Deviation deviation) {
        return recipe.deviations().contains(deviation);
    }

    private static Site ofServer() {
        return Objects.requireNonNull(server).site();
    }

    private abstract static class Readers extends WhatAnyReaderIsOwed {
        @Override
        protected Site site() {
            return ofServer();
        }

        @Override
        protected Instant now() {
            return Instant.now();
        }

        @Override
        protected void pass(Duration time) {
            Instant then = Instant.now().plus(time);
            Await.until("it is " + then, () -> Instant.now().isAfter(then));
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
            return ofServer();
        }

        @Override
        protected void assertUnreadable(String answer) {
            if (does(Deviation.DROPS_BAD_CHUNKS)) assertEquals("", answer);
            else if (does(Deviation.ANSWERS_BAD_SYNTAX_ITSELF)) assertIsWithoutAWord(400, answer);
            else super.assertUnreadable(answer);
        }

        @Override
        protected boolean keepsSameSite() {
            return !does(Deviation.HAS_NO_SAME_SITE);
        }

        @Override
        protected void assertBadAddress(String path, String answer) {
            if (does(Deviation.ANSWERS_BAD_SYNTAX_ITSELF) && path.equals("/%")) assertIsWithoutAWord(200, answer);
            else super.assertBadAddress(path, answer);
        }

        private static void assertIsWithoutAWord(int status, String answer) {
            assertTrue(answer.startsWith("HTTP/1.1 " + status + ' '), answer);
            assertTrue(answer.contains("\r\nContent-Length: 0\r\n") && answer.endsWith("\r\n\r\n"), answer);
        }
    }

    @Nested
    final class Sessions extends WhatEndsWithASession {
        @Override
        protected Site site() {
            return ofServer();
        }
    }

    @Nested
    final class Sockets extends WhatASocketIsTold {
        @Override
        protected Site site() {
            return ofServer();
        }

        @Override
        protected boolean namesTheUpgrade() {
            return !does(Deviation.HANGS_AFTER_UPGRADE);
        }

        @Override
        protected boolean refusesCutCharacters() {
            return does(Deviation.REFUSES_CUT_CHARACTERS);
        }
    }

    /** With deadlines of ours that are shorter than any server's. */
    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    final class EndsOfSockets extends WhatEndsASocket {
        private StandardServer hurried;

        @BeforeAll
        void start() {
            hurried = new StandardServer(recipe, SETTINGS);
        }

        @AfterAll
        void stop() {
            hurried.close();
        }

        @Override
        protected Site site() {
            return hurried.site();
        }

        @Override
        protected boolean keepsDeafClients() {
            return does(Deviation.KEEPS_DEAF_CLIENTS);
        }
    }

    /** With such deadlines, too. */
    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    final class Vanishing extends WhatVanishingReadersLeave {
        private StandardServer hurried;

        @BeforeAll
        void start() {
            hurried = new StandardServer(recipe, SETTINGS);
        }

        @AfterAll
        void stop() {
            hurried.close();
        }

        @Override
        protected Site site() {
            return hurried.site();
        }

        @Override
        protected boolean keepsDeafClients() {
            return does(Deviation.KEEPS_DEAF_CLIENTS);
        }

        @Override
        protected long openDescriptors() {
            return hurried.openDescriptors();
        }
    }

    private static final int REDEPLOYMENTS = Integer.getInteger("redeployments", 20);

    /** A class that each deployed portal has loaded for itself. */
    private static final String OUR_CLASS = "org.bongsu.app.Portal";

    private static final String OUR_THREADS = "\"bongsu";

    @Test
    void isDeployedAnewUnderLoadAndLeavesNothingBehind() {
        try (StandardServer other = StandardServer.watching(recipe, Map.of("retention.count", "1000000"))) {
            AtomicReference<@Nullable Site> open = new AtomicReference<>(other.site());
            List<Witness> witnesses = new ArrayList<>();
            Ledger ledger = new Ledger(1, 1, 10, 100);
            try (Publishers publishers =
                    new Publishers(ledger, List.of(1, 3), Await.PATIENCE, (publisher, failures) -> open.get())) {
                for (Transport transport : Transport.LIVE) {
                    witnesses.add(new Witness(other + " by " + transport, transport, open::get));
                }
                long descriptors = 0;
                for (int round = 0; round < REDEPLOYMENTS; round++) {
                    publishers.awaitAcknowledged(1);
                    for (Witness witness : witnesses) {
                        int before = witness.size();
                        Await.until(witness + " goes on", () -> {
                            witness.assertHasNotFailed();
                            return witness.size() > before;
                        });
                    }
                    publishers.awaitAcknowledged(50);
                    if (round == 2) descriptors = other.openDescriptors();
                    try (PortalReader sentinel = Transport.SSE.open(other.site(), "alice", List.of("quiet"), null)) {
                        sentinel.awaitReady();
                        other.redeploy();
                        Transport.SSE.assertEndsCleanly(sentinel);
                    }
                    open.set(null);
                    publishers.awaitIdle();
                    Await.until(other + " serves the next", other::isServing);
                    open.set(other.site());
                }
                publishers.stop();
                ledger.checkWhole(other.site());
                assertEquals(List.of(), ledger.faults(), () -> "" + ledger);
                for (Witness witness : witnesses) witness.assertHasSeen(ledger.log());
                long allowed = descriptors + 20;
                Await.until(
                        "no more descriptors than " + allowed + ", not " + other.openDescriptors(),
                        () -> other.openDescriptors() <= allowed);
                Await.until("of all those before nothing is left", () -> {
                    // An idle thread of the server may remember what it did last, and for whom.
                    other.wakeItsThreads();
                    int loaded = loaded(other);
                    assertTrue(loaded >= 1, "the one that runs is not seen");
                    return loaded <= 1 + recipe.remembered();
                });
            } finally {
                witnesses.forEach(Witness::close);
            }
            other.undeploy();
            Await.until("no thread of ours is left", () -> !other.ask("Thread.print")
                    .contains(OUR_THREADS));
            assertEquals(List.of(), other.openDataFiles(), "files of ours are still open");
        }
    }

    /** How many portals' classes are in memory; the last one's may be kept for long by a cache of the JVM with one place. */
    private static int loaded(StandardServer of) {
        of.ask("GC.run");
        int count = 0;
        for (String line : of.ask("VM.classloaders", "show-classes").lines().toList()) {
            if (line.endsWith(' ' + OUR_CLASS)) count++;
        }
        return count;
    }

    @Test
    void saysGoodbyeToEveryReaderWhenTheServerStops() {
        try (StandardServer other = new StandardServer(recipe, Map.of())) {
            Map<Transport, PortalReader> readers = new HashMap<>();
            for (Transport transport : Transport.LIVE) {
                readers.put(
                        transport,
                        transport
                                .open(other.site(), "alice", List.of("down/*"), null)
                                .awaitReady());
            }
            other.beginToStop();
            readers.forEach((transport, reader) -> {
                if (transport == Transport.WEBSOCKET && does(Deviation.CLOSES_SOCKETS_FIRST)) assertIsClosed(reader);
                else transport.assertEndsCleanly(reader);
            });
            other.awaitStopped();
            assertTrue(other.log().length() > 0);
        }
    }

    private static void assertIsClosed(PortalReader reader) {
        Event event = reader.nextNews();
        if (event.equals(new Event.Bye("shutdown"))) event = reader.next();
        assertTrue(event instanceof Event.End end && end.why().startsWith("1001"), "closed, and why: " + event);
    }
}
