package org.bongsu.http;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers for every address of the API that nobody else answers for. */
public final class NotFoundServlet extends HttpServlet {
    private final transient Addresses addresses;

    public NotFoundServlet(Addresses addresses) {
        this.addresses = addresses;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Problems.send(response, addresses.unanswered(request.getRequestURI(), request.getContextPath()));
    }
}
