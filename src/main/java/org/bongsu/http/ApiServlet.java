package org.bongsu.http;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/**
 * A door of the API: answers the methods it names and refuses all others, and turns whatever is thrown into a problem. This
 * is the edge at which errors of our own are logged.
 */
public abstract class ApiServlet extends HttpServlet {
    private static final System.Logger LOGGER = System.getLogger(ApiServlet.class.getName());

    private final List<String> methods;

    /** @param methods that this door answers; each must be overridden */
    protected ApiServlet(String... methods) {
        this.methods = List.of(methods);
    }

    /** As {@code HttpServlet} does, for the methods named; what it throws becomes the answer. */
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            String method = request.getMethod();
            if (methods.contains(method)) {
                super.service(request, response);
                return;
            }
            response.setHeader("Allow", String.join(", ", methods));
            if (method.equals("OPTIONS")) {
                response.setStatus(204);
                return;
            }
            throw new Problem(405, method + " is not allowed here; allowed: " + String.join(", ", methods));
        } catch (IOException e) {
            // The client has gone in the middle of its request or of the answer: nobody is left to be told.
            throw e;
        } catch (Exception e) {
            Problem problem = Problems.of(e);
            if (problem.status() == 500) {
                LOGGER.log(System.Logger.Level.ERROR, request.getMethod() + " " + request.getServletPath(), e);
            }
            Problems.send(response, problem);
            if (RequestBody.isAnnounced(request)) {
                // Whoever sends first and reads afterwards would find the connection broken in place of the reason.
                response.flushBuffer();
                RequestBody.drop(request);
            }
        }
    }
}
