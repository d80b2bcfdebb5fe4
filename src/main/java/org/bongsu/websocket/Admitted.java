package org.bongsu.websocket;

import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;

/**
 * Carries a handshake that the servlet has admitted to its endpoint, and refuses all others: containers find the annotated
 * class by themselves and open its path, where nobody asks for credentials.
 *
 * <p>One configuration serves all handshakes, so that containers read the endpoint's annotations once; what differs travels
 * on the thread that upgrades, which is the one that calls these methods (WebSocket 2.1 §6.4), and goes on in the user
 * properties, of which each session has its own. It is both the annotation's configurator and the servlet's, for Jetty takes
 * the former where there are two.
 */
public final class Admitted extends ServerEndpointConfig.Configurator {
    private static final ThreadLocal<Handshake> CURRENT = new ThreadLocal<>();

    /** What upgrades a request; throws what the container throws. */
    interface Upgrade<X extends Exception, Y extends Exception> {
        void run() throws X, Y;
    }

    static <X extends Exception, Y extends Exception> void during(Handshake handshake, Upgrade<X, Y> upgrade)
            throws X, Y {
        CURRENT.set(handshake);
        try {
            upgrade.run();
        } finally {
            CURRENT.remove();
        }
    }

    @Override
    public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
        Handshake handshake = CURRENT.get();
        if (handshake == null) config.getUserProperties().remove(Handshake.PROPERTY);
        else config.getUserProperties().put(Handshake.PROPERTY, handshake);
    }

    @Override
    public boolean checkOrigin(String origin) {
        // The servlet has looked at it, together with the credentials, or it has not been asked at all.
        return CURRENT.get() != null;
    }

    @Override
    public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
        return requested.stream().filter(supported::contains).findFirst().orElse("");
    }

    @Override
    public List<Extension> getNegotiatedExtensions(List<Extension> installed, List<Extension> requested) {
        // Compression per connection costs three times the CPU and five times the memory.
        return List.of();
    }
}
