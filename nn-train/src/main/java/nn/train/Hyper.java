package nn.train;

import nn.layers.Parameter;

/** What all optimizers check, and how they name it. */
final class Hyper {
    private Hyper() {}

    /** For a rate or a weight decay. It must be finite as a float too, for that is how it is used. */
    static void requireNonNegative(String optimizer, String name, double value) {
        boolean ok = value >= 0 && Float.isFinite((float) value);
        require(optimizer, name, value, ok, "finite as a float, and 0 or more");
    }

    /** For what is divided by. */
    static void requirePositive(String optimizer, String name, double value) {
        require(
                optimizer,
                name,
                value,
                (float) value > 0 && Float.isFinite((float) value),
                "finite as a float, and above 0");
    }

    /** For the weight of the past in a running mean. */
    static void requireFraction(String optimizer, String name, double value) {
        require(optimizer, name, value, value >= 0 && value < 1, "0 or more, and below 1");
    }

    private static void require(String optimizer, String name, double value, boolean good, String allowed) {
        if (!good) {
            throw new IllegalArgumentException(optimizer + ": " + name + " is " + value + "; it must be " + allowed);
        }
    }

    /** The weight decay of one parameter. */
    static double decay(Parameter parameter, double weightDecay, boolean decayBiases) {
        return parameter.kind() == Parameter.Kind.BIAS && !decayBiases ? 0 : weightDecay;
    }
}
