package org.bongsu.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.sse.EventStreamParser;
import org.jspecify.annotations.Nullable;

/**
 * People who share a few connections, each with a word that is sent to their inbox alone, and who leave their streams in the
 * midst of an event again and again. What a server keeps of one stream for the next one, or what it confuses, shows as a word in
 * a stream where it must not be.
 */
final class Canaries implements AutoCloseable {
    /** So many rounds may be under way: some people are then at the end of the log, others far behind. */
    private static final int LEAD = 30;

    /** Of a stream's bytes, about; some streams end before the first event. */
    private static final int LONGEST = 10_000;

    /**
     * For the head of an answer. Jetty ends a connection on which more than 128 streams a second are left, and Java's client
     * (17.0.15) forgets a request that it begins on a connection at the moment it learns of its end: nobody would ever answer.
     */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final Pattern WORD = Pattern.compile("canary-[0-9]+-");

    private final Site site;
    private final int rounds;
    private final List<Person> people = new ArrayList<>();
    private final AtomicInteger left = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private final AtomicInteger unanswered = new AtomicInteger();

    @Nullable private volatile String fault;

    private volatile boolean stopped;

    /**
     * @param site for the publisher
     * @param shared what the people share, in turn
     * @param rounds how many messages each of them gets
     */
    Canaries(Site site, List<Site> shared, List<String> names, int rounds) {
        this.site = site;
        this.rounds = rounds;
        for (String name : names)
            people.add(new Person(name, people.size(), shared.get(people.size() % shared.size())));
    }

    /** One of them; for its own thread, but for what is volatile. */
    private final class Person {
        private final String name;
        private final int number;
        private final String word;
        private final Site site;
        private final Random random;
        private final Thread thread = new Thread(this::run, "canary");
        private String carried = "";

        /** Where it has come to; empty before its first greeting. */
        private volatile String cursor = "";

        /** How many of its messages it has, each once and in order. */
        private final AtomicInteger told = new AtomicInteger();

        Person(String name, int number, Site site) {
            this.name = name;
            this.number = number;
            this.word = "canary-" + number + '-';
            this.site = site;
            this.random = new Random(number);
            thread.setDaemon(true);
        }

        String body(int round) {
            return word + ' ' + round + ' ' + word.repeat((round * 31 + number) % 40);
        }

        private void run() {
            while (told.get() < rounds && fault == null && !stopped) {
                try {
                    follow();
                } catch (IOException e) {
                    // The server may end a connection on which too many streams have been left.
                    broken.incrementAndGet();
                } catch (InterruptedException | RuntimeException | Error e) {
                    fault = name + ": " + e;
                }
            }
        }

        private void follow() throws IOException, InterruptedException {
            // In one of these ways, each of which reaches that inbox and, for whoever may not, others.
            String topic =
                    switch (random.nextInt(3)) {
                        case 0 -> "user/" + name;
                        case 1 -> "user/*";
                        default -> "**";
                    };
            HttpRequest.Builder request = site.request(name, "/api/stream?" + Site.query(List.of(topic)))
                    .timeout(Duration.ofHours(1));
            if (!cursor.isEmpty()) request.header("Last-Event-ID", cursor);
            CompletableFuture<HttpResponse<InputStream>> answer =
                    site.client().sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            HttpResponse<InputStream> response;
            try {
                response = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                answer.cancel(true);
                unanswered.incrementAndGet();
                return;
            } catch (ExecutionException e) {
                throw new IOException(e);
            }
            try (InputStream stream = response.body()) {
                if (response.statusCode() != 200) {
                    fault = name + " was answered " + response.statusCode();
                    return;
                }
                carried = "";
                EventStreamParser parser = new EventStreamParser();
                byte[] buffer = new byte[1 + random.nextInt(4_096)];
                int bytes = cursor.isEmpty() ? LONGEST : random.nextInt(LONGEST);
                while (bytes > 0 && told.get() < rounds && fault == null) {
                    int length = stream.read(buffer);
                    if (length < 0) return;
                    bytes -= length;
                    lookFor(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
                    parser.feed(buffer, 0, length).forEach(this::take);
                }
            }
            left.incrementAndGet();
        }

        /** In all that comes, whole events or not. */
        private void lookFor(String arrived) {
            String text = carried + arrived;
            Matcher words = WORD.matcher(text);
            while (words.find()) {
                if (!words.group().equals(word)) {
                    fault = name + " was shown " + words.group() + " in " + text;
                    return;
                }
            }
            carried = text.substring(Math.max(0, text.length() - 20));
        }

        private void take(EventStreamParser.Event event) {
            switch (event.event()) {
                case "message" -> {
                    String body = Site.json(event.data()).getString("body");
                    if (!body.equals(body(told.get() + 1))) {
                        fault = name + " has had " + told + " and was told " + event;
                        return;
                    }
                    told.incrementAndGet();
                    cursor = event.lastEventId();
                }
                case "ready", "ping" -> {
                    if (!event.lastEventId().isEmpty()) cursor = event.lastEventId();
                }
                case "bye" -> {
                    // It comes again.
                }
                default -> fault = name + " was told " + event;
            }
        }
    }

    /** Publishes round after round until everybody has everything. */
    void sing() {
        for (Person person : people) person.thread.start();
        until("everybody has been greeted", () -> people.stream().noneMatch(person -> person.cursor.isEmpty()));
        List<Person> order = new ArrayList<>(people);
        Random random = new Random(1);
        for (int round = 1; round <= rounds; round++) {
            Collections.shuffle(order, random);
            publish(order, round);
            int oldest = round - LEAD;
            until("everybody has round " + oldest, () -> slowest() >= oldest);
        }
        until("everybody has everything", () -> slowest() >= rounds);
        // The client forgets one where a connection ends, which breaks all others of it.
        assertTrue(unanswered.get() <= broken.get(), toString());
    }

    private void publish(List<Person> order, int round) {
        StringBuilder lines = new StringBuilder();
        for (Person person : order) {
            lines.append("{\"topic\":\"user/")
                    .append(person.name)
                    .append("\",\"body\":\"")
                    .append(person.body(round))
                    .append("\"}\n");
        }
        HttpResponse<String> response = site.send(site.request("backup-job", "/api/messages")
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(lines.toString())));
        assertEquals(201, response.statusCode(), response.body());
    }

    private int slowest() {
        return people.stream().mapToInt(person -> person.told.get()).min().orElse(0);
    }

    private void until(String what, BooleanSupplier condition) {
        try {
            Await.until(what, () -> fault != null || condition.getAsBoolean());
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; " + this + "; behind: " + behind(), e);
        }
        String found = fault;
        if (found != null) throw new AssertionError(found);
    }

    /** The three who have least, with how much that is. */
    private List<String> behind() {
        return people.stream()
                .sorted(Comparator.comparingInt(person -> person.told.get()))
                .limit(3)
                .map(person -> person.name + " with " + person.told)
                .toList();
    }

    @Override
    public void close() {
        stopped = true;
    }

    @Override
    public String toString() {
        int told = people.stream().mapToInt(person -> person.told.get()).sum();
        return told + " canaries, " + left + " streams left, " + broken + " broken, " + unanswered + " unanswered";
    }
}
