package org.bongsu.app;

import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where settings come from, the first that has it wins: the system property {@code bongsu.x}, the environment variable
 * {@code BONGSU_X} (dots become underscores), JNDI {@code java:comp/env/bongsu/x}.
 *
 * <p>Remembers what it has been asked for, so that a misspelt setting is noticed instead of ignored.
 */
final class SettingSources {
    private static final String PROPERTY_PREFIX = "bongsu.";
    private static final String VARIABLE_PREFIX = "BONGSU_";

    private final Map<String, String> properties;
    private final Map<String, String> environment;
    private final Function<String, @Nullable String> jndi;
    private final Set<String> known = new TreeSet<>();

    /** A value and the words that name its origin in a complaint. */
    record Found(String value, String origin) {}

    SettingSources(
            Map<String, String> properties, Map<String, String> environment, Function<String, @Nullable String> jndi) {
        this.properties = properties;
        this.environment = environment;
        this.jndi = jndi;
    }

    static SettingSources ofThisServer(Properties properties, Map<String, String> environment) {
        Map<String, String> texts =
                properties.stringPropertyNames().stream().collect(Collectors.toMap(n -> n, properties::getProperty));
        return new SettingSources(texts, environment, name -> Jndi.text("java:comp/env/bongsu/" + name));
    }

    @Nullable Found find(String name) {
        known.add(name);
        String property = PROPERTY_PREFIX + name;
        String value = properties.get(property);
        if (value != null) return new Found(value, "the system property " + property);
        String variable = variable(name);
        value = environment.get(variable);
        if (value != null) return new Found(value, "the environment variable " + variable);
        value = jndi.apply(name);
        if (value != null) return new Found(value, "JNDI java:comp/env/bongsu/" + name);
        return null;
    }

    /** A system property of the server itself, such as the folder for its data. */
    @Nullable String serverProperty(String name) {
        return properties.get(name);
    }

    /** To be asked when everything has been read. */
    Set<String> unknownProperties() {
        Set<String> unknown = new TreeSet<>();
        for (String name : properties.keySet()) {
            if (name.startsWith(PROPERTY_PREFIX) && !known.contains(name.substring(PROPERTY_PREFIX.length()))) {
                unknown.add(name);
            }
        }
        return unknown;
    }

    /** To be asked when everything has been read. */
    Set<String> unknownVariables() {
        Set<String> knownVariables =
                known.stream().map(SettingSources::variable).collect(Collectors.toSet());
        Set<String> unknown = new TreeSet<>();
        for (String name : new TreeMap<>(environment).keySet()) {
            if (name.startsWith(VARIABLE_PREFIX) && !knownVariables.contains(name)) unknown.add(name);
        }
        return unknown;
    }

    Set<String> known() {
        return Set.copyOf(known);
    }

    private static String variable(String name) {
        return VARIABLE_PREFIX + name.replace('.', '_').toUpperCase(Locale.ROOT);
    }
}
