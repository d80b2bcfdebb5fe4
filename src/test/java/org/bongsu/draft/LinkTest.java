package org.bongsu.draft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.bongsu.log.InvalidInputException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://backup.intra.example/runs/77",
                "http://intra",
                "HTTPS://Intra.Example:8443/a?b=c#d",
                "http://10.0.0.1:80/",
                "http://[::1]:8080/x",
                "https://intra/보고서?이름=값",
                "https://한글.example/",
                "/",
                "/runs/77",
                "/a?next=//b",
                "/a:b",
                "https://intra?x={y}|z",
                "https://intra#frag",
                "/javascript:x"
            })
    void aWebAddressOrAPathIsTaken(String link) {
        assertEquals(link, Link.check("link", link));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "javascript:alert(1)",
                "JaVaScRiPt:alert(1)",
                "java\nscript:alert(1)",
                "\tjavascript:x",
                " /x",
                "data:text/html,x",
                "vbscript:x",
                "file:///etc/passwd",
                "ftp://intra/",
                "ws://intra/",
                "mailto:a@b",
                "//evil.example",
                "/\\evil.example",
                "\\\\evil",
                "/\t/evil.example",
                "/\n/evil.example",
                "http:",
                "http:/",
                "http://",
                "http:///x",
                "http:evil.example",
                "https:/\\evil",
                "http://a b",
                "http://a/b c",
                "http://user@intra/",
                "http://user:pw@intra/",
                "http://intra:port/",
                "http://intra:123456/",
                "http://:80/",
                "http://a%2fb/",
                "http://.intra/",
                "runs/77",
                "?a",
                "#a",
                "./a",
                "../a",
                "http://intra/\"onclick=x",
                "http://intra/<script>",
                "http://intra/`",
                "http://intra/\u0000",
                "http://intra/\u00a0",
                "http://intra/\u2028",
                "http://intra/\u202egpj",
                "http://intra\u200b/",
                "http://intra/\ud800",
                "http://[/",
                "http://[evil]/",
                "https://intra/\u0085",
                "https\u0000://intra",
                "http\u017f://intra"
            })
    void anythingElseIsRefused(String link) {
        assertEquals(
                "link",
                assertThrows(InvalidInputException.class, () -> Link.check("link", link))
                        .field());
    }

    @ParameterizedTest
    @ValueSource(ints = {1_999, 2_000})
    void aLinkMayBeLong(int length) {
        Link.check("link", "/" + "a".repeat(length - 1));
        assertThrows(InvalidInputException.class, () -> Link.check("link", "/" + "a".repeat(2_000)));
    }
}
