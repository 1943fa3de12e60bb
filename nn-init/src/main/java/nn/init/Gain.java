package nn.init;

/**
 * The factor that makes up for what a nonlinearity takes from the signal; a weight of {@link VarianceScaling} has the
 * variance {@code gain^2 / fan}. There are two conventions, and they disagree for most functions:
 *
 * <table>
 * <caption>The gain by each convention</caption>
 * <tr><th>nonlinearity</th><th>{@link #conventional}</th><th>{@link #secondMoment}</th></tr>
 * <tr><td>linear</td><td>1</td><td>1</td></tr>
 * <tr><td>ReLU</td><td>1.4142</td><td>1.4142</td></tr>
 * <tr><td>leaky ReLU, slope a</td><td>sqrt(2 / (1 + a^2))</td><td>sqrt(2 / (1 + a^2))</td></tr>
 * <tr><td>tanh</td><td>1.6667</td><td>1.5925</td></tr>
 * <tr><td>sigmoid</td><td>1</td><td>1.8462</td></tr>
 * </table>
 */
public final class Gain {
    /** The rule reaches from -10 to 10: beyond, the weight exp(-z^2/2) is below 2e-22. */
    private static final int REACH = 10;

    /** Nodes for each unit of z. A power of two: nodes are exact, and 0, the kink of ReLU, is one of them. */
    private static final int DENSITY = 1024;

    private Gain() {}

    /**
     * The gain of ReLU and leaky ReLU, {@code sqrt(2 / (1 + a^2))}: exact, because {@code E[f(z)^2] = (1 + a^2) / 2 *
     * E[z^2]} for every distribution of z that is symmetric about 0 (He, Zhang, Ren and Sun, <i>Delving deep into
     * rectifiers</i>, ICCV 2015, equation 15). With the fan in, a network of any width and depth keeps the second
     * moment of its pre-activations on average.
     *
     * @param negativeSlope the slope a below 0: 0 for ReLU, 1 for a linear unit
     * @return the gain
     * @throws IllegalArgumentException if the slope is NaN or infinite
     */
    public static double he(double negativeSlope) {
        Arguments.finite("he gain", "negative slope", negativeSlope);
        return Math.sqrt(2 / (1 + negativeSlope * negativeSlope));
    }

    /**
     * The gain of PyTorch's {@code calculate_gain}: linear 1, sigmoid 1, tanh 5/3, ReLU sqrt(2), leaky ReLU as {@link
     * #he}. For results comparable with PyTorch's.
     *
     * <p>It guarantees something for linear, ReLU and leaky ReLU only. The 5/3 of tanh has no derivation; it keeps the
     * signal near 1.18, but multiplies the mean square of the gradient by 1.21 in every layer. The 1 of sigmoid leaves
     * the gradient to vanish, by 0.056 a layer.
     *
     * @param nonlinearity one of the constants, or a leaky ReLU
     * @return the gain
     * @throws IllegalArgumentException if the table does not have this nonlinearity
     */
    public static double conventional(Nonlinearity nonlinearity) {
        return switch (nonlinearity) {
            case Nonlinearities.Linear _, Nonlinearities.Sigmoid _ -> 1;
            case Nonlinearities.Tanh _ -> 5.0 / 3;
            case Nonlinearities.Relu _ -> he(0);
            case Nonlinearities.LeakyRelu leaky -> he(leaky.slope());
            default -> throw new IllegalArgumentException("no conventional gain for nonlinearity '" + nonlinearity.name()
                    + "': the table has linear 1, sigmoid 1, tanh 5/3, relu sqrt(2) and leaky relu sqrt(2 / (1 + slope^2));"
                    + " Gain.secondMoment works for every nonlinearity");
        };
    }

    /**
     * The gain that keeps a second moment of 1: {@code 1 / sqrt(E[f(z)^2])} for standard normal z. For every
     * nonlinearity, your own included.
     *
     * <p>With the fan in and zero biases, it guarantees that a wide layer whose pre-activations have the second
     * moment 1 passes that on to the next layer's. It says nothing of the gradient, nor of stability: a network that
     * starts at another second moment may leave 1 (with GELU or SiLU it does; with ReLU every value is kept; with
     * tanh it returns).
     *
     * <p>The trapezoid rule on [-10, 10] with 1024 nodes for each unit of z, weights by {@code StrictMath.exp},
     * summed in order: exact to about 1e-14 where f is smooth or has its kink at 0, to about 1e-7 where it has kinks
     * elsewhere. (The rule of Gauss and Hermite is far worse for functions that saturate.)
     *
     * @param nonlinearity any
     * @return the gain
     * @throws IllegalArgumentException if the moment is 0, or NaN, or infinite
     */
    public static double secondMoment(Nonlinearity nonlinearity) {
        double sum = 0;
        double weights = 0;
        for (int i = -REACH * DENSITY; i <= REACH * DENSITY; i++) {
            double z = (double) i / DENSITY;
            double weight = StrictMath.exp(-z * z / 2);
            double value = nonlinearity.value(z);
            sum += weight * value * value;
            weights += weight;
        }
        double moment = sum / weights;
        if (!(moment > 0 && moment < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("no gain for nonlinearity '" + nonlinearity.name() + "': E[f(z)^2] is "
                    + moment + " for standard normal z; it must be finite and above 0");
        }
        return 1 / Math.sqrt(moment);
    }
}
