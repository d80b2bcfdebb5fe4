package org.bongsu.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.bongsu.log.Draft;
import org.bongsu.log.MessageStore;
import org.bongsu.log.MessageStore.Appended;
import org.bongsu.log.MessageStoreContract;
import org.bongsu.log.Publication;
import org.bongsu.log.Retention;
import org.bongsu.log.Topic;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store promises, wherever in the embedded database a message may be. */
final class H2MessageStoreTest {

    private abstract static class Embedded extends MessageStoreContract {
        private final int journaled;

        @TempDir
        private Path home;

        Embedded(int journaled) {
            this.journaled = journaled;
        }

        @Override
        protected MessageStore newStore(Clock clock) {
            Database database = new EmbeddedDatabase(
                    EmbeddedDatabase.FILES,
                    home.resolve("bongsu"),
                    EmbeddedDatabase.SETTINGS,
                    Durability.STRICT,
                    journaled);
            return new JdbcMessageStore(database, home, clock);
        }
    }

    @Nested
    final class InTheJournal extends Embedded {
        InTheJournal() {
            super(EmbeddedDatabase.JOURNALED);
        }

        @Test
        void aLoneMessageIsAppendedAtOnceWhenItIsKnownWhere() throws Exception {
            List<Publication> lone = List.of(new Publication(List.of(draft("a", 1)), null));
            assertNull(store.appendAtOnce(lone), "the first has to ask the database");
            append("a");
            Appended appended = store.appendAtOnce(lone);
            assertNotNull(appended);
            assertEquals(List.of(2L), ids(appended));
            store.trim(Retention.UNLIMITED, clock.instant());
            assertNull(store.appendAtOnce(lone), "retention may have changed anything");
        }

        @Test
        void whatTheJournalHasNoRoomForIsNotAppendedAtOnce() throws Exception {
            append("a");
            Draft large = new Draft(
                    new Topic("big"), "event", "normal", "a", clock.instant(), null, "\"" + "x".repeat(400_000) + "\"");
            List<Publication> group = List.of(new Publication(List.of(large), null));
            assertNull(store.appendAtOnce(group), "if every character took three bytes it would not fit");
            assertEquals(List.of(2L), ids(store.append(group)));
        }

        /** Containers interrupt their threads. */
        @Test
        void anInterruptHarmsNothing() throws Exception {
            append("a");
            Thread.currentThread().interrupt();
            Appended appended = store.appendAtOnce(List.of(new Publication(List.of(draft("a", 2)), null)));
            assertTrue(Thread.interrupted(), "it is left to whoever it is meant for");
            assertNotNull(appended);
            assertEquals(List.of(3L), ids(append("a")));
            restart();
            assertEquals(List.of(1L, 2L, 3L), offsets(read(0, 3)));
        }

        @Test
        void whatTheTablesMightRefuseIsNotAppendedAtOnce() throws Exception {
            append("a");
            Draft odd = new Draft(
                    new Topic("a"), "event", "normal", "k".repeat(1_001), clock.instant(), null, "{\"title\":\"x\"}");
            assertNull(store.appendAtOnce(List.of(new Publication(List.of(odd), null))));
            assertEquals(1, store.head().offset());
        }
    }

    /** Most pages lie in both. */
    @Nested
    final class InTheJournalAndTheTables extends Embedded {
        InTheJournalAndTheTables() {
            super(3);
        }

        @Test
        void aFullJournalTakesNothingAtOnce() throws Exception {
            List<Publication> lone = List.of(new Publication(List.of(draft("a", 1)), null));
            append("a", "a", "a");
            assertNull(store.appendAtOnce(lone));
            assertEquals(List.of(4L), ids(append("a")));
            assertNotNull(store.appendAtOnce(lone), "there is room again");
        }
    }

    @Nested
    final class InTheTables extends Embedded {
        InTheTables() {
            super(0);
        }

        @Test
        void nothingIsAppendedAtOnce() throws Exception {
            append("a");
            assertNull(store.appendAtOnce(List.of(new Publication(List.of(draft("a", 1)), null))));
        }
    }
}
