package nn.examples.report;

import java.util.List;
import java.util.Locale;
import nn.examples.claims.Card;
import nn.examples.claims.Entry;
import nn.examples.claims.Result;
import nn.examples.experiment.Finding;
import nn.examples.numeric.Decimals;

/** Claims as text of at most 80 columns. */
public final class Report {
    private static final int TEXT = 50;
    private static final int NUMBER = 8;
    private static final int RANGE = 15;

    private Report() {}

    /**
     * A claim without a measurement, as one line.
     *
     * @param entry the claim
     * @return id, text cut to what fits, verdict
     */
    public static String line(Entry entry) {
        return String.format(Locale.ROOT, "    %s %-11s", row(entry), word(entry)).stripTrailing();
    }

    /**
     * A claim and how it went, as one line.
     *
     * @param result the claim and what its experiment gave
     * @return whether all is in its range, id, text cut to what fits, verdict, findings in their range of all
     */
    public static String line(Result result) {
        String inside = (result.findings().size() - result.outside()) + "/" + result.findings().size();
        return String.format(
                Locale.ROOT,
                " %s %s %-11s %7s", result.accepted() ? "ok" : "NO", row(result.entry()), word(result.entry()), inside);
    }

    /**
     * What stands in the columns of {@link #line(Result)}.
     *
     * @return one line
     */
    public static String heads() {
        return String.format(Locale.ROOT, "    %-4s %-" + TEXT + "s %-11s %7s", "", "claim", "verdict", "inside");
    }

    private static String row(Entry entry) {
        String text = entry.card().text();
        String cut = text.length() <= TEXT ? text : text.substring(0, TEXT - 3).stripTrailing() + "...";
        return String.format(Locale.ROOT, "%-4s %-" + TEXT + "s", entry.id(), cut);
    }

    private static String word(Entry entry) {
        return entry.card().verdict().name().toLowerCase(Locale.ROOT);
    }

    /**
     * One claim with its findings.
     *
     * @param result the claim and what its experiment gave
     * @return several lines
     */
    public static String of(Result result) {
        Card card = result.entry().card();
        StringBuilder text = new StringBuilder();
        List<String> rows = card.ids().subList(1, card.ids().size());
        String also = rows.isEmpty() ? "" : " (also " + String.join(", ", rows) + ")";
        text.append(Paragraph.of(String.format(Locale.ROOT, "%-4s", card.id()), "text: " + card.text() + also));
        text.append(Paragraph.of("    ", card.verdict() + ": " + card.statement()));
        for (String line : card.derivation()) {
            text.append(Paragraph.of("      ", line));
        }
        if (!result.failure().isEmpty()) {
            return text.append(Paragraph.of(" NO ", "the experiment failed: " + result.failure())).toString();
        }
        text.append(String.format(Locale.ROOT,
                "    %-33s %8s %8s %-8s %s\n", "", "expected", "measured", "(95 %)", "accepted"));
        for (Finding f : result.findings()) {
            text.append(String.format(
                    Locale.ROOT,
                    " %-2s %-33s %8s %8s %-8s %s\n",
                    f.accepted() ? "ok" : "NO",
                    f.quantity(),
                    expected(f),
                    fitted(f.measured(), NUMBER),
                    f.margin() > 0 ? "+-" + Decimals.text(f.margin(), 2) : "",
                    range(f)));
        }
        return text.toString();
    }

    /** The expected value; {@code ~} before another experiment's, {@code -} for none. */
    static String expected(Finding f) {
        return switch (f.basis()) {
            case NONE -> "-";
            case REFERENCE -> "~" + fitted(f.predicted(), NUMBER - 1);
            case THEORY -> fitted(f.predicted(), NUMBER);
        };
    }

    /**
     * What a finding accepts.
     *
     * @param f the finding
     * @return such as {@code 0.48..0.52}, {@code >= 0.3}, {@code exact}, or {@code +-2e-06} around the middle of a
     *     range whose ends look alike
     */
    static String range(Finding f) {
        if (f.low() == f.high()) {
            return "exact";
        }
        if (f.high() == Double.POSITIVE_INFINITY) {
            return ">= " + bound(f.low(), 4);
        }
        if (f.low() == Double.NEGATIVE_INFINITY) {
            return "<= " + bound(f.high(), 4);
        }
        String range = "";
        for (int digits = 4; digits > 0; digits--) {
            String low = bound(f.low(), digits);
            String high = bound(f.high(), digits);
            if (low.equals(high)) {
                return "+-" + bound((f.high() - f.low()) / 2, 2);
            }
            range = low + ".." + high;
            if (range.length() <= RANGE) {
                break;
            }
        }
        return range;
    }

    /** At most four significant digits, fewer where they would not fit. */
    static String fitted(double x, int width) {
        String text = "";
        for (int digits = 4; digits > 0; digits--) {
            text = Decimals.text(x, digits);
            if (text.length() <= width) {
                break;
            }
        }
        return text;
    }

    /** A bound as it was typed, without trailing zeros, and with so many decimals at the most. */
    private static String bound(double x, int digits) {
        String text = Math.abs(x) >= 1e-3 && Math.abs(x) < 1
                ? String.format(Locale.ROOT, "%." + digits + "f", x)
                : Decimals.text(x, digits);
        return text.contains(".") ? text.replaceAll("\\.?0+(e|$)", "$1") : text;
    }
}
