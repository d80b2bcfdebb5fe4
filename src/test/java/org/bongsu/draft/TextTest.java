package org.bongsu.draft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.IntStream;
import org.bongsu.http.Problem;
import org.bongsu.log.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {

    @Test
    void lineEndsBecomeLineFeeds() {
        assertEquals("a\nb\nc\n\nd\n", Text.lines("body", "a\r\nb\rc\n\rd\r\n"));
    }

    @Test
    void tabsAndTrailingWhiteSpaceAreKept() {
        assertEquals("a\tb  \n", Text.lines("body", "a\tb  \n"));
    }

    @Test
    void textIsComposed() {
        assertEquals("한글", Text.lines("body", "\u1112\u1161\u11ab\u1100\u1173\u11af"));
        assertEquals("é", Text.line("title", "e\u0301", 1));
    }

    static IntStream controls() {
        return IntStream.concat(IntStream.range(0, 0x20), IntStream.range(0x7f, 0xa0))
                .filter(c -> c != '\t' && c != '\n' && c != '\r');
    }

    @ParameterizedTest
    @MethodSource("controls")
    void anyOtherControlCharacterIsRefusedWithItsPosition(int control) {
        Problem problem = assertThrows(Problem.class, () -> Text.lines("body", "안a" + (char) control + "b"));
        assertEquals(400, problem.status());
        assertEquals("body", problem.members().get("field"));
        assertEquals(2, problem.members().get("position"));
    }

    @ParameterizedTest
    @ValueSource(chars = {'\n', '\r', '\t', '\u2028', '\u2029', '\u0085', '\u0000'})
    void aTitleIsOneLine(char c) {
        Problem problem = assertThrows(Problem.class, () -> Text.line("title", "a" + c + "b", 200));
        assertEquals("title", problem.members().get("field"));
        assertEquals(1, problem.members().get("position"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "a\udc00b", "\ude00\ud83d", "\ud83d"})
    void halfACharacterIsRefused(String text) {
        assertThrows(Problem.class, () -> Text.lines("body", text));
    }

    @Test
    void aLineIsMeasuredInCharactersAfterComposition() {
        assertEquals("😀".repeat(200), Text.line("title", "😀".repeat(200), 200));
        assertEquals("é".repeat(200), Text.line("title", "e\u0301".repeat(200), 200));
        assertThrows(InvalidInputException.class, () -> Text.line("title", "😀".repeat(201), 200));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\u3000"})
    void aLineSaysSomething(String text) {
        assertThrows(InvalidInputException.class, () -> Text.line("key", text, 10));
    }

    @Test
    void aPileOfMarksIsRefusedBeforeItIsSorted() {
        Text.lines("body", "a" + "\u0301".repeat(128) + "\u0327".repeat(128));
        assertThrows(Problem.class, () -> Text.lines("body", "a" + "\u0301".repeat(10_000) + "\u0327".repeat(10_000)));
        assertThrows(Problem.class, () -> Text.line("title", "a" + "\u0301".repeat(257), 200));
    }
}
