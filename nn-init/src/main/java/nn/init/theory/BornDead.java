package nn.init.theory;

/**
 * The probability that a narrow, deep ReLU network with zero biases and symmetric weights is dead from the start: some
 * hidden layer is 0 for every input, so the output is constant, and no gradient can change that. The network has H
 * hidden layers of N units each.
 *
 * <p>From Lu, Shin, Su and Karniadakis, <i>Dying ReLU and initialization: theory and numerical examples</i> (2019).
 * Wider layers, a small positive bias or a leaky slope help.
 */
public final class BornDead {
    private BornDead() {}

    /**
     * Returns the exact probability for a single input: each layer that is reached alive dies with probability 2^-N.
     *
     * @param width N, at least 1
     * @param hiddenLayers H, at least 0
     * @return {@code 1 - (1 - 2^-N)^H}
     * @throws IllegalArgumentException if a number is too small
     */
    public static double forOneInput(int width, int hiddenLayers) {
        check(width, hiddenLayers, 0);
        return deadAfter(width, hiddenLayers);
    }

    /**
     * Returns an upper bound for a network with one input that takes both signs. Its first layer cannot die, as a unit
     * that is inactive for one sign is active for the other.
     *
     * @param width N, at least 1
     * @param hiddenLayers H, at least 1
     * @return {@code 1 - (1 - 2^-N)^(H - 1)}
     * @throws IllegalArgumentException if a number is too small
     */
    public static double upperBound(int width, int hiddenLayers) {
        check(width, hiddenLayers, 1);
        return deadAfter(width, hiddenLayers - 1);
    }

    /**
     * Returns the lower bound of Lu and others for a network with one input, checked against 20,000 networks of each of
     * several sizes.
     *
     * @param width N, at least 1
     * @param hiddenLayers H, at least 1
     * @return {@code 1 - a^(H - 1) + s (b^(H - 1) - a^(H - 1))} with {@code a = 1 - 2^-N}, {@code b = 1 - 2^(1-N) - (N
     *     - 1) 4^-N} and {@code s = (1 - 2^(1-N)) (1 - 2^-N) / (1 + (N - 1) 2^-N)}
     * @throws IllegalArgumentException if a number is too small
     */
    public static double lowerBound(int width, int hiddenLayers) {
        check(width, hiddenLayers, 1);
        double half = Math.scalb(1.0, -width);
        double one = 1 - half;
        double two = 1 - 2 * half - (width - 1) * half * half;
        double share = (1 - 2 * half) * one / (1 + (width - 1) * half);
        double alive = StrictMath.pow(one, hiddenLayers - 1);
        // In wide networks both parts are smaller than what is rounded off, and their sum may be below 0.
        return Math.max(0, 1 - alive + share * (StrictMath.pow(two, hiddenLayers - 1) - alive));
    }

    /** 1 - (1 - 2^-N)^layers, accurate also where it is tiny. */
    private static double deadAfter(int width, int layers) {
        return -StrictMath.expm1(layers * StrictMath.log1p(-Math.scalb(1.0, -width)));
    }

    private static void check(int width, int hiddenLayers, int minLayers) {
        Check.atLeast(1, "born dead", "width", width);
        Check.atLeast(minLayers, "born dead", "hidden layers", hiddenLayers);
    }
}
