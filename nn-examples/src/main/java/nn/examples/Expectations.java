package nn.examples;

import java.util.Locale;

/** Prints expected, accepted and measured numbers in columns, and remembers whether all were accepted. */
final class Expectations {
    private final Terminal terminal;
    private boolean begun;
    private boolean met = true;

    Expectations(Terminal terminal) {
        this.terminal = terminal;
    }

    /** A quantity and the range it must fall in. */
    void expect(String quantity, double expected, double measured, double low, double high) {
        String accepted = low == high ? brief(low) : brief(low) + " to " + brief(high);
        line(quantity, number(expected), accepted, measured, measured >= low && measured <= high);
    }

    /** A quantity for which only an upper bound is expected. */
    void below(String quantity, double bound, double measured) {
        line(quantity, "", "below " + brief(bound), measured, measured < bound);
    }

    private void line(String quantity, String expected, String accepted, double measured, boolean inside) {
        if (!begun) {
            terminal.line("%-41s %9s %18s %9s", "", "expected", "accepted", "measured");
            begun = true;
        }
        met &= inside;
        terminal.line("%-41s %9s %18s %9s", quantity, expected, accepted, number(measured));
        if (!inside) {
            terminal.line("%80s", "NOT IN RANGE");
        }
    }

    private static String number(double x) {
        return x == Math.rint(x) && Math.abs(x) < 1e6
                ? String.valueOf((long) x)
                : String.format(Locale.ROOT, Math.abs(x) < 1e-3 || Math.abs(x) >= 1e6 ? "%.2e" : "%.4g", x);
    }

    /** Three digits are enough for the end of a range. */
    private static String brief(double x) {
        if (x == Math.rint(x) && Math.abs(x) < 1e3) {
            return String.valueOf((long) x);
        }
        return Math.abs(x) < 1e-2 || Math.abs(x) >= 1e3
                ? String.format(Locale.ROOT, "%.1e", x)
                : String.format(Locale.ROOT, "%.3f", x).replaceFirst("0+$", "");
    }

    /** A quantity that must be near its expected value. */
    void expect(String quantity, double expected, double measured, double tolerance) {
        expect(quantity, expected, measured, expected - tolerance, expected + tolerance);
    }

    /** The exit code: 0 if every number was accepted, else 1. */
    int code() {
        return met ? 0 : 1;
    }
}
