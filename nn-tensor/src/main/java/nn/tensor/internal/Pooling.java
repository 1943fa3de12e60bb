package nn.tensor.internal;

import java.util.Arrays;

/** Maxima and means of the windows of images [batch x height x width x channels]. */
public final class Pooling {
    private final Convolution.Axis y;
    private final Convolution.Axis x;
    private final int behindY;
    private final int behindX;
    private final int batch;
    private final int channels;

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
    }

    /** What to do with the windows of one image from a first row of them on. */
    private interface Rows {
        void run(int image, int row);
    }

    private void overRows(Rows body) {
        int rows = batch * y.outputs();
        double work = (double) rows * x.outputs() * channels * y.taps() * x.taps();
        int parts = Math.min(batch, Parallel.threadsForElements(work));
        Parallel.split(batch, Math.max(1, parts), (from, to) -> {
            for (int n = from; n < to; n++) {
                for (int i = 0; i < y.outputs(); i++) {
                    body.run(n, i);
                }
            }
        });
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
        int begin = firstWhole(x);
        int end = Math.max(begin, endOfWhole(x));
        int[] taps = taps(x.size() * channels, channels);
        int[] tapPlaces = taps(x.size(), 1);
        WindowKernels kernels = Kernels.active().windows();
        overRows((n, i) -> {
            int image = io + n * y.size() * x.size() * channels;
            int row = (n * y.outputs() + i) * x.outputs() * channels;
            boolean whole = first(y, i) == 0 && last(y, i) == y.taps() && begin < end;
            for (int j = 0; j < x.outputs(); j++) {
                int at = row + j * channels;
                if (whole && j == begin) {
                    int place = (i * y.stride() - y.before()) * x.size() + j * x.stride() - x.before();
                    int step = x.stride() * channels;
                    int from = image + place * channels;
                    kernels.max(
                            end - begin,
                            channels,
                            step,
                            taps,
                            tapPlaces,
                            in,
                            from,
                            place,
                            x.stride(),
                            out,
                            oo + at,
                            places,
                            at);
                    j = end - 1;
                } else {
                    maxOfWindow(in, image, i, j, out, oo + at, places, at);
                }
            }
        });
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
        Arrays.fill(dIn, io, io + batch * y.size() * x.size() * channels, 0f);
        overRows((n, i) -> {
            int image = io + n * y.size() * x.size() * channels;
            int at = (n * y.outputs() + i) * x.outputs() * channels;
            for (int j = 0; j < x.outputs(); j++) {
                for (int c = 0; c < channels; c++, at++) {
                    dIn[image + places[at] * channels + c] += dOut[oo + at];
                }
            }
        });
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
        Kernels kernels = Kernels.active();
        overRows((n, i) -> {
            for (int j = 0; j < x.outputs(); j++) {
                int to = oo + ((n * y.outputs() + i) * x.outputs() + j) * channels;
                Arrays.fill(out, to, to + channels, 0f);
                for (int ky = first(y, i); ky < last(y, i); ky++) {
                    for (int kx = first(x, j); kx < last(x, j); kx++) {
                        kernels.add(out, to, in, io + element(n, i, j, ky, kx), out, to, channels);
                    }
                }
                divide(out, to, count(i, j, padding));
            }
        });
    }

    private int element(int n, int i, int j, int ky, int kx) {
        int row = i * y.stride() - y.before() + ky * y.dilation();
        int column = j * x.stride() - x.before() + kx * x.dilation();
        return ((n * y.size() + row) * x.size() + column) * channels;
    }

    private void divide(float[] out, int to, float count) {
        for (int c = 0; c < channels; c++) {
            out[to + c] = count == 0 ? 0 : out[to + c] / count;
        }
    }

    /** The gradients of the means. */
    public void meanGradient(float[] dOut, int oo, boolean padding, float[] dIn, int io) {
        Kernels kernels = Kernels.active();
        Arrays.fill(dIn, io, io + batch * y.size() * x.size() * channels, 0f);
        overRows((n, i) -> {
            for (int j = 0; j < x.outputs(); j++) {
                int from = oo + ((n * y.outputs() + i) * x.outputs() + j) * channels;
                float count = count(i, j, padding);
                for (int ky = first(y, i); ky < last(y, i); ky++) {
                    for (int kx = first(x, j); kx < last(x, j); kx++) {
                        int to = io + element(n, i, j, ky, kx);
                        kernels.addScaled(1 / count, dOut, from, dIn, to, channels);
                    }
                }
            }
        });
    }
}
