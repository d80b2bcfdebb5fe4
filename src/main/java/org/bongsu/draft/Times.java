package org.bongsu.draft;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Pattern;
import org.bongsu.log.InvalidInputException;

/** Times as RFC 3339 writes them. */
public final class Times {
    /** Stricter than Java's own: seconds are required, years have four digits. */
    private static final Pattern RFC_3339 = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})");

    private Times() {}

    /** In UTC, to the millisecond, of a year from 0 to 9999. */
    public static String format(Instant time) {
        // By hand: twice for each message, and a formatter takes ten times as long.
        LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
        StringBuilder text = new StringBuilder(24);
        digits(text, utc.getYear(), 1000).append('-');
        digits(text, utc.getMonthValue(), 10).append('-');
        digits(text, utc.getDayOfMonth(), 10).append('T');
        digits(text, utc.getHour(), 10).append(':');
        digits(text, utc.getMinute(), 10).append(':');
        digits(text, utc.getSecond(), 10).append('.');
        return digits(text, utc.getNano() / 1_000_000, 100).append('Z').toString();
    }

    /** @param place what the first digit counts */
    private static StringBuilder digits(StringBuilder to, int value, int place) {
        for (int unit = place; unit > 0; unit /= 10) to.append((char) ('0' + value / unit % 10));
        return to;
    }

    /** To the millisecond. */
    static Instant parse(String field, String text) {
        if (RFC_3339.matcher(text).matches()) {
            try {
                OffsetDateTime time = OffsetDateTime.parse(text.toUpperCase(Locale.ROOT))
                        .withOffsetSameInstant(ZoneOffset.UTC)
                        .truncatedTo(ChronoUnit.MILLIS);
                // Within a day of either end the year may have other than four digits only in UTC, as which it is
                // written.
                if (time.getYear() >= 0 && time.getYear() <= 9999) return time.toInstant();
            } catch (DateTimeException e) {
                // no such day or hour: refused below
            }
        }
        String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        throw new InvalidInputException(
                field, '"' + shown + "\"; allowed: a time of RFC 3339, as in 2026-11-28T09:00:00+09:00");
    }
}
