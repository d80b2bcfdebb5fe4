package org.bongsu.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bongsu.Await;
import org.jspecify.annotations.Nullable;

/**
 * GlassFish and what comes from it, with {@code server-config/glassfish}: the domain that is in the archive, and the commands
 * of that folder.
 *
 * <p>The commands are for a domain that runs. So one is started for them at first, and those that are tested are copies of it.
 */
final class GlassFishRecipe implements Recipe {
    private static final Path CONFIG = Path.of("server-config", "glassfish");

    private static final String HTTP = "8080";
    private static final String ADMIN = "4848";

    /** What the domain in the archive listens on; the last two of Payara's alone. */
    private static final List<String> PORTS =
            List.of(HTTP, "8181", ADMIN, "3700", "3820", "3920", "8686", "7676", "6666", "5900", "4900");

    private final String name;
    private final String version;
    private final String coordinates;
    private final String folder;
    private final List<String> commands;

    /** The domain that has been given the commands, once there is one. */
    private @Nullable Path domain;

    /** Its ports by those of the archive. */
    private Map<String, Integer> ports = Map.of();

    private GlassFishRecipe(String name, String version, String coordinates, String folder, List<String> commands) {
        this.name = name;
        this.version = version;
        this.coordinates = coordinates;
        this.folder = folder;
        this.commands = commands;
    }

    static GlassFishRecipe glassFish(String version) {
        return new GlassFishRecipe(
                "GlassFish",
                version,
                "org.glassfish.main.distributions:glassfish:" + version + ":zip",
                "glassfish7",
                List.of("bongsu.asadmin"));
    }

    static GlassFishRecipe payara(String version) {
        return new GlassFishRecipe(
                "Payara",
                version,
                "fish.payara.distributions:payara:" + version + ":zip",
                "payara6",
                List.of("bongsu.asadmin", "payara.asadmin"));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return version;
    }

    private Path home() {
        return Archives.unpacked(coordinates, folder);
    }

    @Override
    public void prepare(Path base, int port) throws IOException {
        Path source = domain();
        copy(source, base.resolve("domain1"));
        Path file = base.resolve("domain1/config/domain.xml");
        String xml = Files.readString(file);
        for (Map.Entry<String, Integer> old : ports.entrySet()) {
            int fresh = old.getKey().equals(HTTP) ? port : StandardServer.freePort();
            xml = port(old.getValue().toString()).matcher(xml).replaceAll(String.valueOf(fresh));
        }
        Files.writeString(file, xml);
    }

    private synchronized Path domain() throws IOException {
        Path made = domain;
        if (made != null) return made;
        Path base = Path.of("target", "configured-" + folder).toAbsolutePath();
        delete(base);
        copy(home().resolve("glassfish/domains/domain1"), base.resolve("domain1"));
        Path file = base.resolve("domain1/config/domain.xml");
        String xml = Files.readString(file);
        Map<String, Integer> chosen = new TreeMap<>();
        for (String port : PORTS) {
            // The first of these are the server's own; those of the template for others follow.
            Matcher place = port(port).matcher(xml);
            if (!place.find()) continue;
            int free = StandardServer.freePort();
            chosen.put(port, free);
            xml = place.replaceFirst(String.valueOf(free));
        }
        for (String listener : List.of(HTTP, "8181", ADMIN)) {
            String port = "port=\"" + chosen.get(listener) + '"';
            xml = Texts.replaced(xml, port, port + " address=\"127.0.0.1\"");
        }
        xml = xml.replace("address=\"0.0.0.0\"", "address=\"127.0.0.1\"");
        Files.writeString(file, xml);
        configure(base, String.valueOf(chosen.get(ADMIN)));
        ports = chosen;
        domain = base.resolve("domain1");
        return base.resolve("domain1");
    }

    /** A port in {@code domain.xml}, where no other number can be meant. */
    private static Pattern port(String number) {
        return Pattern.compile("(?<=[\"=])" + number + "(?=[\"<])");
    }

    private void configure(Path base, String adminPort) throws IOException {
        String domains = base.toString();
        asadmin(base, "start-domain", "--domaindir", domains, "domain1");
        try {
            for (String file : commands) {
                asadmin(
                        base,
                        "--port",
                        adminPort,
                        "multimode",
                        "--file",
                        CONFIG.resolve(file).toString());
            }
            for (Map.Entry<String, List<String>> person : StandardServer.PEOPLE.entrySet()) {
                String who = person.getKey();
                Path password = Files.writeString(base.resolve("password"), "AS_ADMIN_USERPASSWORD=" + who + '\n');
                List<String> command = new ArrayList<>(
                        List.of("--port", adminPort, "--passwordfile", password.toString(), "create-file-user"));
                if (!person.getValue().isEmpty())
                    command.addAll(List.of("--groups", String.join(":", person.getValue())));
                command.add(who);
                asadmin(base, command.toArray(String[]::new));
            }
        } finally {
            asadmin(base, "stop-domain", "--domaindir", domains, "domain1");
        }
    }

    /** @throws IOException if it fails, or one of its commands has */
    private void asadmin(Path base, String... arguments) throws IOException {
        Path output = base.resolve("asadmin.log");
        // Not read through a pipe: a domain that it starts would keep that open.
        Process process = command(arguments)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        Await.until("asadmin " + String.join(" ", arguments) + " ends", () -> !process.isAlive());
        String said = Files.readString(output);
        if (process.exitValue() != 0 || said.contains(" failed.")) {
            throw new IOException("asadmin " + String.join(" ", arguments) + ": " + said);
        }
    }

    private ProcessBuilder command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(home().resolve("bin/asadmin").toString());
        command.addAll(List.of(arguments));
        ProcessBuilder process = new ProcessBuilder(command);
        process.environment().put("AS_JAVA", System.getProperty("java.home"));
        process.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return process;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) Files.createDirectories(copy);
                else Files.copy(file, copy);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }

    @Override
    public Set<Deviation> deviations() {
        return EnumSet.of(
                Deviation.ANSWERS_BAD_SYNTAX_ITSELF,
                Deviation.HANGS_AFTER_UPGRADE,
                Deviation.HAS_NO_SAME_SITE,
                Deviation.KEEPS_DEAF_CLIENTS);
    }

    /**
     * Its threads for asynchronous work, on which the portal writes its answers there, keep the portal in whose time they were
     * begun until they have had nothing to do for a minute.
     */
    @Override
    public int remembered() {
        return 5;
    }

    @Override
    public Path war(Path base) {
        return base.resolve("domain1/autodeploy/bongsu.war");
    }

    @Override
    public ProcessBuilder start(Path base, int port) {
        return command("start-domain", "--verbose", "--domaindir", base.toString(), "domain1");
    }
}
