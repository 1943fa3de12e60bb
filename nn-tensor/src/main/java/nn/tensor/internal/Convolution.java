package nn.tensor.internal;

import java.util.Arrays;
import nn.tensor.internal.WindowSweep.Form;
import nn.tensor.internal.WindowSweep.Line;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions of images [batch x height x width x channels] with a weight [taps x taps x channels / groups x outputs],
 * by products of windows that stay where they are ({@link WindowKernels}).
 *
 * <p>The gradient at the images is a convolution too: with stride 1, that of the gradient at the output with the weight
 * turned round. With a stride of s, pixels whose places leave the same remainder modulo s meet the same taps, so there
 * is one convolution for each of the s remainders along each axis. Where each channel is a group of its own, lanes run
 * along the channels.
 *
 * <p>Every sum takes its terms in the order of the windows in memory: an output those of its window, row by row, column
 * by column and channel by channel; a gradient at the images those of the outputs that read the pixel, row by row and
 * so on; and a gradient at the weight those of the outputs of an image, image by image. So the bits depend on nothing
 * but the operands.
 */
public final class Convolution {
    /** Images whose windows are summed in one chain of a weight's gradient, at least an eighth of the batch. */
    private static final int PARTS = 8;

    /** The share of multiply-adds below which adding to windows pays: it loads and stores sums more often. */
    private static final double SCATTERING = 0.6;

    private final Axis y;
    private final Axis x;
    private final int batch;
    private final int channels;
    private final int outputs;
    private final int groups;

    /**
     * One axis of an image.
     *
     * @param size its length
     * @param outputs the number of windows
     * @param before zeros before the first element, or minus the number of elements left out
     */
    public record Axis(int size, int outputs, int taps, int stride, int dilation, int before) {
        /** The windows over the images. */
        Line line() {
            int[] places = new int[taps];
            Arrays.setAll(places, tap -> tap * dilation);
            return new Line(size, outputs, stride, -before, places, 0, 1);
        }

        /** The windows over the outputs that read the elements whose places leave a remainder modulo the stride. */
        Line reversed(int remainder) {
            int[] met = met(remainder);
            int first = met.length == 0 ? 0 : output(remainder, met[0]);
            int[] places = new int[met.length];
            Arrays.setAll(places, i -> output(remainder, met[i]) - first);
            int positions = Math.max(0, (size - remainder + stride - 1) / stride);
            return new Line(outputs, positions, 1, first, places, remainder, stride);
        }

        /** The taps that such elements meet, in the order of the outputs. */
        int[] met(int remainder) {
            int[] met = new int[taps];
            int count = 0;
            for (int tap = taps - 1; tap >= 0; tap--) {
                if (Math.floorMod(remainder + before - tap * dilation, stride) == 0) {
                    met[count++] = tap;
                }
            }
            return Arrays.copyOf(met, count);
        }

        /** Whether there are elements that meet no tap. */
        boolean leavesOut() {
            for (int remainder = 0; remainder < stride; remainder++) {
                if (met(remainder).length == 0) {
                    return true;
                }
            }
            return false;
        }

        /** The output of which a place is a tap. */
        private int output(int place, int tap) {
            return Math.floorDiv(place + before - tap * dilation, stride);
        }
    }

    /**
     * Describes a convolution.
     *
     * @param y the height
     * @param x the width
     * @param channels of the images; a multiple of the groups
     * @param outputs channels of the output; a multiple of the groups
     */
    public Convolution(Axis y, Axis x, int batch, int channels, int outputs, int groups) {
        this.y = y;
        this.x = x;
        this.batch = batch;
        this.channels = channels;
        this.outputs = outputs;
        this.groups = groups;
    }

    /** Whether each channel of the images is a group of its own. */
    private boolean isDepthwise() {
        return groups == channels && groups > 1;
    }

    private int inGroup() {
        return channels / groups;
    }

    private int outGroup() {
        return outputs / groups;
    }

    /** Elements of one image. */
    private int image() {
        return y.size * x.size * channels;
    }

    /** Elements of one output. */
    private int output() {
        return y.outputs * x.outputs * outputs;
    }

    /** Elements of a window that one group reads. */
    private int window() {
        return y.taps * x.taps * inGroup();
    }

    /** The multiply-adds of all images. */
    private double work() {
        return (double) batch * output() * window();
    }

    /** A sweep over the images. */
    private WindowSweep sweep(int most) {
        return sweep(most, isDepthwise() && outGroup() > 1 ? Form.REPEATED : Form.SAME);
    }

