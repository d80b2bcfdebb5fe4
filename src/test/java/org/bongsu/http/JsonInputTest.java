package org.bongsu.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonInputTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1                          | 1",
                "-0                         | -0",
                "1.50                       | 1.50",
                "1e999999999                | 1e999999999",
                "-1E+0999999999999          | -1E+0999999999999",
                "123456789012345678901234567890.123456789012345678901234567890 |"
                        + " 123456789012345678901234567890.123456789012345678901234567890",
                " true                      | true",
                "null                       | null",
                "\"\"                       | \"\"",
                "\"\\u00e9\\/\\ud83d\\ude00\"    | \"é/😀\"",
                "\"\\ud800\"                | \"\\ud800\"",
                "\"\\u0000\"                | \"\\u0000\"",
                "{ }                        | {}",
                "[ ]                        | []",
                "[ 1 , [ ] , { } ]          | [1,[],{}]",
                "{ \"b\" : 1 , \"a\" : { \"b\" : null } } | {\"b\":1,\"a\":{\"b\":null}}",
                "{\"\":1}                   | {\"\":1}",
            })
    void anyValueIsWrittenAnewAsItWas(String json, String expected) {
        assertEquals(expected, any(json));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[",
                "}",
                "]",
                "[1,]",
                "[,1]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "nul",
                "NaN",
                "Infinity",
                "+1",
                "01",
                "1.",
                ".5",
                "1e",
                "-",
                "0x1",
                "\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\t\"",
                "\"\n\"",
                "\"\u0000\"",
                "1 2",
                "{} {}",
                "[] ]",
                "{}x",
                "// x\n1",
                "/**/1",
                "\ufeff1",
                "[1 2]",
                "{\"a\":1 \"b\":2}",
                "\u00a01",
                "tru",
                "True",
                "\"a\" \"b\"",
                "[1][2]",
                "\u2028{}"
            })
    void whatIsNotJsonIsRefused(String text) {
        assertEquals(400, assertThrows(Problem.class, () -> any(text)).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1,\"a\":1}", "{\"x\":{\"a\":1,\"a\":2}}", "[{\"a\":1,\"\\u0061\":1}]"})
    void aMemberThatIsThereTwiceIsRefused(String text) {
        Problem problem = assertThrows(Problem.class, () -> any(text));
        assertEquals("a", problem.members().get("field"));
    }

    @Test
    void thirtyTwoLevelsAreReadAndOneMoreIsRefused() {
        String deep = "[".repeat(32) + "]".repeat(32);
        assertEquals(deep, any(deep));
        assertEquals("{\"a\":".repeat(32) + "1" + "}".repeat(32), any("{\"a\":".repeat(32) + "1" + "}".repeat(32)));
        Problem problem = assertThrows(Problem.class, () -> any("[".repeat(33) + "]".repeat(33)));
        assertEquals(32, problem.members().get("limit"));
    }

    @Test
    void aBombOfBracketsIsRefusedBeforeItIsDeep() {
        assertThrows(Problem.class, () -> any("[".repeat(200_000)));
        assertThrows(Problem.class, () -> any("{\"a\":".repeat(50_000)));
    }

    @Test
    void aLongStringAndALongNumberAreRead() {
        String digits = "7".repeat(60_000);
        assertEquals(digits, any(digits));
        assertEquals('"' + digits + '"', any('"' + digits + '"'));
    }

    @Test
    void theFaultIsLocated() {
        Problem problem = assertThrows(Problem.class, () -> any("{\"a\":1,}"));
        assertTrue(Set.of(7L, 8L, 9L).contains(problem.members().get("position")), "near the brace");
    }

    @Test
    void aValueOfAnotherKindIsNamed() {
        Problem problem = assertThrows(Problem.class, () -> new JsonInput("null").string("title"));
        assertEquals("title is null; allowed: a string", problem.getMessage());
        assertEquals("title", problem.members().get("field"));
    }

    private static String any(String json) {
        JsonInput input = new JsonInput(json);
        String value = input.any(new StringBuilder()).toString();
        input.end();
        return value;
    }
}
