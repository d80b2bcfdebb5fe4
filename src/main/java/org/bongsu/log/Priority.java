package org.bongsu.log;

import java.util.Locale;

/** How urgent a message is. */
public enum Priority {
    MIN,
    LOW,
    NORMAL,
    HIGH,
    URGENT;

    private static final String RULE = "min, low, normal, high, urgent (also 1 to 5, default, max)";

    /** As it stands in a message. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws InvalidInputException if {@code text} is neither a priority nor another word for one */
    public static Priority parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "min", "1" -> MIN;
            case "low", "2" -> LOW;
            case "normal", "default", "3" -> NORMAL;
            case "high", "4" -> HIGH;
            case "urgent", "max", "5" -> URGENT;
            default -> throw new InvalidInputException("priority", MessageType.shown(text) + "; allowed: " + RULE);
        };
    }
}
