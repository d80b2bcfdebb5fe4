package org.bongsu.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Open Liberty, with {@code server-config/openliberty}. */
final class OpenLibertyRecipe implements Recipe {
    private static final Path CONFIG = Path.of("server-config", "openliberty");

    private final String version;

    OpenLibertyRecipe(String version) {
        this.version = version;
    }

    @Override
    public String name() {
        return "Open Liberty";
    }

    @Override
    public String version() {
        return version;
    }

    private Path home() {
        return Archives.unpacked("io.openliberty:openliberty-runtime:" + version + ":zip", "wlp");
    }

    @Override
    public void prepare(Path base, int port) throws IOException {
        Path server = Files.createDirectories(base.resolve("servers/bongsu"));
        String people = StandardServer.PEOPLE.keySet().stream()
                .map(name -> "<user name=\"" + name + "\" password=\"" + name + "\"/>\n")
                .collect(Collectors.joining());
        String groups = List.of("bongsu-user", "bongsu-publisher", "bongsu-admin").stream()
                .map(role -> StandardServer.PEOPLE.entrySet().stream()
                        .filter(person -> person.getValue().contains(role))
                        .map(person -> "<member name=\"" + person.getKey() + "\"/>")
                        .collect(Collectors.joining("", "<group name=\"" + role + "\">", "</group>\n")))
                .collect(Collectors.joining());
        String xml = Files.readString(CONFIG.resolve("server.xml"));
        xml = Texts.replaced(xml, "</basicRegistry>", people + groups + "</basicRegistry>");
        xml = Texts.replaced(xml, "host=\"*\" httpPort=\"8080\"", "host=\"127.0.0.1\" httpPort=\"" + port + "\"");
        Files.writeString(server.resolve("server.xml"), xml);
        Files.writeString(server.resolve("jvm.options"), "-Xmx512m\n");
    }

    @Override
    public Path war(Path base) {
        return base.resolve("servers/bongsu/apps/bongsu.war");
    }

    @Override
    public ProcessBuilder start(Path base, int port) {
        ProcessBuilder process = new ProcessBuilder(home().resolve("bin/server").toString(), "run", "bongsu");
        process.environment().put("WLP_USER_DIR", base.toString());
        process.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return process;
    }
}
