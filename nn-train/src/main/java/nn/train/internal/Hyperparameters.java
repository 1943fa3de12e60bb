package nn.train.internal;

import nn.layers.Parameter;

/** Validates hyperparameters, by name. A number that is used as a float must also be good as one. */
public final class Hyperparameters {
    private Hyperparameters() {}

    /**
     * For a rate or a weight decay: used as a float, so a number above 0 must not be 0 as a float.
     *
     * @param owner whose number it is, for messages
     * @param name of the number
     * @param value the number
     */
    public static void requireNonNegative(String owner, String name, double value) {
        boolean good = value == 0 || isPositiveFloat(value);
        require(owner, name, value, good, "finite as a float, and 0 or more" + hintAtZero(value));
    }

    /**
     * For a divisor or a limit that is used as a float.
     *
     * @param owner whose number it is, for messages
     * @param name of the number
     * @param value the number
     */
    public static void requirePositive(String owner, String name, double value) {
        require(owner, name, value, isPositiveFloat(value), "finite as a float, and above 0" + hintAtZero(value));
    }

    /**
     * For a number that is used as a double, such as a factor of a schedule.
     *
     * @param owner whose number it is, for messages
     * @param name of the number
     * @param value the number
     */
    public static void requireNonNegativeDouble(String owner, String name, double value) {
        require(owner, name, value, value >= 0 && Double.isFinite(value), "finite, and 0 or more");
    }

    /**
     * For the weight of the past in a running mean: used as a float, which must be 0 or 1 for 0 or 1 only.
     *
     * @param owner whose number it is, for messages
     * @param name of the number
     * @param value the number
     */
    public static void requireFraction(String owner, String name, double value) {
        boolean good = value == 0 || value < 1 && isPositiveFloat(value) && (float) value < 1;
        String hint = value < 1 && (float) value == 1 ? "; as a float it is 1, the largest below is 0.99999994" : "";
        require(owner, name, value, good, "0 or more, and below 1" + hint + hintAtZero(value));
    }

    /**
     * For a fraction that is used as a double.
     *
     * @param owner whose number it is, for messages
     * @param name of the number
     * @param value the number
     */
    public static void requireFractionDouble(String owner, String name, double value) {
        require(owner, name, value, value >= 0 && value < 1, "0 or more, and below 1");
    }

    private static boolean isPositiveFloat(double value) {
        return (float) value > 0 && Float.isFinite((float) value);
    }

    private static String hintAtZero(double value) {
        return value > 0 && (float) value == 0 ? "; as a float it is 0, the smallest above is 1.4E-45" : "";
    }

    private static void require(String owner, String name, double value, boolean good, String allowed) {
        if (!good) {
            throw new IllegalArgumentException(owner + ": " + name + " is " + value + "; it must be " + allowed);
        }
    }

    /**
     * The weight decay of one parameter.
     *
     * @param parameter any
     * @param weightDecay for parameters that decay
     * @param decayBiases whether biases do
     * @return 0 where it does not decay
     */
    public static double decay(Parameter parameter, double weightDecay, boolean decayBiases) {
        return parameter.kind() == Parameter.Kind.BIAS && !decayBiases ? 0 : weightDecay;
    }
}
