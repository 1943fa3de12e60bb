package nn.tensor.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
 *
 * <p>An object keeps where its windows are, so that only its first call allocates.
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

    // Made when they are first needed. They are immutable, so it does not matter which thread makes them.
    private @Nullable WindowSweep forward;
    private @Nullable WindowSweep scattered;
    private @Nullable WindowSweep chains;
    private @Nullable List<Remainder> remainders;

    /** The pixels whose places leave the same remainders modulo the strides: the taps they meet, and the windows. */
    private record Remainder(int[] tapsY, int[] tapsX, WindowSweep sweep) {}

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

    /** How the images are written down. */
    private Form form() {
        return isDepthwise() && outGroup() > 1 ? Form.REPEATED : Form.SAME;
    }

    /** A sweep over the images. */
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

    /** The threads that share the pieces of a sweep over the batch. */
    private int parts(WindowSweep sweep, double work) {
        return Math.clamp(Parallel.threads(work), 1, Math.max(1, sweep.pieces(batch)));
    }

    /** out = the convolution of the images, plus a row. */
    public void forward(
            float[] in, int io, float[] weight, int wo, float @Nullable [] bias, int bo, float[] out, int oo) {
        if (batch * output() == 0) {
            return;
        }
        WindowSweep sweep = forward;
        if (sweep == null) {
            sweep = sweep(batch, form());
            forward = sweep;
        }
        int parts = parts(sweep, work());
        if (parts == 1) {
            forward(0, sweep.pieces(batch), sweep, in, io, weight, wo, bias, bo, out, oo);
        } else {
            WindowSweep shared = sweep;
            Parallel.split(
                    sweep.pieces(batch),
                    parts,
                    (from, to) -> forward(from, to, shared, in, io, weight, wo, bias, bo, out, oo));
        }
    }

    private void forward(
            int from,
            int to,
            WindowSweep sweep,
            float[] in,
            int io,
            float[] weight,
            int wo,
            float @Nullable [] bias,
            int bo,
            float[] out,
            int oo) {
        WindowKernels kernels = Kernels.active().windows();
        WindowRows windows = sweep.windows();
        for (int piece = from; piece < to; piece++) {
            int count = sweep.count(piece, 0, batch);
            float[] a = sweep.source(piece, 0, batch, in, io);
            int ao = sweep.at(piece, 0, io);
            int co = oo + sweep.target(piece, 0);
            if (isDepthwise()) {
                kernels.depthwise(windows, count, outputs, a, ao, weight, wo, bias, bo, out, co);
                continue;
            }
            for (int g = 0; g < groups; g++) {
                int o = g * outGroup();
                int ag = ao + g * inGroup();
                kernels.product(windows, count, outGroup(), a, ag, weight, wo + o, outputs, bias, bo + o, out, co + o);
            }
        }
    }

    /** dIn = the gradient at the images. */
    public void inputGradient(float[] dOut, int oo, float[] weight, int wo, float[] dIn, int io) {
        if (batch * image() == 0) {
            return;
        }
        if (batch * output() > 0 && prefersScattering() && scatter(dOut, oo, weight, wo, dIn, io)) {
            return;
        }
        List<Remainder> all = remainders();
        if (all.size() < Math.min(y.stride, y.size) * Math.min(x.stride, x.size)) {
            Arrays.fill(dIn, io, io + batch * image(), 0f); // some pixels meet no tap
        }
        for (int i = 0; i < all.size(); i++) {
            gather(all.get(i), dOut, oo, weight, wo, dIn, io);
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
        WindowSweep sweep = scattered;
        if (sweep == null) {
            sweep = sweep(batch, Form.COPIED);
            scattered = sweep;
        }
        int size = window();
        if (!sweep.hasWholeImages() || y.taps * x.taps * vectors(channels) * 16L * outputs > Scratch.MOST) {
            return false;
        }
        float[] turned = Scratch.TURNED.floats(outputs * size);
        Kernels.active().transpose(size, outputs, weight, wo, outputs, turned, 0, size);
        int parts = parts(sweep, work());
        if (parts == 1) {
            scatter(0, sweep.pieces(batch), sweep, dOut, oo, turned, dIn, io);
        } else {
            WindowSweep shared = sweep;
            Parallel.split(
                    sweep.pieces(batch), parts, (from, to) -> scatter(from, to, shared, dOut, oo, turned, dIn, io));
        }
        return true;
    }

    private void scatter(
            int from, int to, WindowSweep sweep, float[] dOut, int oo, float[] turned, float[] dIn, int io) {
        WindowKernels kernels = Kernels.active().windows();
        for (int piece = from; piece < to; piece++) {
            float[] padded = sweep.zeros(piece, batch);
            kernels.scatter(
                    sweep.windows(),
                    sweep.columns(),
                    sweep.count(piece, 0, batch),
                    outputs,
                    dOut,
                    oo + sweep.target(piece, 0),
                    outputs,
                    turned,
                    0,
                    padded,
                    0);
            sweep.crop(piece, batch, padded, dIn, io);
        }
    }

    /** The pixels that meet a tap, by the remainders of their places. */
    private List<Remainder> remainders() {
        List<Remainder> all = remainders;
        if (all == null) {
            List<Remainder> made = new ArrayList<>();
            for (int i = 0; i < Math.min(y.stride, y.size); i++) {
                for (int j = 0; j < Math.min(x.stride, x.size); j++) {
                    int[] tapsY = y.met(i);
                    int[] tapsX = x.met(j);
                    if (tapsY.length * tapsX.length > 0) {
                        made.add(new Remainder(tapsY, tapsX, reversed(i, j)));
                    }
                }
            }
            all = List.copyOf(made);
            remainders = all;
        }
        return all;
    }

    /** The sweep over the outputs that such pixels read. */
    private WindowSweep reversed(int i, int j) {
        return new WindowSweep(
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
    }

    /** The gradient at the pixels whose places leave certain remainders. */
    private void gather(Remainder of, float[] dOut, int oo, float[] weight, int wo, float[] dIn, int io) {
        float[] turned = turned(of.tapsY, of.tapsX, weight, wo);
        WindowSweep sweep = of.sweep;
        int parts = parts(sweep, work() / y.stride / x.stride);
        if (parts == 1) {
            gather(0, sweep.pieces(batch), sweep, dOut, oo, turned, dIn, io);
        } else {
            Parallel.split(
                    sweep.pieces(batch), parts, (from, to) -> gather(from, to, sweep, dOut, oo, turned, dIn, io));
        }
    }

    private void gather(
            int from, int to, WindowSweep sweep, float[] dOut, int oo, float[] turned, float[] dIn, int io) {
        WindowKernels kernels = Kernels.active().windows();
        WindowRows windows = sweep.windows();
        for (int piece = from; piece < to; piece++) {
            int count = sweep.count(piece, 0, batch);
            float[] a = sweep.source(piece, 0, batch, dOut, oo);
            int ao = sweep.at(piece, 0, oo);
            int co = io + sweep.target(piece, 0);
            if (isDepthwise()) {
                kernels.depthwise(windows, count, channels, a, ao, turned, 0, null, 0, dIn, co);
                continue;
            }
            for (int g = 0; g < groups; g++) {
                int c = g * inGroup();
                int ag = ao + g * outGroup();
                kernels.product(windows, count, inGroup(), a, ag, turned, c, channels, null, 0, dIn, co + c);
            }
        }
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
        int count = (batch + images - 1) / images;
        WindowSweep sweep = chains;
        if (sweep == null) {
            sweep = sweep(images, form());
            chains = sweep;
        }
        Kernels kernels = Kernels.active();
        int together = Math.clamp(Scratch.MOST / size, 1, count);
        float[] sums = size > Scratch.MOST ? new float[size] : Scratch.SUMS.floats(together * size);
        for (int first = 0; first < count; first += together) {
            int some = Math.min(together, count - first);
            int parts = Math.clamp(Parallel.threads(work()), 1, some);
            if (parts == 1) {
                chains(0, some, first, sweep, in, io, dOut, oo, sums);
            } else {
                int begin = first;
                WindowSweep shared = sweep;
                Parallel.split(some, parts, (from, to) -> chains(from, to, begin, shared, in, io, dOut, oo, sums));
            }
            for (int chain = 0; chain < some; chain++) {
                kernels.add(dWeight, wo, sums, chain * size, dWeight, wo, size);
            }
        }
    }

    /** Sums over some chains, of which the first of all is number {@code begin}. */
    private void chains(
            int from, int to, int begin, WindowSweep sweep, float[] in, int io, float[] dOut, int oo, float[] sums) {
        int images = imagesOfChain();
        for (int chain = from; chain < to; chain++) {
            int first = (begin + chain) * images;
            int so = chain * window() * outputs;
            chain(sweep, first, Math.min(batch, first + images), in, io, dOut, oo, sums, so);
        }
    }

    private void chain(
            WindowSweep sweep, int begin, int end, float[] in, int io, float[] dOut, int oo, float[] sums, int so) {
        WindowKernels kernels = Kernels.active().windows();
        WindowRows windows = sweep.windows();
        for (int piece = 0; piece < sweep.pieces(end - begin); piece++) {
            int count = sweep.count(piece, begin, end);
            float[] a = sweep.source(piece, begin, end, in, io);
            int ao = sweep.at(piece, begin, io);
            int bo = oo + sweep.target(piece, begin);
            boolean first = piece == 0;
            if (isDepthwise()) {
                kernels.depthwiseOuter(windows, count, outputs, a, ao, dOut, bo, first, sums, so);
                continue;
            }
            for (int g = 0; g < groups; g++) {
                int o = g * outGroup();
                int ag = ao + g * inGroup();
                kernels.outer(windows, count, outGroup(), a, ag, dOut, bo + o, outputs, first, sums, so + o, outputs);
            }
        }
    }
}
