package org.bongsu.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bongsu.PortalServer;
import org.bongsu.Site;
import org.bongsu.reader.PortalReader;
import org.bongsu.reader.PortalReader.Event;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a client sees that knows nothing of us (contract §1, §4.1, §5, §9). Each client runs the same sentences.
 *
 * <p>Those of its kind that come back by themselves are left to do so; the others are opened again, at the last cursor that they
 * were told.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
abstract class WhatAForeignClientSees {
    private static final String TEXT =
            "안녕하세요 👩‍👩‍👧 🔥 \u2028 \"quoted\" \\ </script>\nevent: admin\ndata: x\n\nid: 9\ttab";
    /** At the end of what gets through of a message before its connection is cut. */
    private static final String CUT = "-cut-here-";

    @TempDir
    Path home;

    @TempDir
    Path otherHome;

    private PortalServer server;
    private Site site;

    abstract PortalReader open(Order order);

    /** Whether it comes back by itself, with the last id that it was given. */
    abstract boolean comesBack();

    @BeforeAll
    void start() {
        server = start(home, 0);
        site = site(server);
    }

    private static PortalServer start(Path home, int port) {
        return PortalServer.builder()
                .home(home)
                .port(port)
                .with("heartbeat", "1s")
                .with("durability", "relaxed")
                .start();
    }

