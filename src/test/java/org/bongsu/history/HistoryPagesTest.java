package org.bongsu.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.bongsu.log.Draft;
import org.bongsu.log.Interest;
import org.bongsu.log.MessageLog;
import org.bongsu.log.MessageStore.Selection;
import org.bongsu.log.Position;
import org.bongsu.log.Publication;
import org.bongsu.log.Retention;
import org.bongsu.log.StoreException;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;
import org.bongsu.store.Durability;
import org.bongsu.store.JdbcMessageStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A chat message at offset 1 and one at 25,002, before, between and after them 25,000 that nobody asks for. */
final class HistoryPagesTest {
    private static final Pattern NUMBER = Pattern.compile("\"number\":(\\d)");
    private static final Pattern NEXT = Pattern.compile("],\"next\":\"([^\"]*)\"}$");

    @TempDir
    private static Path home;

    private static MessageLog log;

    @BeforeAll
    static void publish() throws Exception {
        JdbcMessageStore store = JdbcMessageStore.embedded(home, Durability.RELAXED, Clock.systemUTC());
        store.open();
        for (int number = 1; number <= 2; number++) {
            append(store, List.of(draft("chat", number)));
            for (int i = 0; i < 25; i++) {
                append(
                        store,
                        IntStream.range(0, 1_000)
                                .mapToObj(n -> draft("event", 0))
                                .toList());
            }
        }
        Duration never = Duration.ofHours(1);
        log = MessageLog.open(
                store, Clock.systemUTC(), new MessageLog.Settings(10, 1 << 20, never, never, Retention.UNLIMITED));
    }

    private static void append(JdbcMessageStore store, List<Draft> drafts) throws StoreException {
        store.append(List.of(new Publication(drafts, null)));
    }

    @AfterAll
    static void close() {
        log.close();
    }

    /** Whether there is more was looked for in the next 20,000 rows only. */
    @Test
    void aPageNamesTheNextHoweverFarItIs() throws Exception {
        assertEquals(List.of("2", "1"), pages("before", 1, 1_000));
        assertEquals(List.of("1", "2"), pages("after", 1, 1_000));
    }

    @Test
    void aPageThatWouldTakeTooLongEndsAndNamesTheNext() throws Exception {
        List<String> back = pages("before", 10, 1);
        assertEquals("21", String.join("", back));
        assertTrue(back.contains("") && back.size() <= 5, back.toString());
        List<String> forth = pages("after", 10, 1);
        assertEquals("12", String.join("", forth));
        assertTrue(forth.size() > 1 && forth.size() <= 5, forth.toString());
    }

    /** The numbers of each page up to the last. */
    private static List<String> pages(String way, int limit, int looks) throws StoreException {
        Interest all = new Interest(List.of(new TopicPattern("**")), topic -> true);
        Selection chat = new Selection(all, Set.of("chat"), Set.of(), Instant.now());
        History history = new History(log, chat, limit, looks);
        List<String> pages = new ArrayList<>();
        Position position = way.equals("before") ? Position.Edge.LATEST : Position.Edge.EARLIEST;
        while (true) {
            String page = text(way.equals("before") ? history.before(position) : history.after(position));
            StringBuilder numbers = new StringBuilder();
            Matcher number = NUMBER.matcher(page);
            while (number.find()) numbers.append(number.group(1));
            pages.add(numbers.toString());
            String next = next(page);
            if (next == null) return pages;
            position = Position.parse(way, next);
        }
    }

    private static String text(List<byte[]> parts) {
        StringBuilder text = new StringBuilder();
        for (byte[] part : parts) text.append(new String(part, StandardCharsets.UTF_8));
        return text.toString();
    }

    private static @Nullable String next(String page) {
        Matcher next = NEXT.matcher(page);
        return next.find() ? next.group(1) : null;
    }

    private static Draft draft(String type, int number) {
        return new Draft(new Topic("a"), type, "normal", "x", Instant.now(), null, "{\"number\":" + number + "}");
    }
}
