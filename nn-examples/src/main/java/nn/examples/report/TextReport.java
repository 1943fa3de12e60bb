package nn.examples.report;

import java.util.List;
import java.util.Locale;
import nn.examples.claims.Card;
import nn.examples.claims.Entry;
import nn.examples.claims.Result;
import nn.examples.experiment.Measurement;
import nn.examples.numeric.Decimals;

/** Claims and results as text of at most 80 columns. */
public final class TextReport {
    private static final int TEXT = 50;
    private static final int NUMBER = 8;
    private static final int RANGE = 15;

    private TextReport() {}

    /**
     * Returns a claim without its result, as one line.
     *
     * @param entry the claim
     * @return id, text shortened to the column, verdict
     */
    public static String line(Entry entry) {
        return String.format(Locale.ROOT, "    %s %-11s", row(entry), word(entry))
                .stripTrailing();
    }

    /**
     * Returns a claim with its result, as one line.
     *
     * @param result the claim and its results
     * @return whether it was accepted, id, text shortened to the column, verdict, and the number of measurements inside
     *     their range
     */
    public static String line(Result result) {
        String inside = (result.measurements().size() - result.outside()) + "/"
                + result.measurements().size();
        return String.format(
                Locale.ROOT,
                " %s %s %-11s %7s",
                result.accepted() ? "ok" : "NO",
                row(result.entry()),
                word(result.entry()),
                inside);
    }

    /**
     * Returns the headings of the columns of {@link #line(Result)}.
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
     * Returns one claim with its measurements.
     *
     * @param result the claim and its results
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
            return text.append(Paragraph.of(" NO ", "the experiment failed: " + result.failure()))
                    .toString();
        }
        text.append(String.format(
                Locale.ROOT, "    %-33s %8s %8s %-8s %s\n", "", "expected", "measured", "(95 %)", "accepted"));
        for (Measurement m : result.measurements()) {
            text.append(String.format(
                    Locale.ROOT,
                    " %-2s %-33s %8s %8s %-8s %s\n",
                    m.accepted() ? "ok" : "NO",
                    m.quantity(),
                    expected(m),
                    fitted(m.measured(), NUMBER),
                    m.margin() > 0 ? "+-" + Decimals.text(m.margin(), 2) : "",
                    range(m)));
        }
        return text.toString();
    }

    /** Returns the expected value; {@code ~} marks that of another experiment, {@code -} stands for none. */
    static String expected(Measurement m) {
        return switch (m.basis()) {
            case NONE -> "-";
            case REFERENCE -> "~" + fitted(m.predicted(), NUMBER - 1);
            case THEORY -> fitted(m.predicted(), NUMBER);
        };
    }

    /**
     * Returns the range of a measurement.
     *
     * @param m the measurement
     * @return such as {@code 0.48..0.52}, {@code >= 0.3}, {@code exact}, or {@code +-2e-06} around the middle of a
     *     range whose ends have the same digits
     */
    static String range(Measurement m) {
        if (m.low() == m.high()) {
            return "exact";
        }
        if (m.high() == Double.POSITIVE_INFINITY) {
            return ">= " + bound(m.low(), 4);
        }
        if (m.low() == Double.NEGATIVE_INFINITY) {
            return "<= " + bound(m.high(), 4);
        }
        String range = "";
        for (int digits = 4; digits > 0; digits--) {
            String low = bound(m.low(), digits);
            String high = bound(m.high(), digits);
            if (low.equals(high)) {
                return "+-" + bound((m.high() - m.low()) / 2, 2);
            }
            range = low + ".." + high;
            if (range.length() <= RANGE) {
                break;
            }
        }
        return range;
    }

    /** Formats a number to four significant digits, or fewer where they do not fit. */
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

    /** Formats a bound as it was typed: without trailing zeros, and with a maximum number of decimals. */
    private static String bound(double x, int digits) {
        String text = Math.abs(x) >= 1e-3 && Math.abs(x) < 1
                ? String.format(Locale.ROOT, "%." + digits + "f", x)
                : Decimals.text(x, digits);
        return text.contains(".") ? text.replaceAll("\\.?0+(e|$)", "$1") : text;
    }
}
