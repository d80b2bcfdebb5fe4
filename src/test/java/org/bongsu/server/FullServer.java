package org.bongsu.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.bongsu.LocalAuthority;
import org.bongsu.Site;
import org.bongsu.crash.SharedPostgres;

/** A server with all that is on its page, and what it needs for that: a certificate, a database, a directory, mail. For one thread. */
final class FullServer implements AutoCloseable {
    /** What the kernel calls an established connection. */
    private static final String ESTABLISHED = "01";

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final LocalAuthority authority;
    private final String database;
    private final Extras extras;
    private final Mailbox mailbox;
    private final Recipe recipe;
    private final Path war;
    private final boolean talkative;
    private StandardServer server;

    FullServer(Recipe recipe) {
        this(recipe, StandardServer.WAR, false);
    }

    /**
     * @param war one with the portal in it, at least
     * @param talkative whether the portal says more in its log, as the page says
     */
    FullServer(Recipe recipe, Path war, boolean talkative) {
        this.recipe = recipe;
        this.war = war;
        this.talkative = talkative;
        try {
            Path folder = Files.createTempDirectory("bongsu-page-");
            opened.push(() -> delete(folder));
            authority = opened(new LocalAuthority());
            database = opened(new SharedPostgres(folder.resolve("database"))).createDatabase();
            mailbox = opened(new Mailbox(authority.issue()));
            extras = Extras.in(folder, authority, database, opened(new Directory()), mailbox);
            server = start();
        } catch (IOException e) {
            closeAfter(e);
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            closeAfter(e);
            throw e;
        }
    }

    private void closeAfter(Throwable fault) {
        try {
            close();
        } catch (IllegalStateException another) {
            fault.addSuppressed(another);
        }
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.push(closeable);
        return closeable;
    }

    Recipe recipe() {
        return recipe;
    }

    StandardServer server() {
        return server;
    }

    /** Kills it, and starts another, of nothing but the archive and the page, with the same database. */
    void restart() {
        opened.remove(server);
        server.close();
        server = start();
    }

    private StandardServer start() {
        StandardServer.Builder builder = StandardServer.builder(recipe).war(war).with(extras);
        return opened((talkative ? builder.talkative() : builder).start());
    }

    /** Its mail server. */
    Mailbox mailbox() {
        return mailbox;
    }

    /** As its clients see it, over HTTP/2. */
    Site site() {
        return server.site();
    }

    /** The same over a connection of its own. */
    Site siteAnew() {
        return new Site(site().base(), authority.client(HttpClient.Version.HTTP_2));
    }

    SSLContext trusted() {
        return authority.trusted();
    }

    /** How many messages of this topic are in the database. */
    int stored(String topic) {
        try (Connection connection = DriverManager.getConnection(database);
                PreparedStatement query = connection.prepareStatement("select count(*) from message where topic = ?")) {
            query.setString(1, topic);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The ports from which clients are connected to it by TLS, as the kernel knows them. */
    Set<String> connections() {
        String ours = String.format(Locale.ROOT, ":%04X", extras.securePort());
        Set<String> from = new HashSet<>();
        for (String table : List.of("tcp", "tcp6")) {
            // Without IPv6 there is but one.
            Path connections = Path.of("/proc/net", table);
            if (!Files.exists(connections)) continue;
            try (Stream<String> lines = Files.lines(connections)) {
                lines.map(line -> line.strip().split(" +", -1))
                        .filter(fields -> fields[1].endsWith(ours) && fields[3].equals(ESTABLISHED))
                        .forEach(fields -> from.add(fields[2].substring(fields[2].indexOf(':'))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return from;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }

    @Override
    public void close() {
        IllegalStateException failed = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                if (failed == null) failed = new IllegalStateException(e);
                else failed.addSuppressed(e);
            }
        }
        if (failed != null) throw failed;
    }
}
