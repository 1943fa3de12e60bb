package nn.examples.claims;

import java.util.List;
import java.util.Locale;

/** Claims as text of at most 80 columns. */
public final class Report {
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
        text.append(Paragraph.of(String.format("%-4s", claim.id()), "text: " + claim.text()));
        text.append(Paragraph.of("    ", claim.verdict() + ": " + claim.statement()));
        text.append(String.format("    %-33s %8s %8s %-8s %s\n", "", "expected", "measured", "(95 %)", "accepted"));
        for (Finding f : findings) {
            String margin = f.margin() > 0 ? "+-" + number(f.margin(), 2) : "";
            String range = f.low() == f.high()
                    ? "exact"
                    : f.high() == Double.POSITIVE_INFINITY
                            ? ">= " + bound(f.low())
                            : f.low() == Double.NEGATIVE_INFINITY
                                    ? "<= " + bound(f.high())
                                    : bound(f.low()) + ".." + bound(f.high());
            text.append(String.format(
                    Locale.ROOT,
                    " %-2s %-33s %8s %8s %-8s %s\n",
                    f.accepted() ? "ok" : "NO",
                    f.quantity(),
                    Double.isNaN(f.predicted()) ? "-" : number(f.predicted()),
                    number(f.measured()),
                    margin,
                    range));
        }
        return text.toString();
    }

    private static String number(double x) {
        return number(x, 4);
    }

    /** So many significant digits, with trailing zeros only where they are digits of a decimal. */
    private static String number(double x, int digits) {
        if (x == Math.rint(x) && Math.abs(x) < 1e6) {
            return String.format(Locale.ROOT, "%.0f", x + 0.0);
        }
        double size = Math.abs(x);
        if (size >= 1e-3 && size < 1e5) {
            int decimals = Math.clamp(digits - 1 - (int) Math.floor(Math.log10(size)), 0, 6);
            return String.format(Locale.ROOT, "%." + decimals + "f", x);
        }
        return String.format(Locale.ROOT, "%." + Math.min(digits - 1, 2) + "e", x);
    }

    /** A bound as it was typed, without trailing zeros, and with four decimals at the most. */
    private static String bound(double x) {
        String text = Math.abs(x) >= 1e-3 && Math.abs(x) < 1 ? String.format(Locale.ROOT, "%.4f", x) : number(x, 4);
        return text.contains(".") ? text.replaceAll("\\.?0+(e|$)", "$1") : text;
    }
}
