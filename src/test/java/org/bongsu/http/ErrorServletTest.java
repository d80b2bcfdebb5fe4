package org.bongsu.http;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What {@code WhatACallerMay} cannot ask for: a portal that ends, an address of which a client may make another. */
final class ErrorServletTest {
    private final Addresses addresses = new Addresses();
    private final HttpServletRequest request = mock();
    private final HttpServletResponse response = mock();
    private final StringBuilder body = new StringBuilder();

    private void ask(int status, String address) throws IOException {
        ServletOutputStream stream = mock();
        doAnswer(call -> body.append(new String(call.getArgument(0, byte[].class), StandardCharsets.UTF_8)))
                .when(stream)
                .write(any(byte[].class));
        when(request.getContextPath()).thenReturn("/bongsu");
        when(request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE)).thenReturn(status);
        when(request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI)).thenReturn(address);
        when(response.getStatus()).thenReturn(status);
        when(response.getOutputStream()).thenReturn(stream);
        new ErrorServlet(addresses).service(request, response);
    }

    @Test
    void aPageThatIsAskedForWhileThePortalEndsSaysWhenToComeAgain() throws IOException {
        addresses.stop();
        ask(503, "/bongsu/index.html");
        verify(response).setStatus(503);
        verify(response).setHeader("Retry-After", "2");
        assertTrue(body.toString().contains("<h1>"), body.toString());
    }

    /** The way back counts each slash that a browser counts. */
    @Test
    void anAddressWithTwoSlashesLeadsBack() throws IOException {
        ask(404, "/bongsu//nothing");
        verify(response).setStatus(404);
        assertTrue(body.toString().contains("<a href=\"../\">"), body.toString());
    }
}
