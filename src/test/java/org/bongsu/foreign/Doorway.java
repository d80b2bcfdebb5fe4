package org.bongsu.foreign;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bongsu.Await;
import org.bongsu.PortalServer;

/** One address behind which there is one portal, or another, or none; and which ends connections wherever a test wants it. */
final class Doorway implements AutoCloseable {
    private final ServerSocket door;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    /** 0: whoever comes is turned away. */
    private volatile int behind;

    private volatile byte[] last = {};

    Doorway() {
        try {
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::letIn);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "doorway");
        thread.setDaemon(true);
        thread.start();
    }

    URI base() {
        return URI.create("http://127.0.0.1:" + door.getLocalPort() + PortalServer.CONTEXT_PATH + '/');
    }

    /** Whoever comes from now on gets to this portal. */
    synchronized void leadTo(PortalServer server) {
        behind = server.port();
    }

    /** Ends every connection, and lets nobody in. */
    synchronized void shut() {
        behind = 0;
        for (Socket socket : sockets) close(socket);
        sockets.clear();
    }

    /** The same, at the moment when a server has sent this text. */
    void shutAfter(String text) {
        last = text.getBytes(StandardCharsets.UTF_8);
    }

    /** Opened before that moment, it would be shut afterwards. */
    void awaitShut() {
        Await.until("the door is shut", () -> behind == 0);
    }

    /** The heads of all requests so far, one for each connection. */
    List<String> heads() {
        return heads;
    }

    private void letIn() {
        try {
            while (true) {
                Socket client = door.accept();
                sockets.add(client);
                int port = behind;
                if (port == 0) close(client);
                else start(() -> connect(client, port));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void connect(Socket client, int port) {
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            sockets.add(server);
            byte[] head = head(client.getInputStream());
            heads.add(new String(head, StandardCharsets.ISO_8859_1));
            server.getOutputStream().write(head);
            start(() -> carryRequests(client, server));
            carryAnswers(server.getInputStream(), client.getOutputStream());
        } catch (IOException e) {
            // One of them has gone.
        }
    }

    private static byte[] head(InputStream from) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = from.read();
            if (next < 0) throw new IOException("ended within a head");
            head.append((char) next);
        }
        return head.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void carryRequests(Socket client, Socket server) {
        try {
            client.getInputStream().transferTo(server.getOutputStream());
            server.shutdownOutput();
        } catch (IOException e) {
            close(server);
        }
    }

    private void carryAnswers(InputStream from, OutputStream to) throws IOException {
        byte[] bytes = new byte[8192];
        int matched = 0;
        for (int length = from.read(bytes); length >= 0; length = from.read(bytes)) {
            for (int i = 0; i < length && last.length > 0; i++) {
                matched = bytes[i] == last[matched] ? matched + 1 : bytes[i] == last[0] ? 1 : 0;
                if (matched == last.length) {
                    last = new byte[0];
                    to.write(bytes, 0, i + 1);
                    shut();
                    return;
                }
            }
            to.write(bytes, 0, length);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        shut();
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
