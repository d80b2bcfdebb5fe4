package org.bongsu.network;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.bongsu.Await;

/** A socket as a test holds it, on either side of a network: text goes out and comes in, one byte a character. */
final class Caller implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    Caller(Socket socket) {
        this.socket = socket;
        try {
            socket.setSoTimeout(Await.MILLIS);
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Caller to(int port) {
        try {
            Socket socket = new Socket();
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Await.MILLIS);
            return new Caller(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Caller to(HostileNetwork network) {
        return to(network.port());
    }

    Caller say(String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request without a body. */
    Caller ask(String line, String... fields) {
        StringBuilder head = new StringBuilder(line + " HTTP/1.1\r\nHost: portal\r\n");
        for (String field : fields) head.append(field).append("\r\n");
        return say(head.append("\r\n").toString());
    }

    /** Asks to become a WebSocket. */
    Caller upgrade(String path, String... fields) {
        String[] all = new String[fields.length + 4];
        all[0] = "Connection: Upgrade";
        all[1] = "Upgrade: websocket";
        all[2] = "Sec-WebSocket-Version: 13";
        all[3] = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
        System.arraycopy(fields, 0, all, 4, fields.length);
        return ask("GET " + path, all);
    }

    /** Up to and with this text. */
    String hearUntil(String end) {
        StringBuilder heard = new StringBuilder();
        while (heard.indexOf(end, Math.max(0, heard.length() - end.length())) < 0) heard.append(hear(1));
        return heard.toString();
    }

    Head head() {
        String text = hearUntil("\r\n\r\n");
        return new Head(text.substring(0, text.length() - 2));
    }

    String hear(int bytes) {
        try {
            byte[] heard = in.readNBytes(bytes);
            if (heard.length < bytes) throw new EOFException("the end came after " + heard.length + " of " + bytes);
            return new String(heard, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How much there is to be heard at once. */
    int audible() {
        try {
            return in.available();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * All that comes until the end.
     *
     * @param how it ended, which is never by silence
     */
    record Rest(String text, End how) {}

    Rest rest() {
        StringBuilder heard = new StringBuilder();
        End end = listen(heard::append);
        return new Rest(heard.toString(), end);
    }

    /** As {@link #rest}, for others to see what comes as it does. */
    End listen(Consumer<String> ear) {
        byte[] bytes = new byte[4096];
        try {
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                ear.accept(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
            }
            return End.FIN;
        } catch (SocketException e) {
            return End.RST;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    End end() {
        return rest().how;
    }

    void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Loop.closeQuietly(socket);
    }
}
