package nn.tensor.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions of images [batch x height x width x channels] with a weight [taps x taps x channels / groups x outputs],
 * by matrix products of views of the images.
 *
 * <p>With stride 1, the windows of neighbouring outputs begin one pixel apart. So one row of taps of all windows of a
 * padded image is a matrix whose rows overlap in memory, with a step of one pixel, and its product with that row of the
 * weight needs no copy but that of the padding: k = taps of x times channels, and the rows of taps follow one after the
 * other in the same sums. The few rows of that matrix that wrap around an edge of the image are computed in vain. Where
 * they would be many (small images), and for strides and groups, windows are unfolded into the rows of a matrix, some
 * at a time, so that they stay in the second-level cache. Both ways sum over rows of taps, taps and channels in order,
 * with zeros for the padding, so the bits are the same.
 */
public final class Convolution {
    /** Unfolded windows at a time: floats of a buffer that stays in the second-level cache. */
    private static final int PIECE = 1 << 15;

    /** Images whose windows are summed in one chain of a weight's gradient, at least an eighth of the batch. */
    private static final int PARTS = 8;

    /**
     * The cost of unfolding one element, in multiply-adds: copies of some hundred bytes.
     */
    private static final double UNFOLDING = 12;

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
        /** The elements and zeros that the windows read, without those behind the last window. */
        int padded() {
            return (outputs - 1) * stride + dilation * (taps - 1) + 1;
        }

