package org.bongsu.server;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The servers that the portal is tried on, by the names that {@code -Dservers=} takes. */
public final class Recipes {
    private static final Map<String, Recipe> ALL = new LinkedHashMap<>();

    static {
        // The newest of which Maven Central has the archive.
        ALL.put("tomcat10", new TomcatRecipe("10.1.60"));
        ALL.put("tomcat11", new TomcatRecipe("11.0.25"));
        ALL.put("jetty", new JettyRecipe("12.1.12"));
        ALL.put("wildfly", new WildFlyRecipe("39.0.1.Final"));
        ALL.put("tomee", new TomeeRecipe("10.0.0-M2", "10.1.60"));
        ALL.put("openliberty", new OpenLibertyRecipe("26.0.0.5"));
        ALL.put("payara", GlassFishRecipe.payara("6.2025.10"));
        ALL.put("glassfish", GlassFishRecipe.glassFish("7.0.21"));
    }

    private Recipes() {}

    /** Those that were asked for, in an order of ours. */
    public static Stream<Recipe> wanted() {
        String asked = System.getProperty("servers", "");
        if (asked.equals("all")) return ALL.values().stream();
        return Arrays.stream(asked.split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .map(Recipes::named);
    }

    public static Recipe named(String name) {
        Recipe recipe = ALL.get(name);
        if (recipe == null) {
            throw new IllegalArgumentException(
                    "-Dservers: there is no " + name + " but all, or some of " + ALL.keySet());
        }
        return recipe;
    }
}
