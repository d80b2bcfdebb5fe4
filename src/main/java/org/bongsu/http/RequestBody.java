package org.bongsu.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;

/** The bytes of a request, up to a limit. */
public final class RequestBody {
    private static final System.Logger LOGGER = System.getLogger(RequestBody.class.getName());

    /** Of a refused request, so many bytes and no more are read and thrown away, and for so long. */
    private static final int MAX_DROPPED_BYTES = 16 * 1024 * 1024;

    private static final Duration MAX_DROPPING = Duration.ofSeconds(10);

    private RequestBody() {}

    /**
     * Reads all of a body.
     *
     * @param limit in bytes; no more than one byte beyond it is read
     * @throws Problem 413 if it is longer, 415 if it is encoded, 400 if it ends before its announced length or cannot be read
     */
    public static byte[] read(HttpServletRequest request, int limit) {
        for (String encoding : Collections.list(request.getHeaders("Content-Encoding"))) {
            if (encoding.strip().toLowerCase(Locale.ROOT).equals("identity")) continue;
            throw new Problem(415, "Content-Encoding \"" + encoding + "\"; allowed: none").field("Content-Encoding");
        }
        long announced = request.getContentLengthLong();
        if (announced > limit) throw tooLarge(limit);
        byte[] body;
        try {
            body = read(request.getInputStream(), announced, limit);
        } catch (IOException e) {
            // If it is the client that has gone, nobody hears this. If it is the client's framing, not every server
            // finds words
            // for that: Undertow leaves the client without an answer.
            throw new Problem(400, "the body cannot be read to its end: it breaks off, or is not framed as it says");
        }
        if (announced >= 0 && body.length < announced) {
            throw new Problem(400, "the body ended after " + body.length + " of " + announced + " announced bytes");
        }
        return body;
    }

    private static byte[] read(InputStream in, long announced, int limit) throws IOException {
        // The announced length is only a hint: nothing large is made for it before it has come.
        byte[] chunk = new byte[announced < 0 ? 8192 : (int) Math.min(8192, Math.max(announced, 1))];
        ByteArrayOutputStream body = new ByteArrayOutputStream(chunk.length);
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            body.write(chunk, 0, n);
            if (body.size() > limit) throw tooLarge(limit);
        }
        return body.toByteArray();
    }

    /** Whether the request says that it has a body (RFC 9112, 6.3). */
    static boolean isAnnounced(HttpServletRequest request) {
        return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
    }

    /**
     * Reads what is left of the body of a request that has been refused, up to a limit, and throws it away. A server closes a
     * connection with much unread on it (Tomcat: more than 2 MiB), which tells the client "broken pipe" while it sends, and
     * takes away the answer that it has not read yet (RFC 9112, 9.6). May wait for the client, so the answer must be out.
     */
    static void drop(HttpServletRequest request) {
        long end = System.nanoTime() + MAX_DROPPING.toNanos();
        byte[] chunk = new byte[8192];
        try {
            InputStream in = request.getInputStream();
            int left = MAX_DROPPED_BYTES;
            while (left > 0 && System.nanoTime() - end < 0) {
                int n = in.read(chunk);
                if (n < 0) return;
                left -= n;
            }
        } catch (IOException | IllegalStateException e) {
            // It has gone, or somebody has read the body with a reader, which a body of that size never is.
            LOGGER.log(System.Logger.Level.DEBUG, "the rest of a refused request has not come", e);
        }
    }

    private static Problem tooLarge(int limit) {
        return new Problem(413, "the request's body is larger than " + limit + " bytes").with("limit", limit);
    }
}
