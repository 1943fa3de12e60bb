package nn.examples.chart;

import java.util.List;

/**
 * An axis of a drawing.
 *
 * @param title what it shows, with the unit where there is one
 * @param logarithmic whether it has powers of ten at equal distances; values of 0 or less are then left out
 * @param names what stands at 1, 2, 3, ... in place of these numbers; empty for an axis of numbers
 */
public record Axis(String title, boolean logarithmic, List<String> names) {
    /** Copies the names. */
    public Axis {
        names = List.copyOf(names);
    }

    /**
     * An even axis.
     *
     * @param title what it shows
     * @return the axis
     */
    public static Axis linear(String title) {
        return new Axis(title, false, List.of());
    }

    /**
     * An axis of powers of ten.
     *
     * @param title what it shows
     * @return the axis
     */
    public static Axis log(String title) {
        return new Axis(title, true, List.of());
    }

    /**
     * An axis of names, at 1, 2, 3, ...
     *
     * @param title what it shows
     * @param names from left to right
     * @return the axis
     */
    public static Axis named(String title, String... names) {
        return new Axis(title, false, List.of(names));
    }
}
