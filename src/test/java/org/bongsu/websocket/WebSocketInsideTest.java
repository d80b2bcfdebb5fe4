package org.bongsu.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.bongsu.Await;
import org.bongsu.fanout.Deadlines;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What of WebSockets shows only inside of the portal, or needs a fault or a haste that no setting gives. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebSocketInsideTest {
    private SocketServer server;

    @BeforeAll
    void start() {
        server = new SocketServer();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void aMessageThatCannotBeStoredIsRefusedAndTheConnectionStaysOpen() {
        try (RawSocket socket = server.greeted("alice")) {
            server.store.failAppends(1, false);
            socket.send("{\"op\":\"publish\",\"topic\":\"chat/p\",\"message\":{\"body\":\"x\"},\"ref\":3}");
            String refusal = socket.text();
            assertTrue(
                    refusal.startsWith("{\"op\":\"error\",\"ref\":3,") && refusal.contains("\"status\":503"), refusal);
            socket.send("{\"op\":\"ping\"}");
            assertEquals("{\"op\":\"pong\"}", socket.text());
            Await.until("the log has healed", () -> server.log.failure() == null);
        }
    }

    @Test
    void aLogoutLeavesNothingTiedToTheSession() {
        String cookie = server.site().login("alice");
        try (RawSocket socket = ofSession(server, cookie)) {
            server.site()
                    .send(server.site()
                            .request("/api/session")
                            .header("Cookie", cookie)
                            .header("X-Bongsu", "1")
                            .DELETE());
            assertEquals("{\"op\":\"bye\",\"reason\":\"logout\"}", socket.text());
        }
        Await.until("every tie is given up", () -> server.sessions.tieCount() == 0);
    }

    @Test
    void aConnectionThatNoSessionEndsIsRenewedSoThatItsCredentialsAreCheckedAgain() {
        Deadlines soon = new Deadlines(
                Duration.ofMillis(400), Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofMillis(200));
        try (SocketServer renewing = new SocketServer(soon);
                RawSocket ofSession = ofSession(renewing, renewing.site().login("alice"))) {
            // Twice, so that the other one is as old as it may become.
            for (int i = 0; i < 2; i++) {
                try (RawSocket ofPassword = renewing.greeted("alice")) {
                    assertEquals("{\"op\":\"bye\",\"reason\":\"renew\"}", ofPassword.text());
                    ofPassword.assertClosed(1001);
                }
            }
            ofSession.send("{\"op\":\"ping\"}");
            assertEquals("{\"op\":\"pong\"}", ofSession.text(), "it ends with its session");
        }
    }

    @Test
    void nothingIsLeftOfAClientThatGoesWithoutAWordOrWithOne() {
        Await.until(
                "the others' connections have ended",
                () -> server.fanOut.connections().isEmpty());
        RawSocket[] sockets = new RawSocket[20];
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = server.greeted("alice");
            sockets[i].send("{\"op\":\"subscribe\",\"topics\":[\"gone\"]}").text();
        }
        assertEquals(20, server.fanOut.connections().size());
        for (int i = 0; i < sockets.length; i++) {
            if (i % 2 == 0) sockets[i].send(RawSocket.CLOSE, true, new byte[] {3, (byte) 0xe8});
            else sockets[i].close();
        }
        Await.until("all have been given up", () -> server.fanOut.connections().isEmpty());
        server.publish("gone", "x");
    }

    /** Connects with a session's cookie and reads the greeting. */
    private static RawSocket ofSession(SocketServer server, String cookie) {
        RawSocket socket = RawSocket.connect(
                server.site(), "Cookie: " + cookie, "Origin: " + server.site().origin());
        assertTrue(socket.text().startsWith("{\"op\":\"ready\""));
        return socket;
    }
}
