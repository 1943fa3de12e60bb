package nn.train.diagnose;

/**
 * A fault that a network may have before its first step of training, and the limit from which it is reported. A warning
 * is about what costs training time or accuracy; a failure about what hinders training.
 *
 * <p>Gains are ratios of mean squares over the whole network. That they are judged as a whole, and not layer by layer,
 * is on purpose: the second moment that a layer of n ReLU units gives for one input scatters by sqrt(5 / n) of itself
 * ({@link nn.init.theory.FiniteWidth}), so single factors far from 1 say nothing in narrow layers, while a factor of
 * 1.2, which hardly shows in a layer, is a factor of 9000 over 50.
 */
public enum Symptom {
    /** An output, or a gradient, is infinite or NaN: a failure. */
    NOT_FINITE("not finite"),

    /**
     * The inputs' mean square is below 10^-2 or above 10^2: a warning. Initializers suppose inputs near 1. Not asked of
     * an embedding, whose inputs are indices.
     */
    INPUT_SCALE("input scale"),

    /**
     * Units of one hidden {@linkplain nn.layers.Layer#linearMap linear map} have the same weights, in and out: they
     * compute the same for ever. A failure; if it cannot be seen whether their ways out differ, or a layer that draws
     * at random, such as dropout, will part them, a warning. Equal is what differs by less than 10^-6 of the largest
     * weight.
     */
    SYMMETRY("symmetry"),

    /** Weights whose gradient is exactly zero: if all are, a failure, since none will ever change; else a warning. */
    NO_GRADIENT("no gradient"),

    /**
     * The mean square of the signal, from the first layer's pre-activations to what the last layer gets, changes by
     * more than 10^2: a warning; by more than 10^6: a failure. What that costs: ReLU networks of 16 layers of 64 units,
     * with weights of the same gain, after 560 steps of plain gradient descent on handwritten digits, the best of two
     * seeds and nine rates:
     *
     * <table>
     * <caption>gain of signal and gradient, share of digits classified correctly</caption>
     * <tr><td>10^-8</td><td>10^-6</td><td>10^-4</td><td>10^-2</td><td>1</td><td>10^2</td><td>10^4</td>
     *     <td>10^6</td><td>10^8</td></tr>
     * <tr><td>0.12</td><td>0.30</td><td>0.87</td><td>1.00</td><td>1.00</td><td>0.99</td><td>0.85</td>
     *     <td>0.55</td><td>0.46</td></tr>
     * </table>
     */
    SIGNAL("signal"),

    /**
     * The squared length of the gradient, from the network's output to the first layer's pre-activations, changes by
     * more than 10^2: a warning; by more than 10^6: a failure. This is the product of mean-field theory's chi, and it
     * does not ask whether a gradient at the first layer is small compared with one at the last, which two that are
     * both negligible pass.
     */
    GRADIENT("gradient"),

    /**
     * Units that have derivative 0 for every row: no row changes what leads to them. A whole layer is a failure; more
     * than a quarter of one, or more than 1 % of the first layer's, which data that are not centred do, a warning.
     * Asked from 256 rows on, for with few rows units are off by chance; a whole layer always. Deep ReLU networks have
     * such units, however they are drawn: every layer makes rows more alike.
     */
    DEAD_UNITS("dead units"),

    /**
     * Another draw of a ReLU network so narrow and deep, with zero biases, is {@linkplain nn.init.theory.BornDead dead
     * from the start} with a probability of up to more than 5 %: a warning.
     */
    BORN_DEAD("born dead"),

    /**
     * Elements at the flat ends of a bounded nonlinearity, where its slope is less than a fiftieth of that at 0
     * (|tanh| above 0.99): more than a tenth of a layer's is a warning, more than half a failure.
     */
    SATURATION("saturation"),

    /**
     * The input of the last layer is the same for all rows but for less than a thousandth of its mean square: the
     * network has lost what tells its inputs apart. A warning. (In the ordered phase of mean-field theory all inputs
     * become alike; a few times {@link nn.init.theory.MeanField#correlationDepth} is as deep as such a network trains.)
     */
    ROWS_ALIKE("rows alike"),

    /**
     * The mean square of a {@linkplain nn.layers.Layer#linearMap linear map}'s output is not what independent weights
     * of their size would give for such inputs, by more than four standard deviations of its units: weights that are
     * trained, equal, or aligned with the data. A warning, as predictions do not hold for it.
     */
    UNLIKE_THEORY("unlike theory");

    private final String text;

    Symptom(String text) {
        this.text = text;
    }

    /** In lower case, as reports print it. */
    @Override
    public String toString() {
        return text;
    }
}
