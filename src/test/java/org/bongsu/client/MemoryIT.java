package org.bongsu.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bongsu.PortalServer;
import org.bongsu.browser.Engine;
import org.bongsu.browser.EngineKind;
import org.bongsu.browser.Held;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A page that stays open does not grow, however many messages come, over whichever transport. The figures of a million are in
 * {@code src/docs/client-memory.md}.
 *
 * <p>Each page has an engine of its own, whose process nobody else has used.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "only there a process tells what it holds, in /proc")
final class MemoryIT {
    private static final int MESSAGES = Integer.getInteger("messages", 30_000);

    /** Bodies are the longer the fewer they are: together so many characters, far more than a process grows without cause. */
    private static final int CHARACTERS = 100_000_000;

    private static final String MORE = " " + "x".repeat(Math.max(50, CHARACTERS / MESSAGES));

    private static final long MIB = 1024 * 1024;
    /** The client remembers 20,000 ids, at first fewer; that is 2 MB. */
    private static final long MOST_HEAP = 4 * MIB;
    /** Room that an engine makes once: Chromium's grew by up to 35 MB, 24 of them for new objects; kept texts make it 60. */
    private static final long MOST_RESIDENT = 48 * MIB;

    private static final int BATCH = 1_000;
    /** The page is hardly further behind. */
    private static final int AHEAD = 50_000;

    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final int LOOKS = 3;

    static Stream<Arguments> enginesAndTheirTransports() {
        return Stream.concat(
                Stream.of("websocket", "eventsource", "fetch", "xhr", "longpoll", "poll")
                        .map(transport -> Arguments.of(EngineKind.CHROMIUM, transport)),
                Stream.of("websocket", "eventsource", "xhr", "longpoll", "poll")
                        .map(transport -> Arguments.of(EngineKind.PHANTOMJS_2, transport)));
    }

    @ParameterizedTest
    @MethodSource("enginesAndTheirTransports")
    void aPageDoesNotGrow(EngineKind kind, String transport) {
        List<Held> held = receive(kind, transport, "");

        assertTrue(heapGrowth(held) < MOST_HEAP, held::toString);
        assertTrue(residentGrowth(held) < MOST_RESIDENT, held::toString);
    }

    /** A page that keeps the text of each message is over the bounds. */
    @ParameterizedTest
    @EnumSource(names = {"CHROMIUM", "PHANTOMJS_2"})
    void aPageThatKeepsAllTextsIsFound(EngineKind kind) {
        List<Held> held = receive(kind, "websocket", "test.kept = []");

        if (kind == EngineKind.CHROMIUM) assertTrue(heapGrowth(held) > MOST_HEAP, held::toString);
        assertTrue(residentGrowth(held) > MOST_RESIDENT, held::toString);
    }

    private static long heapGrowth(List<Held> held) {
        return held.get(held.size() - 1).heap() - held.get(0).heap();
    }

    private static long residentGrowth(List<Held> held) {
        return held.get(held.size() - 1).resident() - held.get(0).resident();
    }

    /** What the page holds after a tenth, after half and after all of the messages. */
    private static List<Held> receive(EngineKind kind, String transport, String beforehand) {
        PortalServer.Builder settings = PortalServer.builder()
                .testPages()
                .with("durability", "relaxed")
                .with("retention.count", "0")
                .with("retention.bytes", "0")
                .with("tail.count", String.valueOf(AHEAD))
                .with("tail.bytes", "128MiB");
        try (PortalServer portal = settings.start();
                Engine engine = kind.start();
                ReaderPage reader = new ReaderPage(engine, portal.url("/"))) {
            reader.page().value("(function () { " + beforehand + "; }())");
            reader.page().value("test.count({ topics: 'ops/**', transports: ['" + transport + "'] })");
            reader.settleOn(List.of(transport));

            List<Held> held = new ArrayList<>();
            long began = System.nanoTime();
            int published = 0;
            for (int end : new int[] {MESSAGES / 10, MESSAGES / 2, MESSAGES}) {
                publish(portal, reader, published, end);
                published = end;
                held.add(held(reader));
            }
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            System.out.println(kind + " " + engine.version() + ", " + transport + ", " + MESSAGES + " messages in "
                    + took + ": " + held);

            assertEquals(List.of(), reader.page().texts("test.resets"));
            assertEquals(List.of(), reader.page().complaints());
            return held;
        }
    }

    /** Publishes those up to before {@code end} and waits until all have come. */
    private static void publish(PortalServer portal, ReaderPage reader, int first, int end) {
        for (int next = first; next < end; next += BATCH) {
            // Seldom asked: an answer takes the page's time.
            if (next % (AHEAD / 5) == 0) awaitCount(reader, next - AHEAD);
            Numbers.batch(portal, next, Math.min(end, next + BATCH), MORE);
        }
        awaitCount(reader, end);
        assertEquals(end, reader.page().number("test.counted"));
    }

    private static void awaitCount(ReaderPage reader, int count) {
        reader.until("test.wrong || test.counted >= " + count, PATIENCE);
        assertEquals("", reader.page().text("test.wrong"));
    }

    /** The least of several looks: an engine gives memory back when it finds the time. */
    private static Held held(ReaderPage reader) {
        List<Held> looks =
                IntStream.range(0, LOOKS).mapToObj(look -> reader.page().held()).toList();
        return new Held(
                looks.stream().mapToLong(Held::heap).min().orElseThrow(),
                looks.stream().mapToLong(Held::resident).min().orElseThrow());
    }
}