    private static Site site(PortalServer server) {
        return server.site();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void theFirstMessageAndAllThatFollowInOrder() {
        Order order = order(site.base(), "order/a");
        try (PortalReader client = open(order).awaitReady()) {
            List<String> ids = publish(site, "order/a", 1);
            assertEquals(ids, ids(client.messages(1)));
            ids = publish(site, "order/a", 40);
            assertEquals(ids, ids(client.messages(40)));
        }
    }

    @Test
    void textOfAnyKindAndLengthAsItWasSent() {
        // Three bytes a letter: wherever the stream is cut into packets, it is cut within letters.
        String longText = "가나다".repeat(6_000);
        try (PortalReader client = open(order(site.base(), "text/a")).awaitReady()) {
            site.publish("text/a", TEXT);
            site.publish("text/a", longText);
            site.publish("text/a", "the last");
            assertEquals(TEXT, client.message().body());
            assertEquals(longText, client.message().body());
            assertEquals("the last", client.message().body());
        }
    }

    @Test
    void neitherPaddingNorHeartbeatsAreMessages() {
        try (PortalReader client =
                open(order(site.base(), "quiet/a").padded(4_096)).awaitReady()) {
            assertTrue(client.next() instanceof Event.Ping, "after a second without messages a ping");
            assertTrue(client.next() instanceof Event.Ping, "and another");
            String id = site.publish("quiet/a", "news");
            assertEquals(id, client.message().id());
        }
    }

    @Test
    void whatCameWhileTheServerWasAwayOnceAndInOrder(@TempDir Path folder) {
        PortalServer before = start(folder, 0);
        int port = before.port();
        Order order = order(site(before).base(), "away/a");
        PortalReader client = open(order).awaitReady();
        try {
            String first = site(before).publish("away/a", "first");
            assertEquals(first, client.message().id());
            before.close();
            assertEquals(new Event.Bye("shutdown"), client.nextNews());
            List<String> missed;
            // At another address, where nobody can come back to.
            try (PortalServer meanwhile = start(folder, 0)) {
                missed = publish(site(meanwhile), "away/a", 3);
            }
            try (PortalServer again = start(folder, port)) {
                client = back(client, order);
                assertEquals(missed, ids(client.messages(3)));
                assertEquals(
                        site(again).publish("away/a", "live"), client.message().id());
            }
        } finally {
            client.close();
            before.close();
        }
    }

    @Test
    void aMessageInWhichTheConnectionBrokeOnceAndWhole() {
        String text = "half" + CUT + "half";
        try (Doorway door = new Doorway()) {
            door.leadTo(server);
            Order order = order(door.base(), "cut/a");
            PortalReader client = open(order).awaitReady();
            try {
                String first = site.publish("cut/a", "first");
                assertEquals(first, client.message().id());
                door.shutAfter(CUT);
                List<String> missed = new ArrayList<>(List.of(site.publish("cut/a", text)));
                missed.addAll(publish(site, "cut/a", 3));
                client = back(client, order, door);
                List<Event.Message> got = new ArrayList<>(List.of(client.message()));
                assertEquals(missed.get(0), got.get(0).id(), "not lost, as what came after it is not");
                got.addAll(client.messages(3));
                assertEquals(missed, ids(got));
                assertEquals(text, got.get(0).body());
                assertEquals(site.publish("cut/a", "live"), client.message().id());
                if (comesBack()) {
                    String head = door.heads().get(door.heads().size() - 1);
                    assertTrue(head.contains(first), () -> "came back with its last id: " + head);
                }
            } finally {
                client.close();
            }
        }
    }

    @Test
    void aResetWhereTheHistoryIsGoneAndThenAllThereIs() {
        try (Doorway door = new Doorway();
                PortalServer other = start(otherHome, 0)) {
            door.leadTo(server);
            Order order = order(door.base(), "reset/a");
            PortalReader client = open(order).awaitReady();
            try {
                assertEquals(site.publish("reset/a", "first"), client.message().id());
                List<String> ids = publish(site(other), "reset/a", 3);
                door.shut();
                if (!comesBack()) end(client);
                door.leadTo(other);
                client = comesBack() ? client : open(order.after(client.cursor()));
                assertEquals("epoch", client.reset());
                assertEquals(ids, ids(client.messages(3)));
            } finally {
                client.close();
            }
        }
    }

    @Test
    void theSameWithTheCookieOfASession() {
        try (PortalReader client = open(withCookie("cookie/a")).awaitReady()) {
            assertEquals(site.publish("cookie/a", "first"), client.message().id());
        }
    }

    @Test
    void a401AfterALogoutAndDoesNotAskAgain() {
        Order order = withCookie("logout/a");
        PortalReader client = open(order).awaitReady();
        try {
            server.send(server.request("/api/session")
                    .headers(headers(order))
                    .method("DELETE", HttpRequest.BodyPublishers.noBody()));
            assertEquals(new Event.Bye("logout"), client.nextNews());
            if (!comesBack()) {
                end(client);
                client = open(order.after(client.cursor()));
            }
            assertEquals(new Event.End("401"), client.nextNews());
        } finally {
            client.close();
        }
    }

    @Test
    void a401WithAWrongPassword() {
        Map<String, String> wrong = Map.of("Authorization", Site.basic("nosuch"));
        try (PortalReader client = open(order(site.base(), "wrong/a").with(wrong))) {
            assertEquals(new Event.End("401"), client.next());
        }
    }

    private static Order order(URI base, String topic) {
        return new Order(base, topic, "", 0, Map.of("Authorization", Site.basic("alice")));
    }

    /** With the origin that sockets need besides. */
    private Order withCookie(String topic) {
        return order(site.base(), topic).with(Map.of("Cookie", server.login("alice"), "Origin", server.origin()));
    }

    private static String[] headers(Order order) {
        List<String> all = new ArrayList<>();
        order.headers().forEach((name, value) -> all.addAll(List.of(name, value)));
        return all.toArray(new String[0]);
    }

    /** The client when it is back, or will be in a moment. */
    private PortalReader back(PortalReader client, Order order) {
        if (comesBack()) return client;
        end(client);
        return open(order.after(client.cursor()));
    }

    private PortalReader back(PortalReader client, Order order, Doorway door) {
        if (!comesBack()) end(client);
        door.awaitShut();
        door.leadTo(server);
        return comesBack() ? client : open(order.after(client.cursor()));
    }

    private static void end(PortalReader client) {
        Event event = client.nextNews();
        assertTrue(event instanceof Event.End, () -> "the end, not " + event);
        client.close();
    }

    private static List<String> publish(Site at, String topic, int count) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) ids.add(at.publish(topic, "소식 " + i + " 🔔"));
        return ids;
    }

    /** What the client gives as the id of each, which must be the message's own. */
    private static List<String> ids(List<Event.Message> messages) {
        List<String> ids = new ArrayList<>();
        for (Event.Message message : messages) {
            assertEquals(message.json().getString("id"), message.id());
            ids.add(message.id());
        }
        return ids;
    }
}
