package org.bongsu.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that lean on scripts can lean on this. */
final class NodeIT {
    @Test
    void aScriptGetsItsArgumentsAndTellsItsLinesAndItsEnd() {
        try (Program echo = Node.run("echo.mjs", "봉수 🔥", "two words")) {
            assertEquals(List.of("봉수 🔥", "two words"), echo.lines());
            assertEquals(0, echo.status());
            assertEquals("echoed 2", echo.complaints());
        }
    }

    @Test
    void aScriptThatRunsOnIsEndedByClosingIt() {
        Program echo = Node.run("echo.mjs", "--forever");
        assertEquals("--forever", echo.line());
        echo.close();
        assertNull(echo.line());
        assertNotEquals(0, echo.status());
    }

    @Test
    void theCompilerOfTypesAndTheLibraryOfStreamsAreThere() {
        try (Program compiler = Node.run("node_modules/typescript/bin/tsc", "--version")) {
            assertTrue(compiler.lines().toString().contains("7.0.2"), compiler::toString);
        }
        try (Program streams = Node.run("--eval", "require('rxjs').of(1, 2).forEach(n => console.log(n))")) {
            assertEquals(List.of("1", "2"), streams.lines());
        }
    }
}
