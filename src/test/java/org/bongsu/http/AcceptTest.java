package org.bongsu.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9110 §12.5.1. */
class AcceptTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/event-stream | true",
                "TEXT/Event-Stream | true",
                "*/* | true",
                "text/* | true",
                "application/json | false",
                "application/json, text/event-stream | true",
                "application/json , */* | true",
                "application/* | false",
                "text/event-stream;q=0.1 | true",
                "text/event-stream;q=0 | false",
                "text/event-stream; q=0.000 | false",
                "text/event-stream ; q=0. | false",
                "text/event-stream;q=0.001 | true",
                "text/event-stream;charset=utf-8 | true",
                "*/*;q=0 | false",
                "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2 | true",
                ", | false",
                // The most specific range decides, wherever it stands.
                "text/event-stream;q=0, */* | false",
                "*/*, text/event-stream;q=0 | false",
                "text/*;q=0, */* | false",
                "text/*;q=0, text/event-stream | true",
                "*/*;q=0, text/event-stream | true",
            })
    void theMostSpecificRangeDecides(String header, boolean accepted) {
        assertEquals(accepted, Accept.accepts(header, "text/event-stream"));
    }

    @Test
    void withoutAHeaderEverythingIsWelcome() {
        assertEquals(true, Accept.accepts(null, "text/event-stream"));
        assertEquals(true, Accept.accepts("", "text/event-stream"));
        assertEquals(true, Accept.accepts("  ", "text/event-stream"));
    }
}
