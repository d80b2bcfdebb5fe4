package org.bongsu.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a client is willing to receive (RFC 9110 §12.5.1). */
public final class Accept {
    private Accept() {}

    /** @throws Problem 406 if the request has an {@code Accept} header that excludes {@code type} */
    public static void require(HttpServletRequest request, String type) {
        List<String> headers = Collections.list(request.getHeaders("Accept"));
        if (headers.isEmpty() || accepts(String.join(",", headers), type)) return;
        throw new Problem(406, "this answers with " + type + ", which the Accept header excludes");
    }

    static boolean accepts(@Nullable String header, String type) {
        if (header == null || header.isBlank()) return true;
        String anySubtype = type.substring(0, type.indexOf('/')) + "/*";
        int mostSpecific = 0;
        boolean accepted = false;
        for (String range : header.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = range.split(";", -1);
            String name = parts[0].strip();
            int specific = name.equals(type) ? 3 : name.equals(anySubtype) ? 2 : name.equals("*/*") ? 1 : 0;
            if (specific == 0 || specific < mostSpecific) continue;
            boolean refused = false;
            for (int i = 1; i < parts.length; i++) refused |= parts[i].strip().matches("q=0(\\.0*)?");
            accepted = !refused || (accepted && specific == mostSpecific);
            mostSpecific = specific;
        }
        return accepted;
    }
}
