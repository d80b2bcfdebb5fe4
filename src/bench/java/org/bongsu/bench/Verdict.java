package org.bongsu.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of the final table.
 *
 * @param reached {@code null} where there was nothing to compare with
 */
record Verdict(
        String row,
        String figure,
        String ours,
        String theirs,
        String ratio,
        String target,
        @Nullable Boolean reached) {

    static String table(List<Verdict> verdicts) {
        StringBuilder table = new StringBuilder("""
                | row | figure | Bongsu | rival | ratio | target | reached |
                | --- | --- | --- | --- | --- | --- | --- |
                """);
        for (Verdict v : verdicts) {
            String reached = v.reached == null ? "not measured" : v.reached ? "yes" : "**no**";
            table.append("| ")
                    .append(String.join(" | ", v.row, v.figure, v.ours, v.theirs, v.ratio, v.target, reached))
                    .append(" |\n");
        }
        return table.toString();
    }
}
