package org.bongsu.server;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
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
import org.bongsu.LocalAuthority;
import org.bongsu.Ports;
import org.bongsu.http.Container;
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
    private static final String HTTPS = "8181";
    private static final String ADMIN = "4848";

    private static final String LISTENERS =
            "configs.config.server-config.network-config.network-listeners.network-listener.";

    /** What protects the stores of keys in the archive. */
    private static final String MASTER_PASSWORD = "changeit";

    /** What the domain in the archive listens on; the last two of Payara's alone. */
    private static final List<String> PORTS =
            List.of(HTTP, HTTPS, ADMIN, "3700", "3820", "3920", "8686", "7676", "6666", "5900", "4900");

    /** How often a password is hashed in the file of its people. */
    private static final int HASHES = 100;

    private final String name;
    private final String version;
    private final String coordinates;
    private final String folder;
    private final String keyStore;
    private final String mailCommand;
    private final List<String> commands;
    private final int remembered;

    /** The domain that has been given the commands, once there is one. */
    private @Nullable Path domain;

    /** What its ports were in the archive. */
    private Map<String, String> ports = Map.of();

    private GlassFishRecipe(
            String name,
            String version,
            String coordinates,
            String folder,
            String keyStore,
            String mailCommand,
            List<String> commands,
            int remembered) {
        this.name = name;
        this.version = version;
        this.coordinates = coordinates;
        this.folder = folder;
        this.keyStore = keyStore;
        this.mailCommand = mailCommand;
        this.commands = commands;
        this.remembered = remembered;
    }

    /** It remembers every deployment: its {@code EventsImpl} finds no listener that is to be taken away, until 7.1. */
    static GlassFishRecipe glassFish(String version) {
        return new GlassFishRecipe(
                "GlassFish",
                version,
                "org.glassfish.main.distributions:glassfish:" + version + ":zip",
                "glassfish7",
                "keystore.jks",
                "create-mail-resource",
                List.of("bongsu.asadmin"),
                EVERY_ONE);
    }

    /**
     * It remembers one: a constant of Grizzly's ({@code CloseReason}) is an exception, and keeps the stack of whoever was the first
     * to end a connection.
     */
    static GlassFishRecipe payara(String version) {
        return new GlassFishRecipe(
                "Payara",
                version,
                "fish.payara.distributions:payara:" + version + ":zip",
                "payara6",
                "keystore.p12",
                "create-javamail-resource",
                List.of("bongsu.asadmin", "payara.asadmin"),
                1);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Container container() {
        return Container.GLASSFISH;
    }

    private Path home() {
        return Archives.unpacked(coordinates, folder);
    }

    @Override
    public void prepare(Path base, int port) throws IOException {
        Path source = domain();
        copy(source, base.resolve("domain1"));
        Path file = base.resolve("domain1/config/domain.xml");
        // In one pass: a fresh port may be another old one.
        String xml = port(String.join("|", ports.keySet()))
                .matcher(Files.readString(file))
                .replaceAll(old -> String.valueOf(HTTP.equals(ports.get(old.group())) ? port : Ports.free()));
        Files.writeString(file, xml);
    }

    private synchronized Path domain() throws IOException {
        Path made = domain;
        if (made != null) return made;
        // For this JVM alone: another, beside it, makes its own.
        Path base = Files.createTempDirectory("bongsu-domain-").toRealPath();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(base), "delete " + base));
        copy(home().resolve("glassfish/domains/domain1"), base.resolve("domain1"));
        Path file = base.resolve("domain1/config/domain.xml");
        String xml = Files.readString(file);
        Map<String, String> chosen = new TreeMap<>();
        for (String port : PORTS) {
            // The first of these are the server's own; those of the template for others follow.
            Matcher place = port(port).matcher(xml);
            if (!place.find()) continue;
            String free = String.valueOf(Ports.free());
            chosen.put(free, port);
            xml = place.replaceFirst(free);
        }
        for (String listener : List.of(HTTP, HTTPS, ADMIN)) {
            String port = "port=\"" + portOf(listener, chosen) + '"';
            xml = Texts.replaced(xml, port, port + " address=\"127.0.0.1\"");
        }
        xml = xml.replace("address=\"0.0.0.0\"", "address=\"127.0.0.1\"");
        Files.writeString(file, xml);
        running(base, admin -> {
            for (String commandFile : commands)
                admin.run("multimode", "--file", CONFIG.resolve(commandFile).toString());
            for (Map.Entry<String, List<String>> person : StandardServer.PEOPLE.entrySet()) {
                if (StandardServer.GUESTS.contains(person.getKey())) continue;
                List<String> command = new ArrayList<>(List.of("create-file-user"));
                if (!person.getValue().isEmpty())
                    command.addAll(List.of("--groups", String.join(":", person.getValue())));
                command.add(person.getKey());
                admin.runWith("USERPASSWORD=" + person.getKey(), command.toArray(String[]::new));
            }
        });
        addGuests(base.resolve("domain1/config/keyfile"));
        ports = chosen;
        domain = base.resolve("domain1");
        return base.resolve("domain1");
    }

    /** As the command that adds people does, which for two hundred of them would take minutes. */
    private static void addGuests(Path keyFile) throws IOException {
        StringBuilder lines = new StringBuilder(Files.readString(keyFile));
        byte[] salt = new byte[8];
        for (String guest : StandardServer.GUESTS) {
            MessageDigest digest = sha256();
            digest.update(guest.getBytes(StandardCharsets.UTF_8));
            byte[] hash = digest.digest(salt);
            for (int more = 1; more < HASHES; more++) hash = digest.digest(hash);
            byte[] salted = ByteBuffer.allocate(hash.length + salt.length)
                    .put(hash)
                    .put(salt)
                    .array();
            lines.append(guest).append(";{SSHA256}").append(Base64.getEncoder().encodeToString(salted));
            lines.append(';')
                    .append(String.join(",", StandardServer.PEOPLE.get(guest)))
                    .append('\n');
        }
        Files.writeString(keyFile, lines);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String portOf(String ofArchive, Map<String, String> ports) {
        return ports.entrySet().stream()
                .filter(port -> port.getValue().equals(ofArchive))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + ofArchive + " in the domain"));
    }

    /** A port in {@code domain.xml}, where no other number can be meant. */
    private static Pattern port(String number) {
        return Pattern.compile("(?<=[\"=])(?:" + number + ")(?=[\"<])");
    }

    /** Administration and JMX, too. */
    @Override
    public int ports() {
        return 4;
    }

    @Override
    public void addExtras(Path base, Extras extras) throws IOException {
        Path config = base.resolve("domain1");
        Files.copy(
                extras.driver(), config.resolve("lib").resolve(extras.driver().getFileName()));
        importInto(
                config.resolve("config").resolve(keyStore),
                extras.keyStore(),
                "-alias",
                "portal",
                "-destkeypass",
                MASTER_PASSWORD);
        importInto(config.resolve("config").resolve(keyStore.replace("keystore", "cacerts")), extras.trusted());
        Matcher place =
                Pattern.compile("jdbc:postgresql://([^:/]+):(\\d+)/([^?]+)").matcher(extras.jdbcUrl());
        if (!place.matches()) throw new AssertionError(extras.jdbcUrl());
        String database = Files.readString(CONFIG.resolve("postgresql.asadmin"));
        database = Texts.replaced(database, "serverName=db.example", "serverName=" + place.group(1));
        database = Texts.replaced(database, "portNumber=5432", "portNumber=" + place.group(2));
        database = Texts.replaced(database, "databaseName=bongsu", "databaseName=" + place.group(3));
        database = Texts.replaced(database, "user=bongsu", "user=" + extras.jdbcUser());
        Path databaseFile = Files.writeString(base.resolve("postgresql.asadmin"), database);
        String mail = Files.readString(CONFIG.resolve("mail.asadmin"));
        mail = Texts.replaced(mail, "--mailhost smtp.example", "--mailhost localhost");
        mail = Texts.replaced(mail, "mail.smtp.port=465", "mail.smtp.port=" + extras.mailPort());
        mail = Texts.replaced(mail, "\ncreate-mail-resource", '\n' + mailCommand);
        Path mailFile = Files.writeString(base.resolve("mail.asadmin"), mail);
        running(base, admin -> {
            admin.runWith("ALIASPASSWORD=" + extras.jdbcPassword(), "create-password-alias", "bongsu-database");
            admin.run("multimode", "--file", databaseFile.toString());
            admin.runWith("ALIASPASSWORD=" + Mailbox.PASSWORD, "create-password-alias", "bongsu-mail");
            admin.run("multimode", "--file", mailFile.toString());
            admin.run("multimode", "--file", CONFIG.resolve("tls.asadmin").toString());
            admin.run("set", LISTENERS + "http-listener-2.port=" + extras.securePort());
        });
    }

    /** What is in another store; {@code keytool} knows it by these options. */
    private static void importInto(Path to, Path from, String... options) throws IOException {
        Process keytool = new ProcessBuilder(Stream.concat(
                                Stream.of(
                                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                                .toString(),
                                        "-importkeystore",
                                        "-noprompt",
                                        "-srckeystore",
                                        from.toString(),
                                        "-srcstorepass",
                                        LocalAuthority.PASSWORD,
                                        "-destkeystore",
                                        to.toString(),
                                        "-deststorepass",
                                        MASTER_PASSWORD),
                                Stream.of(options))
                        .toList())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Await.until("keytool ends", () -> !keytool.isAlive());
        if (keytool.exitValue() != 0) throw new IOException(said);
    }

    /** What is done with a domain while it runs. */
    private interface Administration {
        void by(Admin admin) throws IOException;
    }

    /** Starts the domain in that folder for as long as this takes; it does not outlive this JVM. */
    private void running(Path base, Administration administration) throws IOException {
        String domains = base.toString();
        Matcher listener = Pattern.compile("<network-listener\\b[^>]*\\bname=\"admin-listener\"[^>]*>")
                .matcher(Files.readString(base.resolve("domain1/config/domain.xml")));
        if (!listener.find()) throw new AssertionError("there is no admin-listener in " + domains);
        String port = listener.group().replaceAll(".*\\bport=\"(\\d+)\".*", "$1");
        Admin admin = new Admin(base, port);
        Thread hook = new Thread(
                () -> {
                    try {
                        admin.domain("stop-domain", "--force=true", "--kill=true");
                    } catch (IOException e) {
                        // It had not been started, or has ended.
                    }
                },
                "end " + domains);
        Runtime.getRuntime().addShutdownHook(hook);
        try (Closeable stop = () -> {
            admin.domain("stop-domain");
            Runtime.getRuntime().removeShutdownHook(hook);
        }) {
            try {
                admin.domain("start-domain");
            } catch (IOException deadlocked) {
                // Now and then GlassFish 7.0 is, with nothing deployed: it starts its services side by side, and two
                // threads wait for each other's locks.
                System.err.println(name + " did not start, and is started anew: " + deadlocked.getMessage());
                admin.domain("stop-domain", "--force=true", "--kill=true");
                admin.domain("start-domain");
            }
            administration.by(admin);
        }
    }

    /** {@code asadmin}, for the domain in one folder. */
    private final class Admin {
        private final Path base;
        private final String port;

        Admin(Path base, String port) {
            this.base = base;
            this.port = port;
        }

        void domain(String command, String... options) throws IOException {
            List<String> arguments = new ArrayList<>(List.of(command));
            arguments.addAll(List.of(options));
            arguments.addAll(List.of("--domaindir", base.toString(), "domain1"));
            asadmin(arguments);
        }

        void run(String... arguments) throws IOException {
            asadmin(Stream.concat(Stream.of("--port", port), Stream.of(arguments))
                    .toList());
        }

        /** @param secret as {@code asadmin} reads it from a file, but for its prefix */
        void runWith(String secret, String... arguments) throws IOException {
            Path file = Files.writeString(base.resolve("password"), "AS_ADMIN_" + secret + '\n');
            run(Stream.concat(Stream.of("--passwordfile", file.toString()), Stream.of(arguments))
                    .toArray(String[]::new));
            Files.delete(file);
        }

        /** @throws IOException if it fails, or one of its commands has */
        private void asadmin(List<String> arguments) throws IOException {
            Path output = base.resolve("asadmin.log");
            // Not read through a pipe: a domain that it starts would keep that open.
            Process process = command(arguments.toArray(String[]::new))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            Await.until("asadmin " + String.join(" ", arguments) + " ends", () -> !process.isAlive());
            String said = Files.readString(output);
            if (process.exitValue() != 0 || said.contains(" failed.")) {
                throw new IOException("asadmin " + String.join(" ", arguments) + ": " + said);
            }
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

    @Override
    public Set<Deviation> deviations() {
        return EnumSet.of(
                Deviation.ANSWERS_BAD_SYNTAX_ITSELF,
                Deviation.HANGS_AFTER_UPGRADE,
                Deviation.HAS_NO_SAME_SITE,
                Deviation.KEEPS_DEAF_CLIENTS,
                Deviation.KEEPS_RESET_STREAMS);
    }

    @Override
    public int remembered() {
        return remembered;
    }

    @Override
    public void sayMore(Path base) throws IOException {
        running(
                base,
                admin -> admin.run(
                        "multimode", "--file", CONFIG.resolve("log.asadmin").toString()));
    }

    @Override
    public Path logOfThePortal(Path base) {
        return base.resolve("domain1/logs/server.log");
    }

    @Override
    public Path war(Path base) {
        return base.resolve("domain1/autodeploy/bongsu.war");
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        } catch (IOException | UncheckedIOException stillWriting) {
            // The domain may be ending; it is a temporary folder.
        }
    }

    /** A file that takes the place of one whose deployment has not come to its end is taken for that one, and never deployed. */
    @Override
    public void deploy(Path base, Path war) throws IOException {
        Path target = war(base);
        Path last = target.resolveSibling(".autodeploystatus").resolve(target.getFileName());
        if (Files.exists(target)) {
            Await.until(
                    name + " has deployed the one before",
                    () -> last.toFile().lastModified() == target.toFile().lastModified());
        }
        Recipe.super.deploy(base, war);
    }

    @Override
    public ProcessBuilder start(Path base, int port) {
        return command("start-domain", "--verbose", "--domaindir", base.toString(), "domain1");
    }
}
