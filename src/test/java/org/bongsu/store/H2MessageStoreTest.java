package org.bongsu.store;

import java.nio.file.Path;
import java.time.Clock;
import org.bongsu.log.MessageStore;
import org.bongsu.log.MessageStoreContract;
import org.junit.jupiter.api.Nested;
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
    }

    /** Most pages lie in both. */
    @Nested
    final class InTheJournalAndTheTables extends Embedded {
        InTheJournalAndTheTables() {
            super(3);
        }
    }

    @Nested
    final class InTheTables extends Embedded {
        InTheTables() {
            super(0);
        }
    }
}
