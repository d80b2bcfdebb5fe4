package org.bongsu.app;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The oldest servers that are safe to run on. */
final class ServerFloor {
    private static final Pattern TOMCAT = Pattern.compile("Apache Tomcat/(\\d+)\\.(\\d+)\\.(\\d+).*");

    private ServerFloor() {}

    /**
     * @param serverInfo as the container calls itself
     * @return a sentence of warning, {@code null} if there is nothing to warn of
     */
    static @Nullable String warning(String serverInfo) {
        Matcher tomcat = TOMCAT.matcher(serverInfo);
        if (!tomcat.matches()) return null;
        int major = Integer.parseInt(tomcat.group(1));
        int minor = Integer.parseInt(tomcat.group(2));
        int patch = Integer.parseInt(tomcat.group(3));
        // Below these an answer may reach another person's connection (CVE-2026-101356).
        boolean below =
                (major == 10 && (minor < 1 || (minor == 1 && patch < 61))) || (major == 11 && minor == 0 && patch < 27);
        return below
                ? serverInfo + " has known security holes that concern this portal; use at least 10.1.61 or 11.0.27"
                : null;
    }
}
