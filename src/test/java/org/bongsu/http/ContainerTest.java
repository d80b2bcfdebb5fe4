package org.bongsu.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which server it is, by what servers call themselves. */
final class ContainerTest {
    @ParameterizedTest
    @CsvSource({
        "Apache Tomcat/10.1.60, TOMCAT",
        "Apache Tomcat (TomEE)/10.1.25 (10.0.0-M2), TOMCAT",
        "IBM WebSphere Liberty/26.0.0.5, OPEN_LIBERTY",
        "Eclipse GlassFish  7.0.21, GLASSFISH",
        "Payara Server  6.2025.9, GLASSFISH",
        "jetty/12.1.12, OTHER",
        "WildFly 39.0.1.Final (WildFly Core 31.0.1.Final) - 2.3.20.Final, UNDERTOW",
        "JBoss EAP 8.1.0.GA (WildFly Core 27.0.0.Final) - 2.3.18.Final, UNDERTOW",
    })
    void aServerIsKnownByItsName(String serverInfo, Container container) {
        assertEquals(container, Container.of(serverInfo));
    }
}