    private WindowSweep sweep(int most, Form form) {
        return new WindowSweep(
                y.line(),
                x.line(),
                most,
                channels,
                isDepthwise() ? 0 : inGroup(),
                form,
                outGroup(),
                y.outputs,
                x.outputs,
                outputs);
    }

    /** Computes all pieces of the batch on several threads. */
    private void overPieces(WindowSweep sweep, double work, float[] in, int io, WindowSweep.Piece piece) {
        int pieces = sweep.pieces(batch);
        int parts = Math.min(pieces, Parallel.threads(work));
        if (parts <= 1) {
            sweep.run(0, pieces, 0, batch, in, io, piece);
        } else {
            Parallel.split(pieces, parts, (from, to) -> sweep.run(from, to, 0, batch, in, io, piece));
        }
    }

    /** out = the convolution of the images, plus a row. */
    public void forward(
            float[] in, int io, float[] weight, int wo, float @Nullable [] bias, int bo, float[] out, int oo) {
        if (batch * output() == 0) {
            return;
        }
        WindowKernels kernels = Kernels.active().windows();
        WindowSweep sweep = sweep(batch);
        WindowRows windows = sweep.windows();
        overPieces(sweep, work(), in, io, (count, a, ao, to) -> {
            if (isDepthwise()) {
                kernels.depthwise(windows, count, outputs, a, ao, weight, wo, bias, bo, out, oo + to);
                return;
            }
            for (int g = 0; g < groups; g++) {
                int o = g * outGroup();
                int ag = ao + g * inGroup();
                int co = oo + to + o;
                kernels.product(windows, count, outGroup(), a, ag, weight, wo + o, outputs, bias, bo + o, out, co);
            }
        });
    }

    /** dIn = the gradient at the images. */
    public void inputGradient(float[] dOut, int oo, float[] weight, int wo, float[] dIn, int io) {
        if (batch * image() == 0) {
            return;
        }
        if (batch * output() > 0 && prefersScattering() && scatter(dOut, oo, weight, wo, dIn, io)) {
            return;
        }
        if (y.leavesOut() || x.leavesOut()) {
            Arrays.fill(dIn, io, io + batch * image(), 0f);
        }
        for (int i = 0; i < Math.min(y.stride, y.size); i++) {
            for (int j = 0; j < Math.min(x.stride, x.size); j++) {
                inputGradient(i, j, dOut, oo, weight, wo, dIn, io);
            }
        }
    }

    /**
     * Whether to compute the gradient at the images by adding to windows: where a row of taps with its channels fills
     * vectors of 16 lanes better than the channels do, or where many windows of a convolution would lie in the padding.
     * It depends on nothing but the sizes, since zeros of a padding times an infinite weight are NaN.
     */
    private boolean prefersScattering() {
        double gathered = (double) y.size * x.size * y.taps * x.taps / y.stride / x.stride * vectors(channels);
        double scattered = (double) y.outputs * x.outputs * y.taps * vectors(x.taps * channels);
        return groups == 1 && x.dilation == 1 && outputs > 1 && scattered < SCATTERING * gathered;
    }

    private static int vectors(int n) {
        return (n + 15) / 16;
    }

    /** Adds the windows of the gradient; false if the images are too large for it. */
    private boolean scatter(float[] dOut, int oo, float[] weight, int wo, float[] dIn, int io) {
        WindowSweep sweep = sweep(batch, Form.COPIED);
        int size = window();
        if (!sweep.hasWholeImages() || y.taps * x.taps * vectors(channels) * 16L * outputs > Scratch.MOST) {
            return false;
        }
        float[] turned = Scratch.TURNED.floats(outputs * size);
        Kernels.active().transpose(size, outputs, weight, wo, outputs, turned, 0, size);
        WindowKernels kernels = Kernels.active().windows();
        WindowRows windows = sweep.windows();
        WindowSweep.Piece piece = (count, a, ao, to) ->
                kernels.scatter(windows, sweep.columns(), count, outputs, dOut, oo + to, outputs, turned, 0, a, ao);
        int pieces = sweep.pieces(batch);
        int parts = Math.clamp(Parallel.threads(work()), 1, pieces);
        Parallel.split(pieces, parts, (from, to) -> sweep.scatter(from, to, batch, dIn, io, piece));
        return true;
    }

