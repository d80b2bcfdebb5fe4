package org.bongsu.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bongsu.PortalServer;
import org.bongsu.browser.EngineKind;
import org.bongsu.browser.EngineRoom;
import org.bongsu.browser.Page;
import org.bongsu.node.Node;
import org.bongsu.node.Program;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code bongsu.d.ts} is what the client is: the compiler takes it, and the names in it are those that are there. */
final class TypesIT {
    private static final Path SCRIPTS = Path.of("webapp", "js");
    private static final Pattern MEMBER = Pattern.compile("^  (?:readonly )?'?([\\w@]+)'?\\??[(:]", Pattern.MULTILINE);
    private static final EngineRoom ENGINES = new EngineRoom();

    @AfterAll
    static void endTheEngines() {
        ENGINES.close();
    }

    @Test
    void theCompilerTakesAllThatIsDeclaredAndNothingElse() {
        try (Program compiler = Node.run(
                "node_modules/typescript/bin/tsc",
                "--noEmit",
                "--strict",
                "--noUnusedLocals",
                "--target",
                "es2020",
                "--module",
                "nodenext",
                "types.test.ts")) {
            String said = String.join("\n", compiler.lines());
            assertEquals(0, compiler.status(), said);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CHROMIUM", "PHANTOMJS_2"})
    void whatIsThereIsWhatIsDeclared(EngineKind kind) throws IOException {
        try (PortalServer portal = PortalServer.builder().testPages().start();
                ReaderPage reader = new ReaderPage(ENGINES.get(kind), portal.url("/"))) {
            Page page = reader.connect("{ topics: 'ops/**', share: false, transports: ['longpoll'] }")
                    .settleOn(List.of("longpoll"))
                    .page();
            page.value("test.client.publish('chat/general', 'hello', function (problem, receipt) {"
                    + " test.problem = problem; test.receipt = receipt; })");
            reader.until("test.receipt");
            page.value("test.client.publish('inbox/bob', 'hello', function (problem) { test.problem = problem; })");
            reader.until("test.problem");

            assertEquals(members("Client"), keys(page, "test.client"));
            assertEquals(members("State"), keys(page, "test.client.state"));
            assertEquals(members("Tried"), keys(page, "test.client.state.tried[0]"));
            assertEquals(members("Problem"), keys(page, "test.problem"));
            assertTrue(
                    keys(page, "test.receipt").containsAll(members("Receipt")), () -> keys(page, "test.receipt") + "");
        }
    }

    @Test
    void theOptionsThatAreReadAreThoseThatAreDeclared() throws IOException {
        Set<String> read = new TreeSet<>();
        Matcher matcher = Pattern.compile("\\boptions\\.(\\w+)").matcher(text("client.js"));
        while (matcher.find()) read.add(matcher.group(1));
        // For specifications: the transports themselves.
        read.remove("open");

        assertEquals(members("Options"), read);
    }

    private static Set<String> keys(Page page, String of) {
        return new TreeSet<>(page.texts("Object.keys(" + of + ")"));
    }

    /** The names that an interface declares; those that are symbols are not. */
    private static Set<String> members(String of) throws IOException {
        String types = text("bongsu.d.ts");
        int start = types.indexOf("export interface " + of + " {");
        Matcher matcher = MEMBER.matcher(types.substring(start, types.indexOf("\n}", start)));
        Set<String> names = new TreeSet<>();
        while (matcher.find()) names.add(matcher.group(1));
        return names;
    }

    private static String text(String name) throws IOException {
        return Files.readString(SCRIPTS.resolve(name));
    }
}
