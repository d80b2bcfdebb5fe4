package org.bongsu.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.reader.PortalReader.Event;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What any reader is owed (contract §1 to §5.1). Each transport runs the same sentences.
 *
 * <p>Every test uses topics of its own, so that one server serves them all.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class WhatAnyReaderIsOwed {
    /** What the portal has to be started with. */
    public static final Map<String, String> SETTINGS = Map.of(
            "heartbeat", "1s",
            "durability", "relaxed",
            "retention.count", "100",
            "retention.every", "100ms",
            "tail.count", "60");

    private Site site;

    /** The transport under test. */
    protected abstract Transport transport();

    /** The portal under test. */
    protected abstract Site site();

    /** By the portal's clock. */
    protected abstract Instant now();

    /** Returns when so much time has passed by the portal's clock. */
    protected abstract void pass(Duration time);

    private PortalReader open(String user, List<String> topics, @Nullable String after) {
        return transport().open(site, user, topics, after);
    }

    private PortalReader open(String topic, @Nullable String after) {
        return open("alice", List.of(topic), after);
    }

    @BeforeEach
    final void know() {
        site = site();
    }

    @Test
    void messagesOfManyPublishersArriveOnceAndInLogOrder() throws Exception {
        String topic = "order/" + transport();
        try (PortalReader reader = open(topic, null)) {
            reader.awaitReady();
            List<String> acknowledged = publishFrom(4, 20, topic);
            List<String> received = ids(reader.messages(80));
            Collections.sort(acknowledged, WhatAnyReaderIsOwed::compareIds);
            assertEquals(acknowledged, received);
        }
    }

    @Test
    void aReaderThatComesBackAtAnyMessageGetsTheRestAndNothingTwice() {
        String topic = "resume/" + transport();
        List<String> ids = publish(topic, 12);
        int published = ids.size();
        for (int i = 0; i < published; i++) {
            try (PortalReader reader = open(topic, ids.get(i))) {
                assertEquals(ids.subList(i + 1, ids.size()), ids(reader.messages(ids.size() - i - 1)));
                String live = site.publish(topic, "live " + i);
                ids.add(live);
                assertEquals(live, reader.message().id(), "live, after the cursor " + ids.get(i));
            }
        }
    }

    @Test
    void earliestIsEverythingRetainedAndLatestOnlyWhatComes() {
        String topic = "edges/" + transport();
        List<String> ids = publish(topic, 5);
        try (PortalReader all = open(topic, "earliest");
                PortalReader news = open(topic, "latest")) {
            news.awaitReady();
            ids.add(site.publish(topic, "news"));
            assertEquals(ids, ids(all.messages(6)));
            assertEquals(ids.get(5), news.message().id());
        }
    }

    @Test
    void messagesThatMemoryNoLongerHoldsComeFromTheStoreInOrder() {
        String topic = "deep/" + transport();
        String before = site.publish(topic, "start");
        List<String> ids = publish(topic, 90);
        publish("elsewhere", 80);
        try (PortalReader reader = open(topic, before)) {
            assertEquals(ids, ids(reader.messages(90)));
            ids.add(site.publish(topic, "live"));
            assertEquals(ids.get(90), reader.message().id());
        }
    }

    @Test
    void aCursorOfAnotherHistoryIsToldAsResetAndThenEverythingRetainedFollows() {
        String topic = "epoch/" + transport();
        List<String> ids = publish(topic, 3);
        try (PortalReader reader = open(topic, "zzz-5")) {
            assertEquals("epoch", reader.reset());
            assertEquals(ids, ids(reader.messages(3)));
        }
    }

    @Test
    void aCursorBeyondTheHeadIsToldAsReset() {
        String topic = "ahead/" + transport();
        List<String> ids = publish(topic, 3);
        String epoch = ids.get(0).substring(0, ids.get(0).indexOf('-'));
        try (PortalReader reader = open(topic, epoch + "-999999999")) {
            assertEquals("ahead", reader.reset());
            assertEquals(ids, ids(reader.messages(3)));
        }
    }

    @Test
    void aReaderIsToldWhereRetentionRemovedWhatItWasOwedAndOnlyThere() throws Exception {
        String topic = "trimmed/" + transport();
        String quiet = "untouched/" + transport();
        String before = site.publish(quiet, "before");
        String kept = site.publish(quiet, "kept");
        List<String> ids = publish(topic, 130);
        awaitTrimmed(topic, 100);
        try (PortalReader concerned = open(topic, ids.get(0));
                PortalReader late = open(topic, ids.get(40));
                PortalReader unconcerned = open(quiet, before)) {
            assertEquals("trimmed", concerned.reset());
            assertEquals(ids.subList(30, 130), ids(concerned.messages(100)));
            assertEquals(ids.subList(41, 130), ids(late.messages(89)));
            assertEquals(kept, unconcerned.message().id());
        }
    }

    @Test
    void manyTopicsAndPatternsComeOverOneConnectionInLogOrder() {
        String root = "many-" + transport();
        try (PortalReader reader = open("alice", List.of(root + "/*/x", root + "/deep/**", root + "/one"), null)) {
            reader.awaitReady();
            List<String> expected = new ArrayList<>();
            for (String topic : List.of("/a/x", "/one", "/a/y", "/deep/1", "/b/x", "/deep/1/2/3", "/deep", "/a/x/z")) {
                String id = site.publish(root + topic, topic);
                if (!List.of("/a/y", "/deep", "/a/x/z").contains(topic)) expected.add(id);
            }
            assertEquals(expected, ids(reader.messages(5)));
        }
    }

    @Test
    void aPatternIsSilentAboutWhatOneMayNotRead() {
        try (PortalReader alice = open("alice", List.of("user/*"), null)) {
            alice.awaitReady();
            site.publish("user/bob", "for bob alone");
            String hers = site.publish("user/alice", "for alice");
            assertEquals(hers, alice.message().id());
        }
    }

    @Test
    void aTopicThatOneMayNotReadIsRefusedWhenNamed() {
        Refused refused = assertThrows(Refused.class, () -> open("alice", List.of("ops/x", "user/bob"), null)
                .close());
        assertEquals(403, refused.status());
    }

    @Test
    void anExpiredMessageIsNotReplayed() {
        String topic = "expiry/" + transport();
        String before = site.publish(topic, "before");
        String soon = now().plusMillis(1_500).toString();
        var response = site.send(site.request("admin", "/api/topics/" + topic)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"body\":\"short-lived\",\"expires\":\"" + soon + "\"}")));
        assertEquals(201, response.statusCode(), response.body());
        String after = site.publish(topic, "after");
        pass(Duration.ofSeconds(2));
        try (PortalReader reader = open(topic, before)) {
            assertEquals(after, reader.message().id());
        }
    }

    @Test
    void textOfAnyKindArrivesAsItWasSent() {
        String topic = "text/" + transport();
        String text = "안녕하세요 🔥 \u2028 \"quoted\" \\ </script>\nevent: admin\ndata: x\n\nid: 9\ttab";
        try (PortalReader reader = open(topic, null)) {
            reader.awaitReady();
            site.publish(topic, text);
            site.publish(topic, "x".repeat(60_000));
            assertEquals(text, reader.message().body());
            assertEquals(60_000, reader.message().body().length());
        }
    }

    private List<String> publish(String topic, int count) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) ids.add(site.publish(topic, "message " + i));
        return ids;
    }

    private List<String> publishFrom(int publishers, int each, String topic) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(publishers);
        try {
            List<Callable<List<String>>> tasks = Collections.nCopies(publishers, () -> publish(topic, each));
            List<String> ids = new ArrayList<>();
            for (Future<List<String>> task : threads.invokeAll(tasks)) ids.addAll(task.get());
            return ids;
        } finally {
            threads.shutdownNow();
        }
    }

    /** Waits until retention has left {@code count} messages of the topic. */
    private void awaitTrimmed(String topic, int count) {
        Await.until("retention has been applied to " + topic, () -> {
            String answer = site.send(site.request("alice", "/api/messages?limit=1000&topic=" + topic))
                    .body();
            return Site.json(answer).getJsonArray("messages").size() == count;
        });
    }

    private static List<String> ids(List<Event.Message> messages) {
        return new ArrayList<>(messages.stream().map(Event.Message::id).toList());
    }

    static int compareIds(String a, String b) {
        return Long.compare(offset(a), offset(b));
    }

    private static long offset(String id) {
        return Long.parseLong(id.substring(id.indexOf('-') + 1));
    }
}
