package org.bongsu.node;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Node.js and the packages of {@code src/test/node}.
 *
 * <p>Where one of them is missing the test is skipped, and says how to get it; it fails where {@code CI} is {@code true}.
 */
public final class Node {
    /** Where scripts are and run, so that they find the packages. */
    public static final Path FOLDER = Path.of("src", "test", "node");

    private static final String INSTALL = "(cd src/test/node && npm install)";

    private Node() {}

    /**
     * @param script a file of {@link #FOLDER}, a package's included: {@code node_modules/typescript/bin/tsc}
     * @return the script, running
     */
    public static Program run(String script, String... arguments) {
        return run(script, List.of(arguments));
    }

    public static Program run(String script, List<String> arguments) {
        require();
        List<String> command = new ArrayList<>(List.of("node", script));
        command.addAll(arguments);
        return Program.start(FOLDER, command);
    }

    /** Skips or fails the test unless scripts can be run with the packages that {@code package.json} names, in its versions. */
    public static void require() {
        if (!Program.isFound("node")) {
            Program.missing("no node on the path", "install Node.js 18 or newer with npm, then " + INSTALL);
        }
        JsonObject wanted = json(FOLDER.resolve("package.json")).getJsonObject("dependencies");
        for (String name : wanted.keySet()) {
            Path file = FOLDER.resolve("node_modules").resolve(name).resolve("package.json");
            String version = Files.exists(file) ? json(file).getString("version") : "missing";
            if (!version.equals(wanted.getString(name))) {
                Program.missing("the node package " + name + ' ' + wanted.getString(name) + " is " + version, INSTALL);
            }
        }
    }

    private static JsonObject json(Path file) {
        try (Reader text = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                JsonReader reader = Json.createReader(text)) {
            return reader.readObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
