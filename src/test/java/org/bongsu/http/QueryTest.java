package org.bongsu.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bongsu.log.InvalidInputException;
import org.bongsu.log.TopicPattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a=b              | b",
                "a=               | ''",
                "a                | ''",
                "a=b=c            | b=c",
                "&&a=b&           | b",
                "a=x+y            | x y",
                "a=x%2By          | x+y",
                "a=x%26y          | x&y",
                "%61=b            | b",
                "a=%EC%95%88      | 안",
                "a=%ec%95%88      | 안",
                "a=%F0%9F%98%80   | 😀",
                "a=ops/*          | ops/*",
                "a=%252F          | %2F",
            })
    void aValueIsDecodedOnce(String raw, String value) {
        assertEquals(value, Query.parse(raw).one("a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=%",
                "a=%4",
                "a=%zz",
                "a=%4g",
                "a=%+1",
                "a=%ff",
                "a=%C0%80",
                "a=%ED%A0%80",
                "a=%F5%80%80%80",
                "a=%EC%95",
                "a=안",
                "a=\u00ec",
                "a=b c",
                "a=\t",
                "a=\u0000",
                "a=\u007f",
                "%ff=b",
                "=b",
                "%=",
                "a=%\uff11\uff11"
            })
    void whatIsNoPercentEncodedUtf8IsRefused(String raw) {
        assertEquals(400, assertThrows(Problem.class, () -> Query.parse(raw)).status());
    }

    @Test
    void aBrokenValueIsNamed() {
        Problem problem = assertThrows(Problem.class, () -> Query.parse("topic=x&after=%f"));
        assertEquals("after", problem.members().get("field"));
    }

    @Test
    void withoutAQueryThereAreNoValues() {
        assertNull(Query.parse(null).one("a"));
        assertNull(Query.parse("").one("a"));
        assertEquals(List.of(), Query.parse("b=1").all("a"));
    }

    @Test
    void aRepeatedNameHasAllItsValuesAndIsRefusedWhereOneIsAllowed() {
        Query query = Query.parse("a=1&b=2&a=3");
        assertEquals(List.of("1", "3"), query.all("a"));
        Problem problem = assertThrows(Problem.class, () -> query.one("a"));
        assertEquals(400, problem.status());
        assertEquals("a", problem.members().get("field"));
    }

    @Test
    void anUnknownParameterIsNamed() {
        Problem problem =
                assertThrows(Problem.class, () -> Query.parse("topic=a&limt=3").requireOnly("topic", "limit"));
        assertEquals(400, problem.status());
        assertEquals("limt", problem.members().get("field"));
        assertEquals("unknown parameter \"limt\"; allowed: topic, limit", problem.getMessage());
    }

    @Test
    void aQueryOf4096BytesIsTakenAndALongerOneRefused() {
        assertEquals(
                4094,
                String.valueOf(Query.parse("a=" + "x".repeat(4094)).one("a")).length());
        Problem problem = assertThrows(Problem.class, () -> Query.parse("a=" + "x".repeat(4095)));
        assertEquals(400, problem.status());
        assertEquals(4096, problem.members().get("limit"));
    }

    @ParameterizedTest
    @CsvSource({"limit=1, 1", "limit=1000, 1000", "limit=007, 7", "x=5, 100"})
    void aNumberIsRead(String raw, int value) {
        assertEquals(value, Query.parse(raw).integer("limit", 1, 1000, 100));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "1001",
                "-1",
                "+1",
                "%2B1",
                "1.0",
                "1e2",
                "",
                "x",
                "99999999999",
                "%20" + "1",
                "%D9%A1",
                "0x1"
            })
    void whatIsNoNumberInTheRangeIsRefused(String value) {
        Problem problem =
                assertThrows(Problem.class, () -> Query.parse("limit=" + value).integer("limit", 1, 1000, 100));
        assertEquals(400, problem.status());
        assertEquals("limit", problem.members().get("field"));
    }

    @Test
    void topicsAreReadAsPatterns() {
        assertEquals(
                List.of(new TopicPattern("ops/*"), new TopicPattern("chat/general")),
                Query.parse("topic=ops/*&topic=chat%2Fgeneral").patterns());
    }

    @Test
    void noTopicMeansAllThatOneMayRead() {
        assertEquals(
                List.of(new TopicPattern("**")), Query.parse("after=latest").patterns());
    }

    @Test
    void sixtyFourTopicsAreTakenAndOneMoreRefused() {
        assertEquals(64, Query.parse(topics(64)).patterns().size());
        Problem problem =
                assertThrows(Problem.class, () -> Query.parse(topics(65)).patterns());
        assertEquals("topic", problem.members().get("field"));
        assertEquals(64, problem.members().get("limit"));
    }

    @Test
    void aBadPatternIsRefusedByName() {
        InvalidInputException e = assertThrows(
                InvalidInputException.class, () -> Query.parse("topic=ops/**/x").patterns());
        assertEquals("topic", e.field());
    }

    private static String topics(int count) {
        return IntStream.range(0, count).mapToObj(i -> "topic=t" + i).collect(Collectors.joining("&"));
    }
}
