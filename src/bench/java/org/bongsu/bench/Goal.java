package org.bongsu.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a row demands of one figure.
 *
 * @param rival whose figure ours is divided by; {@code null}: the bound is absolute
 * @param atLeast whether more is better
 */
record Goal(
        String figure,
        String unit,
        ToDoubleFunction<Outcome> value,
        @Nullable String rival,
        boolean atLeast,
        double bound) {

    static Goal deliveries(String rival, double atLeast) {
        return new Goal("deliveries/s", "/s", Outcome::deliveriesPerSecond, rival, true, atLeast);
    }

    static Goal cpu(String rival, double atMost) {
        return new Goal("server CPU per delivery", "µs", Outcome::cpuPerDelivery, rival, false, atMost);
    }

    static Goal p99(String rival, double atMost) {
        return new Goal("p99", "ms", Outcome::p99, rival, false, atMost);
    }

    /** The verdict over the counted rounds. */
    Verdict judge(Row row, List<Outcome> outcomes) {
        double ours = median(outcomes, "bongsu");
        double theirs = rival == null ? Double.NaN : median(outcomes, rival);
        double ratio = rival == null ? ours : ours / theirs;
        boolean reached = atLeast ? ratio >= bound : ratio <= bound;
        String target = (atLeast ? "≥ " : "≤ ") + number(bound) + (rival == null ? " " + unit : " × " + rival);
        return new Verdict(
                row.title(),
                figure,
                with(ours),
                rival == null ? "–" : rival + " " + with(theirs),
                rival == null ? "–" : number(ratio),
                target,
                Double.isNaN(ratio) ? null : reached);
    }

    private double median(List<Outcome> outcomes, String server) {
        double[] values = outcomes.stream()
                .filter(outcome -> outcome.server().equals(server) && outcome.round() > 0)
                .mapToDouble(value)
                .sorted()
                .toArray();
        return Figures.median(values);
    }

    private String with(double value) {
        return Figures.rounded(value) + (unit.equals("/s") ? "" : " " + unit);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value).replaceAll("\\.?0+$", "");
    }
}
