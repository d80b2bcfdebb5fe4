package org.bongsu.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.crash.Ledger;
import org.bongsu.crash.Publishers;
import org.bongsu.crash.Witness;
import org.bongsu.reader.PortalReader;
import org.bongsu.reader.PortalReader.Event;
import org.bongsu.reader.Transport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How the packaged WAR comes and goes on each standard server that is wanted ({@code -Dservers=}, {@link Recipes}), under load
 * and with the server. Apart from {@link ServersIT}, and with servers of its own, so that both can run side by side: each takes
 * minutes on each server.
 */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("org.bongsu.server.Recipes#wanted")
final class DeploymentsIT {
    @RegisterExtension
    static final Tally TALLY = new Tally(DeploymentsIT.class);

    private static final int REDEPLOYMENTS = Integer.getInteger("redeployments", 20);

    /** A class that each deployed portal has loaded for itself. */
    private static final String OUR_CLASS = "org.bongsu.app.Portal";

    private static final String OUR_THREADS = "\"bongsu";

    private final Recipe recipe;

    DeploymentsIT(Recipe recipe) {
        this.recipe = recipe;
    }

    @BeforeParameterizedClassInvocation
    static void begin(Recipe recipe) {
        TALLY.begin(recipe);
    }

    @Test
    void isDeployedAnewUnderLoadAndLeavesNothingBehind() {
        try (StandardServer server = StandardServer.builder(recipe)
                .watching()
                .with(Map.of("retention.count", "1000000"))
                .start()) {
            AtomicReference<@Nullable Site> open = new AtomicReference<>(server.site());
            List<Witness> witnesses = new ArrayList<>();
            Ledger ledger = new Ledger(1, 1, 10, 100);
            try (Publishers publishers =
                    new Publishers(ledger, List.of(1, 3), Await.PATIENCE, (publisher, failures) -> open.get())) {
                for (Transport transport : Transport.LIVE) {
                    witnesses.add(new Witness(server + " by " + transport, transport, open::get));
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
                    if (round == 2) descriptors = server.openDescriptors();
                    try (PortalReader sentinel = Transport.SSE.open(server.site(), "alice", List.of("quiet"), null)) {
                        sentinel.awaitReady();
                        server.redeploy();
                        Transport.SSE.assertEndsCleanly(sentinel);
                    }
                    open.set(null);
                    publishers.awaitIdle();
                    Await.until(server + " serves the next", server::isServing);
                    open.set(server.site());
                }
                publishers.stop();
                ledger.checkWhole(server.site());
                assertEquals(List.of(), ledger.faults(), () -> "" + ledger);
                for (Witness witness : witnesses) witness.assertHasSeen(ledger.log());
                long allowed = descriptors + 20;
                Await.until(
                        "no more descriptors than " + allowed + ", not " + server.openDescriptors(),
                        () -> server.openDescriptors() <= allowed);
                awaitNothingIsLeftOfThoseBefore(server);
            } finally {
                witnesses.forEach(Witness::close);
            }
            server.undeploy();
            Await.until("no thread of ours is left", () -> !server.ask("Thread.print")
                    .contains(OUR_THREADS));
            assertEquals(List.of(), server.openDataFiles(), "files of ours are still open");
        }
    }

    private void awaitNothingIsLeftOfThoseBefore(StandardServer server) {
        AtomicInteger last = new AtomicInteger();
        try {
            Await.until("of all those before nothing is left", () -> {
                // An idle thread of the server may remember what it did last, and for whom.
                server.wakeItsThreads();
                last.set(loaded(server));
                assertTrue(last.get() >= 1, "the one that runs is not seen");
                return last.get() <= 1 + recipe.remembered();
            });
        } catch (AssertionError e) {
            AssertionError left = new AssertionError(e.getMessage() + ", but " + (last.get() - 1) + " portals", e);
            try {
                // What holds them is seen there, and nowhere afterwards.
                left.addSuppressed(new AssertionError("see " + server.dumpHeap()));
            } catch (RuntimeException | Error noDump) {
                left.addSuppressed(noDump);
            }
            throw left;
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
        try (StandardServer server = StandardServer.builder(recipe).start()) {
            Map<Transport, PortalReader> readers = new HashMap<>();
            for (Transport transport : Transport.LIVE) {
                readers.put(
                        transport,
                        transport
                                .open(server.site(), "alice", List.of("down/*"), null)
                                .awaitReady());
            }
            server.beginToStop();
            readers.forEach((transport, reader) -> {
                if (transport == Transport.WEBSOCKET && recipe.deviations().contains(Deviation.CLOSES_SOCKETS_FIRST))
                    assertIsClosed(reader);
                else transport.assertEndsCleanly(reader);
            });
            server.awaitStopped();
            assertTrue(server.log().length() > 0);
        }
    }

    private static void assertIsClosed(PortalReader reader) {
        Event event = reader.nextNews();
        if (event.equals(new Event.Bye("shutdown"))) event = reader.next();
        assertTrue(event instanceof Event.End end && end.why().startsWith("1001"), "closed, and why: " + event);
    }
}
