package org.bongsu.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.tomcat.util.IntrospectionUtils;
import org.bongsu.server.Texts;

/** The files of {@code server-config}, and what its pages show. */
final class Config {
    private static final Path ROOT = Path.of("server-config");
    private static final Pattern WRONG = Pattern.compile("```\\w*\n# wrong: ([^\n]*)\n(.*?)```", Pattern.DOTALL);
    private static final Pattern REMOTE_IP =
            Pattern.compile("<Valve className=\"org.apache.catalina.valves.RemoteIpValve\"([^>]*)/>");
    private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    private String text;

    private Config(String text) {
        this.text = text;
    }

    static Config of(String file) {
        try {
            return new Config(Files.readString(ROOT.resolve(file), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Config text(String text) {
        return new Config(text);
    }

    /** There must be exactly one. */
    Config with(String what, Object by) {
        text = Texts.replaced(text, what, by.toString());
        return this;
    }

    /** However many there are. */
    Config withAll(String what, Object by) {
        text = text.replace(what, by.toString());
        return this;
    }

    @Override
    public String toString() {
        return text;
    }

    /** What a page shows as wrong, by its name. */
    static Map<String, String> wrong(String folder) {
        Map<String, String> found = new LinkedHashMap<>();
        Matcher matcher = WRONG.matcher(of(folder + "/README.md").text);
        while (matcher.find()) found.put(matcher.group(1), matcher.group(2));
        return found;
    }

    /** What {@code server.xml} has for a Tomcat behind a proxy. */
    static RemoteIpValve remoteIpValve() {
        Matcher element = REMOTE_IP.matcher(of("tomcat/server.xml").text);
        if (!element.find()) throw new AssertionError("no RemoteIpValve in server.xml");
        RemoteIpValve valve = new RemoteIpValve();
        Matcher attributes = ATTRIBUTE.matcher(element.group(1));
        while (attributes.find()) {
            if (!IntrospectionUtils.setProperty(valve, attributes.group(1), attributes.group(2))) {
                throw new AssertionError("RemoteIpValve has no " + attributes.group(1));
            }
        }
        return valve;
    }
}
