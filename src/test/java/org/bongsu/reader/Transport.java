package org.bongsu.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.bongsu.Site;
import org.bongsu.reader.PortalReader.Event;
import org.jspecify.annotations.Nullable;

/** The ways to read, for tests to which they are all the same. */
public enum Transport {
    SSE {
        @Override
        public PortalReader open(Site site, String user, List<String> topics, @Nullable String after) {
            return new SseReader(site, user, topics, after, null);
        }
    },
    WEBSOCKET {
        @Override
        public PortalReader open(Site site, String user, List<String> topics, @Nullable String after) {
            return new WebSocketReader(site, user, topics, after);
        }
    },
    LONG_POLL {
        @Override
        public PortalReader open(Site site, String user, List<String> topics, @Nullable String after) {
            return new PollReader(site, user, topics, after, 25);
        }

        @Override
        public void assertEndsCleanly(PortalReader reader) {
            assertFindsNobody(reader);
        }
    },
    POLL {
        @Override
        public PortalReader open(Site site, String user, List<String> topics, @Nullable String after) {
            return new PollReader(site, user, topics, after, 0);
        }

        @Override
        public void assertEndsCleanly(PortalReader reader) {
            assertFindsNobody(reader);
        }
    };

    /** Those that are told of a message as soon as it is there. */
    public static final List<Transport> LIVE = List.of(SSE, WEBSOCKET, LONG_POLL);

    /**
     * A new reader.
     *
     * @param after a position
     */
    public abstract PortalReader open(Site site, String user, List<String> topics, @Nullable String after);

    /** What a reader is told when the portal goes down in good order. */
    public void assertEndsCleanly(PortalReader reader) {
        Event event = reader.nextNews();
        assertEquals(new Event.Bye("shutdown"), event);
        Event end = reader.next();
        assertTrue(end instanceof Event.End, () -> "the end, not " + end);
    }

    /** A poll is answered, with nothing; the next one finds nobody. */
    private static void assertFindsNobody(PortalReader reader) {
        Event event = reader.nextNews();
        assertTrue(event instanceof Event.End, () -> "the end, not " + event);
    }
}
