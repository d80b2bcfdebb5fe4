package org.bongsu.store;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.bongsu.log.StoreException;
import org.h2.Driver;
import org.h2.engine.Constants;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVStore;
import org.h2.store.fs.FilePath;
import org.jspecify.annotations.Nullable;

/**
 * The H2 in the home folder, and all that keeps it honest.
 *
 * <p>Invariants: nothing is acknowledged, and nothing leaves the {@link Journal}, before a sync has returned; {@code WRITE_DELAY=0}, so no thread of
 * H2's writes behind our back and a sync finds everything written; after a failed write or sync no file handle is used
 * again. Measured: only release 2.4.240 keeps its word through kills and power cuts (2.5.252 lost synced commits on every
 * fifth kill).
 *
 * <p>Threads: as {@link Database} says. {@link #gate} keeps readers out while the database is closed and opened: with H2
 * whoever asks for a connection opens the file.
 */
final class EmbeddedDatabase implements Database {
    static final String VERSION = "2.4.240";

    static final String FILES = SteadyFilePath.SCHEME + ":";

    /**
     * The end of the process must not close the database under us, and a full disk needs no trace files. A quarter of H2's own
     * page size: every commit writes each page that it touches anew, and most of them are small.
     */
    static final String SETTINGS = ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;PAGE_SIZE=4096";

    private static final String READ_ONLY = ";ACCESS_MODE_DATA=r;TRACE_LEVEL_FILE=0";

    private static final System.Logger LOGGER = System.getLogger(EmbeddedDatabase.class.getName());

    private static final int READERS = 4;
    private static final String FILE_SUFFIX = ".mv.db";
    private static final String COPY_SUFFIX = ".compact";
    private static final String NEW_SUFFIX = ".new";
    private static final String JOURNAL_SUFFIX = ".journal";

    /** Space that H2 no longer needs is overwritten only so much later: an older state must survive until then. */
    private static final int LEAST_RETENTION_MILLIS = 5_000;

    /** Below it the file is left as it is while it is open: to keep it smaller would cost more than the space is worth. */
    private static final long SMALL_FILE = 256L * 1024 * 1024;

    /** The same at its end, when nobody waits for a commit. */
    private static final long SMALL_CLOSED_FILE = 32L * 1024 * 1024;

    /** A larger file that has outgrown its content four times is compacted: a little at a time, beside whatever else there is. */
    private static final int LEAST_FILL_PERCENT = 25;

    /** One that has outgrown it eight times, as fast as appends allow. */
    private static final int URGENT_FILL_PERCENT = 12;

    private static final int TIDY_UNTIL_PERCENT = 50;
    private static final int TIDY_BYTES = 512 * 1024;

    /** When there are so many they are brought into the tables, which takes about as long as a large group does. */
    static final int JOURNALED = 1_000;

    private final String fileSystem;
    private final Path path;
    private final String settings;
    private final Durability durability;
    private final JdbcDataSource dataSource;
    private final Journal journal;

    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock(true);
    private final Semaphore readers = new Semaphore(READERS);

    /** Guarded by its own monitor. */
    private final Deque<Connection> idleReaders = new ArrayDeque<>();

    private volatile boolean open;

    /** Where readers get their connections. Written under the gate. */
    private volatile JdbcDataSource reading;

    private volatile org.h2.engine.@Nullable Database engine;

    // Whoever writes.
    @Nullable private Connection writer;

    private boolean distrusted;

    /** @param path of the database file, without its suffix */
    EmbeddedDatabase(Path path, Durability durability) {
        this(FILES, path, SETTINGS, durability, JOURNALED);
    }

