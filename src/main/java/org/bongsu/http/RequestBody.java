package org.bongsu.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Locale;

/** The bytes of a request, up to a limit. */
public final class RequestBody {
    private RequestBody() {}

    /**
     * Reads all of a body.
     *
     * @param limit in bytes; no more than one byte beyond it is read
     * @throws Problem 413 if it is longer, 415 if it is encoded, 400 if it ends before its announced length
     * @throws IOException if the client has gone
     */
    public static byte[] read(HttpServletRequest request, int limit) throws IOException {
        for (String encoding : Collections.list(request.getHeaders("Content-Encoding"))) {
            if (encoding.strip().toLowerCase(Locale.ROOT).equals("identity")) continue;
            throw new Problem(415, "Content-Encoding \"" + encoding + "\"; allowed: none").field("Content-Encoding");
        }
        long announced = request.getContentLengthLong();
        if (announced > limit) throw tooLarge(limit);
        InputStream in = request.getInputStream();
        // The announced length is only a hint: nothing large is made for it before it has come.
        byte[] chunk = new byte[announced < 0 ? 8192 : (int) Math.min(8192, Math.max(announced, 1))];
        ByteArrayOutputStream body = new ByteArrayOutputStream(chunk.length);
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            body.write(chunk, 0, n);
            if (body.size() > limit) throw tooLarge(limit);
        }
        if (announced >= 0 && body.size() < announced) {
            throw new Problem(400, "the body ended after " + body.size() + " of " + announced + " announced bytes");
        }
        return body.toByteArray();
    }

    private static Problem tooLarge(int limit) {
        return new Problem(413, "the request's body is larger than " + limit + " bytes").with("limit", limit);
    }
}
