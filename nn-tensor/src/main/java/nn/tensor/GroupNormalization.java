package nn.tensor;

import nn.tensor.internal.Kernels;
import nn.tensor.internal.driver.Normalize;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.thread.Parallel;

/**
 * Normalization of groups of channels to mean 0 and variance 1, and its gradients. Each example has statistics of its
 * own, over all places of a group's channels. They are in double, and are kept from {@link #forward} to {@link
 * #backward}, so each place of a model has an object of this class. It is for one thread at a time.
 *
 * <p>Large tensors are split between threads by their examples; the bits depend on neither threads nor vectors.
 */
public final class GroupNormalization {
    /** Costs of an element ({@link Parallel#threadsForElements}). */
    private static final double COST = 1;

    private static final double GRAD_COST = 2;

    /** Numbers for each channel of one example. */
    private static final class Channels {
        private Normalize.Columns columns = new Normalize.Columns(new double[0], new double[0]);
        private double[] sums = {};
        private double[] dots = {};

        static Channels of(int channels) {
            Channels some = OF_THREAD.get();
            if (some.sums.length < channels) {
                some.columns = new Normalize.Columns(new double[channels], new double[channels]);
                some.sums = new double[channels];
                some.dots = new double[channels];
            }
            return some;
        }
    }

    /** The examples of a tensor as operands, which are made again only if the tensor is another one. */
    private static final class Examples {
        private Tensor of = NONE;
        private Operand[] operands = {};

        /** Takes a tensor [examples x ... x channels]; before the examples are asked for. */
        void set(Tensor tensor) {
            if (tensor.array() == of.array()
                    && tensor.offset() == of.offset()
                    && tensor.shape().equals(of.shape())) {
                return;
            }
            int examples = tensor.dim(0);
            int places = tensor.rowsOfElements() / Math.max(1, examples);
            int channels = tensor.rowLength();
            operands = new Operand[examples];
            for (int e = 0; e < examples; e++) {
                int at = tensor.offset() + e * places * channels;
                operands[e] = new Operand(tensor.array(), at, places, channels);
            }
            of = tensor;
        }

        Operand get(int example) {
            return operands[example];
        }
    }

    private static final ThreadLocal<Channels> OF_THREAD = ThreadLocal.withInitial(Channels::new);
    private static final Tensor NONE = Tensor.zeros(0, 1);

    private final int groups;
    private final double epsilon;
    private final Examples xs = new Examples();
    private final Examples results = new Examples();
    private final Examples inputGradients = new Examples();
    private final Examples gradients = new Examples();
    private final Parallel.Range forward = this::forward;
    private final Parallel.Range backward = this::backward;
    private double[] means = {}; // of each group of each example
    private double[] factors = {}; // 1 / sqrt(variance + epsilon)
    private double[] sums = {}; // of the output's gradients, for each channel of each example
    private double[] dots = {}; // of their products with the normalized numbers
    private Tensor x = NONE;
    private Tensor scale = NONE;
    private Tensor bias = NONE;
    private Tensor dOutput = NONE;
    private Tensor dst = NONE;

    /**
     * Describes the groups.
     *
     * @param groups the number of groups, at least 1; group g has channels {@code g * channels / groups} to {@code (g +
     *     1) * channels / groups - 1}
     * @param epsilon is added to the variance
     * @throws IllegalArgumentException if there is no group
     */
    public GroupNormalization(int groups, double epsilon) {
        if (groups < 1) {
            throw new IllegalArgumentException("group normalization: " + groups + " groups; there is at least one");
        }
        this.groups = groups;
        this.epsilon = epsilon;
    }