    /** The gradient at the pixels whose places leave these remainders. */
    private void inputGradient(int i, int j, float[] dOut, int oo, float[] weight, int wo, float[] dIn, int io) {
        int[] tapsY = y.met(i);
        int[] tapsX = x.met(j);
        if (tapsY.length * tapsX.length == 0) {
            return;
        }
        float[] turned = turned(tapsY, tapsX, weight, wo);
        WindowSweep sweep = new WindowSweep(
                y.reversed(i),
                x.reversed(j),
                batch,
                outputs,
                isDepthwise() ? 0 : outGroup(),
                isDepthwise() && outGroup() > 1 ? Form.PLANES : Form.SAME,
                outGroup(),
                y.size,
                x.size,
                channels);
        WindowKernels kernels = Kernels.active().windows();
        WindowRows windows = sweep.windows();
        overPieces(sweep, work() / y.stride / x.stride, dOut, oo, (count, a, ao, to) -> {
            if (isDepthwise()) {
                kernels.depthwise(windows, count, channels, a, ao, turned, 0, null, 0, dIn, io + to);
                return;
            }
            for (int g = 0; g < groups; g++) {
                int c = g * inGroup();
                int ag = ao + g * outGroup();
                kernels.product(windows, count, inGroup(), a, ag, turned, c, channels, null, 0, dIn, io + to + c);
            }
        });
    }

    /** Some taps of the weight, input and output channels exchanged: [taps x taps x outputs / groups x channels]. */
    private float[] turned(int[] tapsY, int[] tapsX, float[] weight, int wo) {
        int size = tapsY.length * tapsX.length * outGroup() * channels;
        float[] to = size > Scratch.MOST ? new float[size] : Scratch.TURNED.floats(size);
        Kernels kernels = Kernels.active();
        int at = 0;
        for (int ky : tapsY) {
            for (int kx : tapsX) {
                int tap = wo + (ky * x.taps + kx) * inGroup() * outputs;
                for (int g = 0; g < groups; g++) {
                    int from = tap + g * outGroup();
                    kernels.transpose(inGroup(), outGroup(), weight, from, outputs, to, at + g * inGroup(), channels);
                }
                at += outGroup() * channels;
            }
        }
        return to;
    }

    /** Images that one chain of a weight's gradient sums over. */
    private int imagesOfChain() {
        int most = Math.max(1, Matmul.CHAIN / (y.outputs * x.outputs));
        return Math.min(most, (batch + PARTS - 1) / PARTS);
    }

    /**
     * dWeight += the gradient at the weight. Sums begin with zero every few images and are then added, since a float
     * sum over all windows of a batch would lose digits, and so that threads share the images.
     */
    public void addWeightGradient(float[] in, int io, float[] dOut, int oo, float[] dWeight, int wo) {
        int size = window() * outputs;
        if (batch * output() == 0 || size == 0) {
            return;
        }
        int images = imagesOfChain();
        int chains = (batch + images - 1) / images;
        WindowSweep sweep = sweep(images);
        Kernels kernels = Kernels.active();
        int together = Math.clamp(Scratch.MOST / size, 1, chains);
        float[] sums = size > Scratch.MOST ? new float[size] : Scratch.SUMS.floats(together * size);
        for (int first = 0; first < chains; first += together) {
            int count = Math.min(together, chains - first);
            int begin = first;
            int parts = Math.min(count, Parallel.threads(work()));
            Parallel.split(count, Math.max(1, parts), (from, to) -> {
                for (int chain = from; chain < to; chain++) {
                    int n = (begin + chain) * images;
                    chain(sweep, n, Math.min(batch, n + images), in, io, dOut, oo, sums, chain * size);
                }
            });
            for (int chain = 0; chain < count; chain++) {
                kernels.add(dWeight, wo, sums, chain * size, dWeight, wo, size);
            }
        }
    }

    private void chain(
            WindowSweep sweep, int from, int to, float[] in, int io, float[] dOut, int oo, float[] sums, int so) {
        WindowKernels kernels = Kernels.active().windows();
        WindowRows windows = sweep.windows();
        int begin = from * output();
        sweep.run(0, sweep.pieces(to - from), from, to, in, io, (count, a, ao, target) -> {
            boolean first = target == begin;
            if (isDepthwise()) {
                kernels.depthwiseOuter(windows, count, outputs, a, ao, dOut, oo + target, first, sums, so);
                return;
            }
            for (int g = 0; g < groups; g++) {
                int o = g * outGroup();
                int ag = ao + g * inGroup();
                int bo = oo + target + o;
                kernels.outer(windows, count, outGroup(), a, ag, dOut, bo, outputs, first, sums, so + o, outputs);
            }
        });
    }
}
