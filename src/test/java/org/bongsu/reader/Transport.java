package org.bongsu.reader;

import java.util.List;

/** The ways to read, for tests to which they are all the same. */
public enum Transport {
    SSE {
        @Override
        public PortalReader open(Site site, String user, List<String> topics, String after) {
            return new SseReader(site, user, topics, after, null);
        }
    },
    WEBSOCKET {
        @Override
        public PortalReader open(Site site, String user, List<String> topics, String after) {
            return new WebSocketReader(site, user, topics, after);
        }
    },
    LONG_POLL {
        @Override
        public PortalReader open(Site site, String user, List<String> topics, String after) {
            return new PollReader(site, user, topics, after, 25);
        }
    };

    /**
     * A new reader.
     *
     * @param after a position
     */
    public abstract PortalReader open(Site site, String user, List<String> topics, String after);
}
