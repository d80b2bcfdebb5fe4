package org.bongsu.log;

/** What a caller handed in breaks a rule; the message says what is wrong and what is allowed. */
public final class InvalidInputException extends IllegalArgumentException {
    private final String field;

    /**
     * @param field the field or parameter at fault, as the caller named it
     * @param detail value first, then the rule
     */
    public InvalidInputException(String field, String detail) {
        super(detail);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
