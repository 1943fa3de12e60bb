package nn.init.theory;

import nn.init.Fans;

/**
 * How many places of the input a window reads along one axis, with padding: a tap outside reads a zero, so the outputs
 * at an edge add up fewer products. {@link Fans#convolution} does not count edges, as they depend on the data's size;
 * the theory of a small image has to.
 *
 * @param perOutput taps inside the input, mean over the outputs
 * @param perInput outputs that read an input, mean over the inputs
 */
public record Taps(double perOutput, double perInput) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is not finite and above 0
     */
    public Taps {
        Check.positive("taps", "taps per output", perOutput);
        Check.positive("taps", "outputs per input", perInput);
    }

    /**
     * Counts the taps along one axis: output o reads the inputs {@code o stride - before + tap dilation}.
     *
     * @param length of the input, at least 1
     * @param kernel taps, at least 1
     * @param stride at least 1
     * @param dilation at least 1
     * @param before zeros before the input, 0 or more
     * @param after zeros after it, 0 or more
     * @return the means
     * @throws IllegalArgumentException if a number is out of its range, there is no output, or no tap reads an input
     */
    public static Taps of(int length, int kernel, int stride, int dilation, int before, int after) {
        Check.atLeast(1, "taps", "length", length);
        Check.atLeast(1, "taps", "kernel", kernel);
        Check.atLeast(1, "taps", "stride", stride);
        Check.atLeast(1, "taps", "dilation", dilation);
        Check.atLeast(0, "taps", "padding before", before);
        Check.atLeast(0, "taps", "padding after", after);
        long room = (long) length + before + after - (long) dilation * (kernel - 1) - 1;
        if (room < 0) {
            throw new IllegalArgumentException("taps: a kernel of " + kernel + " taps at dilation " + dilation
                    + " does not fit into " + length + " places and " + ((long) before + after) + " of padding");
        }
        long outputs = room / stride + 1;
        long inside = 0;
        for (int tap = 0; tap < kernel; tap++) {
            // outputs o with 0 <= o stride + offset < length
            long offset = (long) tap * dilation - before;
            long first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
            long last = length - 1 - offset < 0 ? -1 : Math.min(outputs - 1, (length - 1 - offset) / stride);
            inside += Math.max(0, last - first + 1);
        }
        return new Taps((double) inside / outputs, (double) inside / length);
    }

    /**
     * Counts the taps of a convolution that keeps the length, with a stride of 1: {@code k - (k^2 - 1) / (4 length)}
     * for an odd kernel k that is not longer than the input.
     *
     * @param length of the input and the output, at least 1
     * @param kernel taps, at least 1
     * @return the means, which are equal
     * @throws IllegalArgumentException if a number is below 1
     */
    public static Taps same(int length, int kernel) {
        Check.atLeast(1, "taps", "kernel", kernel);
        return of(length, kernel, 1, 1, (kernel - 1) / 2, kernel - 1 - (kernel - 1) / 2);
    }

    /**
     * The fans of a convolution over such axes, for {@link SignalPropagation.DenseLayer}: second moments are then means
     * over all places.
     *
     * @param inputs channels of the input in a group, at least 1
     * @param outputs channels of the output in a group, at least 1
     * @param axes of the kernel
     * @return (inputs times the taps per output, outputs times the outputs per input)
     * @throws IllegalArgumentException if a number is below 1
     */
    public static Fans fans(int inputs, int outputs, Taps... axes) {
        double in = Check.atLeast(1, "taps", "inputs", inputs);
        double out = Check.atLeast(1, "taps", "outputs", outputs);
        for (Taps axis : axes) {
            in *= axis.perOutput;
            out *= axis.perInput;
        }
        return new Fans(in, out);
    }
}
