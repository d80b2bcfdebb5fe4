package org.bongsu.reader;

import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.Site;
import org.jspecify.annotations.Nullable;

/** Polls {@code api/poll}, waiting at the server or not. */
final class PollReader extends PortalReader {
    private final Site site;
    private final String user;
    private final List<String> topics;
    private final int waitSeconds;
    private final String name;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final Thread thread;
    private String position;
    private volatile boolean closed;

    PollReader(Site site, String user, List<String> topics, @Nullable String after, int waitSeconds) {
        this.site = site.apart();
        this.user = user;
        this.topics = topics;
        this.waitSeconds = waitSeconds;
        this.position = after == null ? "latest" : after;
        this.name = "poll reader " + user + " of " + topics + " after " + after + ", waiting " + waitSeconds + " s";
        // The first answer is looked at here, so that a refusal reaches whoever opened the reader.
        boolean edge = position.equals("latest");
        take(ask(edge ? 0 : Math.min(waitSeconds, 1)));
        thread = new Thread(this::read, name);
        thread.setDaemon(true);
        thread.start();
    }

    private HttpResponse<String> ask(int wait) {
        return site.send(site.request(
                user, "/api/poll?" + Site.query(topics) + "&after=" + position + "&wait=" + wait + "&limit=1000"));
    }

    private void read() {
        try {
            while (!closed) {
                HttpResponse<String> response = ask(waitSeconds);
                if (closed) return;
                take(response);
            }
        } catch (AssertionError | RuntimeException e) {
            tell(new Event.End(e.toString()));
        }
    }

    private void take(HttpResponse<String> response) {
        if (response.statusCode() != 200) throw new Refused(response.statusCode());
        JsonObject answer = Site.json(response.body());
        if (answer.containsKey("reset")) {
            tell(new Event.Reset(answer.getJsonObject("reset").getString("reason")));
        }
        for (JsonValue message : answer.getJsonArray("messages")) {
            JsonObject json = message.asJsonObject();
            tell(new Event.Message(json.getString("id"), json));
        }
        position = answer.getString("cursor");
        tell(new Event.Ready(position));
        begun.countDown();
    }

    @Override
    public PortalReader awaitReady() {
        try {
            if (!begun.await(Await.SECONDS, TimeUnit.SECONDS)) throw new AssertionError(this + " has had no answer");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    @Override
    public String toString() {
        return name;
    }
}
