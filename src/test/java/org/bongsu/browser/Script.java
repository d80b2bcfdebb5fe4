package org.bongsu.browser;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.StringReader;
import org.jspecify.annotations.Nullable;

/** JavaScript around that of the tests, for engines that can only hand a string in and out. */
final class Script {
    /**
     * Beforehand in a page of which {@link #CRASH} may be wanted: these listeners are the first, and keep the news from all
     * others.
     */
    static final String CRASHABLE =
            "['beforeunload', 'pagehide', 'unload', 'visibilitychange'].forEach(function (type) {"
                    + " window.addEventListener(type, function (event) {"
                    + " if (window.hasCrashed) event.stopImmediatePropagation(); }, true); });";

    /** From here on the page does not learn that it is being closed, as if it had crashed. */
    static final String CRASH = "window.hasCrashed = true";

    private Script() {}

    /** An expression whose value is a string, to be given to {@link #unwrapped}. */
    static String wrapped(String expression) {
        // Neither eval nor Function: a page's security policy may forbid them.
        return "(function () { try { return JSON.stringify({ value: (" + expression + "\n) }); }"
                + " catch (thrown) { return JSON.stringify({ thrown: String(thrown) }); } }())";
    }

    /**
     * The value of the expression.
     *
     * @param string null where there is none, as the expression is no JavaScript to this engine
     */
    static JsonValue unwrapped(String expression, @Nullable String string) {
        if (string == null) throw new AssertionError(expression + ": this engine does not understand it");
        JsonObject result;
        try (var reader = Json.createReader(new StringReader(string))) {
            result = reader.readObject();
        }
        if (result.containsKey("thrown")) throw new AssertionError(expression + ": " + result.getString("thrown"));
        return result.getOrDefault("value", JsonValue.NULL);
    }
}
