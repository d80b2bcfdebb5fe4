package org.bongsu.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract §1: cursor and position. */
class PositionTest {

    @ParameterizedTest
    @ValueSource(strings = {"k7f3a-1042", "0-0", "z-1", "0123456789abcdef-9223372036854775807"})
    void aCursorReadsBackAsItIsWritten(String text) {
        assertEquals(text, Cursor.parse("after", text).toString());
        assertEquals(Cursor.parse("after", text), Position.parse("after", text));
    }

    @Test
    void aCursorIsAnEpochAndAnOffset() {
        assertEquals(new Cursor("k7f3a", 1042), Cursor.parse("after", "k7f3a-1042"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "k7f3a",
                "k7f3a-",
                "-1",
                "k7f3a--1",
                "k7f3a-1-2",
                "K7-1",
                "k7f3a-01",
                "k7f3a-00",
                "k7f3a-+1",
                "k7f3a-9223372036854775808",
                "k7f3a-99999999999999999999",
                "0123456789abcdefg-1",
                "k 7-1",
                "k7-1 ",
                " k7-1",
                "k7-１",
                "k7-1\n",
                "코-1",
                "Latest",
                "LATEST",
                "null",
                "latest ",
                "k7-0x1",
                "k7-1e3"
            })
    void whatIsNoPositionIsRefusedAndSaysWhatIsAllowed(String text) {
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> Position.parse("after", text));
        assertEquals("after", e.field());
        assertTrue(String.valueOf(e.getMessage()).contains("allowed: EPOCH-OFFSET"), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains("latest or earliest"), e.getMessage());
    }

    @Test
    void aRefusalShowsTheBeginningOfALongTextOnly() {
        String text = "x".repeat(100_000);
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> Cursor.parse("after", text));
        assertTrue(String.valueOf(e.getMessage()).length() < 200, e.getMessage());
    }

    @Test
    void theEdgesAreWords() {
        assertEquals(Position.Edge.LATEST, Position.parse("after", "latest"));
        assertEquals(Position.Edge.EARLIEST, Position.parse("after", "earliest"));
    }

    @Test
    void noCursorCanBeMadeThatCouldNotBeRead() {
        assertThrows(IllegalArgumentException.class, () -> new Cursor("", 1));
        assertThrows(IllegalArgumentException.class, () -> new Cursor("E", 1));
        assertThrows(IllegalArgumentException.class, () -> new Cursor("a-b", 1));
        assertThrows(IllegalArgumentException.class, () -> new Cursor("12345678901234567", 1));
        assertThrows(IllegalArgumentException.class, () -> new Cursor("e", -1));
    }
}
