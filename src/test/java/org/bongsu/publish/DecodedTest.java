package org.bongsu.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.bongsu.http.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text by the rule of §3: declared strictly, else UTF-8 strictly, else MS949 strictly, else refused. */
class DecodedTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "616263           | -           | abc  | UTF-8",
                "ec9588           | -           | 안   | UTF-8",
                "efbbbfec9588     | -           | 안   | UTF-8",
                "f09f9880         | -           | 😀   | UTF-8",
                "bec8b3e7         | -           | 안녕 | MS949",
                "8141             | -           | 갂   | MS949",
                "bec8             | euc-kr      | 안   | MS949",
                "bec8             | EUC-KR      | 안   | MS949",
                "bec8             | ks_c_5601-1987 | 안 | MS949",
                "8141             | euc-kr      | 갂   | MS949",
                "bec8             | ms949       | 안   | MS949",
                "e9               | iso-8859-1  | é    | ISO-8859-1",
                "c548             | utf-16be    | 안   | UTF-16BE",
                "feffc548         | utf-16      | 안   | UTF-16",
                "fffe48c5         | utf-16      | 안   | UTF-16",
                "616263           | us-ascii    | abc  | US-ASCII",
                "82a0             | shift_jis   | あ   | Shift_JIS",
            })
    void textIsReadInItsCharset(String hex, String declared, String text, String charset) {
        Decoded decoded = Decoded.of("body", bytes(hex), declared == null ? null : Decoded.charset(declared));
        assertEquals(text, decoded.text());
        assertEquals(charset, decoded.charsetName());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "6162ff           | -          | 2",
                "ff               | -          | 0",
                "ec9588ff         | -          | 3",
                "6162ec           | -          | 2",
                "c0af             | utf-8      | 0",
                "eda080           | utf-8      | 0",
                "f4908080         | utf-8      | 0",
                "ec95             | utf-8      | 0",
                "61bec8           | utf-8      | 1",
                "6161ec9588       | us-ascii   | 2",
                "d800             | utf-16be   | 0",
                "61               | utf-16be   | 0",
                "80               | euc-kr     | 0",
                "61c9             | euc-kr     | 1",
            })
    void whatDoesNotFitIsRefusedWithItsPosition(String hex, String declared, int position) {
        Problem problem = assertThrows(
                Problem.class,
                () -> Decoded.of("body", bytes(hex), declared == null ? null : Decoded.charset(declared)));
        assertEquals(400, problem.status());
        assertEquals("body", problem.members().get("field"));
        assertEquals(position, problem.members().get("position"));
    }

    @Test
    void aBadByteIsFoundAtEachPosition() {
        byte[] text = "{\"body\":\"안녕하세요 hello\"}".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i <= text.length; i++) {
            byte[] broken = Arrays.copyOf(text, text.length + 1);
            System.arraycopy(text, i, broken, i + 1, text.length - i);
            broken[i] = (byte) 0xff;
            // Inside of a character the fault is where that character begins.
            int start = i;
            while (start > 0 && start < text.length && (text[start] & 0xc0) == 0x80) start--;
            Problem problem = assertThrows(Problem.class, () -> Decoded.utf8("the JSON", broken));
            assertEquals(start, problem.members().get("position"), "0xff at " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf-9", "", " ", "bogus\u0000", "안", "utf-7"})
    void anUnknownCharsetIsRefused(String name) {
        assertEquals(
                415, assertThrows(Problem.class, () -> Decoded.charset(name)).status());
    }

    @Test
    void everyKoreanTextThatWindowsWritesIsRead() {
        Charset ms949 = Charset.forName("MS949");
        StringBuilder syllables = new StringBuilder();
        for (char c = '\uac00'; c <= '\ud7a3'; c++) syllables.append(c);
        Decoded decoded = Decoded.of("body", syllables.toString().getBytes(ms949), null);
        assertEquals(syllables.toString(), decoded.text());
        assertEquals("MS949", decoded.charsetName());
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
