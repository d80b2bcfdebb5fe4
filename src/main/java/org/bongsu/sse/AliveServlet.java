package org.bongsu.sse;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.bongsu.access.Caller;
import org.bongsu.fanout.Connection;
import org.bongsu.fanout.FanOut;
import org.bongsu.http.ApiServlet;
import org.bongsu.http.Problem;
import org.bongsu.http.Query;

/** {@code POST api/alive?c=…}: a client shows that it is still there, which a stream does not tell by itself. */
public final class AliveServlet extends ApiServlet {
    private final transient FanOut fanOut;

    public AliveServlet(FanOut fanOut) {
        super("POST");
        this.fanOut = fanOut;
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) {
        Caller caller = Caller.of(request);
        String id = Query.of(request).requireOnly("c").one("c");
        if (id == null) throw new Problem(400, "c is missing; allowed: a connection as told by ready").field("c");
        Connection connection = fanOut.find(id);
        // Somebody else's connection does not exist.
        if (connection == null || !connection.user().equals(caller.name())) {
            throw new Problem(404, "there is no connection " + id + " of " + caller.name());
        }
        connection.alive();
        response.setStatus(204);
    }
}
