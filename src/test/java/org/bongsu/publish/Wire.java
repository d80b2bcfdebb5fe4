package org.bongsu.publish;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.bongsu.Await;
import org.bongsu.Site;
import org.jspecify.annotations.Nullable;

/** HTTP byte by byte, as no well-behaved client would send it. */
public final class Wire {
    private final int port;

    public Wire(int port) {
        this.port = port;
    }

    /** What came back. */
    public record Answer(int status, String head, String body) {
        /** A header's value, {@code null} without it. */
        public @Nullable String header(String name) {
            for (String line : head.split("\r\n", -1)) {
                if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ": ")) {
                    return line.substring(name.length() + 2);
                }
            }
            return null;
        }

        /** A member of the body that is text, a number or a list, as it stands there. */
        public @Nullable String member(String name) {
            int start = body.indexOf('"' + name + "\":");
            if (start < 0) return null;
            start += name.length() + 3;
            if (body.charAt(start) == '"') return body.substring(start + 1, body.indexOf('"', start + 1));
            if (body.charAt(start) == '[') return body.substring(start, body.indexOf(']', start) + 1);
            int end = start;
            while (",}".indexOf(body.charAt(end)) < 0) end++;
            return body.substring(start, end);
        }
    }

    /** One request of this person, with these header lines. */
    public Answer send(String user, String requestLine, String headers, byte[] body) {
        return raw(user, requestLine, headers + "Content-Length: " + body.length + "\r\n", body);
    }

    public Answer send(String user, String requestLine, String headers, String body) {
        return send(user, requestLine, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    /** As {@link #send}, but the length is told by {@code headers}, truly or not; then nothing more is sent. */
    public Answer raw(String user, String requestLine, String headers, byte[] body) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(Await.MILLIS);
            String authorization = user.isEmpty() ? "" : "Authorization: " + Site.basic(user) + "\r\n";
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            request.writeBytes((requestLine + " HTTP/1.1\r\nHost: intra\r\nConnection: close\r\n" + authorization)
                    .getBytes(StandardCharsets.ISO_8859_1));
            request.writeBytes((headers + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            request.writeBytes(body);
            socket.getOutputStream().write(request.toByteArray());
            socket.shutdownOutput();
            byte[] answer = socket.getInputStream().readAllBytes();
            String text = new String(answer, StandardCharsets.UTF_8);
            if (text.isEmpty()) return new Answer(0, "", "");
            int end = text.indexOf("\r\n\r\n");
            return new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(0, end), text.substring(end + 4));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
