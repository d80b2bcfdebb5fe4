package org.bongsu.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.bongsu.log.StoreException;

/** All that differs between the databases: a few types, one lock, and what makes a commit durable. */
enum Dialect {
    H2("varchar(1048576)", "varchar(200)") {
        @Override
        void lockMigrations(Connection connection) {
            // An embedded database has one process.
        }

        @Override
        void limitHalts(Connection connection, long millis) {
            // There is nobody else to wait.
        }

        @Override
        void checkDurability(Connection connection) throws StoreException {
            // A server's H2 cannot be told to write through from here; see EmbeddedDatabase for ours.
            throw new StoreException("jdbc/bongsu leads to an H2 database; allowed: PostgreSQL (an embedded H2 is"
                    + " what the portal uses by itself when there is no jdbc/bongsu)");
        }
    },

    /** Topics are compared by their bytes, whatever the language of the database. */
    POSTGRESQL("text", "varchar(200) collate \"C\"") {
        @Override
        void lockMigrations(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("select pg_advisory_xact_lock(" + MIGRATION_LOCK + ")");
            }
        }

        @Override
        void limitHalts(Connection connection, long millis) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("set idle_in_transaction_session_timeout = " + millis);
            }
        }

        @Override
        void checkDurability(Connection connection) throws SQLException, StoreException {
            for (String setting : new String[] {"fsync", "full_page_writes", "synchronous_commit"}) {
                String value = show(connection, setting);
                if (value.equals("off")) {
                    throw new StoreException("PostgreSQL has " + setting + " = off, so a power cut may lose what was"
                            + " acknowledged; allowed: on, or bongsu.durability=relaxed");
                }
            }
        }

        private String show(Connection connection, String setting) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("show " + setting)) {
                row.next();
                return row.getString(1);
            }
        }
    };

    /** Any number, as long as nobody else in the database takes the same. */
    private static final long MIGRATION_LOCK = 0x626f6e677375L;

    /** Holds a message's JSON of up to a million characters. */
    final String contentType;

    final String topicType;

    Dialect(String contentType, String topicType) {
        this.contentType = contentType;
        this.topicType = topicType;
    }

    /** Keeps other nodes out of the schema until the transaction ends. */
    abstract void lockMigrations(Connection connection) throws SQLException;

    /**
     * Lets the database end this connection when nothing comes from its client for so long in the middle of a transaction: a
     * node that is halted there, or cut off, must not keep the counter row from all others.
     *
     * @param millis 0 for as long as it likes
     */
    abstract void limitHalts(Connection connection, long millis) throws SQLException;

    /** @throws StoreException if a commit of this database may be lost, in a sentence for the operator */
    abstract void checkDurability(Connection connection) throws SQLException, StoreException;

    /** @throws StoreException if the database is none that the log can be kept in */
    static Dialect of(Connection connection) throws SQLException, StoreException {
        String product = connection.getMetaData().getDatabaseProductName();
        return switch (product) {
            case "H2" -> H2;
            case "PostgreSQL" -> POSTGRESQL;
            default -> throw new StoreException("jdbc/bongsu leads to " + product + "; allowed: PostgreSQL");
        };
    }
}
