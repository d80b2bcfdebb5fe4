package org.bongsu.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import org.bongsu.http.Container;

/** Tomcat, with {@code server-config/tomcat}. */
class TomcatRecipe implements Recipe {
    private static final Path CONFIG = Path.of("server-config", "tomcat");

    private final String version;

    TomcatRecipe(String version) {
        this.version = version;
    }

    @Override
    public String name() {
        return "Tomcat";
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Container container() {
        return Container.TOMCAT;
    }

    private Path home() {
        return Archives.unpacked("org.apache.tomcat:tomcat:" + version + ":tar.gz", "apache-tomcat-" + version);
    }

    @Override
    public void prepare(Path base, int port) throws IOException {
        for (String folder : List.of("bin", "conf/Catalina/localhost", "logs", "temp", "webapps", "work")) {
            Files.createDirectories(base.resolve(folder));
        }
        for (String file : List.of("catalina.properties", "logging.properties", "web.xml")) {
            Files.copy(
                    home().resolve("conf").resolve(file), base.resolve("conf").resolve(file));
        }
        String server = Files.readString(CONFIG.resolve("server.xml"));
        server = Texts.replaced(server, "port=\"8080\"", "port=\"" + port + "\" address=\"127.0.0.1\"");
        Files.writeString(base.resolve("conf/server.xml"), server);
        String people = StandardServer.PEOPLE.entrySet().stream()
                .map(person -> "<user username=\"" + person.getKey() + "\" password=\"" + person.getKey()
                        + "\" roles=\"" + String.join(",", person.getValue()) + "\"/>\n")
                .collect(Collectors.joining());
        String users = Files.readString(CONFIG.resolve("tomcat-users.xml"));
        Files.writeString(
                base.resolve("conf/tomcat-users.xml"),
                Texts.replaced(users, "</tomcat-users>", people + "</tomcat-users>"));
        Files.copy(CONFIG.resolve("context.xml"), base.resolve("conf/Catalina/localhost/bongsu.xml"));
        Files.copy(CONFIG.resolve("setenv.sh"), base.resolve("bin/setenv.sh"));
    }

    @Override
    public void watch(Path base) throws IOException {
        Path file = base.resolve("conf/server.xml");
        String server = Files.readString(file);
        server = Texts.replaced(server, "autoDeploy=\"false\"", "autoDeploy=\"true\"");
        // Every second in place of every ten.
        server = Texts.replaced(server, "<Engine name", "<Engine backgroundProcessorDelay=\"1\" name");
        // What the page of server-config says of deploying anew without a restart.
        server = Texts.replacedEverywhere(server, "minSpareThreads=\"2\"", "minSpareThreads=\"50\"");
        server = Texts.replaced(
                server, "<Listener className=\"org.apache.catalina.core.ThreadLocalLeakPreventionListener\"/>", "");
        Files.writeString(file, server);
    }

    @Override
    public boolean asksDirectory() {
        return true;
    }

    @Override
    public void addExtras(Path base, Extras extras) throws IOException {
        Path conf = base.resolve("conf");
        Files.copy(extras.chain(), conf.resolve("fullchain.pem"));
        Files.copy(extras.key(), conf.resolve("privkey.pem"));
        Path file = conf.resolve("server.xml");
        String server = Texts.uncommented(Files.readString(file), "<Connector port=\"8443\"");
        server = Texts.replaced(server, "port=\"8443\"", "port=\"" + extras.securePort() + "\" address=\"127.0.0.1\"");
        server = Texts.uncommented(server, "<Realm className=\"org.apache.catalina.realm.JNDIRealm\"");
        server = Texts.replaced(server, "ldaps://ldap.example", extras.directoryUrl());
        server = Texts.replaced(server, "connectionPassword=\"…\"", "connectionPassword=\"" + Directory.PASSWORD + '"');
        Files.writeString(file, server);

        Path lib = Files.createDirectories(base.resolve("lib"));
        Files.copy(extras.driver(), lib.resolve(extras.driver().getFileName()));
        for (Path jar : extras.mail()) Files.copy(jar, lib.resolve(jar.getFileName()));
        file = conf.resolve("Catalina/localhost/bongsu.xml");
        String context = Texts.uncommented(Files.readString(file), "<Environment name=\"bongsu/database\"");
        context = Texts.replaced(context, "jdbc:postgresql://db.example/bongsu", extras.jdbcUrl());
        context = Texts.replaced(
                context,
                "username=\"bongsu\" password=\"…\"",
                "username=\"" + extras.jdbcUser() + "\" password=\"" + extras.jdbcPassword() + '"');
        context = Texts.uncommented(context, "<Resource name=\"mail/bongsu\"");
        context = Texts.replaced(
                context,
                "host=\"smtp.example\" mail.smtp.port=\"465\"",
                "host=\"localhost\" mail.smtp.port=\"" + extras.mailPort() + '"');
        context = Texts.replaced(context, "password=\"…\"", "password=\"" + Mailbox.PASSWORD + '"');
        Files.writeString(file, context);
    }

    @Override
    public void sayMore(Path base) throws IOException {
        Files.writeString(
                base.resolve("conf/logging.properties"),
                Files.readString(CONFIG.resolve("log.properties")),
                StandardOpenOption.APPEND);
    }

    @Override
    public Path war(Path base) {
        return base.resolve("webapps/bongsu.war");
    }

    @Override
    public ProcessBuilder start(Path base, int port) {
        ProcessBuilder process =
                new ProcessBuilder(home().resolve("bin/catalina.sh").toString(), "run");
        process.environment().put("CATALINA_BASE", base.toString());
        process.environment().put("JAVA_HOME", System.getProperty("java.home"));
        process.environment().put("CATALINA_OPTS", "-Xmx512m");
        return process;
    }
}
