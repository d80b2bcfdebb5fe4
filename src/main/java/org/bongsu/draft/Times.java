package org.bongsu.draft;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Pattern;
import org.bongsu.log.InvalidInputException;

/** Times as RFC 3339 writes them. */
public final class Times {
    /** Stricter than Java's own: seconds are required, years have four digits. */
    private static final Pattern RFC_3339 = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})");

    private static final DateTimeFormatter UTC_MILLIS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Times() {}

    public static String format(Instant time) {
        return UTC_MILLIS.format(time);
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
