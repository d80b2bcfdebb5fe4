package org.bongsu.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.bongsu.log.StoreException;

/**
 * The tables, and how they came to be: each version is a list of statements that is never changed once released, only
 * followed by another.
 *
 * <p>Each statement may run twice, since not every database takes a change of its tables back when a migration fails
 * half-way.
 */
final class Schema {
    private static final List<List<String>> VERSIONS = List.of(List.of(
            // How far the log goes. Whoever appends locks this one row until its commit: that is the order of the log.
            """
            create table if not exists log_head (
              k int primary key,
              epoch varchar(16) not null,
              head bigint not null,
              trims bigint not null)""",
            // Epochs that this database knows to be over.
            """
            create table if not exists former_epoch (
              epoch varchar(16) primary key,
              head bigint not null,
              time_ bigint not null)""",
            // Times are milliseconds since 1970; bytes is the length of content in UTF-8.
            """
            create table if not exists message (
              offset_ bigint primary key,
              topic {topic} not null,
              type varchar(16) not null,
              priority varchar(8) not null,
              sender varchar(1000) not null,
              time_ bigint not null,
              expires bigint,
              bytes int not null,
              content {content} not null)""",
            // With bytes, so that retention need not look at the messages themselves.
            "create index if not exists message_by_topic on message (topic, offset_, bytes)",
            // Only of messages that expire.
            """
            create table if not exists expiry (
              offset_ bigint primary key,
              expires bigint not null)""",
            "create index if not exists expiry_by_time on expiry (expires, offset_)",
            """
            create table if not exists topic_trim (
              topic {topic} primary key,
              through bigint not null,
              version bigint not null)""",
            "create index if not exists topic_trim_by_version on topic_trim (version)",
            // id is a digest of the principal and its key.
            """
            create table if not exists idempotency (
              id varchar(43) primary key,
              fingerprint varchar(200) not null,
              epoch varchar(16) not null,
              first_offset bigint not null,
              count_ int not null,
              time_ bigint not null)""",
            "create index if not exists idempotency_by_time on idempotency (time_)"));

    /** The version that this code works with. */
    static final int VERSION = VERSIONS.size();

    private Schema() {}

    /**
     * Brings the tables up to date, in a transaction of its own. Several nodes may try at once.
     *
     * @throws StoreException if the tables are of a later release
     */
    static void migrate(Connection connection, Dialect dialect) throws SQLException, StoreException {
        try (Statement statement = connection.createStatement()) {
            dialect.lockMigrations(connection);
            statement.execute("create table if not exists schema_version (k int primary key, version int not null)");
            int version = version(statement);
            if (version > VERSION) {
                throw new StoreException("the database has tables of version " + version
                        + ", made by a later release; allowed: up to " + VERSION);
            }
            for (int next = version + 1; next <= VERSION; next++) {
                for (String change : VERSIONS.get(next - 1)) {
                    statement.execute(
                            change.replace("{content}", dialect.contentType).replace("{topic}", dialect.topicType));
                }
                record(connection, version == 0 && next == 1, next);
            }
            connection.commit();
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("select version from schema_version where k = 1")) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    private static void record(Connection connection, boolean first, int version) throws SQLException {
        String sql = first
                ? "insert into schema_version (version, k) values (?, 1)"
                : "update schema_version set version = ? where k = 1";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, version);
            statement.executeUpdate();
        }
    }
}
