package org.bongsu.crash;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.bongsu.Await;

/** A PostgreSQL that keeps what it has committed, as in production, and can be away for a while. For one thread. */
public final class SharedPostgres implements AutoCloseable {
    private final Path folder;
    private EmbeddedPostgres postgres;
    private int databases;

    public SharedPostgres(Path folder) {
        this.folder = folder;
        this.postgres = start(0);
    }

    private EmbeddedPostgres start(int port) {
        try {
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                    .setDataDirectory(folder.resolve("postgres"))
                    .setCleanDataDirectory(false)
                    .setServerConfig("fsync", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setPGStartupWait(Await.PATIENCE);
            if (port != 0) builder.setPort(port);
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes an empty database and returns its JDBC URL. */
    public String createDatabase() {
        String name = "portal" + ++databases;
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return postgres.getJdbcUrl("postgres", name);
    }

    /** Stops it; everybody's connections end. */
    void stop() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it again, with what it had, where it was. */
    void startAgain() {
        postgres = start(postgres.getPort());
    }

    @Override
    public void close() {
        stop();
    }
}
