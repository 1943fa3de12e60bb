package nn.examples;

import java.util.Locale;

/** A table of expected, accepted and measured numbers, printed line by line; it remembers whether all were accepted. */
final class Expectations {
    private final Terminal terminal;
    private boolean begun;
    private boolean met = true;

    Expectations(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Prints a quantity that must fall in a range. */
    void expect(String quantity, double expected, double measured, double low, double high) {
        String accepted = low == high ? brief(low) : brief(low) + " to " + brief(high);
        line(quantity, number(expected), accepted, measured, measured >= low && measured <= high);
    }

    /** Prints a quantity that has only an upper bound. */
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

    /** Formats the end of a range, to three digits. */
    private static String brief(double x) {
        if (x == Math.rint(x) && Math.abs(x) < 1e3) {
            return String.valueOf((long) x);
        }
        return Math.abs(x) < 1e-2 || Math.abs(x) >= 1e3
                ? String.format(Locale.ROOT, "%.1e", x)
                : String.format(Locale.ROOT, "%.3f", x).replaceFirst("0+$", "");
    }

    /** Prints a quantity that must be near its expected value. */
    void expect(String quantity, double expected, double measured, double tolerance) {
        expect(quantity, expected, measured, expected - tolerance, expected + tolerance);
    }

    /** Returns the exit code: 0 if every number was accepted, else 1. */
    int code() {
        return met ? 0 : 1;
    }
}
