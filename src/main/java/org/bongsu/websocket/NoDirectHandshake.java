package org.bongsu.websocket;

import jakarta.websocket.server.ServerEndpointConfig;

/**
 * Refuses whoever comes to the endpoint without passing the servlet, where credentials are checked. Containers find the
 * annotated class by themselves and open its path.
 */
public final class NoDirectHandshake extends ServerEndpointConfig.Configurator {
    @Override
    public boolean checkOrigin(String origin) {
        return false;
    }
}