        /** The axis on which the gradient at the input is a convolution of that at the output; for stride 1. */
        Axis reversed() {
            return new Axis(outputs, size, taps, 1, dilation, dilation * (taps - 1) - before);
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

    private int taps() {
        return y.taps * x.taps;
    }

    /** Windows of one image. */
    private int windows() {
        return y.outputs * x.outputs;
    }

    /** Elements of one image. */
    private int image() {
        return y.size * x.size * channels;
    }

    /** Elements of one output. */
    private int output() {
        return windows() * outputs;
    }

    /** Elements of a window that one group reads. */
    private int window() {
        return taps() * (channels / groups);
    }

    /** The multiply-adds of all images. */
    private double work() {
        return (double) batch * output() * window();
    }

    /** Rows of the matrix whose rows are the windows of a padded image, up to the last window. */
    private int overlappingRows() {
        return (y.outputs - 1) * x.padded() + x.outputs;
    }

    /** Whether products of overlapping rows are faster than unfolding. It depends on nothing but the sizes. */
    private boolean overlaps(int columns) {
        double inVain = (double) overlappingRows() / windows() - 1;
        return groups == 1
                && y.stride == 1
                && x.stride == 1
                && (long) y.padded() * x.padded() * channels <= Scratch.MOST
                && (long) overlappingRows() * outputs <= Scratch.MOST
                && inVain * columns < UNFOLDING;
    }

    private interface Images {
        void run(int from, int to);
    }

    /** Runs a loop over the images on several threads. */
    private void overImages(Images body) {
        int parts = Math.min(batch, Parallel.threads(work()));
        if (parts <= 1) {
            body.run(0, batch);
        } else {
            Parallel.split(batch, parts, body::run);
        }
    }

    /** out = the convolution of the images, plus a row. */
    public void forward(
            float[] in, int io, float[] weight, int wo, float @Nullable [] bias, int bo, float[] out, int oo) {
        if (batch * output() == 0) {
            return;
        }
        boolean overlaps = overlaps(outputs);
        overImages((from, to) -> {
            for (int n = from; n < to; n++) {
                if (overlaps) {
                    forwardImage(in, io + n * image(), weight, wo, bias, bo, out, oo + n * output());
                } else {
                    forwardPieces(in, io + n * image(), weight, wo, bias, bo, out, oo + n * output());
                }
            }
        });
    }

    /** One image, by products of overlapping rows. */
    private void forwardImage(
            float[] in, int io, float[] weight, int wo, float @Nullable [] bias, int bo, float[] out, int oo) {
        float[] padded = padded(in, io);
        int po = padded == in ? io : 0;
        int rows = overlappingRows();
        boolean direct = x.padded() == x.outputs;
        float[] c = direct ? out : Scratch.OUTPUT.floats(rows * outputs);
        int co = direct ? oo : 0;
        int run = x.dilation == 1 ? x.taps : 1; // taps that lie side by side
        for (int ky = 0; ky < y.taps; ky++) {
            for (int kx = 0; kx < x.taps; kx += run) {
                int ao = po + (ky * y.dilation * x.padded() + kx * x.dilation) * channels;
                Product p = Product.of(rows, outputs, run * channels)
                        .a(ao, channels, 1)
                        .b(wo + (ky * x.taps + kx) * channels * outputs, outputs, 1)
                        .c(co, outputs);
                boolean first = ky == 0 && kx == 0;
                product(p, first, padded, weight, bias, bo, c);
            }
        }
        for (int i = 0; i < y.outputs && !direct; i++) {
            System.arraycopy(c, i * x.padded() * outputs, out, oo + i * x.outputs * outputs, x.outputs * outputs);
        }
    }

    /** C = the row + A B if first, C += A B otherwise. */
    private static void product(
            Product p, boolean first, float[] a, float[] b, float @Nullable [] row, int ro, float[] c) {
        if (!first) {
            Matmul.product(p.beginWithC(), a, b, c, c);
        } else if (row == null) {
            Matmul.product(p.beginWithZeros(), a, b, c, null);
        } else {
            Matmul.product(p.beginWithRow(ro), a, b, c, row);
        }
    }

    /** One image with its padding, in a buffer; the image itself if there is nothing to add or leave out. */
    private float[] padded(float[] in, int io) {
        if (y.before == 0 && x.before == 0 && y.padded() <= y.size && x.padded() == x.size) {
            return in;
        }
        int width = x.padded();
        float[] padded = Scratch.PADDED.floats(y.padded() * width * channels);
        int first = Math.clamp(x.before, 0, width); // the first place of a row that is not padding
        int last = Math.clamp((long) x.before + x.size, first, width); // one behind
        for (int i = 0; i < y.padded(); i++) {
            int at = i * width * channels;
            int from = i - y.before;
            if (from < 0 || from >= y.size) {
                Arrays.fill(padded, at, at + width * channels, 0f);
                continue;
            }
            Arrays.fill(padded, at, at + first * channels, 0f);
            int source = io + (from * x.size + first - x.before) * channels;
            System.arraycopy(in, source, padded, at + first * channels, (last - first) * channels);
            Arrays.fill(padded, at + last * channels, at + width * channels, 0f);
        }
        return padded;
    }

    /** One image, by unfolding some windows at a time. */
    private void forwardPieces(
            float[] in, int io, float[] weight, int wo, float @Nullable [] bias, int bo, float[] out, int oo) {
        int k = window();
        int columns = outputs / groups;
        int most = piece();
        float[] unfolded = Scratch.UNFOLDED.floats(most * k);
        for (int from = 0; from < windows(); from += most) {
            int rows = Math.min(most, windows() - from);
            for (int g = 0; g < groups; g++) {
                unfold(in, io, g, from, rows, unfolded);
                Product p = Product.of(rows, columns, k)
                        .a(0, k, 1)
                        .b(wo + g * columns, outputs, 1)
                        .c(oo + from * outputs + g * columns, outputs);
                product(p, true, unfolded, weight, bias, bo + g * columns, out);
            }
        }
    }

    /** Windows in a piece. */
    private int piece() {
        int k = Math.max(1, window());
        if (k > Scratch.MOST) {
            throw new IllegalArgumentException("a window of " + k + " elements is larger than a buffer of "
                    + Scratch.MOST + "; use fewer taps or channels");
        }
        return Math.clamp(PIECE / k / 12 * 12, 1, windows());
    }

    /** Writes windows of one image and group to the rows of a matrix. */
    private void unfold(float[] in, int io, int group, int from, int rows, float[] to) {
        int inGroup = channels / groups;
        int at = 0;
        for (int r = from; r < from + rows; r++) {
            int top = r / x.outputs * y.stride - y.before;
            int left = r % x.outputs * x.stride - x.before;
            for (int ky = 0; ky < y.taps; ky++) {
                int row = top + ky * y.dilation;
                if (row < 0 || row >= y.size) {
                    Arrays.fill(to, at, at + x.taps * inGroup, 0f);
                } else if (groups == 1 && x.dilation == 1) {
                    int first = Math.clamp(-left, 0, x.taps);
                    int last = Math.clamp((long) x.size - left, first, x.taps);
                    Arrays.fill(to, at, at + first * inGroup, 0f);
                    int source = io + (row * x.size + left + first) * channels;
                    System.arraycopy(in, source, to, at + first * inGroup, (last - first) * inGroup);
                    Arrays.fill(to, at + last * inGroup, at + x.taps * inGroup, 0f);
                } else {
                    unfoldTaps(in, io + row * x.size * channels + group * inGroup, left, to, at);
                }
                at += x.taps * inGroup;
            }
        }
    }

    private void unfoldTaps(float[] in, int row, int left, float[] to, int at) {
        int inGroup = channels / groups;
        for (int kx = 0; kx < x.taps; kx++) {
            int column = left + kx * x.dilation;
            if (column < 0 || column >= x.size) {
                Arrays.fill(to, at + kx * inGroup, at + (kx + 1) * inGroup, 0f);
            } else {
                System.arraycopy(in, row + column * channels, to, at + kx * inGroup, inGroup);
            }
        }
    }

    /** dIn = the gradient at the images. */
    public void inputGradient(float[] dOut, int oo, float[] weight, int wo, float[] dIn, int io) {
        if (batch * image() == 0) {
            return;
        }
        float[] turned = new float[taps() * (channels / groups) * outputs];
        if (y.stride == 1 && x.stride == 1) {
            turn(weight, wo, turned, true);
            new Convolution(y.reversed(), x.reversed(), batch, outputs, channels, groups)
                    .forward(dOut, oo, turned, 0, null, 0, dIn, io);
            return;
        }
        turn(weight, wo, turned, false);
        overImages((from, to) -> {
            for (int n = from; n < to; n++) {
                Arrays.fill(dIn, io + n * image(), io + (n + 1) * image(), 0f);
                scatterPieces(dOut, oo + n * output(), turned, dIn, io + n * image());
            }
        });
    }

    /**
     * Exchanges input and output channels of a weight: [taps x outputs / groups x channels], the taps in reverse order
     * or, for one product, [outputs / groups x (taps x channels / groups)] side by side for each group.
     */
    private void turn(float[] weight, int wo, float[] to, boolean reverse) {
        int inGroup = channels / groups;
        int outGroup = outputs / groups;
        int k = window();
        for (int tap = 0; tap < taps(); tap++) {
            for (int c = 0; c < inGroup; c++) {
                int at = wo + (tap * inGroup + c) * outputs;
                for (int g = 0; g < groups; g++) {
                    for (int o = 0; o < outGroup; o++) {
                        int place = reverse
                                ? ((taps() - 1 - tap) * outGroup + o) * channels + g * inGroup + c
                                : (g * outGroup + o) * k + tap * inGroup + c;
                        to[place] = weight[at + g * outGroup + o];
                    }
                }
            }
        }
    }

    /** Adds the gradients at some windows at a time to one image. */
    private void scatterPieces(float[] dOut, int oo, float[] turned, float[] dIn, int io) {
        int k = window();
        int outGroup = outputs / groups;
        int most = piece();
        float[] unfolded = Scratch.UNFOLDED.floats(most * k);
        for (int from = 0; from < windows(); from += most) {
            int rows = Math.min(most, windows() - from);
            for (int g = 0; g < groups; g++) {
                Product p = Product.of(rows, k, outGroup)
                        .a(oo + from * outputs + g * outGroup, outputs, 1)
                        .b(g * outGroup * k, k, 1)
                        .c(0, k);
                Matmul.product(p.beginWithZeros(), dOut, turned, unfolded, null);
                fold(unfolded, g, from, rows, dIn, io);
            }
        }
    }

    /** Adds the rows of a matrix to windows of one image and group: the transpose of {@link #unfold}. */
    private void fold(float[] from, int group, int first, int rows, float[] dIn, int io) {
        Kernels kernels = Kernels.active();
        int inGroup = channels / groups;
        int at = 0;
        for (int r = first; r < first + rows; r++) {
            int top = r / x.outputs * y.stride - y.before;
            int left = r % x.outputs * x.stride - x.before;
            for (int ky = 0; ky < y.taps; ky++) {
                int row = top + ky * y.dilation;
                for (int kx = 0; kx < x.taps; kx++, at += inGroup) {
                    int column = left + kx * x.dilation;
                    if (row >= 0 && row < y.size && column >= 0 && column < x.size) {
                        int to = io + (row * x.size + column) * channels + group * inGroup;
                        kernels.add(dIn, to, from, at, dIn, to, inGroup);
                    }
                }
            }
        }
    }

    /** Images that one chain of a weight's gradient sums over. */
    private int imagesOfChain() {
        int most = Math.max(1, Matmul.CHAIN / windows());
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
                    chain(n, Math.min(batch, n + images), in, io, dOut, oo, sums, chain * size);
                }
            });
            for (int chain = 0; chain < count; chain++) {
                kernels.add(dWeight, wo, sums, chain * size, dWeight, wo, size);
            }
        }
    }

    private void chain(int from, int to, float[] in, int io, float[] dOut, int oo, float[] sums, int so) {
        boolean overlaps = overlaps(window());
        for (int n = from; n < to; n++) {
            if (overlaps) {
                weightGradient(n == from, in, io + n * image(), dOut, oo + n * output(), sums, so);
            } else {
                weightGradientPieces(n == from, in, io + n * image(), dOut, oo + n * output(), sums, so);
            }
        }
    }

    /** One image, by products of overlapping rows; gradients of the rows that wrap around are zeros. */
    private void weightGradient(boolean first, float[] in, int io, float[] dOut, int oo, float[] sums, int so) {
        float[] padded = padded(in, io);
        int po = padded == in ? io : 0;
        int rows = overlappingRows();
        boolean direct = x.padded() == x.outputs;
        float[] b = direct ? dOut : Scratch.OUTPUT.floats(rows * outputs);
        int bo = direct ? oo : 0;
        int valid = x.outputs * outputs;
        for (int i = 0; i < y.outputs && !direct; i++) {
            int at = i * x.padded() * outputs;
            System.arraycopy(dOut, oo + i * valid, b, at, valid);
            if (i < y.outputs - 1) {
                Arrays.fill(b, at + valid, at + x.padded() * outputs, 0f);
            }
        }
        int run = x.dilation == 1 ? x.taps : 1;
        for (int ky = 0; ky < y.taps; ky++) {
            for (int kx = 0; kx < x.taps; kx += run) {
                int ao = po + (ky * y.dilation * x.padded() + kx * x.dilation) * channels;
                Product p = Product.of(run * channels, outputs, rows)
                        .a(ao, 1, channels)
                        .b(bo, outputs, 1)
                        .c(so + (ky * x.taps + kx) * channels * outputs, outputs);
                product(p, first, padded, b, null, 0, sums);
            }
        }
    }

    /** One image, by unfolding some windows at a time. */
    private void weightGradientPieces(boolean first, float[] in, int io, float[] dOut, int oo, float[] sums, int so) {
        int k = window();
        int columns = outputs / groups;
        int most = piece();
        float[] unfolded = Scratch.UNFOLDED.floats(most * k);
        for (int from = 0; from < windows(); from += most) {
            int rows = Math.min(most, windows() - from);
            for (int g = 0; g < groups; g++) {
                unfold(in, io, g, from, rows, unfolded);
                Product p = Product.of(k, columns, rows)
                        .a(0, 1, k)
                        .b(oo + from * outputs + g * columns, outputs, 1)
                        .c(so + g * columns, outputs);
                product(p, first && from == 0, unfolded, dOut, null, 0, sums);
            }
        }
    }
}
