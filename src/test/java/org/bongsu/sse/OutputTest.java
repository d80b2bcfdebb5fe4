package org.bongsu.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which server it is, by what servers call themselves. */
final class OutputTest {
    @ParameterizedTest
    @CsvSource({
        "Apache Tomcat/10.1.60, TOMCAT",
        "Apache Tomcat (TomEE)/10.1.25 (10.0.0-M2), TOMCAT",
        "SMF WebContainer, OPEN_LIBERTY",
        "jetty/12.1.12, ANY",
        "WildFly 39.0.1.Final (WildFly Core 31.0.1.Final) - 2.3.20.Final, ANY",
    })
    void aServerIsKnownByItsName(String serverInfo, Output output) {
        assertEquals(output, Output.of(serverInfo));
    }
}
