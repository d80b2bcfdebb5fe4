package org.bongsu.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Runs an independent client, given on the command line, against the same servers with the same phase, and prints what it says
 * beside our own figures. It speaks neither our long-poll nor our count of several publishers, so it skips the one and does not
 * judge the order of the other.
 */
final class Loadgen {
    private final String program;

    Loadgen(String program) {
        this.program = program;
    }

    void run(Row row, Stage stage) throws IOException {
        if (row.transport() == Transport.POLL) return;
        Contender contender = stage.contender();
        Phase phase = row.phase();
        List<String> command = new ArrayList<>(List.of(
                program,
                "--port",
                "" + contender.port(),
                "--n",
                "" + row.readers(),
                "--kind",
                row.transport() == Transport.SSE ? "sse" : "ws",
                "--label",
                row.id() + "/" + contender.name(),
                "--size",
                "" + stage.messageSize(),
                "--phase",
                phase.isPaced()
                        ? phase.toString()
                        : "b:%d:%d:%d".formatted(phase.messages(), phase.inFlight(), phase.connections()),
                "--pid",
                contender.process().pids().stream().map(String::valueOf).collect(Collectors.joining(","))));
        String topic = stage.topic() + "-second";
        if (contender instanceof Portal portal) {
            boolean sse = row.transport() == Transport.SSE;
            add(command, "--path", sse ? "/bongsu/api/stream?topic=" + topic : "/bongsu/ws");
            add(command, "--pub-path", "/bongsu/api/topics/" + topic);
            add(command, "--header", portal.requests().readerHeader());
            add(command, "--pub-header", portal.requests().publisherHeader());
            add(command, "--pub-pre", "{\"type\":\"event\",\"data\":");
            add(command, "--pub-post", "}");
            if (!sse) {
                add(command, "--step", "expect:\"ready\"");
                add(command, "--step", "send:{\"op\":\"subscribe\",\"topics\":[\"" + topic + "\"],\"ref\":1}");
                add(command, "--step", "expect:\"ok\"");
            }
        } else if (contender instanceof Nchan) {
            add(command, "--path", "/sub?id=" + topic);
            add(command, "--pub-path", "/pub?id=" + topic);
        }
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        System.out.print("loadgen " + output);
    }

    private static void add(List<String> command, String name, String value) {
        command.add(name);
        command.add(value);
    }
}
