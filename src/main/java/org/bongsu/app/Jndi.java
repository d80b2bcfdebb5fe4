package org.bongsu.app;

import java.sql.Connection;
import java.sql.SQLException;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What the server's administrator has put into JNDI. Only asked on the container's thread while the portal starts: in
 * threads of our own {@code java:comp} is missing on some servers.
 */
final class Jndi {
    private Jndi() {}

    static @Nullable String text(String name) {
        Object found = find(name);
        return found == null ? null : found.toString();
    }

    /**
     * The database that was set up for the portal, {@code null} if none was.
     *
     * @throws SettingException if there is one that cannot be used: silence would mean another, empty log
     */
    static @Nullable DataSource dataSource(String name) {
        for (String place : new String[] {"java:comp/env/" + name, name, "java:/" + name}) {
            Object found = find(place);
            if (found == null) continue;
            if (!(found instanceof DataSource dataSource)) {
                throw new SettingException("JNDI " + place + " is a "
                        + found.getClass().getName() + "; allowed: a javax.sql.DataSource, or nothing of that name");
            }
            // Some servers hand out a data source for a name that nobody has configured; only a connection proves it.
            try (Connection connection = dataSource.getConnection()) {
                if (connection.isReadOnly()) {
                    throw new SettingException(
                            "JNDI " + place + " gives a read-only connection; the log needs one that can write");
                }
            } catch (SQLException e) {
                throw new SettingException("JNDI " + place + " gives no connection: " + e.getMessage()
                        + "; repair the data source, or remove it to use the embedded database");
            }
            return dataSource;
        }
        return null;
    }

    /** The names are our own, never a caller's. */
    @SuppressWarnings("BanJNDI")
    private static @Nullable Object find(String name) {
        try {
            return new InitialContext().lookup(name);
        } catch (NamingException | RuntimeException | LinkageError absent) {
            // Servers say "not there" in all these ways.
            return null;
        }
    }
}
