package org.bongsu.reader;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.bongsu.Site;
import org.jspecify.annotations.Nullable;

/** Reads {@code api/stream} as an EventSource would. */
final class SseReader extends PortalReader {
    private final InputStream stream;
    private final String name;
    private final Thread thread;
    private volatile String connection = "";

    SseReader(Site site, String user, List<String> topics, @Nullable String after, @Nullable String lastEventId) {
        name = "SSE reader " + user + " of " + topics + " after " + after;
        HttpRequest.Builder request = site.request(
                        user, "/api/stream?" + Site.query(topics) + (after == null ? "" : "&after=" + after))
                .timeout(Duration.ofHours(1));
        if (lastEventId != null) request.header("Last-Event-ID", lastEventId);
        HttpResponse<InputStream> response;
        try {
            response = site.client().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (response.statusCode() != 200) throw new Refused(response.statusCode());
        stream = response.body();
        thread = new Thread(this::read, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            String id = "";
            String event = "";
            String data = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) id = line.substring(4);
                else if (line.startsWith("event: ")) event = line.substring(7);
                else if (line.startsWith("data: ")) data = line.substring(6);
                else if (line.isEmpty()) {
                    if (!data.isEmpty()) dispatch(event, id, data);
                    id = "";
                    event = "";
                    data = "";
                }
            }
            tell(new Event.End("end of stream"));
        } catch (IOException e) {
            tell(new Event.End(e.toString()));
        }
    }

    private void dispatch(String event, String id, String data) {
        switch (event) {
            case "" -> tell(new Event.Message(id, Site.json(data)));
            case "ready" -> {
                connection = Site.json(data).getString("connection");
                tell(new Event.Ready(id));
            }
            case "reset" -> tell(new Event.Reset(Site.json(data).getString("reason")));
            case "ping" -> tell(new Event.Ping(id));
            case "bye" -> tell(new Event.Bye(Site.json(data).getString("reason")));
            default -> throw new AssertionError("unknown event " + event);
        }
    }

    /** Its id, as its greeting has told it. */
    String connection() {
        return connection;
    }

    @Override
    public PortalReader awaitReady() {
        Event event = next();
        if (!(event instanceof Event.Ready)) throw new AssertionError(this + " was told first: " + event);
        return this;
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
