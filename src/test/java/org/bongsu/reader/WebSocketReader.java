package org.bongsu.reader;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bongsu.Await;
import org.bongsu.Site;
import org.jspecify.annotations.Nullable;

/** Subscribes over {@code ws}, as {@code bongsu.v1}. */
final class WebSocketReader extends PortalReader {
    private final String name;
    private final CountDownLatch subscribed = new CountDownLatch(1);
    private final WebSocket socket;
    private volatile int refusedWith;

    WebSocketReader(Site site, String user, List<String> topics, @Nullable String after) {
        name = "WebSocket reader " + user + " of " + topics + " after " + after;
        URI uri = site.wsUrl("/ws");
        try {
            socket = site.client()
                    .newWebSocketBuilder()
                    .subprotocols("bongsu.v1")
                    .header("Authorization", Site.basic(user))
                    .buildAsync(uri, new Frames())
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refusal) {
                throw new Refused(refusal.getResponse().statusCode());
            }
            throw e;
        }
        StringBuilder subscribe = new StringBuilder("{\"op\":\"subscribe\",\"id\":\"main\",\"ref\":1,\"topics\":[");
        for (int i = 0; i < topics.size(); i++) {
            subscribe
                    .append(i == 0 ? "" : ",")
                    .append('"')
                    .append(topics.get(i))
                    .append('"');
        }
        subscribe.append(']');
        if (after != null) subscribe.append(",\"after\":\"").append(after).append('"');
        socket.sendText(subscribe.append('}').toString(), true).join();
        awaitReady();
        if (refusedWith != 0) throw new Refused(refusedWith);
    }

    private final class Frames implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                String frame = text.toString();
                text.setLength(0);
                take(Site.json(frame));
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
            tell(new Event.End(statusCode + " " + reason));
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            tell(new Event.End(error.toString()));
        }
    }

    private void take(JsonObject frame) {
        switch (frame.getString("op")) {
            case "ready" -> {}
            case "ok" -> {
                tell(new Event.Ready(frame.getString("cursor", "")));
                subscribed.countDown();
            }
            case "error" -> {
                refusedWith = frame.getInt("status");
                subscribed.countDown();
            }
            case "reset" -> tell(new Event.Reset(frame.getString("reason")));
            case "bye" -> tell(new Event.Bye(frame.getString("reason")));
            case "messages" -> {
                JsonArray messages = frame.getJsonArray("messages");
                for (JsonValue message : messages) {
                    JsonObject json = message.asJsonObject();
                    tell(new Event.Message(json.getString("id"), json));
                }
            }
            default -> tell(new Event.End("unknown frame " + frame));
        }
    }

    @Override
    public PortalReader awaitReady() {
        try {
            if (!subscribed.await(Await.SECONDS, TimeUnit.SECONDS))
                throw new AssertionError(this + " has had no answer");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    @Override
    public void close() {
        socket.abort();
    }

    @Override
    public String toString() {
        return name;
    }
}
