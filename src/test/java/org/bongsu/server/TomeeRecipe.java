package org.bongsu.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * TomEE, as far as it is in Maven Central: its archive is not, so what it adds is put into Tomcat's as it would be found there:
 * its JARs in {@code lib}, its listener in {@code server.xml}, its agent.
 */
final class TomeeRecipe extends TomcatRecipe {
    private static final Path POM = Path.of("src/test/resources/org/bongsu/server/tomee.pom.xml");

    private final String version;
    private final String tomcat;

    TomeeRecipe(String version, String tomcat) {
        super(tomcat);
        this.version = version;
        this.tomcat = tomcat;
    }

    @Override
    public String name() {
        return "TomEE";
    }

    @Override
    public String version() {
        return version + " in Tomcat " + tomcat;
    }

    private Path libraries() {
        return Archives.libraries(POM, "tomee-" + version);
    }

    @Override
    public void prepare(Path base, int port) throws IOException {
        super.prepare(base, port);
        Path lib = Files.createDirectories(base.resolve("lib"));
        try (Stream<Path> libraries = Files.list(libraries())) {
            for (Path library : libraries.filter(TomeeRecipe::isAdded).toList()) {
                Files.createSymbolicLink(lib.resolve(library.getFileName()), library);
            }
        }
        Path file = base.resolve("conf/server.xml");
        String server = Files.readString(file);
        String first = "<Listener className=\"org.apache.catalina.core.JreMemoryLeakPreventionListener\"/>";
        Files.writeString(
                file,
                Texts.replaced(
                        server,
                        first,
                        "<Listener className=\"org.apache.tomee.catalina.ServerListener\"/>\n  " + first));
    }

    /** Tomcat has its own, of its own version; the API with servlets in it is for programs that have none. */
    private static boolean isAdded(Path library) {
        String name = library.getFileName().toString();
        boolean isApiWithServlets = name.startsWith("jakartaee-api-") && !name.endsWith("-tomcat.jar");
        return !isApiWithServlets && Stream.of("tomcat-", "ecj-").noneMatch(name::startsWith);
    }

    /** Its listener for CDI remembers the one that it took the place of, and so each portal all portals before it. */
    @Override
    public int remembered() {
        return EVERY_ONE;
    }

    @Override
    public ProcessBuilder start(Path base, int port) {
        ProcessBuilder process = super.start(base, port);
        String agent = "-javaagent:" + libraries().resolve("openejb-javaagent-" + version + ".jar");
        process.environment().merge("CATALINA_OPTS", agent, (options, more) -> options + ' ' + more);
        return process;
    }
}
