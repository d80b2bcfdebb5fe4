package org.bongsu.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** GlassFish and what comes from it: the domain that is in the archive. */
final class GlassFishRecipe implements Recipe {
    private final String name;
    private final String version;
    private final String coordinates;
    private final String folder;

    private GlassFishRecipe(String name, String version, String coordinates, String folder) {
        this.name = name;
        this.version = version;
        this.coordinates = coordinates;
        this.folder = folder;
    }

    static GlassFishRecipe glassFish(String version) {
        return new GlassFishRecipe(
                "GlassFish", version, "org.glassfish.main.distributions:glassfish:" + version + ":zip", "glassfish7");
    }

    static GlassFishRecipe payara(String version) {
        return new GlassFishRecipe(
                "Payara", version, "fish.payara.distributions:payara:" + version + ":zip", "payara6");
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
        Path stock = home().resolve("glassfish/domains/domain1");
        Path domain = base.resolve("domain1");
        try (Stream<Path> files = Files.walk(stock)) {
            for (Path file : files.toList())
                Files.copy(file, domain.resolve(stock.relativize(file).toString()));
        }
        Path config = domain.resolve("config");
        String xml = Files.readString(config.resolve("domain.xml"));
        // The first of these are the server's own; those of the template for others follow.
        xml = xml.replaceFirst("port=\"8080\"", "port=\"" + port + "\" address=\"127.0.0.1\"");
        for (String other : List.of("8181", "4848")) {
            xml = xml.replaceFirst(
                    "port=\"" + other + '"', "port=\"" + StandardServer.freePort() + "\" address=\"127.0.0.1\"");
        }
        for (String other : List.of("3700", "3820", "3920", "8686", "7676", "6666")) {
            xml = xml.replaceFirst("([=\"])" + other + "([<\"])", "$1" + StandardServer.freePort() + "$2");
        }
        xml = xml.replaceFirst(
                "start-port=\"5900\" das-port=\"4900\"",
                "start-port=\"" + StandardServer.freePort() + "\" das-port=\"" + StandardServer.freePort() + '"');
        xml = xml.replace("address=\"0.0.0.0\"", "address=\"127.0.0.1\"");
        Files.writeString(config.resolve("domain.xml"), xml);
        Files.writeString(
                config.resolve("keyfile"),
                StandardServer.PEOPLE.entrySet().stream()
                        .map(person -> person.getKey()
                                + ';'
                                + hashed(person.getKey())
                                + ';'
                                + String.join(",", person.getValue())
                                + '\n')
                        .collect(Collectors.joining()));
    }

    /** As {@code asadmin create-file-user} writes it: salted, and the salt after it. */
    private static String hashed(String password) {
        try {
            byte[] salt = "8 bytes.".getBytes(StandardCharsets.US_ASCII);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(password.getBytes(StandardCharsets.UTF_8));
            byte[] hash = digest.digest(salt);
            byte[] both = new byte[hash.length + salt.length];
            System.arraycopy(hash, 0, both, 0, hash.length);
            System.arraycopy(salt, 0, both, hash.length, salt.length);
            return "{SSHA256}" + Base64.getEncoder().encodeToString(both);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Path war(Path base) {
        return base.resolve("domain1/autodeploy/bongsu.war");
    }

    @Override
    public ProcessBuilder start(Path base, int port) {
        ProcessBuilder process = new ProcessBuilder(
                home().resolve("bin/asadmin").toString(),
                "start-domain",
                "--verbose",
                "--domaindir",
                base.toString(),
                "domain1");
        process.environment().put("AS_JAVA", System.getProperty("java.home"));
        process.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return process;
    }
}
