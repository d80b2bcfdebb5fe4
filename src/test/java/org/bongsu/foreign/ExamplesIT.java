package org.bongsu.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.node.Node;
import org.bongsu.node.Program;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of {@code src/docs/clients.md}, run as they stand there but for the address and where they begin. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ExamplesIT {
    private static final Path PAGE = Path.of("src", "docs", "clients.md");
    private static final Pattern EXAMPLE = Pattern.compile("## ([^\\n]+)\\n\\n```(\\w+)\\n(.*?)\\n```", Pattern.DOTALL);

    private record Example(String title, String language, String text) {
        Example at(Doorway door) {
            String address = door.base().getAuthority();
            return new Example(
                    title, language, text.replace("localhost:8080", address).replace("latest", "earliest"));
        }

        @Override
        public String toString() {
            return title;
        }
    }

    private PortalServer server;
    private Site site;

    @BeforeAll
    void start() {
        server = PortalServer.with("durability", "relaxed").start();
        site = server.site();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    static Stream<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        Matcher matcher = EXAMPLE.matcher(Files.readString(PAGE));
        while (matcher.find()) examples.add(new Example(matcher.group(1), matcher.group(2), matcher.group(3)));
        assertEquals(8, examples.size(), "each of them is found");
        return examples.stream();
    }

    @ParameterizedTest
    @MethodSource("examples")
    @Timeout(600)
    void printsEachMessageOnceAlsoWhenItsConnectionHasBroken(Example example, @TempDir Path folder) throws IOException {
        try (Doorway door = new Doorway()) {
            door.leadTo(server);
            String first = site.publish("ops/examples", "first, " + example);
            try (Program program = run(example.at(door), folder)) {
                while (!first.equals(id(program))) {
                    // What the examples before this one were told.
                }
                door.shut();
                String second = site.publish("ops/examples", "second, " + example);
                door.leadTo(server);
                assertEquals(second, id(program));
                assertEquals(site.publish("ops/examples", "third, " + example), id(program));
            }
        }
    }

    private static String id(Program program) {
        String line = program.line();
        if (line == null) throw new AssertionError(program + " has ended with " + program.status());
        return Site.json(line).getString("id");
    }

    private static Program run(Example example, Path folder) throws IOException {
        Path here = Path.of("").toAbsolutePath();
        return switch (example.language) {
            case "bash" -> {
                if (!Program.isFound("curl")) Program.missing("no curl on the path", "install curl");
                yield Program.start(here, List.of("bash", "-c", example.text));
            }
            case "python" -> {
                if (!Program.isFound("python3"))
                    Program.missing("no python3 on the path", "install Python 3.9 or newer");
                yield Program.start(here, List.of("python3", "-c", example.text));
            }
            case "js" -> Node.run("--input-type=module", "--eval", example.text);
            case "java" -> {
                Path file = Files.writeString(folder.resolve("Follow.java"), example.text);
                String java =
                        Path.of(System.getProperty("java.home"), "bin", "java").toString();
                String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
                yield Program.start(here, List.of(java, "-cp", classes, file.toString()));
            }
            default -> throw new AssertionError("nobody knows how to run " + example.language);
        };
    }
}
