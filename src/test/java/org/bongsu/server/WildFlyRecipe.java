package org.bongsu.server;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.LocalAuthority;
import org.bongsu.http.Container;
import org.jspecify.annotations.Nullable;

/** WildFly's standalone server, with {@code server-config/wildfly}. */
final class WildFlyRecipe implements Recipe {
    private static final Path CONFIG = Path.of("server-config", "wildfly");

    private final String version;

    /** What the script has made of the stock configuration; it takes seconds, and makes the same each time. */
    @Nullable private String configured;

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

    @Override
    public Container container() {
        return Container.UNDERTOW;
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
        Path standalone = configuration.resolve("standalone.xml");
        if (configured == null) {
            run(base, "bongsu.cli", Files.readString(CONFIG.resolve("bongsu.cli")));
            configured = Files.readString(standalone);
        } else {
            Files.writeString(standalone, configured);
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

    /** Has its configuration changed by a script, as the page says. */
    private void run(Path base, String name, String script) throws IOException {
        Path file = Files.writeString(base.resolve(name), script);
        Path log = base.resolve(name + ".log");
        ProcessBuilder cli = new ProcessBuilder(
                        home().resolve("bin/jboss-cli.sh").toString(),
                        "-Djboss.server.base.dir=" + base,
                        "--file=" + file)
                .directory(base.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // Of another one, on this machine.
        cli.environment().keySet().removeIf(variable -> variable.startsWith("JBOSS_"));
        cli.environment().put("JAVA_HOME", System.getProperty("java.home"));
        // It runs for a moment.
        cli.environment().put("JAVA_OPTS", "-XX:TieredStopAtLevel=1");
        Process process = cli.start();
        try {
            if (!process.waitFor(Await.SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(name + ": " + Files.readString(log));
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Administration, too. */
    @Override
    public int ports() {
        return 3;
    }

    @Override
    public boolean hasJms() {
        return true;
    }

    @Override
    public void addExtras(Path base, Extras extras) throws IOException {
        Path configuration = base.resolve("configuration");
        Files.copy(extras.keyStore(), configuration.resolve("bongsu.p12"));
        String tls = Files.readString(CONFIG.resolve("tls.cli"));
        run(base, "tls.cli", tls.replace("clear-text=\"…\"", "clear-text=\"" + LocalAuthority.PASSWORD + '"'));
        Path standalone = configuration.resolve("standalone.xml");
        Files.writeString(
                standalone,
                Texts.replaced(
                        Files.readString(standalone), "${jboss.https.port:8443}", String.valueOf(extras.securePort())));

        Files.createDirectories(base.resolve("modules"));
        String database = Files.readString(CONFIG.resolve("database.cli"));
        database = Texts.replaced(
                database,
                "--resources=postgresql.jar",
                "--resources=" + extras.driver().toString());
        database = Texts.replaced(database, "jdbc:postgresql://db.example/bongsu", extras.jdbcUrl());
        database = Texts.replaced(database, "user-name=\"bongsu\"", "user-name=\"" + extras.jdbcUser() + '"');
        database = Texts.replaced(database, "password=\"…\"", "password=\"" + extras.jdbcPassword() + '"');
        run(base, "database.cli", database);

        String mail = Files.readString(CONFIG.resolve("mail.cli"));
        mail = Texts.replaced(mail, "host=\"smtp.example\", port=465", "host=\"localhost\", port=" + extras.mailPort());
        mail = Texts.replaced(mail, "password=\"…\"", "password=\"" + Mailbox.PASSWORD + '"');
        run(base, "mail.cli", mail);
        run(base, "jms.cli", Files.readString(CONFIG.resolve("jms.cli")));
    }

    @Override
    public void sayMore(Path base) throws IOException {
        // As if it ran: the command is the same.
        run(
                base,
                "log.cli",
                "embed-server --server-config=standalone.xml --std-out=discard\n"
                        + Files.readString(CONFIG.resolve("log.cli"))
                        + "stop-embedded-server\n");
    }

    @Override
    public Path logOfThePortal(Path base) {
        return base.resolve("log/server.log");
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
    public Set<Deviation> deviations() {
        return EnumSet.of(Deviation.DROPS_BAD_CHUNKS);
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
                "-Djboss.bind.address=127.0.0.1",
                "-Djboss.http.port=" + port,
                "-Djboss.https.port=0",
                "-Djboss.management.http.port=0",
                "-Djboss.management.https.port=0");
        process.environment().put("JAVA_HOME", System.getProperty("java.home"));
        process.environment().put("JBOSS_BASE_DIR", base.toString());
        process.environment()
                .put("JBOSS_MODULEPATH", home().resolve("modules") + File.pathSeparator + base.resolve("modules"));
        process.environment().put("LAUNCH_JBOSS_IN_BACKGROUND", "true");
        process.environment().put("JAVA_OPTS", "-Xmx512m -Djava.net.preferIPv4Stack=true");
        return process;
    }
}
