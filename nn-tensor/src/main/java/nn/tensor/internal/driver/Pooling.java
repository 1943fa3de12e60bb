package nn.tensor.internal.driver;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.thread.Scratch;
import nn.tensor.internal.window.PoolWindows;
import nn.tensor.internal.window.WindowKernels;

/** Maxima and means of the windows of images [batch x height x width x channels]. */
public final class Pooling {
    private final Convolution.Axis y;
    private final Convolution.Axis x;
    private final int behindY;
    private final int behindX;
    private final int batch;
    private final int channels;
    private final PoolWindows windows; // of a row
    private final int begin; // the first window of a row that lies inside it as a whole
    private final int end; // one behind the last such window

    /**
     * Describes the windows.
     *
     * @param behindY zeros behind the height that count as padding
     * @param behindX zeros behind the width that count as padding
     */
    public Pooling(Convolution.Axis y, Convolution.Axis x, int behindY, int behindX, int batch, int channels) {
        this.y = y;
        this.x = x;
        this.behindY = behindY;
        this.behindX = behindX;
        this.batch = batch;
        this.channels = channels;
        int[] taps = taps(x.size() * channels, channels);
        windows = new PoolWindows(channels, x.stride() * channels, x.stride(), taps, taps(x.size(), 1));
        begin = firstWhole(x);
        end = Math.max(begin, endOfWhole(x));
    }

    /** The threads that share the images. */
    private int parts() {
        double work = (double) batch * y.outputs() * x.outputs() * channels * y.taps() * x.taps();
        return Math.clamp(Parallel.threadsForElements(work), 1, Math.max(1, batch));
    }

    private static int first(Convolution.Axis axis, int output) { // tap inside the image
        int start = output * axis.stride() - axis.before();
        return start >= 0 ? 0 : (-start + axis.dilation() - 1) / axis.dilation();
    }

    private static int last(Convolution.Axis axis, int output) { // one behind
        int start = output * axis.stride() - axis.before();
        int room = axis.size() - start;
        return room <= 0 ? 0 : Math.min(axis.taps(), (room - 1) / axis.dilation() + 1);
    }

    /** The largest elements and their places. */
    public void max(float[] in, int io, float[] out, int oo, int[] places) {
        requireElements();
        int parts = parts();
        if (parts == 1) {
            max(0, batch, in, io, out, oo, places);
        } else {
            Parallel.split(batch, parts, (from, to) -> max(from, to, in, io, out, oo, places));
        }
    }

    private void max(int from, int to, float[] in, int io, float[] out, int oo, int[] places) {
        for (int n = from; n < to; n++) {
            for (int i = 0; i < y.outputs(); i++) {
                maxOfRow(n, i, in, io, out, oo, places);
            }
        }
    }

    private void maxOfRow(int n, int i, float[] in, int io, float[] out, int oo, int[] places) {
        WindowKernels kernels = Kernels.active().windows();
        int image = io + n * y.size() * x.size() * channels;
        int row = (n * y.outputs() + i) * x.outputs() * channels;
        boolean whole = first(y, i) == 0 && last(y, i) == y.taps() && begin < end;
        for (int j = 0; j < x.outputs(); j++) {
            int at = row + j * channels;
            if (whole && j == begin) {
                int place = (i * y.stride() - y.before()) * x.size() + j * x.stride() - x.before();
                int first = image + place * channels;
                kernels.max(windows, end - begin, in, first, place, out, oo + at, places, at);
                j = end - 1;
            } else {
                maxOfWindow(in, image, i, j, out, oo + at, places, at);
            }
        }
    }

    /** The places of all taps of a window. */
    private int[] taps(int row, int column) {
        int[] taps = new int[y.taps() * x.taps()];
        for (int ky = 0; ky < y.taps(); ky++) {
            for (int kx = 0; kx < x.taps(); kx++) {
                taps[ky * x.taps() + kx] = ky * y.dilation() * row + kx * x.dilation() * column;
            }
        }
        return taps;
    }