    /**
     * Normalizes each group, then scales and shifts each channel: {@code y = (x - mean) / sqrt(variance + epsilon) *
     * scale + bias}, with the mean and the variance (with divisor n) of the n numbers of the group.
     *
     * @param x of shape [examples x ... x channels]; the channels are a multiple of the groups
     * @param scale of shape [channels]
     * @param bias of shape [channels]
     * @param dst receives y, in the shape of x; no part of it may be an operand's
     * @throws ShapeException if a shape does not fit
     * @throws IllegalArgumentException if {@code dst} shares memory with an operand
     */
    public void forward(Tensor x, Tensor scale, Tensor bias, Tensor dst) {
        requireGroups(x);
        x.requireSame("normalizeGroups", dst);
        dst.requireApart("normalizeGroups", x, "x");
        Normalization.requireOperandRow("normalizeGroups", x, scale, dst);
        Normalization.requireOperandRow("normalizeGroups", x, bias, dst);
        int statistics = x.dim(0) * groups;
        if (means.length < statistics) {
            means = new double[statistics];
            factors = new double[statistics];
        }
        this.x = x;
        this.scale = scale;
        this.bias = bias;
        this.dst = dst;
        xs.set(x);
        results.set(dst);
        run(forward, COST);
    }

    private void run(Parallel.Range range, double cost) {
        if (x.size() == 0) {
            return;
        }
        int examples = x.dim(0);
        int parts = Math.min(examples, Parallel.threadsForElements(cost * x.size()));
        if (parts > 1) {
            Parallel.split(examples, parts, range);
        } else {
            range.run(0, examples);
        }
    }

    private void forward(int from, int to) {
        int channels = x.rowLength();
        int width = channels / groups;
        int places = x.rowsOfElements() / x.dim(0);
        Channels some = Channels.of(channels);
        for (int e = from; e < to; e++) {
            Normalize.moments(xs.get(e), some.columns.means, some.sums);
            for (int g = 0; g < groups; g++) {
                join(g * width, width, places, some, e * groups + g);
            }
            for (int c = 0; c < channels; c++) {
                some.columns.means[c] = means[e * groups + c / width];
                some.columns.factors[c] = factors[e * groups + c / width];
            }
            Normalize.columns(some.columns.ready(channels), scale.operand(), bias.operand(), xs.get(e), results.get(e));
        }
    }

    /** The statistics of a group, from the mean and the sum of squared deviations of each of its channels. */
    private void join(int first, int width, int places, Channels some, int at) {
        double off = 0; // of the group's mean from that of its first channel
        for (int c = first; c < first + width; c++) {
            off += some.columns.means[c] - some.columns.means[first];
        }
        double mean = some.columns.means[first] + off / width;
        double squares = 0;
        for (int c = first; c < first + width; c++) {
            double d = some.columns.means[c] - mean;
            squares += some.sums[c] + places * d * d;
        }
        means[at] = mean;
        factors[at] = 1 / Math.sqrt(squares / ((double) places * width) + epsilon);
    }

    /**
     * The gradients of the last {@link #forward}, at its x. With normal = (x - mean) * factor and d = dOutput * scale,
     * the gradient at x is {@code (d - mean of d - normal * mean of d normal) * factor}, with means over the group. The
     * sum of {@code dOutput * normal} over all places and examples is added to {@code dScale}, and that of {@code
     * dOutput} to {@code dBias}: within an example four places are added in float, all else in double and in order.
     *
     * @param x as in {@code forward}, [examples x ... x channels]
     * @param dOutput gradient at y, of the shape of x
     * @param scale as in {@code forward}, [channels]
     * @param dScale the gradient at the scale is added to it; of shape [channels]
     * @param dBias the gradient at the bias is added to it; of shape [channels]
     * @param dst receives the gradient at x, in the shape of x; no part of it may be an operand's
     * @throws ShapeException if a shape does not fit
     * @throws IllegalArgumentException if x has more examples than the last {@code forward} had, or tensors share
     *     memory that must not
     */
    public void backward(Tensor x, Tensor dOutput, Tensor scale, Tensor dScale, Tensor dBias, Tensor dst) {
        requireGroups(x);
        x.requireSame("normalizeGroupsGrad", dOutput);
        x.requireSame("normalizeGroupsGrad", dst);
        dst.requireApart("normalizeGroupsGrad", x, "x");
        dst.requireApart("normalizeGroupsGrad", dOutput, "the output's gradient");
        Normalization.requireOperandRow("normalizeGroupsGrad", x, scale, dst);
        Normalization.requireRowGradient("normalizeGroupsGrad", x, dScale, dOutput, scale, dst);
        Normalization.requireRowGradient("normalizeGroupsGrad", x, dBias, dOutput, scale, dst);
        dScale.requireApart("normalizeGroupsGrad", dBias, "the other gradient");
        if (means.length < x.dim(0) * groups) {
            throw new IllegalArgumentException("normalizeGroupsGrad: " + x.dim(0) + " examples, but statistics of "
                    + means.length / groups + "; call forward with this x first");
        }
        int channels = x.rowLength();
        if (sums.length < x.dim(0) * channels) {
            sums = new double[x.dim(0) * channels];
            dots = new double[x.dim(0) * channels];
        }
        this.x = x;
        this.scale = scale;
        this.dOutput = dOutput;
        this.dst = dst;
        xs.set(x);
        inputGradients.set(dst);
        gradients.set(dOutput);
        run(backward, GRAD_COST);
        if (x.size() > 0) {
            addOverExamples(dots, channels, dScale);
            addOverExamples(sums, channels, dBias);
        }
    }

