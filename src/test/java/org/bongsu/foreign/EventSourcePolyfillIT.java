package org.bongsu.foreign;

import org.bongsu.node.Node;
import org.bongsu.reader.PortalReader;

/** What npm's event-source-polyfill sees. */
final class EventSourcePolyfillIT extends WhatAForeignClientSees {
    @Override
    PortalReader open(Order order) {
        return new ScriptedClient(order, Node.run("event-source-polyfill.mjs", order.arguments()));
    }

    @Override
    boolean comesBack() {
        return true;
    }
}
