package org.bongsu.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.bongsu.log.StoreException;
import org.jspecify.annotations.Nullable;

/**
 * A database server that other nodes may use, too, through the container's DataSource.
 *
 * <p>Keeps one connection for writing and takes another for each read; pooling is the DataSource's.
 */
final class SharedDatabase implements Database {
    /** After so long without an answer a connection is given up: the server may be gone without a word. */
    private static final int TIMEOUT_MILLIS = (int) TimeUnit.SECONDS.toMillis(10);

    /** Less than that, so that other nodes wait it out; more than the pauses that a busy JVM makes. */
    private static final long LONGEST_HALT_MILLIS = TimeUnit.SECONDS.toMillis(3);

    private final DataSource dataSource;
    private final Durability durability;

    @Nullable private volatile Dialect dialect;

    @Nullable private volatile String product;

    // Only the writer.
    @Nullable private Connection writer;

    SharedDatabase(DataSource dataSource, Durability durability) {
        this.dataSource = dataSource;
        this.durability = durability;
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public void open() throws SQLException, StoreException {
        close();
        Connection connection = dataSource.getConnection();
        writer = connection;
        limitWaiting(connection);
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        Dialect found = Dialect.of(connection);
        if (durability == Durability.STRICT) found.checkDurability(connection);
        found.limitHalts(connection, LONGEST_HALT_MILLIS);
        // Else undone by the first rollback.
        connection.commit();
        product = connection.getMetaData().getDatabaseProductName()
                + ' '
                + connection.getMetaData().getDatabaseProductVersion();
        dialect = found;
    }

    @Override
    public Dialect dialect() {
        Dialect known = dialect;
        if (known == null) throw new IllegalStateException("the database has not been opened");
        return known;
    }

    @Override
    public Connection writer() throws SQLException {
        Connection connection = writer;
        if (connection == null) throw new SQLException("the database is not open");
        return connection;
    }

    @Override
    public <T> T read(Work<T> work) throws SQLException, StoreException {
        try (Connection connection = dataSource.getConnection()) {
            limitWaiting(connection);
            // A pool may hand out a connection with another's settings.
            if (!connection.getAutoCommit()) connection.setAutoCommit(true);
            return work.on(connection);
        }
    }

    @Override
    public void makeDurable() {
        // The server's commit is durable, as has been checked.
    }

    @Override
    public @Nullable Journal journal() {
        return null;
    }

    @Override
    public void distrust() {
        // What the server says about a commit is asked of it again.
    }

    @Override
    public void openToRead() {
        // Each read asks the DataSource anyway.
    }

    @Override
    public boolean isReadable() {
        return true;
    }

    @Override
    public boolean tidy() {
        // The server does.
        return false;
    }

    @Override
    public String description() {
        return product
                + (durability == Durability.STRICT ? ", every commit synchronous" : ", as durable as its settings");
    }

    @Override
    public void close() {
        Connection connection = writer;
        writer = null;
        if (connection == null) return;
        try {
            connection.rollback();
            connection.setAutoCommit(true);
            // Its pool may lend it to others.
            Dialect known = dialect;
            if (known != null) known.limitHalts(connection, 0);
        } catch (SQLException e) {
            // It is given up either way.
        }
        try {
            connection.close();
        } catch (SQLException e) {
            // Nor can it be helped here.
        }
    }

    private static void limitWaiting(Connection connection) {
        try {
            connection.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
        } catch (SQLException | AbstractMethodError e) {
            // Not every driver or pool can; then the DataSource's own settings hold.
        }
    }
}
