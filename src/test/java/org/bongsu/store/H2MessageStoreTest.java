package org.bongsu.store;

import java.nio.file.Path;
import java.time.Clock;
import org.bongsu.log.MessageStore;
import org.bongsu.log.MessageStoreContract;
import org.junit.jupiter.api.io.TempDir;

final class H2MessageStoreTest extends MessageStoreContract {
    @TempDir
    private Path home;

    @Override
    protected MessageStore newStore(Clock clock) {
        return JdbcMessageStore.embedded(home, Durability.STRICT, clock);
    }
}
