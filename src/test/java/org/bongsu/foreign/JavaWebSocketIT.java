package org.bongsu.foreign;

import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.bongsu.Site;
import org.bongsu.reader.PortalReader;
import org.jspecify.annotations.Nullable;

/**
 * What the JDK's WebSocket sees.
 *
 * <p>JDK 17's does not always tell that its connection broke within a frame (of 400 such, 13 to 49 were never told of), so that
 * a silence longer than some heartbeats has to be taken for an end.
 */
final class JavaWebSocketIT extends WhatAForeignClientSees {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    /** Fifteen heartbeats, for the sake of machines that stand still; two or three do elsewhere. */
    private static final int SILENCE_SECONDS = 15;

    @Override
    PortalReader open(Order order) {
        return new Frames(order);
    }

    @Override
    boolean comesBack() {
        return false;
    }

    private static final class Frames extends ForeignClient {
        private final CompletableFuture<WebSocket> socket;
        /** Is completed by whatever is heard, else by its time-out. */
        private volatile CompletableFuture<Void> silence = new CompletableFuture<>();

        Frames(Order order) {
            super(order);
            WebSocket.Builder builder = CLIENT.newWebSocketBuilder().subprotocols("bongsu.v1");
            order.headers().forEach(builder::header);
            socket = builder.buildAsync(order.socket(), new Ear(order));
            socket.whenComplete((opened, failure) -> {
                if (failure == null) return;
                Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                if (cause instanceof WebSocketHandshakeException refusal) {
                    refused(refusal.getResponse().statusCode());
                } else {
                    ended(failure.toString());
                }
            });
        }

        /** For the socket's callbacks, which come one after the other. */
        private void heard() {
            silence.complete(null);
            silence = new CompletableFuture<>();
            silence.orTimeout(SILENCE_SECONDS, TimeUnit.SECONDS).whenComplete((nothing, late) -> {
                if (late != null) ended("silent for " + SILENCE_SECONDS + " s");
            });
        }

        private void over(String why) {
            silence.complete(null);
            ended(why);
        }

        private final class Ear implements WebSocket.Listener {
            private final Order order;
            private final StringBuilder text = new StringBuilder();

            Ear(Order order) {
                this.order = order;
            }

            @Override
            public void onOpen(WebSocket opened) {
                opened.sendText(order.subscribe(), true);
                opened.request(1);
            }

            @Override
            public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
                heard();
                text.append(part);
                if (last) {
                    String frame = text.toString();
                    text.setLength(0);
                    frame(Site.json(frame));
                }
                from.request(1);
                return null;
            }

            @Override
            public @Nullable CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
                heard();
                told("ping", "", "");
                from.request(1);
                return null;
            }

            @Override
            public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
                over(status + " " + reason);
                return null;
            }

            @Override
            public void onError(WebSocket from, Throwable error) {
                over(error.toString());
            }
        }

        @Override
        public void close() {
            socket.thenAccept(WebSocket::abort);
            silence.complete(null);
        }
    }
}