    /**
     * @param fileSystem prefixes of H2's file systems
     * @param journaled at how many messages the journal is full; 0 brings each group into the tables at once
     */
    EmbeddedDatabase(String fileSystem, Path path, String settings, Durability durability, int journaled) {
        SteadyFilePath.register();
        this.fileSystem = fileSystem;
        this.path = path.toAbsolutePath();
        this.settings = settings;
        this.durability = durability;
        this.dataSource = dataSource("", settings);
        this.journal = new Journal(fileSystem + this.path + JOURNAL_SUFFIX, durability == Durability.STRICT, journaled);
        this.reading = dataSource;
    }

    private JdbcDataSource dataSource(String suffix, String with) {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:" + fileSystem + path + suffix + with);
        source.setUser("sa");
        source.setPassword("");
        return source;
    }

    private Path file(String suffix) {
        return Path.of(path + suffix + FILE_SUFFIX);
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public Dialect dialect() {
        return Dialect.H2;
    }

    @Override
    public void open() throws SQLException, StoreException {
        gate.writeLock().lock();
        try {
            shutDown();
            checkVersion(Constants.VERSION);
            try {
                Files.deleteIfExists(file(COPY_SUFFIX));
                if (!Files.exists(file(""))) create();
                if (distrusted) writeThrough();
            } catch (IOException e) {
                throw new SQLException(e.getMessage(), e);
            }
            Connection connection = dataSource.getConnection();
            writer = connection;
            engine = engineOf(connection);
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            checkSettings(connection);
            connection.setAutoCommit(false);
            distrusted = false;
            reading = dataSource;
            open = true;
        } catch (SQLException | StoreException | RuntimeException e) {
            shutDown();
            throw e;
        } finally {
            gate.writeLock().unlock();
        }
    }

    /** Makes an empty database under another name: one that is half made could not be opened again. */
    private void create() throws SQLException, IOException {
        Files.deleteIfExists(file(NEW_SUFFIX));
        Connection connection = dataSource(NEW_SUFFIX, settings).getConnection();
        org.h2.engine.Database made = engineOf(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT SYNC");
        } finally {
            letGo(made);
            closeQuietly(connection);
        }
        rename(NEW_SUFFIX);
    }

    /** Puts another file into the database's place, at once and for good. */
    private void rename(String from) {
        FilePath.get(fileSystem + file(from)).moveTo(FilePath.get(fileSystem + file("")), true);
        HeadFile.syncFolder(file(""));
    }

    /** @throws StoreException if this release of H2 is not known to keep what it has written */
    void checkVersion(String version) throws StoreException {
        if (version.equals(VERSION) || durability == Durability.RELAXED) return;
        throw new StoreException("H2 " + version + " is not known to keep what it has acknowledged; allowed: H2 "
                + VERSION + " (the one inside the WAR: look for another h2.jar on the server), or"
                + " bongsu.durability=relaxed");
    }

    private void checkSettings(Connection connection) throws SQLException, StoreException {
        if (durability == Durability.RELAXED) return;
        MVStore store = store();
        if (store == null) throw new StoreException("the embedded database " + path + " is not kept in a file");
        int writeDelay = store.getAutoCommitDelay();
        if (writeDelay != 0) {
            throw new StoreException("the embedded database writes with a delay of " + writeDelay
                    + " ms; allowed: WRITE_DELAY=0, or bongsu.durability=relaxed");
        }
        if (store.getRetentionTime() < LEAST_RETENTION_MILLIS) {
            throw new StoreException("the embedded database overwrites old data after " + store.getRetentionTime()
                    + " ms; allowed: RETENTION_TIME of " + LEAST_RETENTION_MILLIS
                    + " or more, or bongsu.durability=relaxed");
        }
        if (!connection.getMetaData().getDatabaseProductVersion().startsWith(VERSION)) {
            checkVersion(connection.getMetaData().getDatabaseProductVersion());
        }
    }

    /**
     * Writes the file's bytes over themselves and syncs. After a failed sync the system may hold pages that it takes for
     * clean though they never reached the disk; later syncs would not write them, yet H2 would build on them.
     */
    private void writeThrough() throws IOException, StoreException {
        FilePath file = FilePath.get(fileSystem + file(""));
        if (!file.exists()) return;
        try (FileChannel channel = file.open("rw")) {
            FileLock lock = channel.tryLock();
            if (lock == null) throw new StoreException("another process uses the embedded database " + path);
            ByteBuffer buffer = ByteBuffer.allocate(1024 * 1024);
            long size = channel.size();
            for (long position = 0; position < size; ) {
                buffer.clear();
                buffer.limit((int) Math.min(buffer.capacity(), size - position));
                if (channel.read(buffer, position) <= 0) break;
                buffer.flip();
                long at = position;
                position += buffer.limit();
                while (buffer.hasRemaining()) at += channel.write(buffer, at);
            }
            channel.force(true);
            lock.release();
        }
    }

    @Override
    public Connection writer() throws SQLException {
        Connection connection = writer;
        if (connection == null) throw new SQLException("the embedded database " + path + " is not open");
        return connection;
    }

    @Override
    public <T> T read(Work<T> work) throws SQLException, StoreException {
        readers.acquireUninterruptibly();
        try {
            gate.readLock().lock();
            try {
                if (!open) throw new SQLException("the embedded database " + path + " is not open");
                return readOn(work);
            } finally {
                gate.readLock().unlock();
            }
        } finally {
            readers.release();
        }
    }

    private <T> T readOn(Work<T> work) throws SQLException, StoreException {
        Connection connection;
        synchronized (idleReaders) {
            connection = idleReaders.poll();
        }
        if (connection == null) connection = reading.getConnection();
        boolean well = false;
        try {
            T result = work.on(connection);
            well = true;
            return result;
        } finally {
            if (well) {
                synchronized (idleReaders) {
                    idleReaders.push(connection);
                }
            } else {
                closeQuietly(connection);
            }
        }
    }

    @Override
    public void makeDurable() throws SQLException {
        if (durability == Durability.RELAXED) return;
        try (Statement statement = writer().createStatement()) {
            statement.execute("CHECKPOINT SYNC");
        }
    }

    @Override
    public Journal journal() {
        return journal;
    }

    @Override
    public void distrust() {
        distrusted = true;
    }

    /** A full disk keeps H2 from opening its file, unless it is told to change nothing. */
    @Override
    public void openToRead() {
        gate.writeLock().lock();
        try {
            shutDown();
            if (!Files.exists(file(""))) return;
            JdbcDataSource readOnly = dataSource("", READ_ONLY);
            Connection connection = readOnly.getConnection();
            engine = engineOf(connection);
            synchronized (idleReaders) {
                idleReaders.push(connection);
            }
            reading = readOnly;
            open = true;
        } catch (SQLException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the embedded database cannot even be read", e);
            shutDown();
        } finally {
            gate.writeLock().unlock();
        }
    }

    @Override
    public boolean isReadable() {
        org.h2.engine.Database database = engine;
        if (!open || database == null || database.isClosing()) return false;
        return !database.getStore().getMvStore().isClosed();
    }

    /**
     * Every lone commit takes some 12 kB of file, whatever it holds. Moves what is alive in sparse places together, so that
     * H2 can use them again; a file that is not small stops growing, and {@link #close} makes it small.
     */
    @Override
    public boolean tidy() throws SQLException {
        MVStore store = store();
        if (store == null || !isSparse(store, SMALL_FILE)) return false;
        boolean moved = store.compact(TIDY_UNTIL_PERCENT, TIDY_BYTES);
        makeDurable();
        // What has been moved lies in its old place, too, for some time: it cannot be seen yet whether this was enough.
        return moved && store.getFileStore().getChunksFillRate() < URGENT_FILL_PERCENT;
    }

    private static boolean isSparse(MVStore store, long small) {
        FileStore<?> file = store.getFileStore();
        return file != null && file.size() > small && fillPercent(store) < LEAST_FILL_PERCENT;
    }

    /** How much of the file is alive. */
    private static int fillPercent(MVStore store) {
        FileStore<?> file = store.getFileStore();
        return file == null ? 100 : file.getFillRate() * file.getChunksFillRate() / 100;
    }

    @Override
    public String description() {
        return "embedded H2 " + Constants.VERSION + " in " + path + FILE_SUFFIX
                + (durability == Durability.STRICT ? ", synced at every commit" : ", not synced");
    }

    @Override
    public void close() {
        gate.writeLock().lock();
        try {
            MVStore store = store();
            boolean sparse = store != null && !store.isClosed() && isSparse(store, SMALL_CLOSED_FILE) && !distrusted;
            shutDown();
            if (sparse) compact();
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "the embedded database did not close cleanly; nothing is lost", e);
        } finally {
            gate.writeLock().unlock();
        }
    }

