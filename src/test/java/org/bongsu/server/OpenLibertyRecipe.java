package org.bongsu.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bongsu.Await;
import org.bongsu.LocalAuthority;
import org.bongsu.http.Container;

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

    @Override
    public Container container() {
        return Container.OPEN_LIBERTY;
    }

    private Path home() {
        return Archives.unpacked("io.openliberty:openliberty-runtime:" + version + ":zip", "wlp");
    }

    @Override
    public void prepare(Path base, int port) throws IOException {
        create(base);
        Path server = base.resolve("servers/bongsu");
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
    public Set<Deviation> deviations() {
        return EnumSet.of(Deviation.REFUSES_CUT_CHARACTERS);
    }

    /** HTTPS, and what {@code server stop} speaks to. */
    @Override
    public int ports() {
        return 2;
    }

    @Override
    public boolean hasJms() {
        return true;
    }

    @Override
    public void addExtras(Path base, Extras extras) throws IOException {
        Path server = base.resolve("servers/bongsu");
        Path overrides = Files.createDirectories(server.resolve("configDropins/overrides"));
        String tls = Files.readString(CONFIG.resolve("tls.xml"));
        tls = Texts.replaced(
                tls,
                "host=\"*\" httpPort=\"-1\" httpsPort=\"8443\"",
                "host=\"127.0.0.1\" httpPort=\"-1\" httpsPort=\"" + extras.securePort() + "\"");
        tls = Texts.replaced(tls, "password=\"…\"", "password=\"" + LocalAuthority.PASSWORD + "\"");
        Files.writeString(overrides.resolve("tls.xml"), tls);
        Path certificates = Files.createDirectories(server.resolve("resources/security"));
        Files.copy(extras.keyStore(), certificates.resolve("bongsu.p12"));

        String database = Files.readString(CONFIG.resolve("database.xml"));
        database = Texts.replaced(database, "jdbc:postgresql://db.example/bongsu", extras.jdbcUrl());
        database = Texts.replaced(
                database,
                "user=\"bongsu\" password=\"…\"",
                "user=\"" + extras.jdbcUser() + "\" password=\"" + extras.jdbcPassword() + "\"");
        Files.writeString(overrides.resolve("database.xml"), database);
        String mail = Files.readString(CONFIG.resolve("mail.xml"));
        mail = Texts.replaced(mail, "smtp.example", "localhost");
        mail = Texts.replaced(mail, "\"465\"", "\"" + extras.mailPort() + '"');
        mail = Texts.replaced(mail, "password=\"…\"", "password=\"" + Mailbox.PASSWORD + '"');
        Files.writeString(overrides.resolve("mail.xml"), mail);
        Files.copy(CONFIG.resolve("jms.xml"), overrides.resolve("jms.xml"));
        Files.writeString(server.resolve("jvm.options"), "-Dbongsu.database=jdbc\n", StandardOpenOption.APPEND);
        Path drivers = Files.createDirectories(server.resolve("lib"));
        Files.copy(extras.driver(), drivers.resolve(extras.driver().getFileName()));
    }

    @Override
    public void sayMore(Path base) throws IOException {
        Files.copy(CONFIG.resolve("log.xml"), base.resolve("servers/bongsu/configDropins/overrides/log.xml"));
    }

    @Override
    public Path logOfThePortal(Path base) {
        Path logs = base.resolve("servers/bongsu/logs");
        Path more = logs.resolve("trace.log");
        return Files.exists(more) ? more : logs.resolve("messages.log");
    }

    @Override
    public Path war(Path base) {
        return base.resolve("servers/bongsu/apps/bongsu.war");
    }

    /** With the passwords of its own keys, which it makes up. */
    private void create(Path base) throws IOException {
        Process process = command(base, "create")
                .redirectErrorStream(true)
                .redirectOutput(base.resolve("create.log").toFile())
                .start();
        Await.until("the server is created", () -> !process.isAlive());
        if (process.exitValue() != 0) throw new IOException(Files.readString(base.resolve("create.log")));
    }

    @Override
    public ProcessBuilder start(Path base, int port) {
        return command(base, "run");
    }

    private ProcessBuilder command(Path base, String action) {
        ProcessBuilder process = new ProcessBuilder(home().resolve("bin/server").toString(), action, "bongsu");
        process.environment().put("WLP_USER_DIR", base.toString());
        process.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return process;
    }
}
