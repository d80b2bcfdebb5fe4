package org.bongsu.log;

/**
 * A place in the log and the id of the message at it, written {@code EPOCH-OFFSET}.
 *
 * @param epoch {@code [0-9a-z]{1,16}}; changes only when history is lost or replaced
 * @param offset 0 is before the first message
 */
public record Cursor(String epoch, long offset) implements Position {
    static final String RULE = "EPOCH-OFFSET, as in k7f3a-1042";

    public Cursor {
        if (!isEpoch(epoch)) throw new IllegalArgumentException("epoch must be [0-9a-z]{1,16}: " + epoch);
        if (offset < 0) throw new IllegalArgumentException("offset must not be negative: " + offset);
    }

    /** @throws InvalidInputException if {@code text} is not a cursor, naming {@code field} */
    public static Cursor parse(String field, String text) {
        int dash = text.indexOf('-');
        if (dash > 0 && dash < text.length() - 1 && text.length() <= 36) {
            String epoch = text.substring(0, dash);
            String digits = text.substring(dash + 1);
            boolean canonical = digits.length() == 1 || digits.charAt(0) != '0';
            if (isEpoch(epoch) && canonical && isDecimal(digits)) {
                try {
                    return new Cursor(epoch, Long.parseLong(digits));
                } catch (NumberFormatException tooLarge) {
                    // falls through to the one refusal below
                }
            }
        }
        String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        throw new InvalidInputException(field, '"' + shown + "\" is not a cursor; allowed: " + RULE);
    }

    @Override
    public String toString() {
        return epoch + '-' + offset;
    }

    private static boolean isDecimal(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') return false;
        }
        return true;
    }

    private static boolean isEpoch(String text) {
        int length = text.length();
        if (length == 0 || length > 16) return false;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'z')) return false;
        }
        return true;
    }
}
