package nn.examples;

import java.util.Locale;

/** Prints what was expected beside what was measured, and remembers whether all of it fell in its range. */
final class Expectations {
    private final Terminal terminal;
    private boolean met = true;

    Expectations(Terminal terminal) {
        this.terminal = terminal;
        terminal.line("%-48s %9s %9s", "", "expected", "measured");
    }

    /** A quantity and the range it must fall in. */
    void expect(String quantity, double expected, double measured, double low, double high) {
        line(quantity, number(expected), measured, measured >= low && measured <= high);
    }

    /** A quantity of which only a bound is expected. */
    void below(String quantity, double bound, double measured) {
        line(quantity, "< " + number(bound), measured, measured < bound);
    }

    private void line(String quantity, String expected, double measured, boolean inside) {
        met &= inside;
        terminal.line("%-48s %9s %9s%s", quantity, expected, number(measured), inside ? "" : " NOT IN RANGE");
    }

    private static String number(double x) {
        return x == Math.rint(x) && Math.abs(x) < 1e6
                ? String.valueOf((long) x)
                : String.format(Locale.ROOT, Math.abs(x) < 1e-3 || Math.abs(x) >= 1e6 ? "%.2e" : "%.4g", x);
    }

    /** A quantity that must be near what is expected. */
    void expect(String quantity, double expected, double measured, double tolerance) {
        expect(quantity, expected, measured, expected - tolerance, expected + tolerance);
    }

    /** The exit code: 0 if all was as expected, else 1. */
    int code() {
        return met ? 0 : 1;
    }
}
