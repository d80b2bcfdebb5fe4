package org.bongsu.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MemoryStoreTest extends MessageStoreContract {
    private final MemoryMessageStore.Disk disk = new MemoryMessageStore.Disk();

    @Override
    protected MessageStore newStore(Clock clock) {
        return new MemoryMessageStore(disk, false, clock);
    }

    @Test
    void aGroupThatLandedThoughItFailedIsSettled() throws Exception {
        List<Publication> group = List.of(once("key", "print", draft("a", 1)));
        ((MemoryMessageStore) store).failAppends(1, true);
        assertThrows(StoreException.class, () -> store.append(group));
        store.open();
        MessageStore.Appended settled = store.settle(group, false);
        assertNotNull(settled);
        assertEquals(List.of(1L), ids(settled));
    }

    @Test
    void aGroupThatLandedThoughItWasRefusedIsWithdrawn() throws Exception {
        List<Publication> group = List.of(once("key", "print", draft("a", 1)));
        ((MemoryMessageStore) store).failAppends(1, true);
        assertThrows(StoreException.class, () -> store.append(group));
        store.open();
        assertNull(store.settle(group, true));
        assertEquals(0, store.head().offset());
        assertEquals(List.of(1L), ids(store.append(group)));
    }
}
