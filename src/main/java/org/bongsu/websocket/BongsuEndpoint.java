package org.bongsu.websocket;

import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the container calls for one connection; hands everything to its {@link WebSocketConnection}. One instance per
 * connection. Its own path is closed: see {@link Admitted}.
 *
 * <p>Messages come in parts: a container that puts whole ones together keeps a buffer as large as the largest for each
 * connection.
 */
@ServerEndpoint(value = BongsuEndpoint.PATH, subprotocols = WebSocketServlet.SUBPROTOCOL, configurator = Admitted.class)
public final class BongsuEndpoint {
    static final String PATH = "/ws/bongsu.v1";

    /** Set by the first call-back; a container may call others from other threads. */
    @Nullable private volatile WebSocketConnection connection;

    @OnOpen
    public void open(Session session) throws IOException {
        if (!(session.getUserProperties().remove(Handshake.PROPERTY) instanceof Handshake handshake)) {
            session.close(Closing.notAllowed("connect at ws").reason());
            return;
        }
        WebSocketConnection opened = new WebSocketConnection(handshake, session);
        connection = opened;
        opened.open();
    }

    @OnMessage
    public void text(String part, boolean last) {
        WebSocketConnection open = connection;
        if (open != null) open.receiveText(part, last);
    }

    @OnMessage
    public void binary(ByteBuffer part, boolean last) {
        WebSocketConnection open = connection;
        if (open != null) open.receiveBinary(part.remaining(), last);
    }

    @OnMessage
    public void pong(PongMessage pong) {
        WebSocketConnection open = connection;
        if (open != null) open.receivePong(pong.getApplicationData());
    }

    @OnClose
    public void close() {
        WebSocketConnection open = connection;
        if (open != null) open.gone();
    }

    /** A connection that broke; nothing of ours throws into the container. */
    @OnError
    public void error(Session session, Throwable thrown) {
        WebSocketConnection open = connection;
        if (open != null && !session.isOpen()) open.gone();
    }
}
