package nn.examples.chart;

import java.util.List;

/**
 * An axis of a drawing.
 *
 * @param title the quantity, with its unit if it has one
 * @param logarithmic whether equal distances are equal factors; values of 0 or less are then left out
 * @param names labels at 1, 2, 3, ... instead of numbers; empty for an axis of numbers
 */
public record Axis(String title, boolean logarithmic, List<String> names) {
    /** Copies the names. */
    public Axis {
        names = List.copyOf(names);
    }

    /**
     * A linear axis.
     *
     * @param title the quantity
     * @return the axis
     */
    public static Axis linear(String title) {
        return new Axis(title, false, List.of());
    }

    /**
     * A logarithmic axis.
     *
     * @param title the quantity
     * @return the axis
     */
    public static Axis log(String title) {
        return new Axis(title, true, List.of());
    }

    /**
     * An axis of names, at 1, 2, 3, ...
     *
     * @param title the quantity
     * @param names from left to right
     * @return the axis
     */
    public static Axis named(String title, String... names) {
        return new Axis(title, false, List.of(names));
    }
}