    /** The first window that lies inside the axis as a whole. */
    private static int firstWhole(Convolution.Axis axis) {
        return axis.before() <= 0 ? 0 : (axis.before() + axis.stride() - 1) / axis.stride();
    }

    /** One behind the last such window. */
    private static int endOfWhole(Convolution.Axis axis) {
        int end = axis.outputs();
        while (end > 0 && last(axis, end - 1) < axis.taps()) {
            end--;
        }
        return end;
    }

    private void requireElements() {
        for (int i = 0; i < y.outputs(); i++) {
            requireElement("height", y, i);
        }
        for (int j = 0; j < x.outputs(); j++) {
            requireElement("width", x, j);
        }
    }

    private static void requireElement(String name, Convolution.Axis axis, int output) {
        if (first(axis, output) >= last(axis, output)) {
            throw new IllegalArgumentException("max: window " + output + " along the " + name
                    + " lies in the padding as a whole, so it has no largest element; use less padding");
        }
    }

    private void maxOfWindow(float[] in, int io, int i, int j, float[] out, int oo, int[] places, int po) {
        boolean isFirst = true;
        for (int ky = first(y, i); ky < last(y, i); ky++) {
            int row = i * y.stride() - y.before() + ky * y.dilation();
            for (int kx = first(x, j); kx < last(x, j); kx++) {
                int place = row * x.size() + j * x.stride() - x.before() + kx * x.dilation();
                int at = io + place * channels;
                for (int c = 0; c < channels; c++) {
                    float value = in[at + c];
                    if (isFirst || value > out[oo + c] || Float.isNaN(value)) {
                        out[oo + c] = value;
                        places[po + c] = place;
                    }
                }
                isFirst = false;
            }
        }
    }

    /** Gives each output's gradient to its element. */
    public void maxGradient(float[] dOut, int oo, int[] places, float[] dIn, int io) {
        int parts = parts();
        if (parts == 1) {
            maxGradient(0, batch, dOut, oo, places, dIn, io);
        } else {
            Parallel.split(batch, parts, (from, to) -> maxGradient(from, to, dOut, oo, places, dIn, io));
        }
    }

    private void maxGradient(int from, int to, float[] dOut, int oo, int[] places, float[] dIn, int io) {
        int image = y.size() * x.size() * channels;
        int outputs = y.outputs() * x.outputs();
        Arrays.fill(dIn, io + from * image, io + to * image, 0f);
        for (int n = from; n < to; n++) {
            int at = n * outputs * channels;
            for (int i = 0; i < outputs; i++) {
                for (int c = 0; c < channels; c++, at++) {
                    dIn[io + n * image + places[at] * channels + c] += dOut[oo + at];
                }
            }
        }
    }

    /** The number of places that count in a window. */
    private float count(int i, int j, boolean padding) {
        return (float) count(y, behindY, i, padding) * count(x, behindX, j, padding);
    }

    private static int count(Convolution.Axis axis, int behind, int output, boolean padding) {
        if (!padding) {
            return last(axis, output) - first(axis, output);
        }
        int start = output * axis.stride() - axis.before();
        int room = axis.size() + behind - start;
        return Math.min(axis.taps(), (room - 1) / axis.dilation() + 1);
    }

    /** The means. */
    public void mean(float[] in, int io, boolean padding, float[] out, int oo) {
        int parts = parts();
        if (parts == 1) {
            mean(0, batch, in, io, padding, out, oo);
        } else {
            Parallel.split(batch, parts, (from, to) -> mean(from, to, in, io, padding, out, oo));
        }
    }

    private void mean(int from, int to, float[] in, int io, boolean padding, float[] out, int oo) {
        int at = oo + from * y.outputs() * x.outputs() * channels;
        for (int n = from; n < to; n++) {
            for (int i = 0; i < y.outputs(); i++) {
                for (int j = 0; j < x.outputs(); j++, at += channels) {
                    sum(n, i, j, in, io, out, at);
                    float count = count(i, j, padding);
                    if (count > 0) { // a window beyond the padding has the mean 0
                        Reductions.divide(out, at, channels, count);
                    }
                }
            }
        }
    }

