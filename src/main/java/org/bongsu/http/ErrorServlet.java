package org.bongsu.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where the container turns with errors that no door has answered: a problem for programs, a page for people. Never
 * a stack trace, which the container's own page may show.
 */
public final class ErrorServlet extends HttpServlet {
    private static final System.Logger LOGGER = System.getLogger(ErrorServlet.class.getName());

    private final transient Addresses addresses;

    public ErrorServlet(Addresses addresses) {
        this.addresses = addresses;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (response.isCommitted()) return;
        // Without it somebody has asked for this address itself.
        Integer status = (Integer) request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        Object thrown = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
        Object uri = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        String address = uri instanceof String text ? text : request.getRequestURI();
        // Tomcat says 500 here of whatever is thrown, and knows better there: a body that breaks its framing is a 400.
        int set = response.getStatus();
        if (status != null && status == 500 && set >= 400 && set < 500) status = set;
        Problem problem = problem(status, thrown, address, request.getContextPath());
        if (problem.status() == 500) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    "an error nobody had foreseen at " + printable(address),
                    thrown instanceof Throwable t ? t : null);
        }
        String path = address.substring(
                Math.min(address.length(), request.getContextPath().length()));
        if (Addresses.isForPrograms(path)) Problems.send(response, problem);
        else ErrorPage.send(request, response, problem, path);
    }

    private Problem problem(@Nullable Integer status, @Nullable Object thrown, String address, String contextPath) {
        int code = status == null ? 404 : status;
        // The container knows best what is the client's fault: a body that ends too soon or breaks its framing is
        // thrown, too.
        if (code >= 500 && addresses.isStopping()) return Addresses.stopped();
        if (thrown instanceof Throwable t && code >= 500) return Problems.of(t);
        if (code == 404) return addresses.unanswered(address, contextPath);
        return new Problem(
                code,
                switch (code) {
                    case 400 -> "the server cannot read this request";
                    case 405 -> "this method is not allowed here";
                    case 413 -> "the request is larger than the server takes";
                    case 414 -> "the address is longer than the server takes";
                    case 500 -> "an error of the portal itself; its log says more";
                    default -> "refused by the server";
                });
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
