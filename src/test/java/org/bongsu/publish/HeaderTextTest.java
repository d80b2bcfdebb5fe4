package org.bongsu.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.bongsu.http.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderTextTest {

    @Test
    void rawBytesAreUtf8OrMs949() {
        assertEquals(
                "백업 끝", title(latin("백업 끝".getBytes(StandardCharsets.UTF_8))).text());
        Decoded korean = title(latin("백업 끝".getBytes(Charset.forName("MS949"))));
        assertEquals("백업 끝", korean.text());
        assertEquals("MS949", korean.charsetName());
    }

    @Test
    void whatTheServerHasDecodedAlreadyIsTaken() {
        assertEquals("백업", title("백업").text());
    }

    @Test
    void bytesThatAreNeitherAreRefusedWithTheirPosition() {
        Problem problem = assertThrows(Problem.class, () -> title("ab\u00ff"));
        assertEquals(400, problem.status());
        assertEquals("title", problem.members().get("field"));
        assertEquals(2, problem.members().get("position"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "=?UTF-8?B?67Cx7JeF?=                           | 백업",
                "=?utf-8?q?=EB=B0=B1=EC=97=85_ok?=              | 백업 ok",
                "=?utf-8*ko?b?67Cx7JeF?=                        | 백업",
                "=?euc-kr?B?uem+9w==?=                          | 백업",
                "=?ks_c_5601-1987?B?uem+9w==?=                  | 백업",
                "a =?utf-8?B?67Cx?= b                           | a 백 b",
                "=?utf-8?B?67Cx?= =?utf-8?B?7JeF?=              | 백업",
                "=?utf-8?B?67Cx?= - =?utf-8?B?7JeF?=            | 백 - 업",
                "=?utf-8?B?67A=?= =?utf-8?B?sQ==?=              | 백",
                "=?utf-8?B?67Cx?= =?euc-kr?B?vvc=?=             | 백업",
                "=?utf-8?B?67Cx?= =?euc-kr?B?vvc=?= =?utf-8?B?67Cx?= | 백업백",
                "=?utf-8?B??=                                   | ``",
                "=?utf-8?X?abc?=                                | =?utf-8?X?abc?=",
                "=?utf-8?B                                      | =?utf-8?B",
                "1 + 1 =? 2                                     | 1 + 1 =? 2",
                "UTF-8''%EB%B0%B1%EC%97%85                      | 백업",
                "utf-8'ko'%eb%b0%b1.ok                          | 백.ok",
                "don''t panic                                   | don''t panic",
                "it's 5 o'clock                                 | it's 5 o'clock",
                "50%                                            | 50%",
            })
    void encodedTextIsDecoded(String value, String text) {
        assertEquals(text, title(value).text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "=?utf-8?B?!!!?=        | 400",
                "=?utf-8?B?/w==?=       | 400",
                "=?utf-8?Q?=F?=         | 400",
                "=?utf-8?Q?=ZZ?=        | 400",
                "=?utf-9?B?67Cx?=       | 415",
                "UTF-8''%FF             | 400",
                "UTF-8''%F              | 400",
                "UTF-8''%ZZ             | 400",
            })
    void whatCannotBeDecodedIsRefused(String value, int status) {
        assertEquals(status, assertThrows(Problem.class, () -> title(value)).status());
    }

    @Test
    void aHeaderWithAStarIsOfRfc8187() {
        assertEquals(
                "백업", HeaderText.decode("title*", "UTF-8''%EB%B0%B1%EC%97%85").text());
        assertEquals("é", HeaderText.decode("title*", "iso-8859-1'en'%E9").text());
        assertThrows(Problem.class, () -> HeaderText.decode("title*", "백업"));
        assertThrows(Problem.class, () -> HeaderText.decode("title*", "UTF-8''%E"));
        assertThrows(Problem.class, () -> HeaderText.decode("title*", "bogus''a"));
    }

    @Test
    void aLongValueTakesNoStack() {
        assertEquals(200_000, title("UTF-8''" + "a%41".repeat(100_000)).text().length());
        assertEquals(100_000, title("=?utf-8?Q?a?= ".repeat(100_000)).text().length());
        title("=?".repeat(100_000));
    }

    private static Decoded title(String value) {
        return HeaderText.decode("title", value);
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
