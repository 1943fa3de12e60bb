package nn.train.internal;

import java.util.function.Supplier;
import nn.layers.Parameter;

/** Validates hyperparameters. A number that is used as a float must be valid after rounding to one. */
public final class Hyperparameters {
    private Hyperparameters() {}

    /**
     * Checks a learning rate or a weight decay. It is used as a float, so a number above 0 must not round to 0.
     *
     * @param owner the owner of the number, for messages
     * @param name the name of the number
     * @param value the number
     */
    public static void requireNonNegative(String owner, String name, double value) {
        if (!isNonNegative(value)) {
            throw negative(owner, name, value);
        }
    }

    /**
     * The same for an owner whose description takes long, which is asked for only if the number is refused.
     *
     * @param owner the owner of the number, for messages
     * @param name the name of the number
     * @param value the number
     */
    public static void requireNonNegative(Supplier<String> owner, String name, double value) {
        if (!isNonNegative(value)) {
            throw negative(owner.get(), name, value);
        }
    }

    private static boolean isNonNegative(double value) {
        return value == 0 || isPositiveFloat(value);
    }

    private static IllegalArgumentException negative(String owner, String name, double value) {
        return refusal(owner, name, value, "finite as a float, and 0 or more" + hintAtZero(value));
    }

    /**
     * Checks a divisor or a limit that is used as a float.
     *
     * @param owner the owner of the number, for messages
     * @param name the name of the number
     * @param value the number
     */
    public static void requirePositive(String owner, String name, double value) {
        if (!isPositiveFloat(value)) {
            throw refusal(owner, name, value, "finite as a float, and above 0" + hintAtZero(value));
        }
    }

    /**
     * Checks a number that is used as a double, such as a factor of a schedule.
     *
     * @param owner the owner of the number, for messages
     * @param name the name of the number
     * @param value the number
     */
    public static void requireNonNegativeDouble(String owner, String name, double value) {
        if (!(value >= 0 && Double.isFinite(value))) {
            throw refusal(owner, name, value, "finite, and 0 or more");
        }
    }

    /**
     * Checks the weight of the past in a running mean. It is used as a float, so only 0 may round to 0, and no number
     * below 1 may round to 1.
     *
     * @param owner the owner of the number, for messages
     * @param name the name of the number
     * @param value the number
     */
    public static void requireFraction(String owner, String name, double value) {
        if (value != 0 && !(value < 1 && isPositiveFloat(value) && (float) value < 1)) {
            String hint =
                    value < 1 && (float) value == 1 ? "; as a float it is 1, the largest below is 0.99999994" : "";
            throw refusal(owner, name, value, "0 or more, and below 1" + hint + hintAtZero(value));
        }
    }

    /**
     * Checks a fraction that is used as a double.
     *
     * @param owner the owner of the number, for messages
     * @param name the name of the number
     * @param value the number
     */
    public static void requireFractionDouble(String owner, String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw refusal(owner, name, value, "0 or more, and below 1");
        }
    }

    private static boolean isPositiveFloat(double value) {
        return (float) value > 0 && Float.isFinite((float) value);
    }

    private static String hintAtZero(double value) {
        return value > 0 && (float) value == 0 ? "; as a float it is 0, the smallest above is 1.4E-45" : "";
    }

    private static IllegalArgumentException refusal(String owner, String name, double value, String allowed) {
        return new IllegalArgumentException(owner + ": " + name + " is " + value + "; it must be " + allowed);
    }

    /**
     * Returns the weight decay of one parameter.
     *
     * @param parameter the parameter
     * @param weightDecay the weight decay of parameters that decay
     * @param decayBiases whether biases decay
     * @return 0 if the parameter does not decay
     */
    public static double decay(Parameter parameter, double weightDecay, boolean decayBiases) {
        return parameter.kind() == Parameter.Kind.BIAS && !decayBiases ? 0 : weightDecay;
    }
}
