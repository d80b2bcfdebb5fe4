package org.bongsu.log;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A place to publish to: 1 to 8 segments of {@code [A-Za-z0-9._~-]{1,64}} joined by {@code /}, 200 characters at most.
 */
public record Topic(String name) implements Comparable<Topic> {
    static final int MAX_LENGTH = 200;
    static final int MAX_SEGMENTS = 8;
    static final int MAX_SEGMENT_LENGTH = 64;
    static final String RULE =
            "1 to 8 segments of A-Z a-z 0-9 . _ ~ - joined by /, each at most 64 characters, 200 in all, none of them . or ..";

    private static final String INBOX_PREFIX = "user/";

    /** @throws InvalidInputException if {@code name} is not a topic */
    public Topic {
        checkSegments("topic", name, false);
    }

    /** The private inbox of one person: the reserved topic {@code user/{name}}. */
    public static Topic inboxOf(String principalName) {
        StringBuilder segment = new StringBuilder();
        for (byte b : principalName.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8)) {
            if ((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '.' || b == '_' || b == '-') {
                segment.append((char) b);
            } else {
                segment.append('~').append(HexFormat.of().toHexDigits(b));
            }
        }
        if (segment.length() > MAX_SEGMENT_LENGTH) {
            // A name too long for one segment keeps its beginning and gets a digest in place of the rest. No name is
            // written with "~~", so nobody can choose one that ends like this.
            String digest = sha256(principalName.toLowerCase(Locale.ROOT)).substring(0, 24);
            segment.setLength(MAX_SEGMENT_LENGTH - 26);
            segment.append("~~").append(digest);
        }
        String text = segment.toString();
        // "." and ".." are no segments; written as bytes they are ordinary ones.
        if (text.isEmpty() || text.equals(".") || text.equals("..")) text = text.replace(".", "~2e") + "~";
        return new Topic(INBOX_PREFIX + text);
    }

    /** Whether this is somebody's private inbox, or below one. */
    public boolean isInbox() {
        return name.startsWith(INBOX_PREFIX);
    }

    @Override
    public int compareTo(Topic other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }

    static void checkSegments(String field, String name, boolean wildcards) {
        if (name.isEmpty()) throw new InvalidInputException(field, "the " + field + " is empty; allowed: " + RULE);
        if (name.length() > MAX_LENGTH) {
            throw new InvalidInputException(field, field + " of " + name.length() + " characters; allowed: " + RULE);
        }
        int segments = 0;
        int start = 0;
        for (int i = 0; i <= name.length(); i++) {
            if (i < name.length() && name.charAt(i) != '/') continue;
            String segment = name.substring(start, i);
            boolean last = i == name.length();
            boolean wildcard = wildcards && (segment.equals("*") || (segment.equals("**") && last));
            if (!wildcard && !isSegment(segment)) {
                throw new InvalidInputException(
                        field,
                        quoted(name) + ": the segment " + quoted(segment) + " is not allowed; allowed: " + RULE
                                + (wildcards ? "; in a pattern also *, and ** as the last segment" : ""));
            }
            if (++segments > MAX_SEGMENTS) {
                throw new InvalidInputException(field, quoted(name) + " has too many segments; allowed: " + RULE);
            }
            start = i + 1;
        }
    }

    private static boolean isSegment(String segment) {
        int length = segment.length();
        if (length == 0 || length > MAX_SEGMENT_LENGTH) return false;
        if (segment.equals(".") || segment.equals("..")) return false;
        for (int i = 0; i < length; i++) {
            char c = segment.charAt(i);
            boolean allowed = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '.'
                    || c == '_'
                    || c == '~'
                    || c == '-';
            if (!allowed) return false;
        }
        return true;
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