    /** The sum of a window, which adds rows of channels as {@link Reductions#addSumOfRows} does, row by row of taps. */
    private void sum(int n, int i, int j, float[] in, int io, float[] out, int at) {
        Kernels kernels = Kernels.active();
        Arrays.fill(out, at, at + channels, 0f);
        boolean isLong = y.taps() > 1 && y.taps() * x.taps() > Reductions.CHAIN; // then a row is a sum of its own
        float[] sums = isLong ? Scratch.SUMS.floats(channels) : out;
        int so = isLong ? 0 : at;
        int first = first(x, j);
        int taps = last(x, j) - first;
        for (int ky = first(y, i); ky < last(y, i) && taps > 0; ky++) {
            if (isLong) {
                Arrays.fill(sums, 0, channels, 0f);
            }
            int from = io + element(n, i, j, ky, first);
            Reductions.addSumOfRows(taps, channels, in, from, x.dilation() * channels, sums, so);
            if (isLong) {
                kernels.add(out, at, sums, 0, out, at, channels);
            }
        }
    }

    private int element(int n, int i, int j, int ky, int kx) {
        int row = i * y.stride() - y.before() + ky * y.dilation();
        int column = j * x.stride() - x.before() + kx * x.dilation();
        return ((n * y.size() + row) * x.size() + column) * channels;
    }

    /** The gradients of the means. */
    public void meanGradient(float[] dOut, int oo, boolean padding, float[] dIn, int io) {
        int parts = parts();
        if (parts == 1) {
            meanGradient(0, batch, dOut, oo, padding, dIn, io);
        } else {
            Parallel.split(batch, parts, (from, to) -> meanGradient(from, to, dOut, oo, padding, dIn, io));
        }
    }

    private void meanGradient(int from, int to, float[] dOut, int oo, boolean padding, float[] dIn, int io) {
        Kernels kernels = Kernels.active();
        int image = y.size() * x.size() * channels;
        boolean apart = isApart(y) && isApart(x);
        if (!apart || !isCovered(y) || !isCovered(x)) {
            Arrays.fill(dIn, io + from * image, io + to * image, 0f);
        }
        int at = oo + from * y.outputs() * x.outputs() * channels;
        for (int n = from; n < to; n++) {
            for (int i = 0; i < y.outputs(); i++) {
                for (int j = 0; j < x.outputs(); j++, at += channels) {
                    float share = 1 / count(i, j, padding);
                    int first = first(x, j);
                    int taps = last(x, j) - first;
                    for (int ky = first(y, i); ky < last(y, i) && taps > 0; ky++) {
                        int place = io + element(n, i, j, ky, first);
                        if (apart) {
                            kernels.scale(share, dOut, at, dIn, place, channels);
                            Broadcast.repeatRow(dIn, place, dIn, place, channels, taps);
                        } else {
                            addToTaps(share, dOut, at, dIn, place, taps);
                        }
                    }
                }
            }
        }
    }

    /** Adds to a row of taps. */
    private void addToTaps(float share, float[] dOut, int at, float[] dIn, int place, int taps) {
        Kernels kernels = Kernels.active();
        for (int k = 0; k < taps; k++) {
            kernels.addScaled(share, dOut, at, dIn, place + k * x.dilation() * channels, channels);
        }
    }

    /** Whether no place is in two windows, and those of a window are neighbours. */
    private static boolean isApart(Convolution.Axis axis) {
        return (axis.dilation() == 1 || axis.taps() == 1) && (axis.taps() <= axis.stride() || axis.outputs() == 1);
    }

    /** Whether each place is in a window, of windows that are apart. */
    private static boolean isCovered(Convolution.Axis axis) {
        int begin = (axis.outputs() - 1) * axis.stride() - axis.before(); // of the last window
        return axis.before() >= 0
                && (axis.taps() == axis.stride() || axis.outputs() == 1)
                && begin + last(axis, axis.outputs() - 1) == axis.size();
    }
}
