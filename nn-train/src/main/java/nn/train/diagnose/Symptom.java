package nn.train.diagnose;

/**
 * A fault that a network may have before its first step of training or, found by {@link TrainingWatch}, in training,
 * and the limit from which it is reported. A warning costs training time or accuracy; a failure prevents training.
 *
 * <p>Gains are ratios of mean squares over the whole network. They are not compared with limits layer by layer: the
 * second moment of a layer of n ReLU units has, for one input, a relative standard deviation of sqrt(5 / n) ({@link
 * nn.init.theory.FiniteWidth}), so one layer's factor far from 1 means little in narrow layers, while a factor of 1.2,
 * which is hard to see in one layer, is a factor of 9000 over 50 layers.
 */
public enum Symptom {
    /** An output, or a gradient, is infinite or NaN: a failure. */
    NOT_FINITE("not finite"),

    /**
     * The inputs' mean square is below 10^-2 or above 10^2: a warning. Initializers assume inputs near 1. If the first
     * layer normalizes, what it returns is judged. Of an embedding, whose inputs are indices, the rows are judged that
     * were looked up; their size is harmless by itself, and reported if something follows from it.
     */
    INPUT_SCALE("input scale"),

    /**
     * The rows of the data have most of their mean square in common: harmless by itself; reported if something follows
     * from it, such as dead units. If all rows are equal: a failure.
     */
    INPUT_OFFSET("input offset"),

    /**
     * The last layer does not fit the loss or the targets. Softmax or sigmoid before a loss that applies it is a
     * failure, and so are numbers that are no logarithms of probabilities before a loss that takes those; another
     * function that limits logits, such as tanh or ReLU, a warning, and a failure if it leaves only probabilities above
     * 1/2. Targets that the last function cannot reach, by more than 1 % of its range or of their size, are a warning,
     * and a failure if there are more than a tenth of them.
     */
    OUTPUT("output"),

    /**
     * The biases of a hidden layer make up more than 0.3 of E z^2: harmless by itself; reported if something follows
     * from it. If less than 1 % of the elements of a rectified layer are off, so that it is nearly linear: a warning.
     */
    BIASES("biases"),

    /**
     * Weights are not of the size that {@linkplain nn.init.Gain#suitable suits} the nonlinearity after them: harmless
     * by itself, as in a network of few layers; reported if something follows from it.
     */
    WEIGHTS("weights"),

    /**
     * Residual branches add so much that the signal grows with their number: harmless by itself; reported if something
     * follows from it.
     */
    RESIDUAL("residual branches"),

    /**
     * Dropout scales the values that it keeps, and the weights after it do not allow for that: harmless by itself;
     * reported if something follows from it.
     */
    DROPOUT("dropout"),

    /**
     * The gradient of a recurrent layer at its first time step is less than 10^-24 of the largest, so that the first
     * inputs are not learned (a warning), or a state or a gradient grows by more than 10^6 over the sequence (a
     * failure).
     */
    MEMORY("memory"),

    /**
     * A gate of a recurrent layer is shut: on average it lets less than a hundredth through, or, of an LSTM's input
     * gate and a GRU's update gate, less than a tenth of an input over the whole sequence. A warning.
     */
    GATES("gates"),

    /**
     * The targets are so large, so small or so far from 0 that the first steps only learn their mean and size: a
     * warning.
     */
    TARGETS("targets"),

    /**
     * The loss before the first step is more than five times that of the best constant output, or, for losses other
     * than cross entropy, which grow with the square of the output, thirty times: a warning.
     */
    LOSS("loss"),

    /**
     * Training changes weights too much or too little. In training: a step has changed a weight by more than half of
     * its size, and units have died, the loss oscillates, or nothing was learned; or each step changes the weights by
     * less than 10^-5 of their size, and the loss has not fallen. A failure.
     */
    UPDATES("updates"),

    /**
     * The steps of the optimizer do not fit the loss: the first one ends higher than it began (a warning), most of the
     * first ones do (a failure), or they have less than a 500th of the length at which the loss along them would be
     * smallest, and change no weight by more than 10^-4 of its size (a warning). See {@link Rehearsal#rate}.
     */
    RATE("rate"),

    /**
     * The model does not learn a batch by heart: after many steps its loss is above 0.9 of that of the best constant
     * output. A warning. See {@link Rehearsal#overfit}.
     */
    ONE_BATCH("one batch"),