    /**
     * Lets go of the file at once, as a crash would. Everything that counts has been synced, whereas an orderly shutdown of
     * H2 moves data about without syncing.
     */
    private void shutDown() {
        open = false;
        org.h2.engine.Database database = engine;
        engine = null;
        if (database != null) letGo(database);
        closeQuietly(writer);
        writer = null;
        synchronized (idleReaders) {
            idleReaders.forEach(EmbeddedDatabase::closeQuietly);
            idleReaders.clear();
        }
    }

    /** As {@code Database.shutdownImmediately}, which forgets one thing. */
    private static void letGo(org.h2.engine.Database database) {
        database.shutdownImmediately();
        try {
            // Every database has H2 add a thread to those that run when the JVM ends; only an orderly shutdown takes it
            // away again.
            // It would hold the class loader of each portal that has been deployed anew, with all its classes.
            Method unregister = Class.forName("org.h2.engine.OnExitDatabaseCloser", true, Driver.class.getClassLoader())
                    .getDeclaredMethod("unregister", org.h2.engine.Database.class);
            unregister.setAccessible(true);
            unregister.invoke(null, database);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "this portal's classes stay in memory until the server ends", e);
        }
    }

    /** Writes what is alive into a new file, and puts that into the old one's place once it is safe on the disk. */
    private void compact() {
        Path file = file("");
        Path copy = file(COPY_SUFFIX);
        try {
            long before = Files.size(file);
            MVStore.compact(fileSystem + file, fileSystem + copy, false, null);
            checkCopy();
            try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            rename(COPY_SUFFIX);
            LOGGER.log(
                    System.Logger.Level.INFO,
                    "the database file has been compacted from {0} to {1} bytes",
                    before,
                    Files.size(file));
        } catch (IOException | SQLException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "the database file could not be compacted; it is left as it is", e);
            deleteQuietly(copy);
        }
    }

    private void checkCopy() throws SQLException, IOException {
        String[] found = new String[2];
        String[] suffixes = {"", COPY_SUFFIX};
        for (int i = 0; i < 2; i++) {
            JdbcDataSource readOnly = dataSource(suffixes[i], READ_ONLY);
            try (Connection connection = readOnly.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "select epoch || '-' || head || ' ' || (select count(*) from message) from log_head")) {
                found[i] = row.next() ? row.getString(1) : "";
            }
        }
        if (!found[0].equals(found[1])) {
            throw new IOException("the copy holds " + found[1] + " where the database holds " + found[0]);
        }
    }

    private static org.h2.engine.Database engineOf(Connection connection) throws SQLException {
        return ((SessionLocal) connection.unwrap(JdbcConnection.class).getSession()).getDatabase();
    }

    private @Nullable MVStore store() {
        org.h2.engine.Database database = engine;
        return database == null ? null : database.getStore().getMvStore();
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The next start tries again.
        }
    }

    private static void closeQuietly(@Nullable Connection connection) {
        if (connection == null) return;
        try {
            connection.close();
        } catch (SQLException e) {
            // The database under it is gone already.
        }
    }
}
