package org.bongsu.crash;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.bongsu.Await;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A pool as a server has one, and no kinder than the worst of them: connections are not tested before they are lent, so after
 * a restart of the database whoever borrows one may find it dead.
 */
public final class TinyPool implements DataSource {
    private static final int SIZE = 8;

    private final PGSimpleDataSource database = new PGSimpleDataSource();
    private final Semaphore permits = new Semaphore(SIZE);
    private final BlockingDeque<Connection> idle = new LinkedBlockingDeque<>();

    public TinyPool(String jdbcUrl) {
        database.setUrl(jdbcUrl);
    }

    @Override
    public Connection getConnection() throws SQLException {
        try {
            if (!permits.tryAcquire(Await.SECONDS, TimeUnit.SECONDS)) {
                throw new SQLException("all " + SIZE + " connections have been in use for " + Await.SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException(e);
        }
        try {
            Connection physical = idle.pollFirst();
            return lend(physical == null ? database.getConnection() : physical);
        } catch (SQLException | RuntimeException e) {
            permits.release();
            throw e;
        }
    }

    private Connection lend(Connection physical) {
        AtomicBoolean returned = new AtomicBoolean();
        return (Connection) Proxy.newProxyInstance(
                TinyPool.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        if (returned.compareAndSet(false, true)) takeBack(physical);
                        return null;
                    }
                    if (method.getName().equals("isClosed") && returned.get()) return true;
                    if (returned.get()) throw new SQLException("this connection has been given back");
                    try {
                        return method.invoke(physical, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void takeBack(Connection physical) throws SQLException {
        try {
            if (!physical.isClosed()) {
                if (!physical.getAutoCommit()) {
                    physical.rollback();
                    physical.setAutoCommit(true);
                }
                idle.addFirst(physical);
            }
        } catch (SQLException e) {
            physical.close();
        } finally {
            permits.release();
        }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLException("only the configured user");
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {}

    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("nothing to unwrap");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
