package org.bongsu.foreign;

import org.bongsu.node.Node;
import org.bongsu.reader.PortalReader;

/** What npm's eventsource sees. */
final class EventSourceIT extends WhatAForeignClientSees {
    @Override
    PortalReader open(Order order) {
        return new ScriptedClient(order, Node.run("eventsource.mjs", order.arguments()));
    }

    @Override
    boolean comesBack() {
        return true;
    }
}
