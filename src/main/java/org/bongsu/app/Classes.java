package org.bongsu.app;

import jakarta.servlet.ServletContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * All classes of the portal itself, loaded at its start. Those that only its end needs cannot be loaded then: a server may have taken the
 * WAR away by that time, or put another version in its place, before it tells the portal (Open Liberty).
 */
final class Classes {
    private static final String ROOT = "/WEB-INF/classes/";
    private static final String SUFFIX = ".class";

    private Classes() {}

    static void load(ServletContext context) {
        for (String name : names(context)) {
            try {
                Class.forName(name, false, Classes.class.getClassLoader());
            } catch (ClassNotFoundException | LinkageError e) {
                // Whoever needs it will say so.
                System.getLogger(Classes.class.getName()).log(System.Logger.Level.DEBUG, "not loaded: " + name, e);
            }
        }
    }

    /** Nothing where the classes are elsewhere. */
    static List<String> names(ServletContext context) {
        List<String> names = new ArrayList<>();
        collect(context, ROOT, names);
        return names;
    }

    private static void collect(ServletContext context, String folder, List<String> names) {
        Set<String> paths = context.getResourcePaths(folder);
        if (paths == null) return;
        for (String path : paths) {
            if (path.endsWith("/")) collect(context, path, names);
            else if (path.endsWith(SUFFIX) && !path.endsWith("-info" + SUFFIX)) {
                names.add(path.substring(ROOT.length(), path.length() - SUFFIX.length())
                        .replace('/', '.'));
            }
        }
    }
}
