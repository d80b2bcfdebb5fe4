package org.bongsu.browser;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.bongsu.Await;
import org.jspecify.annotations.Nullable;

/**
 * Commands and their answers over a WebSocket, as both Chromium's DevTools protocol and WebDriver BiDi have them; what is no
 * answer is an event.
 *
 * <p>Threads: any may send; answers and events come on the HTTP client's threads, so a listener must not wait for an answer.
 */
final class Wire implements AutoCloseable {
    private final Consumer<JsonObject> listener;
    private final WebSocket socket;
    private final AtomicInteger nextId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonObject>> waiting = new ConcurrentHashMap<>();
    /** The frames of one message are sent one after the other. */
    private final Object sending = new Object();

    Wire(URI address, Consumer<JsonObject> listener) {
        this.listener = listener;
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .connectTimeout(Await.PATIENCE)
                .buildAsync(address, new Ear())
                .orTimeout(Await.SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** Sends a command and waits for its result. */
    JsonObject send(String method, JsonObject parameters) {
        return send(method, parameters, null);
    }

    /** The same, to one of the sessions that DevTools puts on one wire. */
    JsonObject send(String method, JsonObject parameters, @Nullable String session) {
        JsonObject said = begin(method, parameters, session)
                .orTimeout(Await.SECONDS, TimeUnit.SECONDS)
                .join();
        if (said.containsKey("error")) throw new IllegalStateException(method + ": " + said);
        return said.getJsonObject("result");
    }

    /** Sends a command, the answer to which may never come. */
    CompletableFuture<JsonObject> begin(String method, JsonObject parameters, @Nullable String session) {
        int id = nextId.incrementAndGet();
        var command =
                Json.createObjectBuilder().add("id", id).add("method", method).add("params", parameters);
        if (session != null) command.add("sessionId", session);
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        synchronized (sending) {
            socket.sendText(command.build().toString(), true).join();
        }
        return answer;
    }

    @Override
    public void close() {
        socket.abort();
    }

    private final class Ear implements WebSocket.Listener {
        private final StringBuilder frame = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            frame.append(data);
            if (last) {
                String text = frame.toString();
                frame.setLength(0);
                hear(text);
            }
            from.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable broken) {
            end(broken);
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            end(new IllegalStateException(code + ": the engine has ended the conversation: " + reason));
            return null;
        }

        private void end(Throwable why) {
            waiting.values().forEach(answer -> answer.completeExceptionally(why));
        }

        private void hear(String text) {
            JsonObject said;
            try (var reader = Json.createReader(new StringReader(text))) {
                said = reader.readObject();
            }
            if (said.containsKey("id") && !said.isNull("id")) {
                CompletableFuture<JsonObject> answer = waiting.remove(said.getInt("id"));
                if (answer != null) answer.complete(said);
            } else {
                listener.accept(said);
            }
        }
    }
}
