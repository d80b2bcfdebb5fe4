package org.bongsu.log;

import java.util.Locale;

/** What kind of message the log holds. */
public enum MessageType {
    /** For people. */
    NOTICE,
    /** Said in a room. */
    CHAT,
    /** Application data. */
    EVENT;

    /** As it stands in a message. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws InvalidInputException if {@code text} is not a type that the log holds */
    public static MessageType parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "notice" -> NOTICE;
            case "chat" -> CHAT;
            case "event" -> EVENT;
            default -> throw new InvalidInputException("type", shown(text) + "; allowed: notice, chat, event");
        };
    }

    static String shown(String text) {
        return '"' + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + '"';
    }
}
