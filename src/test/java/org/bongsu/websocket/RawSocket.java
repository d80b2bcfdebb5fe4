package org.bongsu.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.Await;
import org.bongsu.Site;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket client made of bytes: it can do everything that a well-behaved one never does. It answers pings as long as it
 * reads, unless told otherwise.
 */
final class RawSocket implements AutoCloseable {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private final Socket socket;
    private final DataInputStream in;

    /** Status line and headers of the answer. */
    final String head;

    /** Of an answer that is no handshake. */
    final String body;

    boolean answersPings = true;
    final AtomicInteger pings = new AtomicInteger();

    /** One frame from the server, or the end of the connection. */
    static final class Frame {
        final int opcode;
        private final byte[] payload;

        Frame(int opcode, byte[] payload) {
            this.opcode = opcode;
            this.payload = payload;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** Of a close frame; 1006 where the connection ended without one. */
        int code() {
            return payload.length < 2 ? 1006 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        }

        String reason() {
            return payload.length < 2 ? "" : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }
    }

    static RawSocket connect(Site site, String... headers) {
        return handshake(site, "/ws", 0, headers);
    }

    /** Connects by Basic and reads the greeting. */
    static RawSocket greeted(Site site, String user) {
        RawSocket socket = connect(site, "Authorization: " + Site.basic(user));
        assertEquals(101, socket.status(), socket.head + socket.body);
        String ready = socket.text();
        if (!ready.startsWith("{\"op\":\"ready\"")) throw new AssertionError("no greeting: " + ready);
        return socket;
    }

    /** @param receiveBuffer of the socket, in bytes; 0 for the usual */
    static RawSocket handshake(Site site, String path, int receiveBuffer, String... headers) {
        StringBuilder request = new StringBuilder(head(site, "GET", path));
        request.append("Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n");
        request.append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        for (String header : headers) request.append(header).append("\r\n");
        return new RawSocket(site, request.append("\r\n").toString(), receiveBuffer);
    }

    /** How a request begins: its first line and the host. */
    static String head(Site site, String method, String path) {
        return method + ' ' + site.url(path).getRawPath() + " HTTP/1.1\r\nHost: "
                + site.base().getAuthority() + "\r\n";
    }

    /** @param request the whole of it */
    static RawSocket request(Site site, String request) {
        return new RawSocket(site, request, 0);
    }

    private RawSocket(Site site, String request, int receiveBuffer) {
        try {
            socket = new Socket();
            if (receiveBuffer > 0) socket.setReceiveBufferSize(receiveBuffer);
            socket.connect(
                    new InetSocketAddress(site.base().getHost(), site.base().getPort()));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(Await.MILLIS);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            StringBuilder read = new StringBuilder();
            while (read.indexOf("\r\n\r\n") < 0) read.append((char) in.readUnsignedByte());
            head = read.toString();
            body = new String(readBody(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** As long as the head says (RFC 9112 §6.3); what follows a 101 is frames. */
    private byte[] readBody() throws IOException {
        if (status() < 200 || status() == 204 || status() == 304) return new byte[0];
        String length = header("Content-Length");
        if (length != null) return in.readNBytes(Integer.parseInt(length));
        if (header("Transfer-Encoding") == null) return in.readAllBytes();
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line().split(";", 2)[0].strip(), 16);
            whole.write(in.readNBytes(size));
            // The end of the chunk, or of all of them where no trailer follows.
            line();
            if (size == 0) return whole.toByteArray();
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.indexOf("\r\n") < 0) line.append((char) in.readUnsignedByte());
        return line.substring(0, line.length() - 2);
    }

    /** The client's, on this machine. */
    int port() {
        return socket.getLocalPort();
    }

    int status() {
        return Integer.parseInt(head.substring(9, 12));
    }

    RawSocket send(String text) {
        return send(TEXT, true, text.getBytes(StandardCharsets.UTF_8));
    }

    /** @param opcode 0 for a continuation */
    RawSocket send(int opcode, boolean last, byte[] payload) {
        try {
            ByteArrayOutputStream frame = new ByteArrayOutputStream(payload.length + 14);
            frame.write((last ? 0x80 : 0) | opcode);
            if (payload.length < 126) {
                frame.write(0x80 | payload.length);
            } else if (payload.length < 65_536) {
                frame.write(0x80 | 126);
                frame.write(payload.length >> 8);
                frame.write(payload.length);
            } else {
                frame.write(0x80 | 127);
                frame.write(ByteBuffer.allocate(8).putLong(payload.length).array());
            }
            byte[] mask = {1, 2, 3, 4};
            frame.write(mask);
            for (int i = 0; i < payload.length; i++) frame.write(payload[i] ^ mask[i & 3]);
            socket.getOutputStream().write(frame.toByteArray());
            return this;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The next message or close; the end of the connection counts as a close without a code. */
    Frame next() {
        try {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            int kind = 0;
            while (true) {
                int first = in.readUnsignedByte();
                long length = in.readUnsignedByte() & 127;
                if (length == 126) length = in.readUnsignedShort();
                if (length == 127) length = in.readLong();
                byte[] payload = in.readNBytes((int) length);
                if (payload.length < length) throw new EOFException();
                int opcode = first & 15;
                if (opcode == PING) {
                    pings.incrementAndGet();
                    if (answersPings) send(PONG, true, payload);
                    continue;
                }
                if (opcode >= CLOSE) return new Frame(opcode, payload);
                if ((kind == 0) == (opcode == 0)) throw new AssertionError("opcode " + opcode + " within " + kind);
                kind = Math.max(kind, opcode);
                message.write(payload);
                if ((first & 0x80) != 0) return new Frame(kind, message.toByteArray());
            }
        } catch (EOFException | SocketException e) {
            return new Frame(CLOSE, new byte[0]);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("nothing came within " + Await.PATIENCE, e);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The next text frame. */
    String text() {
        Frame frame = next();
        if (frame.opcode == TEXT) return frame.text();
        throw new AssertionError("no text but opcode " + frame.opcode + " " + frame.code() + " " + frame.reason());
    }

    /** Reads until the server closes. */
    Frame closed() {
        Frame frame = next();
        while (frame.opcode != CLOSE) frame = next();
        return frame;
    }

    /** Reads until the server closes, with this code and a reason in words. */
    void assertClosed(int code) {
        Frame close = closed();
        assertEquals(code, close.code(), close.reason());
        // Of what is no text the server itself speaks, which may have no words.
        if (code != 1007) assertTrue(close.reason().length() > 5, "the reason in words: " + close.reason());
    }

    /** Of the answer, by its name in any case. */
    @Nullable String header(String name) {
        for (String line : head.split("\r\n", -1)) {
            if (line.regionMatches(true, 0, name + ':', 0, name.length() + 1)) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return null;
    }

    /** Goes without a word. */
    @Override
    public void close() {
        if (socket.isClosed()) return;
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
