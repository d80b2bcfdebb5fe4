package org.bongsu.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** WildFly's standalone server. */
final class WildFlyRecipe implements Recipe {
    private final String version;

    WildFlyRecipe(String version) {
        this.version = version;
    }

    @Override
    public String name() {
        return "WildFly";
    }

    @Override
    public String version() {
        return version;
    }

    private Path home() {
        return Archives.unpacked("org.wildfly:wildfly-dist:" + version + ":zip", "wildfly-" + version);
    }

    @Override
    public void prepare(Path base, int port) throws IOException {
        Path configuration = Files.createDirectories(base.resolve("configuration"));
        for (String file : List.of(
                "standalone.xml",
                "logging.properties",
                "application-users.properties",
                "application-roles.properties",
                "mgmt-users.properties",
                "mgmt-groups.properties")) {
            Files.copy(home().resolve("standalone/configuration").resolve(file), configuration.resolve(file));
        }
        StringBuilder users = new StringBuilder("\n");
        StringBuilder roles = new StringBuilder("\n");
        for (Map.Entry<String, List<String>> person : StandardServer.PEOPLE.entrySet()) {
            String name = person.getKey();
            users.append(name).append('=').append(hashed(name)).append('\n');
            roles.append(name)
                    .append('=')
                    .append(String.join(",", person.getValue()))
                    .append('\n');
        }
        Files.writeString(configuration.resolve("application-users.properties"), users, StandardOpenOption.APPEND);
        Files.writeString(configuration.resolve("application-roles.properties"), roles, StandardOpenOption.APPEND);
    }

    /** As {@code add-user.sh} writes it. */
    private static String hashed(String name) {
        try {
            byte[] text = (name + ":ApplicationRealm:" + name).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void watch(Path base) throws IOException {
        // It looks by itself; twice a second in place of every five seconds.
        Path standalone = base.resolve("configuration/standalone.xml");
        String xml = Files.readString(standalone);
        Files.writeString(standalone, Texts.replaced(xml, "scan-interval=\"5000\"", "scan-interval=\"500\""));
    }

    @Override
    public boolean dropsBadChunks() {
        return true;
    }

    /** A thread of its workers keeps the first task that it has run; most are started while the first portals run. */
    @Override
    public int remembered() {
        return 5;
    }

    @Override
    public Path war(Path base) {
        return base.resolve("deployments/bongsu.war");
    }

    @Override
    public ProcessBuilder start(Path base, int port) {
        ProcessBuilder process = new ProcessBuilder(
                home().resolve("bin/standalone.sh").toString(),
                "-Djboss.server.base.dir=" + base,
                "-Djboss.bind.address=127.0.0.1",
                "-Djboss.http.port=" + port,
                "-Djboss.https.port=0",
                "-Djboss.management.http.port=0",
                "-Djboss.management.https.port=0");
        process.environment().put("JAVA_HOME", System.getProperty("java.home"));
        process.environment().put("LAUNCH_JBOSS_IN_BACKGROUND", "true");
        process.environment().put("JAVA_OPTS", "-Xmx512m -Djava.net.preferIPv4Stack=true");
        return process;
    }
}
