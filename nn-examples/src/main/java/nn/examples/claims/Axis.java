package nn.examples.claims;

/**
 * An axis of a drawing.
 *
 * @param title what it shows, with the unit where there is one
 * @param logarithmic whether it has powers of ten at equal distances; values of 0 or less are then left out
 */
public record Axis(String title, boolean logarithmic) {
    /**
     * An even axis.
     *
     * @param title what it shows
     * @return the axis
     */
    public static Axis linear(String title) {
        return new Axis(title, false);
    }

    /**
     * An axis of powers of ten.
     *
     * @param title what it shows
     * @return the axis
     */
    public static Axis log(String title) {
        return new Axis(title, true);
    }
}
