package org.bongsu.foreign;

import jakarta.json.JsonObject;
import org.bongsu.Site;
import org.bongsu.node.Program;

/** A client in a program of its own, which prints what it is told ({@code src/test/node/told.mjs}). */
final class ScriptedClient extends ForeignClient {
    private final Program program;
    private volatile boolean closed;

    ScriptedClient(Order order, Program program) {
        super(order);
        this.program = program;
        Thread thread = new Thread(this::listen, "lines of " + program);
        thread.setDaemon(true);
        thread.start();
    }

    private void listen() {
        int refusal = 0;
        for (String line = program.line(); line != null; line = program.line()) {
            JsonObject said = Site.json(line);
            if (said.getString("event").equals("refused")) refusal = said.getInt("status");
            else told(said.getString("event"), said.getString("id"), said.getString("data"));
        }
        if (closed) return;
        // Told only now: a client that tried again would still be running.
        if (refusal != 0) refused(refusal);
        else ended("the program has ended with " + program.status() + ": " + program);
    }

    @Override
    public void close() {
        closed = true;
        program.close();
    }

    @Override
    public String toString() {
        return super.toString() + ": " + program;
    }
}
