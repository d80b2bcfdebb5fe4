package org.bongsu.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.bongsu.log.Cursor;

/**
 * The one row of {@code log_head}.
 *
 * @param offset of the newest message
 * @param trims the version of the newest trim
 */
record LogHead(String epoch, long offset, long trims) {
    private static final String SELECT = "select epoch, head, trims from log_head where k = 1";

    Cursor cursor() {
        return new Cursor(epoch, offset);
    }

    static LogHead read(Connection connection) throws SQLException {
        return select(connection, SELECT);
    }

    /** Reads it and keeps every other node from appending until the transaction ends. */
    static LogHead lock(Connection connection) throws SQLException {
        return select(connection, SELECT + " for update");
    }

    private static LogHead select(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) throw new SQLException("the table log_head is empty");
            return new LogHead(row.getString(1), row.getLong(2), row.getLong(3));
        }
    }

    static boolean exists(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SELECT)) {
            return row.next();
        }
    }

    static void create(Connection connection, String epoch) throws SQLException {
        execute(connection, "insert into log_head (head, trims, epoch, k) values (0, 0, ?, 1)", epoch);
    }

    static void setOffset(Connection connection, long offset) throws SQLException {
        execute(connection, "update log_head set head = ? where k = 1", offset);
    }

    static void setTrims(Connection connection, long trims) throws SQLException {
        execute(connection, "update log_head set trims = ? where k = 1", trims);
    }

    /** Ends this epoch. The caller has locked the row. */
    void replaceEpoch(Connection connection, String newEpoch, long time) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("insert into former_epoch (epoch, head, time_) values (?, ?, ?)")) {
            insert.setString(1, epoch);
            insert.setLong(2, offset);
            insert.setLong(3, time);
            insert.executeUpdate();
        }
        execute(connection, "update log_head set epoch = ? where k = 1", newEpoch);
    }

    /** Whether {@code epoch} is one that this log has had before. */
    static boolean isFormerEpoch(Connection connection, String epoch) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select head from former_epoch where epoch = ?")) {
            select.setString(1, epoch);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static void execute(Connection connection, String sql, Object argument) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setObject(1, argument);
            update.executeUpdate();
        }
    }
}
