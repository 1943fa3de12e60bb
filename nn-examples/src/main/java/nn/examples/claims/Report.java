package nn.examples.claims;

import java.util.List;
import java.util.Locale;

/** Claims as text of at most 80 columns. */
public final class Report {
    private static final int WIDTH = 80;

    private Report() {}

    /**
     * One claim with its findings.
     *
     * @param claim the claim
     * @param findings what its experiment gave
     * @return several lines
     */
    public static String of(Claim claim, List<Finding> findings) {
        StringBuilder text = new StringBuilder();
        wrap(text, String.format("%-4s", claim.id()), "text: " + claim.text());
        wrap(text, "    ", claim.verdict() + ": " + claim.statement());
        text.append(String.format("    %-34s %9s %11s %-9s %s%n", "", "predicted", "measured", "", "accepted"));
        for (Finding f : findings) {
            String margin = f.margin() > 0 ? "+-" + number(f.margin()) : "";
            String range = f.low() == f.high()
                    ? "exact"
                    : f.high() == Double.POSITIVE_INFINITY
                            ? ">= " + number(f.low())
                            : f.low() == Double.NEGATIVE_INFINITY
                                    ? "<= " + number(f.high())
                                    : number(f.low()) + ".." + number(f.high());
            text.append(String.format(
                    Locale.ROOT,
                    " %-2s %-34s %9s %9s %-9s %s%n",
                    f.accepted() ? "ok" : "NO",
                    f.quantity(),
                    Double.isNaN(f.predicted()) ? "-" : number(f.predicted()),
                    number(f.measured()),
                    margin,
                    range));
        }
        return text.toString();
    }

    /** Four significant digits, in at most nine characters. */
    static String number(double x) {
        if (x == Math.rint(x) && Math.abs(x) < 1e6) {
            return String.format(Locale.ROOT, "%.0f", x + 0.0);
        }
        double size = Math.abs(x);
        if (size >= 1e-3 && size < 1e5) {
            int decimals = Math.clamp(3 - (int) Math.floor(Math.log10(size)), 0, 6);
            return String.format(Locale.ROOT, "%." + Math.max(decimals, size < 10 ? 3 : 0) + "f", x);
        }
        return String.format(Locale.ROOT, "%.2e", x);
    }

    private static void wrap(StringBuilder text, String margin, String words) {
        StringBuilder line = new StringBuilder(margin);
        String indent = " ".repeat(margin.length());
        for (String word : words.strip().split("\\s+")) {
            if (line.length() + word.length() + 1 > WIDTH && line.length() > margin.length()) {
                text.append(line.toString().stripTrailing()).append('\n');
                line = new StringBuilder(indent);
            }
            line.append(line.length() > margin.length() ? " " : "").append(word);
        }
        text.append(line).append('\n');
    }
}
