package org.bongsu.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "text/plain                        | text/plain       | -",
                "Text/Plain                        | text/plain       | -",
                "text/plain;                       | text/plain       | -",
                "text/plain; ;                     | text/plain       | -",
                "text/plain;charset=euc-kr         | text/plain       | euc-kr",
                "text/plain ; Charset = \"utf-8\"  | text/plain       | utf-8",
                "text/plain;a=b;charset=utf-8;c=d  | text/plain       | utf-8",
                "text/plain;a=\";charset=x\";charset=y | text/plain   | y",
                "text/plain;charset=\"\\u\\tf-8\"  | text/plain       | utf-8",
                "application/json                  | application/json | -",
            })
    void typeAndCharsetAreRead(String header, String name, String charset) {
        assertEquals(new MediaType(name, charset), MediaType.parse(header));
    }

    @Test
    void nothingIsSaidWithoutAHeader() {
        assertEquals(new MediaType("", null), MediaType.parse(null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"text/plain;charset=a;charset=b", "text/plain;charset=\"a", "text/plain;=a", "text/plain;a b=c"})
    void whatCannotBeReadIsRefused(String header) {
        assertEquals(
                415, assertThrows(Problem.class, () -> MediaType.parse(header)).status());
    }

    @Test
    void aLongHeaderIsRefusedUnread() {
        assertEquals("a/b", MediaType.parse("a/b" + ";".repeat(997)).name());
        assertThrows(Problem.class, () -> MediaType.parse("a/b" + ";".repeat(998)));
        assertThrows(Problem.class, () -> MediaType.parse("a/b;x=\"" + "y\\z".repeat(100_000) + '"'));
    }
}
