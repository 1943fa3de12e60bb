package nn.init;

import nn.init.internal.Arguments;

/**
 * The number of inputs that feed one unit, and the number of units that one input feeds. A layer declares them, because
 * it knows the meaning of its axes: for a dense layer of 784 inputs and 256 units they are (784, 256), for its bias
 * too. A shape is not enough: a kernel of 3 x 3 x 8 x 16 numbers may be a convolution of 8 channels or of 16, one of 4
 * groups, or a transposed one, and a kernel of 64 x 256 numbers may hold four gates.
 *
 * <p>The methods compute the fans of the usual layers; for any other, count the products that a unit adds up. Where
 * units add up different numbers of products, as those of a transposed convolution do, the fan is their mean, which
 * need not be whole.
 *
 * @param in inputs of one unit, above 0, at most 2^31 - 1
 * @param out units fed by one input, above 0, at most 2^31 - 1
 */
public record Fans(double in, double out) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is 0, negative, NaN, or beyond the range of int
     */
    public Fans {
        if (!(in > 0 && in <= Integer.MAX_VALUE && out > 0 && out <= Integer.MAX_VALUE)) {
            throw new IllegalArgumentException("fans " + text(in, out) + ": each must be above 0 and at most "
                    + Integer.MAX_VALUE + "; a layer has at least one input and one unit");
        }
    }

    /**
     * Returns the fans of a dense layer, where every input feeds every unit.
     *
     * @param inputs features of the input, at least 1
     * @param units features of the output, at least 1
     * @return (inputs, units)
     * @throws IllegalArgumentException if one is below 1
     */
    public static Fans dense(int inputs, int units) {
        return new Fans(inputs, units);
    }

    /**
     * Returns the fans of a convolution: a unit sees {@code inputs / groups} channels at each place of the receptive
     * field, and an input is seen by {@code outputs / groups} channels from as many places. A stride does not change
     * the inputs of a unit; it divides the number of units that an input feeds. Products are counted, as the variance
     * of signal and gradient depends on them: from 3 x 3 places with a stride of 2 x 2, an input feeds 2.25 units of a
     * channel on average. (PyTorch and Keras count neither stride nor groups in the fan out: theirs is that of {@code
     * convolution(inputs, outputs, receptiveField, 1, 1)}.)
     *
     * @param inputs channels of the input, at least 1, a multiple of the groups
     * @param outputs channels of the output, at least 1, a multiple of the groups
     * @param receptiveField places that the kernel covers: 9 for 3 x 3; at least 1
     * @param stride places of the input for each of the output: 4 for a stride of 2 x 2; at least 1
     * @param groups groups of channels that are not connected to each other, at least 1: 1 as a rule, {@code inputs}
     *     for a depthwise convolution
     * @return (inputs / groups * receptiveField, outputs / groups * receptiveField / stride)
     * @throws IllegalArgumentException if a number is below 1, the groups do not divide the channels, or a fan is
     *     beyond the range of int
     */
    public static Fans convolution(int inputs, int outputs, int receptiveField, int stride, int groups) {
        String what = "a convolution";
        int in = share(what, "inputs", inputs, groups);
        int out = share(what, "outputs", outputs, groups);
        positive(what, "receptive field", receptiveField);
        positive(what, "stride", stride);
        double fanOut = (double) product(what, "out", out, receptiveField) / stride;
        return new Fans(product(what, "in", in, receptiveField), fanOut);
    }

    /**
     * Returns the fans of a transposed convolution, which adds every input to {@code outputs / groups} channels at each
     * place of the receptive field; a unit gets {@code inputs / groups} channels from each place. With a stride, a unit
     * is reached from {@code receptiveField / stride} places on average. (PyTorch takes the axes of the kernel in the
     * wrong order here, and does not count the stride.)
     *
     * @param inputs channels of the input, at least 1, a multiple of the groups
     * @param outputs channels of the output, at least 1, a multiple of the groups
     * @param receptiveField places that the kernel covers: 16 for 4 x 4; at least 1
     * @param stride places of the output for each of the input: 4 for a stride of 2 x 2; at least 1
     * @param groups groups of channels that are not connected to each other, at least 1
     * @return (inputs / groups * receptiveField / stride, outputs / groups * receptiveField)
     * @throws IllegalArgumentException if a number is below 1, the groups do not divide the channels, or a fan is
     *     beyond the range of int
     */
    public static Fans transposedConvolution(int inputs, int outputs, int receptiveField, int stride, int groups) {
        String what = "a transposed convolution";
        int in = share(what, "inputs", inputs, groups);
        int out = share(what, "outputs", outputs, groups);
        positive(what, "receptive field", receptiveField);
        positive(what, "stride", stride);
        double fanIn = (double) product(what, "in", in, receptiveField) / stride;
        return new Fans(fanIn, product(what, "out", out, receptiveField));
    }

    /**
     * Returns the fans of a kernel that holds the gates of a recurrent layer side by side, input or recurrent: each
     * gate is one matrix, and the fans are those of one gate. (Keras counts the columns of all gates as fan out, so
     * that the Xavier variance for an LSTM of as many inputs as units is 2/5 of what it is for each gate alone.) {@link
     * Gates} fills each on its own.
     *
     * @param inputs rows of the kernel: features of the input, or of the state; at least 1
     * @param columns columns of the kernel, at least 1, a multiple of the gates
     * @param gates how many: 4 for an LSTM, 3 for a GRU, 1 for a simple recurrence; at least 1
     * @return (inputs, columns / gates)
     * @throws IllegalArgumentException if a number is below 1, or the gates do not divide the columns
     */
    public static Fans gated(int inputs, int columns, int gates) {
        positive("a gated kernel", "inputs", inputs);
        positive("a gated kernel", "columns", columns);
        positive("a gated kernel", "gates", gates);
        if (columns % gates != 0) {
            throw new IllegalArgumentException("fans of a gated kernel: " + gates + " gates do not divide " + columns
                    + " columns; the columns are gates * units");
        }
        return new Fans(inputs, columns / gates);
    }

    /**
     * Returns the fans of an embedding: a lookup copies one row, so one input feeds a feature, whatever the size of the
     * vocabulary. With the variance 1 / in, the features have the variance 1.
     *
     * @param vocabulary rows, at least 1
     * @param features columns, at least 1
     * @return (1, features)
     * @throws IllegalArgumentException if one is below 1
     */
    public static Fans embedding(int vocabulary, int features) {
        positive("an embedding", "vocabulary", vocabulary);
        positive("an embedding", "features", features);
        return new Fans(1, features);
    }

    /** Such as {@code (in 784, out 256)}. */
    @Override
    public String toString() {
        return text(in, out);
    }

    private static String text(double in, double out) {
        return "(in " + Arguments.brief(in) + ", out " + Arguments.brief(out) + ")";
    }

    private static void positive(String what, String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("fans of " + what + ": " + name + " " + value + " must be at least 1");
        }
    }

    /** The channels of one group. */
    private static int share(String what, String name, int channels, int groups) {
        positive(what, name, channels);
        positive(what, "groups", groups);
        if (channels % groups != 0) {
            throw new IllegalArgumentException("fans of " + what + ": " + groups + " groups do not divide " + channels
                    + " " + name + "; take a number of groups that divides both channels");
        }
        return channels / groups;
    }

    private static int product(String what, String name, int channels, int receptiveField) {
        long product = (long) channels * receptiveField;
        if (product > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("fans of " + what + ": " + name + " " + product + " = " + channels
                    + " channels * " + receptiveField + " places is beyond the range of int");
        }
        return (int) product;
    }
}
