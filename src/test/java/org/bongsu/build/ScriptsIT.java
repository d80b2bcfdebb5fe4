package org.bongsu.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.javascript.jscomp.SourceFile;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the build step lets through, and what of it is in the WAR. */
final class ScriptsIT {
    private static final Path WAR = Path.of(System.getProperty("war.under.test", "target/bongsu.war"));

    private final Scripts scripts = new Scripts(Path.of("webapp/js"), Path.of("src/build/js/externs.js"));

    @Test
    void theScriptsPass() throws IOException {
        assertEquals(List.of(), scripts.complaints(List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "var one = () => 1;",
                "let one = 1;",
                "const one = 1;",
                "var one = `1`;",
                "var one = { two() {} };",
                "function one(two = 1) { return two; }",
                "class One {}",
                "async function one() {}",
                "with (window) { location = 1; }"
            })
    void whatIsNewerThanTheFifthEditionOrNotStrictIsRefused(String script) throws IOException {
        refuses(script, "tried.js:1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Promise",
                "fetch",
                "Symbol",
                "Map",
                "TextDecoder",
                "globalThis",
                "CustomEvent",
                "EventSource",
                "WebSocket"
            })
    void aGlobalThatTheOldestBrowserLacksIsRefused(String name) throws IOException {
        refuses("(function () { return new " + name + "(1); }());", name);
    }

    @Test
    void aNameThatIsDeclaredNowhereIsRefused() throws IOException {
        refuses("(function () { var message = 1; return mesage; }());", "mesage");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(function () { return window.Promise ? new window.Promise(function () {}) : null; }());",
                "(function () { return typeof Promise === 'undefined'; }());"
            })
    void aTestForWhatIsNewerPasses(String script) throws IOException {
        assertEquals(List.of(), scripts.complaints(List.of(SourceFile.fromCode("tried.js", script))));
    }

    private void refuses(String script, String because) throws IOException {
        List<String> complaints = scripts.complaints(List.of(SourceFile.fromCode("tried.js", script)));
        assertFalse(complaints.isEmpty(), script + " passed");
        assertTrue(complaints.get(0).contains("tried.js") && complaints.get(0).contains(because), complaints::toString);
    }

    @ParameterizedTest
    @CsvSource({"bongsu.min.js, 12000", "eventsource.min.js, 2000"})
    void aCopyIsSmall(String name, int most) throws IOException {
        byte[] copy = entry("js/" + name);
        int compressed = compressed(copy);
        System.out.printf("%s: %,d bytes, compressed %,d of at most %,d%n", name, copy.length, compressed, most);
        assertTrue(compressed <= most, name + " has " + compressed + " bytes when compressed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bongsu.min.js", "eventsource.min.js"})
    void aDebuggerFindsFromACopyToTheScripts(String name) throws IOException {
        String copy = new String(entry("js/" + name), StandardCharsets.UTF_8);
        assertTrue(copy.endsWith("\n//# sourceMappingURL=" + name + ".map\n"), name);

        String text = new String(entry("js/" + name + ".map"), StandardCharsets.UTF_8);
        JsonObject map;
        try (var reader = Json.createReader(new StringReader(text))) {
            map = reader.readObject();
        }
        List<JsonString> sources = map.getJsonArray("sources").getValuesAs(JsonString.class);
        assertFalse(sources.isEmpty());
        for (int i = 0; i < sources.size(); i++) {
            String served = new String(entry("js/" + sources.get(i).getString()), StandardCharsets.UTF_8);
            assertEquals(served, map.getJsonArray("sourcesContent").getString(i));
        }
    }

    /** As {@code gzip -9} does. */
    private static int compressed(byte[] bytes) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(all) {
            {
                def.setLevel(Deflater.BEST_COMPRESSION);
            }
        }) {
            out.write(bytes);
        }
        return all.size();
    }

    private static byte[] entry(String name) throws IOException {
        try (ZipFile war = new ZipFile(WAR.toFile())) {
            ZipEntry entry = war.getEntry(name);
            assertNotNull(entry, name + " is not in " + WAR);
            try (InputStream in = war.getInputStream(entry)) {
                return in.readAllBytes();
            }
        }
    }
}
