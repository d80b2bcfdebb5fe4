package org.bongsu.reader;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bongsu.Site;
import org.bongsu.reader.PortalReader.Event;

/**
 * A program of its own, to be run on the other side of a network: reads a stream, and shows that it is alive as the page
 * does; and reads over a WebSocket, which answers pings by itself. Says so when all of that has been done.
 */
final class LivelyClients {
    private LivelyClients() {}

    public static void main(String[] arguments) throws Exception {
        Site site = new Site(URI.create(arguments[0]));
        List<String> topics = List.of("ops/*");
        try (SseReader stream = new SseReader(site, "alice", topics, null, null);
                WebSocketReader socket = new WebSocketReader(site, "alice", topics, null)) {
            Event ready = stream.next();
            if (!(ready instanceof Event.Ready)) throw new AssertionError("told first: " + ready);
            socket.awaitReady();
            for (int shown = 0; ; shown++) {
                HttpRequest alive = site.request("alice", "/api/alive?c=" + stream.connection())
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build();
                try {
                    int status = site.client()
                            .send(alive, HttpResponse.BodyHandlers.discarding())
                            .statusCode();
                    if (status != 204) throw new AssertionError("alive was answered " + status);
                } catch (IOException e) {
                    // The server was just closing an idle connection; the next request opens another.
                }
                if (shown == 2) System.out.println("lively");
                TimeUnit.SECONDS.sleep(1);
            }
        }
    }
}
