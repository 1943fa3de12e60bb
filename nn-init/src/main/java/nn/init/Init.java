package nn.init;

import java.util.Arrays;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedSet;
import nn.init.internal.Arguments;
import nn.tensor.Key;

/**
 * Factories of the initializers, by their common names. Each method returns a record; the records themselves are the
 * general forms. A bias takes an initializer like any other parameter: {@link #zeros()} as a rule.
 *
 * <p>The usual choices: {@link #heNormal()} before ReLU, {@link #xavierUniform()} before tanh, {@link #lecunNormal()}
 * before SELU or no nonlinearity, {@link #orthogonal()} for recurrent weights and very deep tanh networks. The page
 * {@code INITIALIZERS.md} in the module's folder has a table of all, with the defaults of other frameworks.
 *
 * <p>{@link #parse} reads back the {@code toString} of every record.
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
     * 1 everywhere: for scales, and for gates that start open.
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
     * {@code N(0, stddev^2)}, whatever the fans are.
     *
     * @param stddev the standard deviation, finite, 0 or more
     * @return the initializer
     * @throws IllegalArgumentException as for {@link Normal}
     */
    public static Initializer normal(double stddev) {
        return new Normal(0, stddev);
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
     * Normal, cut at 2 standard deviations of the parent, with the given standard deviation after the cut, whatever the
     * fans are.
     *
     * @param stddev the standard deviation of the result, finite, 0 or more
     * @return the initializer
     * @throws IllegalArgumentException as for {@link TruncatedNormal}
     */
    public static Initializer truncatedNormal(double stddev) {
        return new TruncatedNormal(0, stddev, Distribution.CUT);
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
     * A convolution kernel that is a random orthogonal matrix at its centre and 0 elsewhere, for very deep plain
     * convolutional networks (Xiao and others 2018).
     *
     * @return the initializer
     * @see DeltaOrthogonal
     */
    public static Initializer deltaOrthogonal() {
        return new DeltaOrthogonal(1);
    }

    /**
     * A convolution kernel that is a random orthogonal matrix, times a gain, at its centre and 0 elsewhere.
     *
     * @param gain every singular value of the centre, finite, 0 or more
     * @return the initializer
     * @throws IllegalArgumentException as for {@link DeltaOrthogonal}
     * @see DeltaOrthogonal
     */
    public static Initializer deltaOrthogonal(double gain) {
        return new DeltaOrthogonal(gain);
    }

    /**
     * A convolution kernel that passes its input on.
     *
     * @return the initializer
     * @see Dirac
     */
    public static Initializer dirac() {
        return new Dirac();
    }

    /**
     * The bias of the gate that keeps the state, with which units remember for times from 1 to a longest one (Tallec
     * and Ollivier 2018): an LSTM's forget gate, a GRU's update gate.
     *
     * @param longest the longest time in steps, above 2
     * @param choices the key of the times, the same as for {@link #chronoAdmit}
     * @return the initializer
     * @throws IllegalArgumentException as for {@link Chrono}
     * @see Chrono
     */
    public static Initializer chronoKeep(double longest, Key choices) {
        return new Chrono(Chrono.Part.KEEP, longest, choices);
    }

    /**
     * The bias of the gate that lets the input in, the negative of {@link #chronoKeep}: an LSTM's input gate.
     *
     * @param longest the longest time in steps, above 2
     * @param choices the key of the times, the same as for {@link #chronoKeep}
     * @return the initializer
     * @throws IllegalArgumentException as for {@link Chrono}
     * @see Chrono
     */
    public static Initializer chronoAdmit(double longest, Key choices) {
        return new Chrono(Chrono.Part.ADMIT, longest, choices);
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
     * Glorot and Bengio 2010, equation 16; Keras calls it Glorot uniform and takes it by default.
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
     * @throws IllegalArgumentException if the slope is NaN, beyond the range of float32, or other than 0 but 0 in
     *     float32
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
     * @throws IllegalArgumentException if the slope is NaN, beyond the range of float32, or other than 0 but 0 in
     *     float32
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

    /**
     * A few random connections for each unit (Martens 2010: 15 of standard deviation 1, for sigmoid and tanh).
     *
     * @param connections nonzero weights of a unit, at least 1
     * @param stddev their standard deviation, finite, 0 or more
     * @return the initializer
     * @throws IllegalArgumentException as for {@link Sparse}
     */
    public static Initializer sparse(int connections, double stddev) {
        return new Sparse(connections, stddev);
    }

    /**
     * Mirrored orthogonal blocks: a deep ReLU network that starts as a linear one (Balduzzi and others 2017).
     *
     * @param mirror which axes have a mirrored half
     * @return the initializer
     * @see LooksLinear
     */
    public static Initializer looksLinear(LooksLinear.Mirror mirror) {
        return new LooksLinear(mirror, orthogonal());
    }

    /**
     * {@code U(-1 / in, 1 / in)}: the first layer of a network of sines (Sitzmann and others 2020).
     *
     * @return the initializer
     * @see SirenFirst
     */
    public static Initializer sirenFirst() {
        return new SirenFirst();
    }

    /**
     * {@code U(-b, b)} with {@code b = sqrt(6 / in) / omega}: the other layers of a network of sines (Sitzmann and
     * others 2020).
     *
     * @param omega the factor inside the sine, finite, above 0: 30 in the paper
     * @return the initializer
     * @throws IllegalArgumentException as for {@link Siren}
     */
    public static Initializer siren(double omega) {
        return new Siren(omega);
    }

    /**
     * For the last weight of each residual branch: a scheme's values over {@code sqrt(branches)}. Where every branch
     * adds as much as it reads, {@code x + f(x)}, the second moment grows by {@code 2^branches}; so, by {@code (1 + 1 /
     * branches)^branches}, below e. {@link #zeros()} there instead (zero-last: Goyal and others 2017; Zhang, Dauphin
     * and Ma 2019) makes every branch start at 0 and the network as the identity, and lets no gradient into the
     * branch before the first step. GPT-2 divides by {@code sqrt(2 * blocks)}: its blocks have two branches each.
     *
     * @param base the weight's initializer without this scale
     * @param branches residual additions in a row, at least 1
     * @return the initializer
     * @throws IllegalArgumentException if there is no branch
     * @throws NullPointerException if the base is null
     */
    public static Initializer residual(Initializer base, int branches) {
        atLeast("residual", "branches", branches, 1);
        return new Scaled(base, 1 / Math.sqrt(branches));
    }

    /**
     * For the weights of a residual branch except its last, which takes {@link #zeros()}: a scheme's values times
     * {@code branches^(-1 / (2 m - 2))}, so that one step of SGD changes the output as much at any depth. Zhang,
     * Dauphin and Ma, <i>Fixup initialization: residual learning without normalization</i> (ICLR 2019).
     *
     * @param base the weight's initializer without this scale: He's in the paper
     * @param branches residual additions in a row (L), at least 1
     * @param weights weights in a branch (m), at least 2
     * @return the initializer
     * @throws IllegalArgumentException if a number is below its minimum
     * @throws NullPointerException if the base is null
     */
    public static Initializer fixup(Initializer base, int branches, int weights) {
        atLeast("fixup", "branches", branches, 1);
        atLeast("fixup", "weights", weights, 2);
        return new Scaled(base, StrictMath.pow(branches, -1 / (2.0 * weights - 2)));
    }

    /**
     * For the table of an embedding whose row for padding is zero: a scheme's values, and zeros in that row. {@code
     * Embedding.of(...).padding(row)} of nn.layers keeps the row at zero in training, too.
     *
     * @param base the table's initializer without this row
     * @param row the row of zeros, 0 or more
     * @return the initializer
     * @throws IllegalArgumentException if the row is negative
     * @throws NullPointerException if the base is null
     * @see PaddingRow
     */
    public static Initializer paddingRow(Initializer base, int row) {
        return new PaddingRow(base, row);
    }

    /**
     * For a weight that follows dropout: a scheme's values times {@code sqrt(keep)}. Dropout that divides by the share
     * it keeps preserves the mean and multiplies the second moment by {@code 1 / keep}; this scale compensates for it.
     * Hendrycks and Gimpel, <i>Adjusting for dropout variance in batch normalization and weight initialization</i>
     * (2016).
     *
     * @param base the weight's initializer without this scale
     * @param keep the share that is kept, above 0, at most 1
     * @return the initializer
     * @throws IllegalArgumentException if the share is out of its range
     * @throws NullPointerException if the base is null
     */
    public static Initializer afterDropout(Initializer base, double keep) {
        if (!(keep > 0 && keep <= 1)) {
            throw new IllegalArgumentException("dropout: keep " + keep + " must be above 0 and at most 1");
        }
        return new Scaled(base, Math.sqrt(keep));
    }

    /**
     * The weight of a ReLU layer of very few units, against networks that are born dead (Lu and others 2019).
     *
     * @param choices names the choice of the positive entries: the same key as for the bias, the layer's as a rule
     * @return the initializer
     * @see Asymmetric
     */
    public static Initializer asymmetricWeight(Key choices) {
        return new Asymmetric(Asymmetric.Part.WEIGHT, choices);
    }

    /**
     * The bias that belongs to {@link #asymmetricWeight}.
     *
     * @param choices the same key as for the weight
     * @return the initializer
     * @see Asymmetric
     */
    public static Initializer asymmetricBias(Key choices) {
        return new Asymmetric(Asymmetric.Part.BIAS, choices);
    }

    /**
     * The gates of a recurrent layer, each filled separately by one scheme.
     *
     * @param gates the number of gates, 1 to 1,000: 4 for an LSTM, 3 for a GRU
     * @param each fills a gate
     * @return the initializer
     * @throws IllegalArgumentException if there is no gate, or there are too many
     * @throws NullPointerException if the scheme is null
     * @see Gates
     */
    public static Initializer gates(int gates, Initializer each) {
        atLeast("gates", "gates", gates, 1);
        Gates.requireFew(gates); // before a list of that size is made
        return new Gates(Collections.nCopies(gates, Objects.requireNonNull(each, "each")));
    }

    /**
     * The gates of a recurrent layer, each with its own scheme.
     *
     * @param gates fills each gate, in the layer's order, 1 to 1,000
     * @return the initializer
     * @throws IllegalArgumentException if there is no gate, or there are too many
     * @throws NullPointerException if a scheme is null
     * @see Gates
     */
    public static Initializer gates(Initializer... gates) {
        return new Gates(Arrays.asList(gates));
    }

    /**
     * A scheme of variance 1 / in, scaled with the width (Yang, Hu and others 2022).
     *
     * @param role where in the network the parameter is
     * @param baseWidth the width at which the learning rate was tuned, at least 1
     * @param base gives the values at that width
     * @return the initializer, which also gives the factors of the learning rate
     * @throws IllegalArgumentException as for {@link MuP}
     * @throws NullPointerException if another argument is null
     */
    public static MuP muP(MuP.Role role, int baseWidth, Initializer base) {
        return new MuP(role, baseWidth, base);
    }

    /**
     * The default of PyTorch's Linear and convolutions for weight and bias: {@code U(-1 / sqrt(in), 1 / sqrt(in))}, of
     * variance {@code 1 / (3 in)}. It comes from {@code kaiming_uniform} with {@code a = sqrt(5)}, the slope of no
     * leaky ReLU in use. For results comparable with PyTorch's: with ReLU, the second moment falls to a sixth in every
     * layer, apart from the biases.
     *
     * @return the initializer
     */
    public static Initializer torchDefault() {
        return new VarianceScaling(VarianceScaling.TORCH_GAIN, Fan.IN, Distribution.UNIFORM);
    }

    /**
     * The default of PyTorch's RNN, LSTM and GRU for all weights and biases: {@code U(-1 / sqrt(units), 1 /
     * sqrt(units))}. The units are the fan out, of one gate ({@link Fans#gated}).
     *
     * @return the initializer
     */
    public static Initializer torchRecurrent() {
        return new VarianceScaling(VarianceScaling.TORCH_GAIN, Fan.OUT, Distribution.UNIFORM);
    }

    /**
     * The default of PyTorch's Embedding: N(0, 1).
     *
     * @return the initializer
     */
    public static Initializer torchEmbedding() {
        return normal(1);
    }

    /**
     * The default of Keras for the kernels of Dense and convolution layers, and the input kernels of recurrent layers:
     * {@link #xavierUniform()}. Biases are {@link #zeros()}.
     *
     * @return the initializer
     */
    public static Initializer kerasDense() {
        return xavierUniform();
    }

    /**
     * The default of Keras for the recurrent kernels of recurrent layers: {@link #orthogonal()}, with all gates as one
     * matrix. {@link #gates(int, Initializer)} makes each gate orthogonal.
     *
     * @return the initializer
     */
    public static Initializer kerasRecurrent() {
        return orthogonal();
    }

    /**
     * The default of Keras for embeddings: U(-0.05, 0.05).
     *
     * @return the initializer
     */
    public static Initializer kerasEmbedding() {
        return uniform(0.05);
    }

    /**
     * The default of Flax for the kernels of Dense and convolution layers: {@code lecun_normal}, which is cut at 2
     * standard deviations there. Biases are {@link #zeros()}.
     *
     * @return the initializer
     */
    public static Initializer flaxDense() {
        return new VarianceScaling(1, Fan.IN, Distribution.TRUNCATED_NORMAL);
    }

    /**
     * Returns the initializer of a name: {@link #parse} of a text without arguments. Underscores, hyphens and capitals
     * do not matter: {@code he_normal}, {@code heNormal} and {@code he normal} are one name. Some names of other
     * frameworks are known too, such as {@code glorot_uniform} and {@code kaiming_normal}. (Keras cuts its {@code
     * he_normal} at 2 standard deviations; that is {@code he truncated normal} here.)
     *
     * @param name one of {@link #names()}
     * @return the initializer
     * @throws IllegalArgumentException if no initializer has that name (the message lists the names), the name has two
     *     meanings, or the initializer needs arguments
     */
    public static Initializer named(String name) {
        if (Objects.requireNonNull(name, "name").indexOf('(') >= 0) {
            throw new IllegalArgumentException(
                    Arguments.quote(name) + " is more than a name; call Init.parse, which reads arguments too");
        }
        return parse(name);
    }

    /**
     * Returns the initializer that a text describes, in the form of {@code toString} of this package: a name, and
     * arguments in parentheses. {@code parse(initializer.toString()).equals(initializer)} for all records of this
     * package, with the same numbers to the last digit, unless a part is a lambda or the text is beyond the limits
     * below.
     *
     * <p>An argument is its value, or its name and its value: {@code orthogonal(1.5)}, {@code orthogonal(gain 1.5)},
     * {@code scaled(he normal(slope 0.1), factor 0.5)}. Besides the names of this library, it knows those of every
     * {@link InitializerProvider} that the context class loader finds on the module path or the class path. A provider
     * that cannot be loaded is left out, with a warning in the log {@code nn.init}.
     *
     * <p>A text may come from an untrusted file: at most 10,000 characters, 1,000 arguments in a pair of parentheses
     * and 50 nested pairs are read.
     *
     * @param text such as {@code truncated normal(0, 0.02, cut 3)}
     * @return the initializer
     * @throws IllegalArgumentException if the text is not such a description, an argument is missing, unknown or bad,
     *     no initializer or more than one has that name, or its provider fails to create it
     * @throws NullPointerException if the text is null
     */
    public static Initializer parse(String text) {
        return InitializerRegistry.parse(Objects.requireNonNull(text, "text"));
    }

    /**
     * Returns the names that {@link #parse} knows: this library's, and those of the providers found. A provider that
     * cannot be loaded is left out, with a warning in the log {@code nn.init}.
     *
     * @return a new set
     */
    public static SortedSet<String> names() {
        return InitializerRegistry.names();
    }

    private static void atLeast(String strategy, String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(strategy + ": " + name + " " + value + " must be at least " + least);
        }
    }
}
