package nn.init;

import java.util.Objects;
import java.util.OptionalDouble;
import nn.init.internal.Arguments;
import nn.init.nonlinearity.Nonlinearity;

/**
 * The factor that compensates for the effect of a nonlinearity on the signal; a weight of {@link VarianceScaling} has
 * the variance {@code gain^2 / fan}. There are three conventions, and they disagree for most functions; the critical
 * gain is {@code nn.init.theory.Criticality.of(f, 0).gain()}. {@link #suitable} chooses among them:
 *
 * <table>
 * <caption>The gain by each convention</caption>
 * <tr><th>nonlinearity</th><th>{@link #conventional}</th><th>{@link #secondMoment}</th><th>critical</th>
 *     <th>{@link #suitable}</th></tr>
 * <tr><td>linear</td><td>1</td><td>1</td><td>1</td><td>1</td></tr>
 * <tr><td>ReLU</td><td>1.4142</td><td>1.4142</td><td>1.4142</td><td>1.4142</td></tr>
 * <tr><td>leaky ReLU, slope a</td><td>sqrt(2 / (1 + a^2))</td><td>sqrt(2 / (1 + a^2))</td>
 *     <td>sqrt(2 / (1 + a^2))</td><td>sqrt(2 / (1 + a^2))</td></tr>
 * <tr><td>tanh</td><td>1.6667</td><td>1.5925</td><td>1</td><td>1</td></tr>
 * <tr><td>sigmoid</td><td>1</td><td>1.8462</td><td>10.1493</td><td>4</td></tr>
 * <tr><td>hard sigmoid</td><td></td><td>1.8978</td><td>10.3295</td><td>6</td></tr>
 * <tr><td>SELU</td><td>0.75</td><td>1</td><td>0.6905</td><td>1</td></tr>
 * <tr><td>ELU, alpha 1</td><td></td><td>1.2452</td><td>1</td><td>1.2452</td></tr>
 * <tr><td>GELU</td><td></td><td>1.5335</td><td>none without biases</td><td>1.5335</td></tr>
 * <tr><td>SiLU</td><td></td><td>1.6765</td><td>none without biases</td><td>1.6765</td></tr>
 * <tr><td>softplus</td><td></td><td>1.0419</td><td>none</td><td>1.0419</td></tr>
 * <tr><td>erf</td><td></td><td>1.4672</td><td>0.8862</td><td>0.8862</td></tr>
 * <tr><td>sin</td><td></td><td>1.5209</td><td>1</td><td>1</td></tr>
 * <tr><td>hard tanh</td><td></td><td>1.3920</td><td>1</td><td>1</td></tr>
 * </table>
 *
 * <p>Their effect in 50 layers of equal width, zero biases, the first pre-activation of second moment 1 (q: the
 * second moment in the end; gradient: the factor of its mean square, all layers together):
 *
 * <table>
 * <caption>50 layers</caption>
 * <tr><th>nonlinearity, gain</th><th>q</th><th>gradient</th></tr>
 * <tr><td>ReLU, 1.4142 (all three)</td><td>1</td><td>1</td></tr>
 * <tr><td>tanh, 1 (critical)</td><td>0.0102</td><td>0.030</td></tr>
 * <tr><td>tanh, 5/3 (conventional)</td><td>1.178</td><td>14,000</td></tr>
 * <tr><td>sigmoid, 1 (conventional)</td><td>0.265</td><td>2e-63</td></tr>
 * <tr><td>GELU, 1.4142 (He's, a common mistake)</td><td>3e-14</td><td>3e-14</td></tr>
 * <tr><td>GELU, 1.5335 (second moment)</td><td>1, unstable</td><td>32</td></tr>
 * <tr><td>SiLU, 1.6765 (second moment)</td><td>1, unstable</td><td>25</td></tr>
 * <tr><td>ELU, 1.2452 (second moment)</td><td>1, stable</td><td>5.8</td></tr>
 * <tr><td>SELU, 1 (second moment)</td><td>1, stable</td><td>32</td></tr>
 * <tr><td>SELU, 0.75 (conventional)</td><td>0.024</td><td>0.064</td></tr>
 * </table>
 *
 * <p>The schemes: {@link Init#heNormal()} and its variants take {@link #he}, where all three agree; {@link
 * Init#xavierNormal()} and {@link Init#lecunNormal()} take 1, which is critical for tanh and the second-moment gain of
 * SELU. For another function, {@code new VarianceScaling(Gain.secondMoment(f), Fan.IN, ...)} keeps the signal of a net
 * of moderate depth, and the critical gain the gradient of a very deep one.
 */
public final class Gain {
    private Gain() {}

    /**
     * The gain of ReLU and leaky ReLU, {@code sqrt(2 / (1 + a^2))}: exact, because {@code E[f(z)^2] = (1 + a^2) / 2 *
     * E[z^2]} for every distribution of z that is symmetric about 0 (He, Zhang, Ren and Sun, <i>Delving deep into
     * rectifiers</i>, ICCV 2015, equation 15). With the fan in, a network of any width and depth keeps the second
     * moment of its pre-activations on average.
     *
     * @param negativeSlope the slope a below 0: 0 for ReLU, 1 for a linear unit
     * @return the gain
     * @throws IllegalArgumentException if the slope is NaN, beyond the range of float32, or other than 0 but 0 in
     *     float32
     */
    public static double he(double negativeSlope) {
        Arguments.finite("he gain", "negative slope", negativeSlope);
        return Math.sqrt(2 / (1 + negativeSlope * negativeSlope));
    }

