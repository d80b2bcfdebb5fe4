package org.bongsu.publish;

import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import org.bongsu.http.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * What a publisher is told.
 *
 * @param location of what was made, if one thing was
 */
record Reply(int status, @Nullable String location, String json) implements Exchange.Answer {

    @Override
    public byte[] prepare(HttpServletResponse response) {
        response.setStatus(status);
        response.setContentType("application/json;charset=UTF-8");
        response.setHeader("Cache-Control", "no-store");
        if (location != null) response.setHeader("Location", location);
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
