package org.bongsu.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bongsu.LocalAuthority;
import org.bongsu.http.Container;

/** Jetty with its Jakarta EE 10 modules, with {@code server-config/jetty}. */
final class JettyRecipe implements Recipe {
    private static final Path CONFIG = Path.of("server-config", "jetty");

    private final String version;

    JettyRecipe(String version) {
        this.version = version;
    }

    @Override
    public String name() {
        return "Jetty";
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Container container() {
        return Container.OTHER;
    }

    private Path home() {
        return Archives.unpacked("org.eclipse.jetty:jetty-home:" + version + ":tar.gz", "jetty-home-" + version);
    }

    @Override
    public void prepare(Path base, int port) throws IOException {
        for (String folder : List.of("etc", "start.d", "webapps", "resources"))
            Files.createDirectories(base.resolve(folder));
        for (String file : List.of("bongsu.ini", "threadpool.ini", "graceful.ini")) {
            Files.copy(CONFIG.resolve(file), base.resolve("start.d").resolve(file));
        }
        String http = Files.readString(CONFIG.resolve("http.ini"));
        Files.writeString(
                base.resolve("start.d/http.ini"),
                Texts.replaced(http, "jetty.http.port=8080", "jetty.http.host=127.0.0.1\njetty.http.port=" + port));
        Files.copy(CONFIG.resolve("bongsu-realm.xml"), base.resolve("etc/bongsu-realm.xml"));
        Files.writeString(
                base.resolve("etc/bongsu-realm.properties"),
                StandardServer.PEOPLE.entrySet().stream()
                        .map(person -> Stream.concat(Stream.of(person.getKey()), person.getValue().stream())
                                .collect(Collectors.joining(",", person.getKey() + ": ", "\n")))
                        .collect(Collectors.joining()));
    }

    @Override
    public void watch(Path base) throws IOException {
        Files.writeString(
                base.resolve("start.d/deployment-scanner.ini"),
                "--modules=deployment-scanner\njetty.deploy.scanInterval=1\n");
    }

    @Override
    public void addExtras(Path base, Extras extras) throws IOException {
        Files.copy(extras.keyStore(), base.resolve("etc/bongsu.p12"));
        String tls = Files.readString(CONFIG.resolve("tls.ini"));
        tls = Texts.replaced(
                tls, "jetty.ssl.port=8443", "jetty.ssl.host=127.0.0.1\njetty.ssl.port=" + extras.securePort());
        tls = Texts.replaced(tls, "Password=…", "Password=" + LocalAuthority.PASSWORD);
        Files.writeString(base.resolve("start.d/tls.ini"), tls);

        Path lib = Files.createDirectories(base.resolve("lib/ext"));
        for (Path jar : List.of(extras.driver(), extras.pool())) Files.copy(jar, lib.resolve(jar.getFileName()));
        Files.copy(CONFIG.resolve("database.ini"), base.resolve("start.d/database.ini"));
        String database = Files.readString(CONFIG.resolve("bongsu-database.xml"));
        database = Texts.replaced(database, "jdbc:postgresql://db.example/bongsu", extras.jdbcUrl());
        database = Texts.replaced(database, "\"username\">bongsu<", "\"username\">" + extras.jdbcUser() + '<');
        database = Texts.replaced(database, "\"password\">…<", "\"password\">" + extras.jdbcPassword() + '<');
        Files.writeString(base.resolve("etc/bongsu-database.xml"), database);

        for (Path jar : extras.mail()) Files.copy(jar, lib.resolve(jar.getFileName()));
        Files.copy(CONFIG.resolve("mail.ini"), base.resolve("start.d/mail.ini"));
        String mail = Files.readString(CONFIG.resolve("bongsu-mail.xml"));
        mail = Texts.replacedEverywhere(mail, "smtp.example", "localhost");
        mail = Texts.replaced(mail, ">465<", ">" + extras.mailPort() + '<');
        mail = Texts.replaced(mail, "<Arg>…<", "<Arg>" + Mailbox.PASSWORD + '<');
        Files.writeString(base.resolve("etc/bongsu-mail.xml"), mail);
    }

    @Override
    public void sayMore(Path base) throws IOException {
        Files.copy(CONFIG.resolve("log.ini"), base.resolve("start.d/log.ini"));
        Files.copy(CONFIG.resolve("bongsu-log.properties"), base.resolve("etc/bongsu-log.properties"));
    }

    @Override
    public Path war(Path base) {
        return base.resolve("webapps/bongsu.war");
    }

    @Override
    public void deploy(Path base, Path war) throws IOException {
        Recipe.super.deploy(base, war);
        Files.copy(
                CONFIG.resolve("bongsu.xml"), base.resolve("webapps/bongsu.xml"), StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public Set<Deviation> deviations() {
        return EnumSet.of(Deviation.CLOSES_SOCKETS_FIRST, Deviation.STARTS_THE_NEXT_FIRST);
    }

    @Override
    public void undeploy(Path base) throws IOException {
        Files.delete(base.resolve("webapps/bongsu.xml"));
        Files.delete(war(base));
    }

    @Override
    public ProcessBuilder start(Path base, int port) {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-jar",
                        home().resolve("start.jar").toString())
                .directory(base.toFile());
    }
}