    /**
     * The gain of PyTorch's {@code calculate_gain}: linear 1, sigmoid 1, tanh 5/3, ReLU sqrt(2), leaky ReLU as {@link
     * #he}, SELU 3/4. For results comparable with PyTorch's.
     *
     * <p>It has a guarantee for linear, ReLU and leaky ReLU only. The 5/3 of tanh has no derivation; it keeps the
     * signal near 1.18, but multiplies the mean square of the gradient by 1.21 in every layer. With the 1 of sigmoid
     * the gradient vanishes, by a factor of 0.056 per layer. The 3/4 of SELU gives up its fixed point of variance 1.
     *
     * @param nonlinearity one of the table, or a function with a {@linkplain Nonlinearity#negativeSlope negative slope}
     * @return the gain
     * @throws IllegalArgumentException if the table does not have this nonlinearity
     * @throws NullPointerException if the nonlinearity is null
     */
    public static double conventional(Nonlinearity nonlinearity) {
        Objects.requireNonNull(nonlinearity, "nonlinearity");
        if (nonlinearity.equals(Nonlinearity.LINEAR) || nonlinearity.equals(Nonlinearity.SIGMOID)) {
            return 1;
        }
        if (nonlinearity.equals(Nonlinearity.TANH)) {
            return 5.0 / 3;
        }
        if (nonlinearity.equals(Nonlinearity.SELU)) {
            return 0.75;
        }
        OptionalDouble slope = nonlinearity.negativeSlope();
        if (slope.isPresent()) {
            return he(slope.getAsDouble());
        }
        throw new IllegalArgumentException("no conventional gain for nonlinearity '" + nonlinearity.name()
                + "': the table has linear 1, sigmoid 1, tanh 5/3, selu 3/4, relu sqrt(2) and leaky relu sqrt(2 /"
                + " (1 + slope^2)); Gain.secondMoment works for every nonlinearity");
    }

    /**
     * The gain that keeps a second moment of 1: {@code 1 / sqrt(E[f(z)^2])} for standard normal z. It works for
     * every nonlinearity, also your own.
     *
     * <p>With the fan in and zero biases, it guarantees that a wide layer whose pre-activations have the second
     * moment 1 passes that on to the next layer's. It says nothing of the gradient, nor of stability: a network that
     * starts at another second moment may leave 1 (with GELU or SiLU it does; with ReLU every value is kept; with
     * tanh it returns).
     *
     * <p>As accurate as {@link Nonlinearity#moments(double)}.
     *
     * @param nonlinearity any
     * @return the gain
     * @throws IllegalArgumentException if the moment is 0, or NaN, or infinite
     */
    public static double secondMoment(Nonlinearity nonlinearity) {
        double moment = nonlinearity.moments(1).secondMoment();
        if (!(moment > 0 && moment < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("no gain for nonlinearity '" + nonlinearity.name() + "': E[f(z)^2] is "
                    + moment + " for standard normal z; it must be finite and above 0");
        }
        return 1 / Math.sqrt(moment);
    }

    /**
     * The gain of weights before a nonlinearity, by one rule for {@code Dense}'s defaults, the guide and the reports:
     *
     * <ul>
     *   <li>for a rectifier, {@link #he He's}: the square root of 2 for ReLU;
     *   <li>for a function that is odd but for a constant, such as tanh or the sigmoid, {@code 1 / |f'(0)|}, which
     *       keeps the gradient of small signals: 1 for tanh, 4 for the sigmoid;
     *   <li>for all others, {@link #secondMoment}: 1.53 for GELU, 1 for SELU.
     * </ul>
     *
     * <p>With {@code 1 / |f'(0)|}, layers of sigmoids are layers of tanh with the gain 1, but for a bias, for the
     * sigmoid of z is {@code (1 + tanh(z / 2)) / 2}; and layers of hard sigmoids are layers of hard tanh. The mean of
     * their outputs, 1/2, acts like a random bias, which holds many units near their ends: of wide hard sigmoids, 0.43
     * in the deep. They need the gain all the same. Six layers of 64 hard sigmoids learn 1,200 digits in ten epochs of
     * SGD to a cross entropy of 1.07 with the gain 3, 0.17 with 4, 0.05 with 6 and 0.05 with 8 (momentum 0.9, the best
     * of four rates, mean of two seeds); ten layers to 2.33, 2.34, 0.34 and 0.27.
     *
     * @param nonlinearity the function that follows the weights
     * @return the gain, above 0
     * @throws IllegalArgumentException if the rule gives no number that is finite and above 0
     */
    public static double suitable(Nonlinearity nonlinearity) {
        OptionalDouble slope =
                Objects.requireNonNull(nonlinearity, "nonlinearity").negativeSlope();
        if (slope.isPresent()) {
            return he(slope.getAsDouble());
        }
        double steepness = Math.abs(nonlinearity.derivative(0));
        return isOdd(nonlinearity) && steepness > 0 && steepness < Double.POSITIVE_INFINITY
                ? 1 / steepness
                : secondMoment(nonlinearity);
    }

    /** Whether f(z) - f(0) is odd. */
    private static boolean isOdd(Nonlinearity f) {
        double centre = f.value(0);
        for (double z = 0.25; z <= 4; z *= 2) {
            double up = f.value(z) - centre;
            double down = centre - f.value(-z);
            if (!(Math.abs(up - down) <= 1e-6 * Math.max(Math.abs(up), Math.abs(down)))) {
                return false;
            }
        }
        return true;
    }
}
