package org.bongsu.foreign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import org.bongsu.reader.PortalReader;

/** What the JDK's HttpClient sees, which gives lines. */
final class HttpClientIT extends WhatAForeignClientSees {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @Override
    PortalReader open(Order order) {
        return new Lines(order);
    }

    @Override
    boolean comesBack() {
        return false;
    }

    private static final class Lines extends ForeignClient {
        private final Thread thread;
        private volatile boolean closed;

        Lines(Order order) {
            super(order);
            HttpRequest.Builder request = HttpRequest.newBuilder(order.stream());
            order.headers().forEach(request::header);
            thread = new Thread(() -> listen(request.build()), "lines of HttpClient");
            thread.setDaemon(true);
            thread.start();
        }

        private void listen(HttpRequest request) {
            try {
                HttpResponse<Stream<String>> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofLines());
                try (Stream<String> lines = response.body()) {
                    if (response.statusCode() != 200) {
                        refused(response.statusCode());
                        return;
                    }
                    EventLines events = new EventLines(this);
                    lines.takeWhile(line -> !closed).forEach(events::line);
                    ended("the stream has ended");
                }
            } catch (IOException | UncheckedIOException | InterruptedException e) {
                ended(e.toString());
            }
        }

        @Override
        public void close() {
            closed = true;
            thread.interrupt();
        }
    }
}
