package org.bongsu.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bongsu.Await;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.network.Behaviour.LateResponsesReplaced;
import org.bongsu.network.Behaviour.WebSocketsCut;
import org.bongsu.network.Preset.Best;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a preset says is the best transport brings messages, and no better one does. */
final class PresetTest {
    private static PortalServer portal;

    @BeforeAll
    static void startPortal() {
        portal = PortalServer.with("heartbeat", "1s").start();
    }

    @AfterAll
    static void stopPortal() {
        portal.close();
    }

    @Test
    void allHaveNamesOfTheirOwnAndSayWhatTheyDo() {
        List<Preset> all = Preset.all();
        assertEquals(all.size(), all.stream().map(Preset::name).distinct().count());
        for (Preset each : all) assertTrue(each.sentence().endsWith("."), each::name);
        for (Best best : Best.values()) assertTrue(all.stream().anyMatch(each -> each.best() == best), best::name);
    }

    @ParameterizedTest
    @MethodSource("org.bongsu.network.Preset#all")
    void theBestTransportBringsAMessageAndNoBetterOneDoes(Preset preset) {
        String topic = "ops/" + preset.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "-");
        List<Reader> readers = new ArrayList<>();
        try (HostileNetwork network = HostileNetwork.to(portal).with(preset).open()) {
            for (Best transport : Best.values()) {
                if (transport.compareTo(preset.best()) < 0) readers.add(new Reader(network, transport, topic));
            }
            List<Reader> better = List.copyOf(readers);
            Await.until("the better ones have asked", () -> network.requests().size() == better.size());
            if (takesItsTime(preset))
                Await.until("they have failed", () -> better.stream().allMatch(Reader::isOver));
            Reader best = new Reader(network, preset.best(), topic);
            readers.add(best);
            Await.until("the best has asked", () -> network.requests().size() > better.size());

            portal.publish("admin", topic, "a message");
            Await.until("the best brings it", () -> {
                if (best.isOver() && !best.has("a message")) best.tryAgain();
                return best.has("a message");
            });
            for (Reader each : better) assertTrue(!each.has("a message"), () -> each + " has brought it, too");
        } finally {
            readers.forEach(Reader::close);
        }
    }

    /** Whether it lets something live for a moment that it does not let live. */
    private static boolean takesItsTime(Preset preset) {
        return preset.behaviours().stream()
                .anyMatch(each -> each instanceof WebSocketsCut || each instanceof LateResponsesReplaced);
    }

    /** Asks by one transport for all of a topic, and keeps what comes. */
    private static final class Reader implements AutoCloseable {
        private final HostileNetwork network;
        private final Best transport;
        private final String topic;
        /** Guarded by this. */
        private final StringBuilder heard = new StringBuilder();

        private @Nullable Thread thread;
        private @Nullable Caller caller;

        Reader(HostileNetwork network, Best transport, String topic) {
            this.network = network;
            this.transport = transport;
            this.topic = topic;
            tryAgain();
        }

        /** Once it is over. */
        void tryAgain() {
            close();
            synchronized (this) {
                heard.setLength(0);
            }
            Caller next = Caller.to(network);
            caller = next;
            thread = new Thread(() -> read(next), toString());
            thread.start();
        }

        private void read(Caller asking) {
            try {
                ask(asking);
                asking.listen(this::hear);
            } catch (UncheckedIOException e) {
                // Cut while it was asking, or closed.
            }
        }

        private void ask(Caller asking) {
            String query = "?after=earliest&topic=" + topic;
            String[] fields = {"Authorization: " + Site.basic("alice"), "Connection: close"};
            switch (transport) {
                case EVENT_STREAM -> asking.ask("GET /bongsu/api/stream" + query, fields);
                case LONG_POLL -> asking.ask("GET /bongsu/api/poll" + query + "&wait=2", fields);
                case POLL -> asking.ask("GET /bongsu/api/poll" + query + "&wait=0", fields);
                case WEBSOCKET -> {
                    asking.upgrade("/bongsu/ws", fields[0]);
                    if (asking.head().status() != 101) return;
                    String subscribe = "{\"op\":\"subscribe\",\"topics\":[\"" + topic + "\"],\"after\":\"earliest\"}";
                    // A short text frame, masked by nothing.
                    asking.say("\u0081" + (char) (0x80 | subscribe.length()) + "\0\0\0\0" + subscribe);
                }
            }
        }

        private synchronized void hear(String text) {
            heard.append(text);
        }

        synchronized boolean has(String text) {
            return heard.indexOf(text) >= 0;
        }

        boolean isOver() {
            return thread != null && !thread.isAlive();
        }

        @Override
        public void close() {
            if (caller != null) caller.close();
        }

        @Override
        public String toString() {
            return transport + " reader of " + topic;
        }
    }
}
