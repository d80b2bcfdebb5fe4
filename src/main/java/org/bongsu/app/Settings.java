package org.bongsu.app;

import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bongsu.access.Origins;
import org.bongsu.access.Rules;
import org.bongsu.fanout.Deadlines;
import org.bongsu.log.Retention;
import org.bongsu.store.Durability;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set, read once at the start; {@code src/docs/settings.md} describes each.
 *
 * @param home the folder of the embedded database
 * @param dataSourceRequired whether the portal starts with {@code jdbc/bongsu} alone, and with no embedded database
 * @param publicUrl how browsers reach the portal; {@code null} to believe the request
 * @param origins foreign origins that may use the API with a person's cookie
 * @param deadlines of streams and sockets
 * @param sessionIdle how long a person may do nothing before the session ends
 * @param retention of each topic
 * @param retentionEvery how often retention is applied
 * @param follow how often a shared database is asked for what other nodes have published
 */
record Settings(
        Path home,
        boolean dataSourceRequired,
        Durability durability,
        @Nullable String publicUrl,
        Set<String> origins,
        Rules rules,
        Deadlines deadlines,
        Duration sessionIdle,
        Retention retention,
        Duration retentionEvery,
        int tailCount,
        long tailBytes,
        Duration follow) {
    private static final System.Logger LOGGER = System.getLogger(Settings.class.getName());

    private static final String DURATION_RULE = "a number with ms, s, m, h or d, as in 15s, or ISO 8601, as in PT15S";
    private static final String SIZE_RULE = "a number of bytes, or one with KiB, MiB or GiB, as in 64MiB";
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15}) ?(|B|KiB|MiB|GiB)");

    /** @throws SettingException with a sentence that names the setting, its value and what is allowed */
    static Settings read(SettingSources sources) {
        Reading reading = new Reading(sources);
        Duration heartbeat = reading.duration("heartbeat", "15s", "1s", "5m");
        Settings settings = new Settings(
                reading.of("home", defaultHome(sources), "the path of a folder", Settings::path),
                reading.of(
                        "database",
                        "auto",
                        "auto (jdbc/bongsu if it is there, else an embedded database) or jdbc (jdbc/bongsu alone)",
                        Settings::dataSourceRequired),
                reading.of(
                        "durability",
                        "strict",
                        "strict (every acknowledged message survives a power cut) or relaxed",
                        Settings::durability),
                reading.of(
                        "publicUrl",
                        "",
                        "an http or https URL, as in https://portal.example/bongsu, or nothing",
                        Settings::publicUrl),
                reading.of(
                        "origins",
                        "",
                        "origins separated by commas, as in https://wiki.example, or nothing",
                        Settings::origins),
                reading.of("rules", Rules.DEFAULT, Rules.SHAPE, Rules::parse),
                new Deadlines(
                        heartbeat,
                        reading.duration("deadline.write", "20s", "1s", "10m"),
                        reading.liveness(heartbeat),
                        reading.duration("stream.renew", "30m", "1s", "7d")),
                reading.duration("session.idle", "12h", "1s", "30d"),
                new Retention(
                        reading.duration("retention.age", "30d", "0s", "36500d"),
                        reading.number("retention.count", "100000", 0, Long.MAX_VALUE),
                        reading.size("retention.bytes", "1GiB", 0, Long.MAX_VALUE)),
                reading.duration("retention.every", "10s", "10ms", "1d"),
                (int) reading.number("tail.count", "10000", 1, 10_000_000),
                reading.size("tail.bytes", "32MiB", 1, Long.MAX_VALUE),
                reading.duration("follow", "250ms", "10ms", "1m"));
        reading.noticeUnknown();
        return settings;
    }

    private record Reading(SettingSources sources) {

        <T extends @Nullable Object> T of(String name, String byDefault, String allowed, Function<String, T> parse) {
            SettingSources.Found found = sources.find(name);
            String value = found == null ? byDefault : found.value().strip();
            try {
                return parse.apply(value);
            } catch (IllegalArgumentException | ArithmeticException | DateTimeParseException e) {
                String origin = found == null ? "the default of bongsu." + name : found.origin();
                String why = e.getClass() == IllegalArgumentException.class && e.getMessage() != null
                        ? e.getMessage() + "; "
                        : "";
                throw new SettingException(origin + " is \"" + value + "\"; " + why + "allowed: " + allowed);
            }
        }

        Duration duration(String name, String byDefault, String least, String most) {
            String allowed = DURATION_RULE + ", from " + least + " to " + most;
            return of(name, byDefault, allowed, text -> {
                Duration value = parseDuration(text);
                if (value.compareTo(parseDuration(least)) < 0 || value.compareTo(parseDuration(most)) > 0) {
                    throw new IllegalArgumentException();
                }
                return value;
            });
        }

        /** Clients answer heartbeats, and pages show life every 20 to 40 s: whoever does that must not be taken for gone. */
        Duration liveness(Duration heartbeat) {
            Duration twice = heartbeat.multipliedBy(2);
            String allowed = DURATION_RULE + ", from 45s to 1h and at least twice bongsu.heartbeat, so now at least "
                    + twice.toMillis() + "ms";
            return of("deadline.liveness", "60s", allowed, text -> {
                Duration value = parseDuration(text);
                if (value.compareTo(Duration.ofSeconds(45)) < 0
                        || value.compareTo(Duration.ofHours(1)) > 0
                        || value.compareTo(twice) < 0) {
                    throw new IllegalArgumentException();
                }
                return value;
            });
        }

        long number(String name, String byDefault, long least, long most) {
            String allowed = "a whole number from " + least + " to " + most;
            return of(name, byDefault, allowed, text -> within(Long.parseLong(text), least, most));
        }

        long size(String name, String byDefault, long least, long most) {
            String allowed = SIZE_RULE + ", at least " + least;
            return of(name, byDefault, allowed, text -> within(parseSize(text), least, most));
        }

        void noticeUnknown() {
            Set<String> unknown = sources.unknownProperties();
            if (!unknown.isEmpty()) {
                throw new SettingException("no such setting: the system property "
                        + String.join(", ", unknown) + "; allowed after \"bongsu.\": "
                        + String.join(", ", sources.known().stream().sorted().toList()));
            }
            for (String variable : sources.unknownVariables()) {
                // Kubernetes makes such variables for every service of that name.
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "ignoring the environment variable {0}: no such setting",
                        variable);
            }
        }

        private static long within(long value, long least, long most) {
            if (value < least || value > most) throw new IllegalArgumentException();
            return value;
        }
    }

    static Duration parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) return Duration.parse(text);
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    static long parseSize(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) throw new IllegalArgumentException();
        int shift =
                switch (matcher.group(2)) {
                    case "KiB" -> 10;
                    case "MiB" -> 20;
                    case "GiB" -> 30;
                    default -> 0;
                };
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
    }

    private static boolean dataSourceRequired(String text) {
        return switch (text) {
            case "auto" -> false;
            case "jdbc" -> true;
            default -> throw new IllegalArgumentException();
        };
    }

    private static Durability durability(String text) {
        return switch (text) {
            case "strict" -> Durability.STRICT;
            case "relaxed" -> Durability.RELAXED;
            default -> throw new IllegalArgumentException();
        };
    }

    /**
     * The portal's path as browsers see it, without a last slash: what a proxy has made of the context's. {@code null} where
     * {@link #publicUrl} has none.
     */
    @Nullable String publicPath() {
        String path = publicUrl == null ? "" : URI.create(publicUrl).getRawPath();
        return path.isEmpty() ? null : path.replaceFirst("/+$", "");
    }

    private static @Nullable String publicUrl(String text) {
        if (text.isEmpty()) return null;
        URI uri = URI.create(text);
        if (uri.getRawQuery() != null || uri.getRawFragment() != null || Origins.originOf(uri) == null) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    private static Set<String> origins(String text) {
        Set<String> origins = new LinkedHashSet<>();
        for (String part : text.split(",", -1)) {
            String origin = part.strip();
            if (origin.isEmpty()) continue;
            // Written as a browser writes it, or it would never match.
            if (!origin.equals(Origins.originOf(URI.create(origin)))) {
                throw new IllegalArgumentException(
                        '"' + origin
                                + "\" is no origin as browsers write it (scheme, host in lower case, port unless it is the usual one)");
            }
            origins.add(origin);
        }
        return origins;
    }

    private static Path path(String text) {
        if (text.isEmpty()) throw new IllegalArgumentException();
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(e.getMessage());
        }
    }

    /** Where this server keeps its applications' data, else the home of whoever runs it. */
    private static String defaultHome(SettingSources sources) {
        String serverFolder = Arrays.stream(
                        new String[] {"jboss.server.data.dir", "com.sun.aas.instanceRoot", "jetty.base", "catalina.base"
                        })
                .map(sources::serverProperty)
                .filter(folder -> folder != null && !folder.isEmpty())
                .findFirst()
                .orElse(null);
        if (serverFolder != null) return Path.of(serverFolder, "bongsu").toString();
        String userHome = sources.serverProperty("user.home");
        return Path.of(userHome == null ? "." : userHome, ".bongsu").toString();
    }
}
