package org.bongsu.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bongsu.fanout.ByeReason;
import org.bongsu.log.Cursor;
import org.bongsu.log.Drafts;
import org.bongsu.log.Range;
import org.bongsu.log.ResetReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract §4.1, byte by byte, and read back by an independent parser. */
class SseFormatTest {
    private static final Cursor AT = new Cursor("k7f3a", 1042);
    private static final String OPENING_REST = """
            retry: 1500
            event: ready
            data: {"connection":"c1","user":"alice","heartbeat":15,"alive":"api/alive?c=c1"}
            id: k7f3a-1042

            """;

    @Test
    void aMessageIsAnIdAndItsJsonWithoutAnEventLine() {
        Range range =
                Drafts.range(Drafts.message(7, "ops/backups", "끝났다"), Drafts.message(9, "ops/backups", "line\\nbreak"));

        assertEquals("""
                data: {"id":"e1-7","body":"끝났다"}
                id: e1-7

                data: {"id":"e1-9","body":"line\\nbreak"}
                id: e1-9

                """, text(range.encoded(SseFormat.MESSAGES)));
    }

    @Test
    void aRangeIsEncodedOnceForAllItsReaders() {
        Range one = Drafts.range(Drafts.message(1, "a", "x"));
        Range two = Drafts.range(Drafts.message(1, "a", "x"), Drafts.message(2, "a", "y"));

        assertSame(one.encoded(SseFormat.MESSAGES), one.encoded(SseFormat.MESSAGES));
        assertSame(two.encoded(SseFormat.MESSAGES), two.encoded(SseFormat.MESSAGES));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 2048, 4096})
    void paddingIsExactlySoManyBytesBeforeEverythingElse(int padding) {
        byte[] bytes = opening(padding);

        assertEquals(OPENING_REST, text(Arrays.copyOfRange(bytes, padding, bytes.length)));
        String before = text(Arrays.copyOf(bytes, padding));
        // One byte has no room for a comment: an empty line says as little.
        assertEquals(padding == 1 ? "\n" : ":" + " ".repeat(padding - 2) + "\n", before);
        assertEquals(1, parse(bytes).size(), "padding is no event");
    }

    @Test
    void withoutPaddingAStreamBeginsWithRetryAndReady() {
        assertEquals(OPENING_REST, text(opening(0)));
        EventStreamParser parser = new EventStreamParser();
        List<EventStreamParser.Event> events = parser.feed(opening(0));
        assertEquals(1500, parser.retryMillis());
        assertEquals("ready", events.get(0).event());
        assertEquals("k7f3a-1042", parser.lastEventId());
    }

    @Test
    void noNameCanEndALineOrBeginAnEvent() {
        byte[] bytes = SseFormat.opening(0, 1500, AT, "c1", "eve\n\nevent: bye\rdata: \"x\"\u2028", 15);

        List<EventStreamParser.Event> events = parse(bytes);

        assertEquals(1, events.size());
        assertEquals(
                "{\"connection\":\"c1\",\"user\":\"eve\\n\\nevent: bye\\rdata: \\\"x\\\"\\u2028\",\"heartbeat\":15,"
                        + "\"alive\":\"api/alive?c=c1\"}",
                events.get(0).data());
    }

    /** FetchEventSourceIT: there are clients that keep an id before they have the rest of its event. */
    @Test
    void anIdComesLastAndNoBlockIsWithoutData() {
        String all = text(opening(0))
                + text(SseFormat.reset(ResetReason.TRIMMED, AT))
                + text(SseFormat.ping(AT, "now"))
                + text(SseFormat.bye(ByeReason.BUSY, 1000))
                + text(Drafts.range(Drafts.message(7, "a", "x")).encoded(SseFormat.MESSAGES));

        for (String block : all.split("\n\n", -1)) {
            if (block.isEmpty()) continue;
            assertTrue(block.contains("data: "), block);
            int id = ("\n" + block).indexOf("\nid: ");
            assertTrue(id < 0 || block.indexOf('\n', id) < 0, () -> "ends with its id: " + block);
        }
    }

    @ParameterizedTest
    @EnumSource(ResetReason.class)
    void aResetCarriesTheIdFromWhichReadingGoesOn(ResetReason reason) {
        assertEquals(
                "event: reset\ndata: {\"reason\":\"" + reason.text() + "\"}\nid: k7f3a-1042\n\n",
                text(SseFormat.reset(reason, AT)));
    }

    @Test
    void aPingCarriesAnIdOnlyIfThePositionHasMoved() {
        String time = "2026-11-21T01:05:19.123Z";
        assertEquals("event: ping\ndata: " + time + "\n\n", text(SseFormat.ping(null, time)));
        assertEquals("event: ping\ndata: " + time + "\nid: k7f3a-1042\n\n", text(SseFormat.ping(AT, time)));
        assertNull(parse(SseFormat.ping(null, time)).get(0).ownId());
    }

    @ParameterizedTest
    @EnumSource(ByeReason.class)
    void aGoodByeSaysWhyAndWhenToComeBack(ByeReason reason) {
        String bye = "event: bye\ndata: {\"reason\":\"" + reason.text() + "\"}\n\n";
        assertEquals(bye, text(SseFormat.bye(reason, -1)));
        assertEquals("retry: 1000\n" + bye, text(SseFormat.bye(reason, 1000)));
        EventStreamParser parser = new EventStreamParser();
        assertEquals("bye", parser.feed(SseFormat.bye(reason, 1000)).get(0).event());
        assertEquals(1000, parser.retryMillis());
    }

    @Test
    void aWholeStreamIsReadBackInChunksOfAnySize() {
        byte[] stream = concat(
                opening(64),
                SseFormat.reset(ResetReason.EPOCH, new Cursor("e1", 0)),
                Drafts.range(Drafts.message(1, "a", "하나"), Drafts.message(2, "a", "둘"))
                        .encoded(SseFormat.MESSAGES),
                SseFormat.ping(new Cursor("e1", 5), "2026-11-21T01:05:19.123Z"),
                SseFormat.bye(ByeReason.SHUTDOWN, 4321));
        List<EventStreamParser.Event> whole = parse(stream);
        assertEquals(
                List.of("ready", "reset", "message", "message", "ping", "bye"),
                whole.stream().map(EventStreamParser.Event::event).toList());
        assertEquals(
                List.of("k7f3a-1042", "e1-0", "e1-1", "e1-2", "e1-5", "e1-5"),
                whole.stream().map(EventStreamParser.Event::lastEventId).toList());

        for (int size = 1; size < stream.length; size++) {
            EventStreamParser parser = new EventStreamParser();
            List<EventStreamParser.Event> events = new ArrayList<>();
            for (int from = 0; from < stream.length; from += size) {
                events.addAll(parser.feed(stream, from, Math.min(size, stream.length - from)));
            }
            assertEquals(whole, events);
            assertFalse(parser.isMidEvent());
        }
    }

    @Test
    void theJsonIsTheMessagesOwn() {
        byte[] json = Drafts.message(3, "a", "x").json();
        byte[] event = Drafts.range(Drafts.message(3, "a", "x")).encoded(SseFormat.MESSAGES);
        byte[] data = Arrays.copyOfRange(event, "data: ".length(), event.length - "\nid: e1-3\n\n".length());
        assertArrayEquals(json, data);
    }

    private static byte[] opening(int padding) {
        return SseFormat.opening(padding, 1500, AT, "c1", "alice", 15);
    }

    private static List<EventStreamParser.Event> parse(byte[] bytes) {
        return new EventStreamParser().feed(bytes);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    private static byte[] concat(byte[]... parts) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) all.writeBytes(part);
        return all.toByteArray();
    }
}
