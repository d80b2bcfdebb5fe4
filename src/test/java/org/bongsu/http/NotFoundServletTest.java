package org.bongsu.http;

import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which addresses are nothing, and which are only without their servlet for a moment. */
final class NotFoundServletTest {
    private final Addresses addresses = new Addresses();
    private final NotFoundServlet servlet = new NotFoundServlet(addresses);

    @ParameterizedTest(name = "{0} is answered {1}")
    @CsvSource({
        "/api/messages, 503",
        "/api/topics/ops/x, 503",
        "/api/topics/ops/.x, 503",
        "/api/topics/../messages, 404",
        "/api/topics/%2e%2E, 404",
        "/api/topics, 404",
        "/api/messages/1, 404",
        "/api/nothing, 404",
    })
    void anAddressWhoseServletIsGoneIsUnavailableAndAnyOtherIsNothing(String path, int status) throws IOException {
        addresses.add("/api/messages", "/api/topics/*");
        HttpServletRequest request = mock();
        HttpServletResponse response = mock();
        ServletOutputStream body = mock();
        when(request.getContextPath()).thenReturn("/portal");
        when(request.getRequestURI()).thenReturn("/portal" + path);
        when(response.getOutputStream()).thenReturn(body);
        servlet.service(request, response);
        verify(response).setStatus(status);
    }
}
