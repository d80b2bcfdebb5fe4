package org.bongsu.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bongsu.log.Draft;
import org.bongsu.log.Interest;
import org.bongsu.log.MessageStore.Selection;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What one page asks of the database. */
final class PageReaderTest {
    private static final int BYTES = 50_000;

    /** How many rows each query may bring. */
    private final List<Integer> batches = new ArrayList<>();

    /** What was counted were the messages that were wanted; of what was passed over, 2,000 came at once. */
    @Test
    void aBatchTakesBoundedMemoryWhateverIsWantedOfIt() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:")) {
            connection.setAutoCommit(false);
            Schema.migrate(connection, Dialect.H2);
            Draft large = new Draft(new Topic("loud"), "event", "normal", "a", Instant.EPOCH, null, "x".repeat(BYTES));
            MessageTable.insert(connection, 1, Collections.nCopies(600, large));
            Interest quiet = new Interest(List.of(new TopicPattern("*/quiet")), topic -> true);
            PageReader reader = new PageReader(
                    watched(connection), true, 0, 600, new Selection(quiet, Instant.EPOCH), 10, Long.MAX_VALUE, 6);
            reader.read(List.of());
            assertEquals(600, reader.scannedTo());
        }
        assertTrue(batches.size() > 1, batches.toString());
        for (int batch : batches) assertTrue(batch * BYTES < 5_000_000, batches.toString());
    }

    private Connection watched(Connection connection) {
        return proxy(Connection.class, connection, (method, arguments, result) -> {
            if (!(result instanceof PreparedStatement statement)) return result;
            int[] limit = new int[1];
            return proxy(PreparedStatement.class, statement, (called, values, value) -> {
                if (called.getName().equals("setInt") && values != null) limit[0] = (Integer) values[1];
                if (called.getName().equals("executeQuery")) batches.add(limit[0]);
                return value;
            });
        });
    }

    private interface Watch {
        @Nullable Object after(Method method, @Nullable Object @Nullable [] arguments, @Nullable Object result);
    }

    private static <T> T proxy(Class<T> type, T target, Watch watch) {
        return type.cast(Proxy.newProxyInstance(
                PageReaderTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return watch.after(method, arguments, method.invoke(target, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
