package org.bongsu.foreign;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bongsu.node.Program;
import org.bongsu.reader.PortalReader;

/** What Python's urllib sees. */
final class PythonIT extends WhatAForeignClientSees {
    @Override
    PortalReader open(Order order) {
        if (!Program.isFound("python3")) Program.missing("no python3 on the path", "install Python 3.9 or newer");
        List<String> command = new ArrayList<>(List.of("python3", "stream.py"));
        command.addAll(order.arguments());
        return new ScriptedClient(order, Program.start(Path.of("src", "test", "python"), command));
    }

    @Override
    boolean comesBack() {
        return true;
    }
}
