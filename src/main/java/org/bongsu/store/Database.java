package org.bongsu.store;

import java.sql.Connection;
import java.sql.SQLException;
import org.bongsu.log.StoreException;
import org.jspecify.annotations.Nullable;

/**
 * Where connections come from, and what makes a commit durable.
 *
 * <p>Threads: {@link #read} from any; everything else by one thread at a time.
 */
interface Database {

    /** What is done with a connection. */
    interface Work<T> {
        T on(Connection connection) throws SQLException, StoreException;
    }

    /** Whether other processes use the same database. */
    boolean isShared();

    /**
     * Opens it, or throws away every connection and file handle and opens it anew.
     *
     * @throws StoreException if it may not be used as it is, in a sentence for the operator
     */
    void open() throws SQLException, StoreException;

    /** Known once it has been opened. */
    Dialect dialect();

    /** The one connection that writes: READ COMMITTED, without auto-commit. */
    Connection writer() throws SQLException;

    /** Runs {@code work} on a connection of its own with auto-commit. */
    <T> T read(Work<T> work) throws SQLException, StoreException;

    /** Called after a commit: returns when it survives a power cut. */
    void makeDurable() throws SQLException;

    /** Where groups are kept until many of them get into the tables at once; {@code null} if each gets there on its own. */
    @Nullable Journal journal();

    /** Called when a commit has failed: what was written last may not have reached the disk although it can be read. */
    void distrust();

    /** Called when it cannot be opened: what has been written before can be read meanwhile, if at all possible. */
    void openToRead();

    /** Whether {@link #read} has a chance; if not, only {@link #open} helps. */
    boolean isReadable();

    /**
     * Gives back some space, for a moment; called between commits.
     *
     * @return whether there is more to do at once
     */
    boolean tidy() throws SQLException;

    /** For people: what it is and how safe. */
    String description();

    /** Ends every connection. Does not throw. */
    void close();
}