    /**
     * The output does not use the input: after some steps, the loss is as large with the inputs of other rows. A
     * failure. See {@link Rehearsal#overfit}.
     */
    INPUT_UNUSED("input unused"),

    /**
     * In training: over 100 steps the loss is not below 0.95 of that of the best constant output, and does not fall.
     * A failure.
     */
    PLATEAU("plateau"),

    /**
     * In training: over the last hundred steps the loss rises again and again by more than batches differ. The limit
     * of the mean rise of a step is {@code (0.1 + 1 / sqrt(B))} times the loss of the best constant output, for batches
     * of B rows: the losses of B rows that scatter by that constant have a mean that scatters by {@code 1 / sqrt(B)}
     * of it. A warning.
     */
    OSCILLATION("oscillation"),

    /** What a check of a user's own finds. */
    OWN("own"),

    /**
     * Units of one hidden {@linkplain nn.layers.Layer#linearMap linear map} or convolution have equal weights, in and
     * out, so they stay equal in training: a failure. It is a warning if the weights out are not known, or if a random
     * layer, such as dropout, can make the units differ. Weights are equal if they differ by less than 10^-6 of the
     * largest weight.
     */
    SYMMETRY("symmetry"),

    /** The gradient of a weight is exactly zero: a failure if it is so for all weights; else a warning. */
    NO_GRADIENT("no gradient"),

    /**
     * The mean square of the signal, from the first layer's pre-activations to the last layer's input, changes by a
     * factor of more than 10^2: a warning; of more than 10^6: a failure. The gain is 0 if the signal fades below {@link
     * nn.tensor.Tensor#TINY}, where rows are rounded to zero. The table shows the cost for ReLU networks of
     * 16 layers of 64 units, after 560 steps of plain gradient descent on handwritten digits, the best of two seeds and
     * nine rates:
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
     * a factor of more than 10^2: a warning; of more than 10^6: a failure. The gain is 0 if the gradient fades below
     * {@link nn.tensor.Tensor#TINY}, where rows are rounded to zero. This is the product of mean-field theory's
     * chi over the layers. A comparison of the gradients of the first and the last layer would miss the case that both
     * are negligible.
     */
    GRADIENT("gradient"),

    /**
     * Units have derivative 0 for every row, so the weights into them get no gradient. A whole layer is a failure; more
     * than a quarter of a layer is a warning, and so is more than 1 % of the first layer, less what data that are not
     * centred leave dead of any weights, up to an eighth. Warnings need 256 rows, because with fewer rows units are off
     * by chance. Deep ReLU networks have such units for any initial weights, because every layer makes rows more alike.
     * In training, a unit counts as dead after 512 rows without a slope, and the finding says how many were dead at the
     * start and how many were killed since.
     */
    DEAD_UNITS("dead units"),

    /**
     * Of ReLU networks of this width and depth with zero biases, more than 5 % may be {@linkplain
     * nn.init.theory.BornDead dead from the start}, by an upper bound: a warning.
     */
    BORN_DEAD("born dead"),

    /**
     * Elements lie at the flat ends of a bounded nonlinearity, where its slope is less than a fiftieth of that at 0
     * (|tanh| above 0.99). More than a quarter of a layer's elements is a warning, if the mean square slope of the
     * layer is below 0.3 of that at 0: hard tanh and hard sigmoid are as steep as at 0 between their ends. More than
     * half is a failure, if the gradient changes by a factor of more than 10^2 over the network, too.
     */
    SATURATION("saturation"),

    /**
     * The input of the last layer is nearly the same for all rows: the differences are less than a thousandth of its
     * mean square. A warning. (In the ordered phase of mean-field theory all inputs become equal; such networks train
     * up to a depth of a few times {@link nn.init.theory.MeanField#correlationDepth}.)
     */
    ROWS_ALIKE("rows alike"),

    /**
     * The mean square of a {@linkplain nn.layers.Layer#linearMap linear map}'s output differs from that of independent
     * weights of their size by more than four standard deviations: the weights are trained, equal, or aligned with the
     * data. A warning, because predictions do not hold for such weights.
     */
    UNLIKE_THEORY("unlike theory");

    private final String text;

    Symptom(String text) {
        this.text = text;
    }

    /** Returns the name in lower case, as reports print it. */
    @Override
    public String toString() {
        return text;
    }
}
