package nn.examples.claims;

import java.util.Locale;

/** Claims as text of at most 80 columns. */
public final class Report {
    private Report() {}

    /**
     * One claim with its findings.
     *
     * @param result the claim and what its experiment gave
     * @return several lines
     */
    public static String of(Result result) {
        Card card = result.entry().card();
        StringBuilder text = new StringBuilder();
        text.append(Paragraph.of(String.format("%-4s", card.id()), "text: " + card.text()));
        text.append(Paragraph.of("    ", card.verdict() + ": " + card.statement()));
        for (String line : card.derivation()) {
            text.append(Paragraph.of("      ", line));
        }
        if (!result.failure().isEmpty()) {
            return text.append(Paragraph.of(" NO ", "the experiment failed: " + result.failure())).toString();
        }
        text.append(String.format("    %-33s %8s %8s %-8s %s\n", "", "expected", "measured", "(95 %)", "accepted"));
        for (Finding f : result.findings()) {
            String margin = f.margin() > 0 ? "+-" + number(f.margin(), 2) : "";
            text.append(String.format(
                    Locale.ROOT,
                    " %-2s %-33s %8s %8s %-8s %s\n",
                    f.accepted() ? "ok" : "NO",
                    f.quantity(),
                    f.basis() == Basis.NONE ? "-" : (f.basis() == Basis.REFERENCE ? "~" : "") + number(f.predicted()),
                    number(f.measured()),
                    margin,
                    range(f)));
        }
        return text.toString();
    }

    /**
     * What a finding accepts.
     *
     * @param f the finding
     * @return such as {@code 0.48..0.52}, {@code >= 0.3} or {@code exact}
     */
    static String range(Finding f) {
        if (f.low() == f.high()) {
            return "exact";
        }
        if (f.high() == Double.POSITIVE_INFINITY) {
            return ">= " + bound(f.low());
        }
        if (f.low() == Double.NEGATIVE_INFINITY) {
            return "<= " + bound(f.high());
        }
        return bound(f.low()) + ".." + bound(f.high());
    }

    /**
     * Four significant digits.
     *
     * @param x any number
     * @return in at most nine characters
     */
    static String number(double x) {
        return number(x, 4);
    }

    /** So many significant digits, with trailing zeros only where they are digits of a decimal. */
    static String number(double x, int digits) {
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
