package org.bongsu.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bongsu.log.Draft;
import org.bongsu.log.Interest;
import org.bongsu.log.MessageStore.Selection;
import org.bongsu.log.Publication;
import org.bongsu.log.Retention;
import org.bongsu.log.StoreException;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group that landed, though its commit failed, and is taken back. */
final class WithdrawnGroupTest {
    private static final Retention ONE_EACH = new Retention(Duration.ZERO, 1, 0);

    @TempDir
    private Path home;

    private final Set<String> failing = new HashSet<>();

    /** It had been counted meanwhile; what took its offsets was not, and no limit was applied to it. */
    @Test
    void itsMessagesCountAgainstNoLimitAndThoseInTheirPlaceDo() throws Exception {
        try (JdbcMessageStore store = new JdbcMessageStore(
                failing(new EmbeddedDatabase(home.resolve("bongsu"), Durability.STRICT)), home, Clock.systemUTC())) {
            store.open();
            List<Publication> group = List.of(new Publication(List.of(draft("b"), draft("b"), draft("b")), null));
            failing.add("makeDurable");
            assertThrows(StoreException.class, () -> store.append(group));
            failing.add("open");
            assertThrows(StoreException.class, store::open);
            // Retention finds out that it cannot write only when it has counted.
            assertThrows(StoreException.class, () -> store.trim(ONE_EACH, Instant.now()));
            failing.clear();
            store.open();
            assertNull(store.settle(group, true));

            store.append(List.of(new Publication(List.of(draft("a"), draft("a"), draft("a")), null)));
            store.trim(ONE_EACH, Instant.now());
            Selection all = new Selection(new Interest(List.of(new TopicPattern("**")), topic -> true), Instant.now());
            assertEquals(
                    List.of(3L),
                    store.readAfter(0, 3, all, 10, Long.MAX_VALUE).messages().stream()
                            .map(message -> message.id().offset())
                            .toList());
        }
    }

    private Database failing(Database database) {
        return (Database) Proxy.newProxyInstance(
                Database.class.getClassLoader(), new Class<?>[] {Database.class}, (proxy, method, arguments) -> {
                    if (failing.contains(method.getName())) throw new SQLException("told to fail by a test");
                    try {
                        return method.invoke(database, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Draft draft(String topic) {
        return new Draft(new Topic(topic), "notice", "normal", "alice", Instant.now(), null, "{}");
    }
}
