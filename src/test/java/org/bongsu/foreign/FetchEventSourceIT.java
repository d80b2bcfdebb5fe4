package org.bongsu.foreign;

import org.bongsu.node.Node;
import org.bongsu.reader.PortalReader;

/** What @microsoft/fetch-event-source sees. */
final class FetchEventSourceIT extends WhatAForeignClientSees {
    @Override
    PortalReader open(Order order) {
        return new ScriptedClient(order, Node.run("fetch-event-source.mjs", order.arguments()));
    }

    @Override
    boolean comesBack() {
        return true;
    }
}
