package org.bongsu.foreign;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bongsu.node.Program;
import org.bongsu.reader.PortalReader;

/** What {@code curl -N} prints, line by line. */
final class CurlIT extends WhatAForeignClientSees {
    @Override
    PortalReader open(Order order) {
        if (!Program.isFound("curl")) Program.missing("no curl on the path", "install curl");
        return new Curl(order);
    }

    @Override
    boolean comesBack() {
        return false;
    }

    private static final class Curl extends ForeignClient {
        private final Program curl;
        private volatile boolean closed;

        Curl(Order order) {
            super(order);
            List<String> command =
                    new ArrayList<>(List.of("curl", "-sSN", "--fail-with-body", "-w", "%{stderr}%{http_code}"));
            order.headers().forEach((name, value) -> command.addAll(List.of("-H", name + ": " + value)));
            command.add(order.stream().toString());
            curl = Program.start(Path.of("."), command);
            Thread thread = new Thread(this::listen, "lines of curl");
            thread.setDaemon(true);
            thread.start();
        }

        private void listen() {
            EventLines lines = new EventLines(this);
            for (String line = curl.line(); line != null; line = curl.line()) lines.line(line);
            if (closed) return;
            int status = curl.status();
            String said = curl.complaints();
            ended(status == 22 ? said.substring(said.length() - 3) : "curl has ended with " + status + ": " + said);
        }

        @Override
        public void close() {
            closed = true;
            curl.close();
        }
    }
}
