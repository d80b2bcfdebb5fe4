package org.bongsu.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.bongsu.PortalServer;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.publish.Wire.Answer;
import org.junit.jupiter.api.Test;

/** What publishing owes beyond one life of the server. */
final class RestartTest {
    private static final String OPS = "/bongsu/api/topics/ops/backups";

    @Test
    void aKeySurvivesARestart() {
        MemoryMessageStore.Disk disk = new MemoryMessageStore.Disk();
        List<String> ids = new ArrayList<>();
        for (int start = 0; start < 2; start++) {
            MemoryMessageStore store = new MemoryMessageStore(disk, false, Clock.systemUTC());
            try (PortalServer server = PortalServer.builder().store(store).start()) {
                Answer answer = new Wire(server.port()).send("admin", "POST " + OPS, "Idempotency-Key: k\r\n", "x");
                assertEquals(start == 0 ? 201 : 200, answer.status());
                ids.add(String.valueOf(answer.member("id")));
            }
        }
        assertEquals(ids.get(0), ids.get(1));
    }
}
