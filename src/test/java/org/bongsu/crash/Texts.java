package org.bongsu.crash;

import jakarta.json.JsonObject;
import java.util.Random;

/**
 * The messages of these tests. The n-th of a publisher can be made again, so what comes back is checked to the last
 * character and remembered as one number.
 */
final class Texts {
    static final String ALL_TOPICS = "crash/**";
    static final String SENDER = "backup-job";

    private Texts() {}

    static String topic(int publisher) {
        return "crash/" + publisher;
    }

    static String body(int publisher, int number) {
        Random random = new Random(publisher * 1_000_003L + number);
        StringBuilder text = new StringBuilder();
        text.append(publisher).append(' ').append(number).append(" 봉수 ");
        for (int length = random.nextInt(300); length > 0; length--) text.append((char) ('a' + random.nextInt(26)));
        return text.toString();
    }

    static long content(int publisher, int number) {
        return (long) publisher << 32 | number;
    }

    static int publisher(long content) {
        return (int) (content >>> 32);
    }

    static int number(long content) {
        return (int) content;
    }

    /** Which message this is; fails unless it is one of ours, unaltered. */
    static long content(JsonObject message) {
        String body = message.getString("body");
        String[] parts = body.split(" ", 3);
        int publisher = Integer.parseInt(parts[0]);
        int number = Integer.parseInt(parts[1]);
        if (!body.equals(body(publisher, number))
                || !message.getString("topic").equals(topic(publisher))
                || !message.getString("sender").equals(SENDER)) {
            throw new AssertionError("an altered message: " + message);
        }
        return content(publisher, number);
    }

    static String show(long content) {
        return "message " + number(content) + " of publisher " + publisher(content);
    }
}
