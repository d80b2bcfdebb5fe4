package org.bongsu.websocket;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** Status line and headers. */
    final String answer;

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

    static RawSocket connect(int port, String... headers) {
        return handshake(port, "/bongsu/ws", 0, headers);
    }

    /** @param receiveBuffer of the socket, in bytes; 0 for the usual */
    static RawSocket handshake(int port, String path, int receiveBuffer, String... headers) {
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n");
        request.append("Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n");
        request.append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        for (String header : headers) request.append(header).append("\r\n");
        return new RawSocket(port, request.append("\r\n").toString(), receiveBuffer);
    }

    static RawSocket request(int port, String request) {
        return new RawSocket(port, request, 0);
    }

    private RawSocket(int port, String request, int receiveBuffer) {
        try {
            socket = new Socket();
            if (receiveBuffer > 0) socket.setReceiveBufferSize(receiveBuffer);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(120_000);
            in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) head.append((char) in.readUnsignedByte());
            int length = head.indexOf("Content-Length: ");
            int bodyLength =
                    length < 0 ? 0 : Integer.parseInt(head.substring(length + 16, head.indexOf("\r\n", length)));
            head.append(new String(in.readNBytes(bodyLength), StandardCharsets.UTF_8));
            answer = head.toString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    int status() {
        return Integer.parseInt(answer.substring(9, 12));
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

    /** The next frame that is no ping; the end of the connection counts as a close without a code. */
    Frame next() {
        try {
            while (true) {
                int first = in.readUnsignedByte();
                int second = in.readUnsignedByte();
                long length = second & 127;
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
                if ((first & 0x80) == 0 || opcode == 0) {
                    return new Frame(TEXT, rest(opcode, payload, (first & 0x80) != 0));
                }
                return new Frame(opcode, payload);
            }
        } catch (EOFException | SocketException e) {
            return new Frame(CLOSE, new byte[0]);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("nothing came within 2 minutes");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] rest(int opcode, byte[] start, boolean last) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(start);
        if (opcode == 0) throw new AssertionError("a continuation of nothing");
        while (!last) {
            int first = in.readUnsignedByte();
            long length = in.readUnsignedByte() & 127;
            if (length == 126) length = in.readUnsignedShort();
            if (length == 127) length = in.readLong();
            byte[] payload = in.readNBytes((int) length);
            if ((first & 15) != 0) throw new AssertionError("opcode " + (first & 15) + " within a message");
            whole.write(payload);
            last = (first & 0x80) != 0;
        }
        return whole.toByteArray();
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

    @Nullable String header(String name) {
        for (String line : answer.split("\r\n", -1)) {
            if (line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
                return line.substring(name.length() + 2);
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
