package org.bongsu.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A refusal, as RFC 9457 has it: thrown by whoever finds the fault, written once at the edge by {@link Problems}.
 */
public final class Problem extends RuntimeException {
    private final int status;
    private final Map<String, Object> members = new LinkedHashMap<>();

    /**
     * @param status the HTTP status
     * @param detail what is wrong, value first, and what is allowed
     */
    public Problem(int status, String detail) {
        super(detail);
        this.status = status;
    }

    public int status() {
        return status;
    }

    /** The status in words; one per status. */
    public String title() {
        return Problems.title(status);
    }

    /** Extension members ({@code field}, {@code position}, {@code index}, {@code limit}, {@code retryAfter}, …). */
    public Map<String, Object> members() {
        return members;
    }

    /** Adds an extension member: a string or a number. */
    public Problem with(String member, Object value) {
        members.put(member, value);
        return this;
    }

    /** Names the field or parameter at fault. */
    public Problem field(String field) {
        return with("field", field);
    }

    /** Tells when trying again makes sense; also sent as the {@code Retry-After} header. */
    public Problem retryAfter(Duration wait) {
        return with("retryAfter", Math.max(1, wait.toSeconds()));
    }
}
