package org.bongsu.http;

import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** One URL at which reading and writing are the business of two packages. */
public final class ByMethod extends ApiServlet {
    private final transient Servlet reading;
    private final transient Servlet writing;

    /**
     * @param reading answers {@code GET}
     * @param writing answers {@code POST}
     */
    public ByMethod(Servlet reading, Servlet writing) {
        super("GET", "POST");
        this.reading = reading;
        this.writing = writing;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        reading.service(request, response);
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        writing.service(request, response);
    }
}
