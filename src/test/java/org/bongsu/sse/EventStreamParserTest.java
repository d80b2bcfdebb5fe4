package org.bongsu.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples of WHATWG HTML 9.2.6 and a few more, at every chunk size. */
class EventStreamParserTest {

    @Test
    void theExamplesOfTheSpecificationGiveItsEvents() {
        assertEvents("data: YHOO\ndata: +2\ndata: 10\n\n", "message[YHOO\n+2\n10]");
        assertEvents(
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
                "message[first event]1",
                "message[second event]",
                "message[ third event]");
        assertEvents("data\n\ndata\ndata\n\ndata:", "message[]", "message[\n]");
        assertEvents("data:test\n\ndata: test\n\n", "message[test]", "message[test]");
    }

    @Test
    void linesEndInAnyWay() {
        for (String end : List.of("\n", "\r", "\r\n")) {
            assertEvents("event: a" + end + "data: 안녕" + end + end + "data: 2" + end + end, "a[안녕]", "message[2]");
        }
    }

    @Test
    void theMarkAtTheBeginningIsNoText() {
        assertEvents("\uFEFFdata: x\n\n", "message[x]");
    }

    @Test
    void anEventWithoutDataIsNoEventButItsIdCounts() {
        EventStreamParser parser = new EventStreamParser();
        assertTrue(parser.feed("id: 7\nevent: x\n\n".getBytes(StandardCharsets.UTF_8))
                .isEmpty());
        assertEquals("7", parser.lastEventId());
    }

    @Test
    void retryIsTakenIfItIsANumber() {
        EventStreamParser parser = new EventStreamParser();
        parser.feed("retry: 1500\n\nretry: soon\n\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(1500, parser.retryMillis());
    }

    private static void assertEvents(String stream, String... expected) {
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        for (int size = 1; size <= bytes.length; size++) {
            EventStreamParser parser = new EventStreamParser();
            List<String> seen = new ArrayList<>();
            for (int from = 0; from < bytes.length; from += size) {
                for (EventStreamParser.Event e : parser.feed(bytes, from, Math.min(size, bytes.length - from))) {
                    seen.add(e.event() + '[' + e.data() + ']' + e.lastEventId());
                }
            }
            assertEquals(List.of(expected), seen, "in chunks of " + size);
        }
    }
}
