package org.bongsu.foreign;

import java.time.Duration;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;
import org.bongsu.reader.PortalReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;

/** What okhttp-sse sees. */
final class OkHttpIT extends WhatAForeignClientSees {
    private static final OkHttpClient CLIENT = new OkHttpClient.Builder()
            // The server is never silent for longer than its heartbeat, 15 s by default; OkHttp's own limit is 10 s.
            .readTimeout(Duration.ofSeconds(45))
            .build();

    @AfterAll
    static void endThreads() {
        CLIENT.dispatcher().executorService().shutdown();
        CLIENT.connectionPool().evictAll();
    }

    @Override
    PortalReader open(Order order) {
        return new Listener(order);
    }

    @Override
    boolean comesBack() {
        return false;
    }

    private static final class Listener extends ForeignClient {
        private final EventSource source;

        Listener(Order order) {
            super(order);
            Request.Builder request = new Request.Builder().url(order.stream().toString());
            order.headers().forEach(request::header);
            source = EventSources.createFactory(CLIENT).newEventSource(request.build(), new Ear());
        }

        private final class Ear extends EventSourceListener {
            @Override
            public void onEvent(EventSource from, @Nullable String id, @Nullable String type, String data) {
                told(type == null ? "message" : type, id == null ? "" : id, data);
            }

            @Override
            public void onClosed(EventSource from) {
                ended("the stream has ended");
            }

            @Override
            public void onFailure(EventSource from, @Nullable Throwable failure, @Nullable Response response) {
                if (response != null && response.code() != 200) refused(response.code());
                else ended(String.valueOf(failure));
            }
        }

        @Override
        public void close() {
            source.cancel();
        }
    }
}
