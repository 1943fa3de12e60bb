package nn.tensor.internal.driver;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.driver.WindowSweep.Form;
import nn.tensor.internal.driver.WindowSweep.Line;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.thread.Scratch;
import nn.tensor.internal.window.WindowKernels;
import nn.tensor.internal.window.WindowProduct;
import nn.tensor.internal.window.WindowRows;
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
    /** Parts into which a batch is cut at least, so that each thread gets some; a chain of sums is within one. */
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

    /**
     * The pixels whose places leave the same remainders modulo the strides: the taps they meet, where these begin in
     * the turned weight, and the windows.
     */
    private record Remainder(int[] tapsY, int[] tapsX, int turned, WindowSweep sweep) {}

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

        /**
         * The windows over the outputs that read the elements whose places leave a remainder modulo the stride. Those
         * of all remainders have the same outputs in their copies, from the first that one of them reads on, so that
         * they can share one.
         */
        Line reversed(int remainder) {
            int first = Integer.MAX_VALUE;
            int end = Integer.MIN_VALUE;
            for (int r = 0; r < Math.min(stride, size); r++) {
                int[] met = met(r);
                if (met.length > 0) {
                    first = Math.min(first, output(r, met[0]));
                    end = Math.max(end, output(r, met[met.length - 1]) + positions(r));
                }
            }
            int begin = first;
            int[] places = Arrays.stream(met(remainder))
                    .map(tap -> output(remainder, tap) - begin)
                    .toArray();
            return new Line(outputs, positions(remainder), 1, begin, places, end - begin, remainder, stride);
        }

        /** The elements whose places leave a remainder. */
        private int positions(int remainder) {
            return Math.max(0, (size - remainder + stride - 1) / stride);
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

    /** The threads that share some pieces of work. */
    private static int parts(int pieces, double work) {
        return Math.clamp(Parallel.threads(work), 1, Math.max(1, pieces));
    }

    /** out = the convolution of the images, plus a row. */
    public void forward(Operand in, Operand weight, @Nullable Operand bias, Operand out) {
        if (batch * output() == 0) {
            return;
        }
        WindowSweep sweep = forward;
        if (sweep == null) {
            sweep = sweep(part(), form());
            forward = sweep;
        }
        int pieces = sweep.pieces(batch);
        int parts = parts(pieces, work());
        if (parts == 1) {
            forward(0, pieces, sweep, in, weight, bias, out);
        } else {
            WindowSweep shared = sweep;
            Parallel.split(pieces, parts, (from, to) -> forward(from, to, shared, in, weight, bias, out));
        }
    }

    private void forward(
            int from, int to, WindowSweep sweep, Operand in, Operand weight, @Nullable Operand bias, Operand out) {
        WindowKernels kernels = Kernels.active().windows();
        WindowRows windows = sweep.windows();
        float[] row = bias == null ? null : bias.array();
        int ro = bias == null ? 0 : bias.offset();
        for (int piece = from; piece < to; piece++) {
            int count = sweep.count(piece, 0, batch);
            float[] a = sweep.source(piece, 0, batch, in.array(), in.offset());
            int ao = sweep.at(piece, 0, in.offset());
            int co = out.offset() + sweep.target(piece, 0);
            if (isDepthwise()) {
                WindowProduct p = WindowProduct.of(count, outputs).a(ao).b(weight.offset(), outputs);
                kernels.depthwise(p.row(ro).c(co), windows, a, weight.array(), row, out.array());
                continue;
            }
            for (int g = 0; g < groups; g++) {
                int o = g * outGroup();
                WindowProduct p = WindowProduct.of(count, outGroup()).a(ao + g * inGroup());
                p.b(weight.offset() + o, outputs).row(ro + o).c(co + o);
                kernels.product(p, windows, a, weight.array(), row, out.array());
            }
        }
    }

    /** dIn = the gradient at the images. */
    public void inputGradient(Operand dOut, Operand weight, Operand dIn) {
        if (batch * image() == 0) {
            return;
        }
        if (batch * output() > 0 && prefersScattering() && scatter(dOut, weight, dIn)) {
            return;
        }
        gather(dOut, weight, dIn);
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
    private boolean scatter(Operand dOut, Operand weight, Operand dIn) {
        WindowSweep sweep = scattered;
        if (sweep == null) {
            sweep = sweep(part(), Form.COPIED);
            scattered = sweep;
        }
        int size = window();
        if (!sweep.hasWholeImages() || y.taps * x.taps * vectors(channels) * 16L * outputs > Scratch.MOST) {
            return false;
        }
        float[] turned = Scratch.TURNED.floats(outputs * size);
        Kernels.active().transpose(size, outputs, weight.array(), weight.offset(), outputs, turned, 0, size);
        int pieces = sweep.pieces(batch);
        int parts = parts(pieces, work());
        if (parts == 1) {
            scatter(0, pieces, sweep, dOut, turned, dIn);
        } else {
            WindowSweep shared = sweep;
            Parallel.split(pieces, parts, (from, to) -> scatter(from, to, shared, dOut, turned, dIn));
        }
        return true;
    }

    private void scatter(int from, int to, WindowSweep sweep, Operand dOut, float[] turned, Operand dIn) {
        WindowKernels kernels = Kernels.active().windows();
        for (int piece = from; piece < to; piece++) {
            float[] padded = sweep.zeros(piece, batch);
            WindowProduct p = WindowProduct.of(sweep.count(piece, 0, batch), window())
                    .a(dOut.offset() + sweep.target(piece, 0), outputs, outputs)
                    .b(0, window())
                    .c(0)
                    .columns(sweep.columns());
            kernels.scatter(p, sweep.windows(), dOut.array(), turned, padded);
            sweep.crop(piece, batch, padded, dIn.array(), dIn.offset());
        }
    }

    /** The pixels that meet a tap, by the remainders of their places. */
    private List<Remainder> remainders() {
        List<Remainder> all = remainders;
        if (all == null) {
            List<Remainder> made = new ArrayList<>();
            int at = 0;
            for (int i = 0; i < Math.min(y.stride, y.size); i++) {
                for (int j = 0; j < Math.min(x.stride, x.size); j++) {
                    int[] tapsY = y.met(i);
                    int[] tapsX = x.met(j);
                    if (tapsY.length * tapsX.length > 0) {
                        made.add(new Remainder(tapsY, tapsX, at, reversed(i, j)));
                        at += tapsY.length * tapsX.length * outGroup() * channels;
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
                part(),
                outputs,
                isDepthwise() ? 0 : outGroup(),
                isDepthwise() && outGroup() > 1 ? Form.PLANES : Form.SAME,
                outGroup(),
                y.size,
                x.size,
                channels);
    }

    /**
     * Computes the gradient of some images at a time, which stay in a cache from one remainder to the next: those of
     * the sweep whose pieces have the fewest.
     */
    private void gather(Operand dOut, Operand weight, Operand dIn) {
        List<Remainder> all = remainders();
        int images = batch;
        for (int i = 0; i < all.size(); i++) {
            images = Math.min(images, all.get(i).sweep.images());
        }
        float[] turned = turned(weight);
        int some = images;
        int blocks = (batch + some - 1) / some;
        int parts = parts(blocks, work());
        if (parts == 1) {
            gather(0, blocks, some, dOut, turned, dIn);
        } else {
            Parallel.split(blocks, parts, (from, to) -> gather(from, to, some, dOut, turned, dIn));
        }
    }

    private void gather(int from, int to, int images, Operand dOut, float[] turned, Operand dIn) {
        List<Remainder> all = remainders();
        if (all.size() < Math.min(y.stride, y.size) * Math.min(x.stride, x.size)) { // some pixels meet no tap
            int first = dIn.offset() + from * images * image();
            int last = dIn.offset() + Math.min(batch, to * images) * image();
            Arrays.fill(dIn.array(), first, last, 0f);
        }
        for (int block = from; block < to; block++) {
            int begin = block * images;
            int end = Math.min(batch, begin + images);
            float[] copy = null; // of the outputs, for all remainders
            for (int i = 0; i < all.size(); i++) {
                copy = gather(all.get(i), begin, end, dOut, copy, turned, dIn);
            }
        }
    }

    /**
     * Computes the gradient at the pixels of some images whose places leave certain remainders.
     *
     * @param copied the outputs with their padding, if another remainder has copied them; else null
     * @return the same, for the next remainder
     */
    private float @Nullable [] gather(
            Remainder of, int begin, int end, Operand dOut, float @Nullable [] copied, float[] turned, Operand dIn) {
        WindowKernels kernels = Kernels.active().windows();
        WindowSweep sweep = of.sweep;
        WindowRows windows = sweep.windows();
        boolean shares = sweep.hasWholeImages() && !sweep.isInPlace() && !isDepthwise();
        float[] copy = copied;
        for (int piece = 0; piece < sweep.pieces(end - begin); piece++) {
            int count = sweep.count(piece, begin, end);
            float[] a = shares && copy != null ? copy : sweep.source(piece, begin, end, dOut.array(), dOut.offset());
            copy = shares ? a : sweep.isInPlace() ? copy : null; // pieces of an image take the place of a copy
            int ao = sweep.at(piece, begin, dOut.offset());
            int co = dIn.offset() + sweep.target(piece, begin);
            if (isDepthwise()) {
                WindowProduct p = WindowProduct.of(count, channels).a(ao).b(of.turned, channels);
                kernels.depthwise(p.c(co), windows, a, turned, null, dIn.array());
                continue;
            }
            for (int g = 0; g < groups; g++) {
                int c = g * inGroup();
                WindowProduct p = WindowProduct.of(count, inGroup()).a(ao + g * outGroup());
                kernels.product(p.b(of.turned + c, channels).c(co + c), windows, a, turned, null, dIn.array());
            }
        }
        return copy;
    }

    /** The taps of all remainders, input and output channels exchanged: [taps x outputs / groups x channels] each. */
    private float[] turned(Operand weight) {
        int size = y.taps * x.taps * outGroup() * channels;
        float[] to = size > Scratch.MOST ? new float[size] : Scratch.TURNED.floats(size);
        Kernels kernels = Kernels.active();
        List<Remainder> all = remainders();
        for (int i = 0; i < all.size(); i++) {
            int at = all.get(i).turned;
            for (int ky : all.get(i).tapsY) {
                for (int kx : all.get(i).tapsX) {
                    int tap = weight.offset() + (ky * x.taps + kx) * inGroup() * outputs;
                    for (int g = 0; g < groups; g++) {
                        int from = tap + g * outGroup();
                        int group = at + g * inGroup();
                        kernels.transpose(inGroup(), outGroup(), weight.array(), from, outputs, to, group, channels);
                    }
                    at += outGroup() * channels;
                }
            }
        }
        return to;
    }

    /** Images that one chain of a weight's gradient sums over. */
    private int imagesOfChain() {
        int most = Math.max(1, Product.CHAIN / (y.outputs * x.outputs));
        return Math.min(most, part());
    }

    /** The images of a part of the batch. */
    private int part() {
        return (batch + PARTS - 1) / PARTS;
    }

    /**
     * dWeight += the gradient at the weight. Sums begin with zero every few images and are then added, since a float
     * sum over all windows of a batch would lose digits, and so that threads share the images.
     */
    public void addWeightGradient(Operand in, Operand dOut, Operand dWeight) {
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
                chains(0, some, first, sweep, in, dOut, sums);
            } else {
                int begin = first;
                WindowSweep shared = sweep;
                Parallel.split(some, parts, (from, to) -> chains(from, to, begin, shared, in, dOut, sums));
            }
            for (int chain = 0; chain < some; chain++) {
                kernels.add(
                        dWeight.array(), dWeight.offset(), sums, chain * size, dWeight.array(), dWeight.offset(), size);
            }
        }
    }

    /** Sums over some chains, of which the first of all is number {@code begin}. */
    private void chains(int from, int to, int begin, WindowSweep sweep, Operand in, Operand dOut, float[] sums) {
        int images = imagesOfChain();
        for (int chain = from; chain < to; chain++) {
            int first = (begin + chain) * images;
            int so = chain * window() * outputs;
            chain(sweep, first, Math.min(batch, first + images), in, dOut, sums, so);
        }
    }

    private void chain(WindowSweep sweep, int begin, int end, Operand in, Operand dOut, float[] sums, int so) {
        WindowKernels kernels = Kernels.active().windows();
        WindowRows windows = sweep.windows();
        for (int piece = 0; piece < sweep.pieces(end - begin); piece++) {
            int count = sweep.count(piece, begin, end);
            float[] a = sweep.source(piece, begin, end, in.array(), in.offset());
            int ao = sweep.at(piece, begin, in.offset());
            int bo = dOut.offset() + sweep.target(piece, begin);
            boolean first = piece == 0;
            if (isDepthwise()) {
                WindowProduct p =
                        WindowProduct.of(count, outputs).a(ao).b(bo, outputs).sums(so, outputs, first);
                kernels.depthwiseOuter(p, windows, a, dOut.array(), sums);
                continue;
            }
            for (int g = 0; g < groups; g++) {
                int o = g * outGroup();
                WindowProduct p = WindowProduct.of(count, outGroup()).a(ao + g * inGroup());
                p.b(bo + o, outputs).sums(so + o, outputs, first);
                kernels.outer(p, windows, a, dOut.array(), sums);
            }
        }
    }
}