    private void backward(int from, int to) {
        int channels = x.rowLength();
        int width = channels / groups;
        int places = x.rowsOfElements() / x.dim(0);
        Channels some = Channels.of(channels);
        for (int e = from; e < to; e++) {
            for (int c = 0; c < channels; c++) {
                some.columns.means[c] = means[e * groups + c / width];
                some.columns.factors[c] = factors[e * groups + c / width];
            }
            Operand ofX = xs.get(e);
            Operand ofDst = inputGradients.get(e);
            Normalize.dots(some.columns.ready(channels), ofX, gradients.get(e), some.sums, some.dots);
            System.arraycopy(some.sums, 0, sums, e * channels, channels);
            System.arraycopy(some.dots, 0, dots, e * channels, channels);
            for (int first = 0; first < channels; first += width) {
                average(first, width, places, some);
            }
            multiplyByScale(places, channels, e * places * channels);
            Normalize.columnsGrad(some.columns, null, some.sums, some.dots, ofX, ofDst, ofDst);
        }
    }

    /** Gives the channels of a group the mean of d, and the mean of d normal times the factor. */
    private void average(int first, int width, int places, Channels some) {
        double sum = 0;
        double dot = 0;
        for (int c = first; c < first + width; c++) {
            float s = scale.array()[scale.offset() + c];
            sum += s * some.sums[c];
            dot += s * some.dots[c];
        }
        double count = (double) places * width;
        for (int c = first; c < first + width; c++) {
            some.sums[c] = sum / count;
            some.dots[c] = dot / count * some.columns.factors[c];
        }
    }

    /** d of an example, in its place of the result. */
    private void multiplyByScale(int places, int channels, int at) {
        Kernels kernels = Kernels.active();
        for (int row = at; row < at + places * channels; row += channels) {
            kernels.multiply(
                    dOutput.array(),
                    dOutput.offset() + row,
                    scale.array(),
                    scale.offset(),
                    dst.array(),
                    dst.offset() + row,
                    channels);
        }
    }

    private void addOverExamples(double[] ofExamples, int channels, Tensor to) {
        for (int c = 0; c < channels; c++) {
            double sum = to.array()[to.offset() + c];
            for (int e = 0; e < x.dim(0); e++) {
                sum += ofExamples[e * channels + c];
            }
            to.array()[to.offset() + c] = (float) sum;
        }
    }

    private void requireGroups(Tensor x) {
        if (x.shape().rank() < 2 || x.dim(-1) % groups != 0) {
            String expected = "[examples x ... x channels], with a multiple of " + groups + " channels";
            throw new ShapeException(
                    "normalizeGroups: expected " + expected + ", got " + x.shape(), expected, x.shape());
        }
    }
}
