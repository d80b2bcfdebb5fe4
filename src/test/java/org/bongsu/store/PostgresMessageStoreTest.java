package org.bongsu.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.bongsu.Await;
import org.bongsu.log.Draft;
import org.bongsu.log.Head;
import org.bongsu.log.Message;
import org.bongsu.log.MessageStore;
import org.bongsu.log.MessageStoreContract;
import org.bongsu.log.Publication;
import org.bongsu.log.Receipt;
import org.bongsu.log.Retention;
import org.bongsu.log.StoreException;
import org.bongsu.log.Topic;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** The store on a real PostgreSQL that syncs, with a schema of its own for each test. */
final class PostgresMessageStoreTest extends MessageStoreContract {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private static EmbeddedPostgres postgres;
    private static int schemas;

    @TempDir
    private Path home;

    private final PGSimpleDataSource dataSource = new PGSimpleDataSource();

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @Override
    protected MessageStore newStore(Clock clock) throws SQLException {
        if (dataSource.getCurrentSchema() == null) createSchema();
        return JdbcMessageStore.shared(dataSource, null, Durability.STRICT, clock);
    }

    private void createSchema() throws SQLException {
        String schema = "test" + ++schemas;
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create schema " + schema);
        }
        dataSource.setUrl(postgres.getJdbcUrl("postgres", "postgres"));
        dataSource.setCurrentSchema(schema);
    }

    @Test
    void itIsShared() {
        assertTrue(store.isShared());
    }

    @Test
    void twoNodesThatStartAtOnceMakeOneLog() throws Exception {
        createSchema();
        ExecutorService nodes = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Head>> starts = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                MessageStore node = another();
                starts.add(node::open);
            }
            Set<String> epochs = new HashSet<>();
            for (Future<Head> head : nodes.invokeAll(starts))
                epochs.add(head.get().epoch());
            assertEquals(1, epochs.size(), epochs.toString());
        } finally {
            nodes.shutdownNow();
        }
    }

    @Test
    void offsetsOfTwoNodesAreDenseAndBecomeVisibleInOrder() throws Exception {
        MessageStore other = another();
        other.open();
        int groups = 150;
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            Future<List<Long>> reader = threads.submit(() -> {
                List<Long> seen = new ArrayList<>();
                boolean last = false;
                while (!last) {
                    last = done.get();
                    long after = seen.isEmpty() ? 0 : seen.get(seen.size() - 1);
                    seen.addAll(offsets(store.readAfter(after, Long.MAX_VALUE, everything(), 10_000, Long.MAX_VALUE)));
                }
                return seen;
            });
            List<Future<List<Long>>> writers = new ArrayList<>();
            for (MessageStore node : List.of(store, other)) {
                writers.add(threads.submit(() -> {
                    List<Long> acknowledged = new ArrayList<>();
                    for (int i = 0; i < groups; i++) {
                        Publication publication =
                                new Publication(List.of(draft("a", i), draft("b", i), draft("a", i)), null);
                        acknowledged.addAll(ids(node.append(List.of(publication))));
                    }
                    return acknowledged;
                }));
            }
            Set<Long> acknowledged = new HashSet<>();
            for (Future<List<Long>> writer : writers) acknowledged.addAll(writer.get());
            done.set(true);
            List<Long> all = LongStream.rangeClosed(1, 2L * groups * 3).boxed().toList();
            assertEquals(all, reader.get());
            assertEquals(Set.copyOf(all), acknowledged);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void twinsOnTwoNodesArePublishedOnce() throws Exception {
        MessageStore other = another();
        other.open();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int i = 0; i < 50; i++) {
                Publication publication = once("key" + i, "print", draft("a", i));
                List<Callable<Receipt>> twins = List.of(
                        () -> store.append(List.of(publication)).receipts().get(0),
                        () -> other.append(List.of(publication)).receipts().get(0));
                List<Receipt> receipts = new ArrayList<>();
                for (Future<Receipt> twin : threads.invokeAll(twins)) receipts.add(twin.get());
                Set<Class<?>> kinds = receipts.stream().map(Object::getClass).collect(Collectors.toSet());
                assertEquals(Set.of(Receipt.Published.class, Receipt.Repeated.class), kinds);
                assertEquals(i + 1, store.head().offset());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aTrimOnOneNodeIsToldToTheOther() throws Exception {
        MessageStore other = another();
        other.open();
        append("a", "a", "b");
        other.trim(new Retention(Duration.ZERO, 1, 0), clock.instant());
        assertEquals(other.head(), store.head());
        assertEquals(1, store.trimsSince(0).size());
        append("a", "b");
        store.trim(new Retention(Duration.ZERO, 1, 0), clock.instant());
        other.trim(new Retention(Duration.ZERO, 1, 0), clock.instant());
        assertEquals(List.of(4L, 5L), offsets(read(0, 5)));
    }

    /** The second removed nothing, and yet gave out a version that no trim carried: no node could read on. */
    @Test
    void twoNodesThatTrimTheSameMessagesTellOfItOnce() throws Exception {
        MessageStore other = another();
        other.open();
        append("a", "a", "b", "b");
        Retention retention = new Retention(Duration.ZERO, 1, 0);
        ExecutorService nodes = Executors.newFixedThreadPool(2);
        try (Connection append = dataSource.getConnection();
                Statement statement = append.createStatement()) {
            append.setAutoCommit(false);
            statement.execute("select head from log_head for update");
            List<Future<?>> trims = new ArrayList<>();
            for (MessageStore node : List.of(store, other)) {
                trims.add(nodes.submit(() -> {
                    node.trim(retention, clock.instant());
                    return null;
                }));
            }
            untilWaiting(statement, 2);
            append.rollback();
            for (Future<?> trim : trims) trim.get();
        } finally {
            nodes.shutdownNow();
        }
        assertEquals(List.of(2L, 4L), offsets(read(0, 4)));
        assertEquals(2, store.trimsSince(0).size());
        assertEquals(1, store.head().trims());
        assertEquals(1, newestTrim());
    }

    /** It locked rows first and another node's retention in another order: one of the two was ended. */
    @Test
    void whatHasExpiredGoesUnderTheSameLockAsEverythingElse() throws Exception {
        store.append(List.of(once("key", "print", expiring("a", NOON.plusSeconds(60)))));
        ExecutorService node = Executors.newSingleThreadExecutor();
        try (Connection other = dataSource.getConnection();
                Statement statement = other.createStatement()) {
            for (Duration later : List.of(Duration.ofSeconds(60), Duration.ofHours(24))) {
                other.setAutoCommit(false);
                statement.execute("select head from log_head for update");
                Future<?> trim = node.submit(() -> {
                    store.trim(Retention.UNLIMITED, NOON.plus(later));
                    return null;
                });
                untilWaiting(statement, 1);
                statement.execute("select 1 from message for update nowait");
                statement.execute("select 1 from expiry for update nowait");
                statement.execute("select 1 from idempotency for update nowait");
                other.commit();
                trim.get();
                assertNull(store.find(1));
            }
        } finally {
            node.shutdownNow();
        }
        assertEquals(0, count("idempotency"));
    }

    @Test
    void aTrimmedMessageLeavesNothingBehind() throws Exception {
        store.append(List.of(new Publication(
                List.of(expiring("a", NOON.plus(Duration.ofDays(10_000))), draft("a", 2), draft("b", 3)), null)));
        store.trim(new Retention(Duration.ZERO, 1, 0), clock.instant());
        assertEquals(2, count("message"));
        assertEquals(0, count("expiry"));
    }

    private int count(String table) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from " + table)) {
            row.next();
            return row.getInt(1);
        }
    }

    private Draft expiring(String topic, Instant expires) {
        return new Draft(new Topic(topic), "notice", "normal", "alice", clock.instant(), expires, "{}");
    }

    private static void untilWaiting(Statement statement, int count) throws SQLException {
        long deadline = System.nanoTime() + Await.PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            try (ResultSet row = statement.executeQuery("select count(*) from pg_locks where not granted")) {
                if (row.next() && row.getInt(1) >= count) return;
            }
        }
        fail("they do not wait for the lock");
    }

    @Test
    void aBrokenConnectionIsReplacedWhenTheStoreIsOpenedAnew() throws Exception {
        append("a");
        Head before = store.head();
        endConnections();
        List<Publication> group = List.of(new Publication(List.of(draft("a", 2)), null));
        assertThrows(StoreException.class, () -> store.append(group));
        assertEquals(before, store.open());
        assertNull(store.settle(group, false));
        assertEquals(List.of(2L), ids(store.append(group)));
    }

    @Test
    void aNodeThatHaltsInTheMiddleOfAGroupHoldsUpTheOthersForSecondsOnly() throws Exception {
        AtomicBoolean armed = new AtomicBoolean();
        CountDownLatch halted = new CountDownLatch(1);
        CountDownLatch resumed = new CountDownLatch(1);
        DataSource haltsAtCommit = beforeCommit(() -> {
            if (!armed.get()) return;
            halted.countDown();
            resumed.await();
        });
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (MessageStore node = JdbcMessageStore.shared(haltsAtCommit, null, Durability.STRICT, clock);
                AutoCloseable resume = resumed::countDown) {
            node.open();
            armed.set(true);
            List<Publication> group = List.of(new Publication(List.of(draft("a", 1)), null));
            Future<?> append = threads.submit(() -> node.append(group));
            halted.await();
            assertEquals(List.of(1L), ids(append("b")));

            armed.set(false);
            resume.close();
            ExecutionException failure = assertThrows(ExecutionException.class, append::get);
            assertInstanceOf(StoreException.class, failure.getCause());
            node.open();
            assertNull(node.settle(group, false));
            assertEquals(List.of(2L), ids(node.append(group)));
        } finally {
            threads.shutdownNow();
        }
    }

    private interface Step {
        void run() throws InterruptedException;
    }

    /** Connections that take a step of the test's before they commit. */
    private DataSource beforeCommit(Step step) {
        ClassLoader loader = getClass().getClassLoader();
        return (DataSource)
                Proxy.newProxyInstance(loader, new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    if (!(invoke(dataSource, method, arguments) instanceof Connection connection)) return null;
                    return Proxy.newProxyInstance(loader, new Class<?>[] {Connection.class}, (lent, called, values) -> {
                        if (called.getName().equals("commit")) step.run();
                        return invoke(connection, called, values);
                    });
                });
    }

    private static @Nullable Object invoke(Object target, Method method, @Nullable Object[] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @Test
    void aDatabaseThatGoesBackUnderARunningNodeGetsAnotherEpoch() throws Exception {
        append("a", "b", "c");
        MessageStore other = another();
        Head before = store.head();
        assertEquals(before, other.open());
        execute("delete from message where offset_ > 1", "update log_head set head = 1");
        Head after = store.head();
        assertNotEquals(before.epoch(), after.epoch());
        assertEquals(1, after.offset());
        // The other node finds another epoch, not a reason for one more.
        assertEquals(after, other.head());
        assertEquals(after, other.open());
        assertEquals(List.of(2L), ids(other.append(List.of(new Publication(List.of(draft("a", 2)), null)))));
        assertEquals(after.epoch(), store.head().epoch());
    }

    @Test
    void anAppendToADatabaseThatHasGoneBackFailsUntilTheEpochHasChanged() throws Exception {
        append("a", "b", "c");
        String epoch = store.head().epoch();
        execute("delete from message where offset_ > 1", "update log_head set head = 1");
        assertThrows(StoreException.class, () -> append("a"));
        assertNotEquals(epoch, store.open().epoch());
        assertEquals(List.of(2L), ids(append("a")));
    }

    @Test
    void aNodeThatWasDownNoticesByItsOwnFileThatTheDatabaseIsOlder() throws Exception {
        MessageStore first = JdbcMessageStore.shared(dataSource, home, Durability.STRICT, clock);
        first.open();
        append("a", "b");
        Head before = first.head();
        first.close();
        execute("delete from message where offset_ > 1", "update log_head set head = 1");
        MessageStore second = JdbcMessageStore.shared(dataSource, home, Durability.STRICT, clock);
        Head after = second.open();
        second.close();
        assertNotEquals(before.epoch(), after.epoch());
        assertEquals(1, after.offset());
    }

    @Test
    void aNodeThatWasDownWhileAnotherChangedTheEpochKeepsTheNewOne() throws Exception {
        MessageStore first = JdbcMessageStore.shared(dataSource, home, Durability.STRICT, clock);
        first.open();
        append("a", "b");
        first.head();
        first.close();
        execute("delete from message where offset_ > 1", "update log_head set head = 1");
        Head changed = store.head();
        MessageStore second = JdbcMessageStore.shared(dataSource, home, Durability.STRICT, clock);
        assertEquals(changed, second.open());
        second.close();
    }

    @Test
    void aServerThatDoesNotSyncIsRefusedUnlessDurabilityIsRelaxed() throws Exception {
        dataSource.setOptions("-c synchronous_commit=off");
        MessageStore strict = another();
        StoreException refusal = assertThrows(StoreException.class, strict::open);
        assertTrue(refusal.toString().contains("synchronous_commit = off"), refusal.toString());
        MessageStore relaxed = JdbcMessageStore.shared(dataSource, null, Durability.RELAXED, clock);
        relaxed.open();
        relaxed.close();
    }

    @Test
    void readingGoesOnWhileTheWriterIsBroken() throws Exception {
        append("a");
        endConnections();
        assertThrows(StoreException.class, () -> append("a"));
        Message found = store.find(1);
        assertEquals("a", found == null ? "" : found.topic().name());
    }

    private void endConnections() throws SQLException {
        execute("select pg_terminate_backend(pid) from pg_stat_activity"
                + " where pid <> pg_backend_pid() and backend_type = 'client backend'");
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) statement.execute(sql);
        }
    }
}
