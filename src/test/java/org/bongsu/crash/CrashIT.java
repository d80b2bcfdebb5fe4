package org.bongsu.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.reader.Transport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real portal is killed again and again while it is being published to, and started again on what it has left; nothing
 * that it has acknowledged or shown may have changed.
 *
 * <p>After each kill the newest part of the log is read back and checked, and where a reading of everything would make the
 * test quadratic, everything after every second, fourth, eighth … kill and after the last. {@code -Dkills=} says how many.
 */
final class CrashIT {
    private static final int KILLS = Integer.getInteger("kills", 10);

    /** What the eight publishers send at once, and which of them repeat what was not answered. */
    private static final int[] BATCHES = {1, 1, 10, 100, 1, 1, 10, 100};

    private static final List<Integer> KEYED = List.of(1, 3, 5, 6);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path home;

    private final Random random = new Random();
    /** Where to publish and read; {@code null} while the server is down or being checked. */
    private final AtomicReference<@Nullable Site> open = new AtomicReference<>();

    @Test
    void whateverWasAcknowledgedIsThereAfterEveryKill() {
        Ledger ledger = new Ledger(BATCHES);
        Duration slowestRestart = Duration.ZERO;
        String summary;
        ServerProcess server = start();
        try (Publishers publishers =
                        new Publishers(ledger, KEYED, Await.PATIENCE, (publisher, failures) -> open.get());
                Witness witness = new Witness("the reader", Transport.SSE, open::get)) {
            for (int kill = 1; kill <= KILLS; kill++) {
                open.set(server.site());
                publishers.awaitAcknowledged(1);
                int before = kill - 1;
                Await.until("the reader has come back", () -> witness.connections() > before);
                publishers.publishFor(Duration.ofMillis(100 + random.nextInt(2_900)));
                server.kill();
                open.set(null);
                server.close();
                server = start();
                publishers.awaitIdle();
                Site site = server.site();
                if (server.startedIn().compareTo(slowestRestart) > 0) slowestRestart = server.startedIn();
                if (Integer.bitCount(kill) == 1) ledger.checkWhole(site);
                else ledger.checkNewest(site);
                assertEquals(List.of(), ledger.faults(), "after kill " + kill + ": " + ledger + ", in " + home);
                witness.assertHasNotFailed();
                if (kill % 100 == 0) System.out.println("CrashIT: " + kill + " kills so far: " + ledger);
            }
            open.set(server.site());
            publishers.stop();
            ledger.checkWhole(server.site());
            assertEquals(List.of(), ledger.faults(), "at the end: " + ledger + ", in " + home);
            witness.assertHasSeen(ledger.log());
            assertEquals(0, publishers.refused(), "requests were refused though the log could be written");
            assertTrue(witness.connections() > KILLS, "the reader has come back after every kill");
            summary = String.format(
                    Locale.ROOT,
                    "%d kills: %s; %d requests repeated, %d of them stored already; slowest restart %d ms; database %d MiB",
                    KILLS,
                    ledger,
                    publishers.repeated(),
                    publishers.storedAlready(),
                    slowestRestart.toMillis(),
                    size() >> 20);
        } finally {
            server.close();
        }
        System.out.println("CrashIT: " + summary);
    }

    private ServerProcess start() {
        return ServerProcess.builder()
                .home(home)
                .with("retention.age", "36500d")
                .with("retention.count", "1000000000")
                .with("retention.bytes", "1000GiB")
                .start();
    }

    private long size() {
        try (Stream<Path> files = Files.walk(home)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
