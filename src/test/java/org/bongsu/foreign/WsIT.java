package org.bongsu.foreign;

import org.bongsu.node.Node;
import org.bongsu.reader.PortalReader;

/** What npm's ws sees. */
final class WsIT extends WhatAForeignClientSees {
    @Override
    PortalReader open(Order order) {
        return new ScriptedClient(order, Node.run("ws.mjs", order.arguments()));
    }

    @Override
    boolean comesBack() {
        return false;
    }
}
