package org.bongsu.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One phase on one server, measured. Times are in milliseconds, latency from the moment at which a message was due.
 *
 * @param round 0 is the warm-up
 * @param messageSize bytes of a published body
 * @param seconds from the first publication to the last delivery
 * @param publishSeconds from the first publication to the last answer
 * @param lost connections that have ended
 */
record Outcome(
        String row,
        String server,
        int round,
        Transport transport,
        Phase phase,
        int readers,
        int messageSize,
        int acknowledged,
        long wanted,
        long delivered,
        long gaps,
        long doubles,
        long disorder,
        long min,
        long max,
        long lost,
        double seconds,
        double bytesPerDelivery,
        double p50,
        double p99,
        double worst,
        double publishSeconds,
        double answerP50,
        double answerP99,
        double cpuSeconds,
        long rssKilobytes,
        double commits,
        double commitP50,
        @Nullable String refusal) {

    double deliveriesPerSecond() {
        return delivered / Math.max(1e-9, seconds);
    }

    double publishesPerSecond() {
        return phase.messages() / Math.max(1e-9, publishSeconds);
    }

    /** Microseconds. */
    double cpuPerDelivery() {
        return cpuSeconds * 1e6 / Math.max(1, delivered);
    }

    /** What is wrong, in words; empty if every reader got everything once and in order. */
    List<String> faults() {
        List<String> faults = new ArrayList<>();
        if (acknowledged != phase.messages()) {
            faults.add((phase.messages() - acknowledged) + " publications were not acknowledged: " + refusal);
        }
        if (delivered != wanted) faults.add(delivered + " deliveries instead of " + wanted);
        if (gaps != 0) faults.add(gaps + " messages missing");
        if (doubles != 0) faults.add(doubles + " messages doubled");
        if (disorder != 0) faults.add(disorder + " messages or readers out of order");
        if (min != max) faults.add("readers got between " + min + " and " + max + " messages");
        if (lost != 0) faults.add(lost + " connections lost");
        return faults;
    }

    String json() {
        return String.format(
                Locale.ROOT,
                "{\"row\":\"%s\",\"server\":\"%s\",\"round\":%d,\"transport\":\"%s\",\"phase\":\"%s\",\"readers\":%d,"
                        + "\"size\":%d,\"acknowledged\":%d,\"wanted\":%d,\"delivered\":%d,\"gaps\":%d,\"doubles\":%d,"
                        + "\"disorder\":%d,\"min\":%d,\"max\":%d,\"lost\":%d,\"seconds\":%.3f,\"dps\":%.0f,"
                        + "\"bytes_per_delivery\":%.1f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,\"pps\":%.0f,"
                        + "\"answer_p50_ms\":%.2f,\"answer_p99_ms\":%.2f,\"cpu_s\":%.2f,\"cpu_us_per_delivery\":%.2f,"
                        + "\"rss_kb\":%d,\"commits\":%.0f,\"commit_p50_ms\":%.2f}",
                row,
                server,
                round,
                transport.name().toLowerCase(Locale.ROOT),
                phase,
                readers,
                messageSize,
                acknowledged,
                wanted,
                delivered,
                gaps,
                doubles,
                disorder,
                min,
                max,
                lost,
                seconds,
                deliveriesPerSecond(),
                bytesPerDelivery,
                p50,
                p99,
                worst,
                publishesPerSecond(),
                answerP50,
                answerP99,
                cpuSeconds,
                cpuPerDelivery(),
                rssKilobytes,
                commits,
                Double.isNaN(commitP50) ? 0 : commitP50);
    }
}
