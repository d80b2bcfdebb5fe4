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

/** What happens while the database fails, and is opened anew. */
final class BrokenDatabaseTest {
    private static final Retention ONE_EACH = new Retention(Duration.ZERO, 1, 0);

    @TempDir
    private Path home;

    private final Set<String> failing = new HashSet<>();

    /** A group landed, though its commit failed, and is taken back: it was counted, what took its offsets was not. */
    @Test
    void whatIsWithdrawnCountsAgainstNoLimitAndWhatTakesItsPlaceDoes() throws Exception {
        // Without a journal: what fails is the sync after the commit, as with any other database.
        EmbeddedDatabase database = new EmbeddedDatabase(
                EmbeddedDatabase.FILES, home.resolve("bongsu"), EmbeddedDatabase.SETTINGS, Durability.STRICT, 0);
        try (JdbcMessageStore store = new JdbcMessageStore(failing(database), home, Clock.systemUTC())) {
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
            assertEquals(List.of(3L), offsets(store));
        }
    }

    /** What is only in the journal has been counted, and the tables do not have it: that is no reason to count it out. */
    @Test
    void retentionWaitsForWhatIsOnlyInTheJournal() throws Exception {
        try (JdbcMessageStore store = new JdbcMessageStore(
                failing(new EmbeddedDatabase(home.resolve("bongsu"), Durability.STRICT)), home, Clock.systemUTC())) {
            store.open();
            store.append(List.of(new Publication(List.of(draft("a"), draft("a"), draft("a")), null)));
            failing.addAll(List.of("makeDurable", "open"));
            assertThrows(StoreException.class, () -> store.trim(ONE_EACH, Instant.now()));
            assertThrows(StoreException.class, () -> store.trim(ONE_EACH, Instant.now()));
            failing.clear();
            store.open();
            store.append(List.of(new Publication(List.of(draft("a")), null)));
            store.trim(ONE_EACH, Instant.now());
            assertEquals(List.of(4L), offsets(store));
        }
    }

    private static List<Long> offsets(JdbcMessageStore store) throws StoreException {
        Selection all = new Selection(new Interest(List.of(new TopicPattern("**")), topic -> true), Instant.now());
        return store.readAfter(0, 100, all, 100, Long.MAX_VALUE).messages().stream()
                .map(message -> message.id().offset())
                .toList();
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
