package org.bongsu.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestPathTest {
    private static final String START = "/bongsu/api/topics/";

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "/bongsu/api/topics/ops, ops",
                "/bongsu/api/topics/ops/backups, ops/backups",
                "/bongsu/api/topics/user/kim~40realm, user/kim~40realm",
                "/bongsu/api/topics/user/kim%7E40realm, user/kim~40realm",
                "/bongsu/api/topics/%6fps, ops",
                "/bongsu/api/topics/, ''",
                "/bongsu/api/topics, ''",
                "/bongsu/api/topics/a;b=c, a;b=c",
            })
    void thePathIsTakenAsItWasSent(String path, String rest) {
        assertEquals(rest, RequestPath.after(path, START));
    }

    @ParameterizedTest
    @CsvSource({
        "/bongsu/api/topics/a%2fb, 400",
        "/bongsu/api/topics/a%2Fb, 400",
        "/bongsu/api/topics/a%252fb, 400",
        "/bongsu/api/topics/a%5cb, 400",
        "/bongsu/api/topics/a%00, 400",
        "/bongsu/api/topics/a%, 400",
        "/bongsu/api/topics/a%4, 400",
        "/bongsu/api/topics/a%zz, 400",
        "/bongsu/api/topics/a%-1, 400",
        "/bongsu/api/topics/%EC%95%88, 400",
        "/bongsu/api/topics/a%3Bb, 400",
        "/bongsu/api/topics/a%2a, 400",
        "/bongsu//api/topics/a, 404",
        "/bongsu;x=y/api/topics/a, 404",
        "/bongsu/api/./topics/a, 404",
        "/bongsu/api/%74opics/a, 404",
        "/bongsu/api/topics;x/a, 404",
        "/bongsu/api/topicsx, 404",
    })
    void whatMightMeanAnotherPathIsRefused(String path, int status) {
        assertEquals(
                status,
                assertThrows(Problem.class, () -> RequestPath.after(path, START))
                        .status());
    }
}
