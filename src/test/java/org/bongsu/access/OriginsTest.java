package org.bongsu.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OriginsTest {

    @ParameterizedTest(name = "{0} is own: {1}, allowed: {2}")
    @CsvSource({
        "https://portal.example, true, true",
        "https://wiki.example:8443, false, true",
        "https://portal.example:443, false, false",
        "https://PORTAL.example, false, false",
        "HTTPS://portal.example, false, false",
        "http://portal.example, false, false",
        "https://portal.example:8443, false, false",
        "https://portal.example.evil, false, false",
        "https://evil-portal.example, false, false",
        "https://portal.example@evil, false, false",
        "https://portal.example/, false, false",
        "https://portal.example/bongsu, false, false",
        "https://portal.exаmple, false, false",
        "https://wiki.example, false, false",
        "http://wiki.example:8443, false, false",
        "null, false, false",
        "'', false, false",
        "*, false, false",
    })
    void anOriginIsComparedCharacterByCharacter(String origin, boolean own, boolean allowed) {
        Origins origins = new Origins("https://Portal.example/bongsu", Set.of("https://wiki.example:8443"));
        // What the request says of its own host is not believed where the address is configured.
        HttpServletRequest request = request("http", "evil", 80, origin);
        assertEquals(own, origins.isOwn(request), "own");
        assertEquals(allowed, origins.isAllowed(request), "allowed");
    }

    @ParameterizedTest(name = "{0}://{1}:{2} is {3}")
    @CsvSource({
        "http, localhost, 8080, http://localhost:8080",
        "http, LOCALHOST, 80, http://localhost",
        "https, portal, 443, https://portal",
        "https, portal, 80, https://portal:80",
        "http, '[::1]', 8080, http://[::1]:8080",
        "http, ::1, 8080, http://[::1]:8080",
    })
    void withoutAPublicUrlTheRequestTellsTheOrigin(String scheme, String host, int port, String origin) {
        Origins origins = new Origins(null, Set.of());
        assertTrue(origins.isOwn(request(scheme, host, port, origin)));
        assertFalse(origins.isOwn(request(scheme, host, port + 1, origin)));
    }

    @Test
    void aRequestWithoutOriginOrWithTwoIsNobodys() {
        Origins origins = new Origins("https://portal.example", Set.of());
        assertFalse(origins.isOwn(request("https", "portal.example", 443)));
        HttpServletRequest two =
                request("https", "portal.example", 443, "https://portal.example", "https://portal.example");
        assertFalse(origins.isAllowed(two));
        assertTrue(Origins.isStated(two));
        assertFalse(Origins.isStated(request("https", "portal.example", 443)));
    }

    @Test
    void aHostThatIsNoneGivesNoOrigin() {
        Origins origins = new Origins(null, Set.of());
        assertEquals(null, origins.own(request("http", "a b;script-src", 80)));
    }

    private static HttpServletRequest request(String scheme, String host, int port, String... origins) {
        HttpServletRequest request = mock(HttpServletRequest.class);
        when(request.getScheme()).thenReturn(scheme);
        when(request.getServerName()).thenReturn(host);
        when(request.getServerPort()).thenReturn(port);
        when(request.getHeaders("Origin")).thenAnswer(call -> Collections.enumeration(Arrays.asList(origins)));
        return request;
    }
}
