package nn.init;

/**
 * The strategies by their common names. Each method makes a record that says which one it is; the general forms are the
 * records themselves. A bias takes an initializer like any other parameter: {@link #zeros()} as a rule.
 *
 * <p>Which one: {@link #heNormal()} before ReLU, {@link #xavierUniform()} before tanh, {@link #lecunNormal()} before
 * SELU or nothing, {@link #orthogonal()} for recurrent weights and very deep tanh networks.
 */
public final class Init {
    private Init() {}

    /**
     * 0 everywhere: for biases.
     *
     * @return the initializer
     * @see Constant
     */
    public static Initializer zeros() {
        return new Constant(0);
    }

    /**
     * 1 everywhere: for scales, and for gates that are to start open.
     *
     * @return the initializer
     * @see Constant
     */
    public static Initializer ones() {
        return new Constant(1);
    }

    /**
     * One value everywhere.
     *
     * @param value the value, finite
     * @return the initializer
     * @throws IllegalArgumentException as for {@link Constant}
     */
    public static Initializer constant(double value) {
        return new Constant(value);
    }

    /**
     * {@code N(0, deviation^2)}, whatever the fans are.
     *
     * @param deviation the standard deviation, finite, 0 or more
     * @return the initializer
     * @throws IllegalArgumentException as for {@link Normal}
     */
    public static Initializer normal(double deviation) {
        return new Normal(0, deviation);
    }

    /**
     * {@code U(-bound, bound)}, of variance {@code bound^2 / 3}, whatever the fans are.
     *
     * @param bound the largest magnitude, finite, 0 or more
     * @return the initializer
     * @throws IllegalArgumentException if the bound is out of its range
     */
    public static Initializer uniform(double bound) {
        Arguments.notNegative("uniform", "bound", bound);
        return new Uniform(-bound, bound);
    }

    /**
     * Normal, cut at 2 deviations of the parent, with the given deviation after the cut, whatever the fans are.
     *
     * @param deviation the standard deviation of the result, finite, 0 or more
     * @return the initializer
     * @throws IllegalArgumentException as for {@link TruncatedNormal}
     */
    public static Initializer truncatedNormal(double deviation) {
        return new TruncatedNormal(0, deviation, Distribution.CUT);
    }

    /**
     * The identity matrix: for the recurrent weight of a ReLU network (Le, Jaitly and Hinton 2015).
     *
     * @return the initializer
     * @see Identity
     */
    public static Initializer identity() {
        return new Identity(1);
    }

    /**
     * A random matrix whose singular values are all 1 (Saxe, McClelland and Ganguli 2014).
     *
     * @return the initializer
     * @see Orthogonal
     */
    public static Initializer orthogonal() {
        return new Orthogonal(1);
    }

    /**
     * A random matrix whose singular values are all equal to the gain (Saxe, McClelland and Ganguli 2014).
     *
     * @param gain every singular value, finite, 0 or more
     * @return the initializer
     * @throws IllegalArgumentException as for {@link Orthogonal}
     */
    public static Initializer orthogonal(double gain) {
        return new Orthogonal(gain);
    }

    /**
     * {@code N(0, 2 / (in + out))}: the compromise between keeping the signal ({@code 1 / in}) and keeping the gradient
     * ({@code 1 / out}), for functions of slope 1 at 0 such as tanh. Not for sigmoid, whose slope is 1/4. Glorot and
     * Bengio, <i>Understanding the difficulty of training deep feedforward neural networks</i> (AISTATS 2010).
     *
     * @return the initializer
     */
    public static Initializer xavierNormal() {
        return new VarianceScaling(1, Fan.AVERAGE, Distribution.NORMAL);
    }

    /**
     * {@code U(-b, b)} with {@code b = sqrt(6 / (in + out))}: the variance of {@link #xavierNormal()} within bounds.
     * Glorot and Bengio 2010, equation 16; Keras calls it Glorot uniform, and takes it where nothing else is said.
     *
     * @return the initializer
     */
    public static Initializer xavierUniform() {
        return new VarianceScaling(1, Fan.AVERAGE, Distribution.UNIFORM);
    }

    /**
     * {@code N(0, 2 / in)}: keeps the second moment of the pre-activations of a ReLU network, at any depth, because
     * half of it passes a ReLU. He, Zhang, Ren and Sun, <i>Delving deep into rectifiers</i> (ICCV 2015).
     *
     * @return the initializer
     */
    public static Initializer heNormal() {
        return heNormal(0);
    }

    /**
     * {@code N(0, 2 / ((1 + a^2) in))}: as {@link #heNormal()}, for leaky ReLU (He and others 2015, equation 15).
     *
     * @param negativeSlope the slope a below 0, finite
     * @return the initializer
     * @throws IllegalArgumentException if the slope is NaN or infinite
     */
    public static Initializer heNormal(double negativeSlope) {
        return new VarianceScaling(Gain.he(negativeSlope), Fan.IN, Distribution.NORMAL);
    }

    /**
     * {@code U(-b, b)} with {@code b = sqrt(6 / in)}: the variance of {@link #heNormal()} within bounds (He and others
     * 2015).
     *
     * @return the initializer
     */
    public static Initializer heUniform() {
        return heUniform(0);
    }

    /**
     * {@code U(-b, b)} with {@code b = sqrt(6 / ((1 + a^2) in))}: as {@link #heUniform()}, for leaky ReLU (He and
     * others 2015, equation 15).
     *
     * @param negativeSlope the slope a below 0, finite
     * @return the initializer
     * @throws IllegalArgumentException if the slope is NaN or infinite
     */
    public static Initializer heUniform(double negativeSlope) {
        return new VarianceScaling(Gain.he(negativeSlope), Fan.IN, Distribution.UNIFORM);
    }

    /**
     * {@code N(0, 1 / in)}: keeps the second moment of a linear layer's signal; for SELU (Klambauer and others 2017)
     * and for outputs. LeCun, Bottou, Orr and Mueller, <i>Efficient BackProp</i> (1998), equation 16.
     *
     * @return the initializer
     */
    public static Initializer lecunNormal() {
        return new VarianceScaling(1, Fan.IN, Distribution.NORMAL);
    }

    /**
     * {@code U(-b, b)} with {@code b = sqrt(3 / in)}: the variance of {@link #lecunNormal()} within bounds (LeCun and
     * others 1998).
     *
     * @return the initializer
     */
    public static Initializer lecunUniform() {
        return new VarianceScaling(1, Fan.IN, Distribution.UNIFORM);
    }
}
