package org.bongsu.bench;

import java.util.Arrays;
import java.util.Locale;

/** Numbers as tables show them. */
final class Figures {
    private Figures() {}

    static double median(double[] values) {
        if (values.length == 0) return Double.NaN;
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** Three digits that mean something, thousands apart. */
    static String rounded(double value) {
        if (Double.isNaN(value)) return "–";
        double size = Math.abs(value);
        if (size < 10) return String.format(Locale.ROOT, "%.2f", value);
        if (size < 100) return String.format(Locale.ROOT, "%.1f", value);
        double step = Math.pow(10, Math.max(0, Math.floor(Math.log10(size)) - 2));
        return String.format(Locale.ROOT, "%,.0f", Math.round(value / step) * step);
    }
}
