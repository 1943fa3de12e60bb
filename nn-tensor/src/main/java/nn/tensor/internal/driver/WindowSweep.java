package nn.tensor.internal.driver;

import java.util.Arrays;
import nn.tensor.internal.thread.Scratch;
import nn.tensor.internal.window.WindowRows;

/**
 * Windows that slide over images [batch x height x width x channels], and where the result of each goes. It cuts the
 * windows into pieces, of some images or of some rows of one, whose part of the source, with its padding, stays in a
 * second-level cache, and tells where the windows of a piece are ({@link WindowRows}). If no window reaches beyond the
 * image, they are read in place. It is immutable, so a convolution keeps it.
 */
final class WindowSweep {
    /** Floats of a piece's source: half a megabyte with its results. */
    private static final int PIECE = 1 << 15;

    /** Windows of a piece. */
    private static final int WINDOWS = 1 << 12;

    /** Below this length, the elements of a run are read one by one: an inner loop would be too short. */
    private static final int SHORT_RUN = 8;

    /** Floats behind the images of a buffer, which a vector may overrun. */
    private static final int ROOM = 128;

    /**
     * Windows along one axis.
     *
     * @param size of the source
     * @param positions of the window
     * @param step from one position to the next, in places of the source
     * @param first the place of the first window's first tap; negative in the padding
     * @param taps the places of the taps from there on, in ascending order
     * @param extent the places from there on that a copy has: those that the windows read, or more
     * @param to the place of the first result
     * @param toStep from result to result
     */
    record Line(int size, int positions, int step, int first, int[] taps, int extent, int to, int toStep) {
        /** Windows whose copy has the places that they read. */
        Line(int size, int positions, int step, int first, int[] taps, int to, int toStep) {
            this(size, positions, step, first, taps, reach(positions, step, taps), to, toStep);
        }

        private static int reach(int windows, int step, int[] taps) {
            return taps.length == 0 ? 0 : (windows - 1) * step + taps[taps.length - 1] + 1;
        }

        /** The places that a number of windows read. */
        int reach(int windows) {
            return reach(windows, step, taps);
        }

        boolean isInside() {
            return first >= 0 && first + reach(positions) <= size;
        }
    }

    /** How a piece of the source is written down. */
    enum Form {
        /** As it is. */
        SAME,
        /** As it is, in a buffer, with its padding even if there is none. */
        COPIED,
        /** Each channel several times, side by side. */
        REPEATED,
        /** In planes: channel c of plane p is channel {@code c * planes + p} of the source. */
        PLANES
    }

    private final Line y;
    private final Line x;
    private final int channels; // of the source
    private final Form form;
    private final int multiple;
    private final int width; // of the target
    private final int outputs; // channels of the target
    private final int targetImage;
    private final boolean inPlace;
    private final int images; // of a piece
    private final int rows; // of windows of a piece
    private final int height; // of a piece's source, for each image
    private final WindowRows windows;

    /**
     * Prepares a sweep.
     *
     * @param most the most images of a piece
     * @param channels of the source
     * @param inGroup the channels of the source that a window reads; 0 for one after the other, as {@link
     *     WindowKernels#depthwise} does
     * @param form of the source; any other than the same is for depthwise kernels
     * @param multiple how many times, or how many planes
     * @param targetHeight of the target
     * @param width of the target
     * @param outputs channels of the target
     */
    WindowSweep(
            Line y,
            Line x,
            int most,
            int channels,
            int inGroup,
            Form form,
            int multiple,
            int targetHeight,
            int width,
            int outputs) {
        this.y = y;
        this.x = x;
        this.channels = channels;
        this.form = form;
        this.multiple = multiple;
        this.width = width;
        this.outputs = outputs;
        targetImage = targetHeight * width * outputs;
        inPlace = form == Form.SAME && y.isInside() && x.isInside();
        long line = (long) pitch() * pixel() * planes();
        long image = line * (inPlace ? y.size : y.extent);
        int ofImage = y.positions * x.positions;
        images = Math.clamp(Math.min(PIECE / Math.max(image, 1), WINDOWS / Math.max(ofImage, 1)), 1, Math.max(most, 1));
        rows = images > 1 || image <= PIECE && ofImage <= WINDOWS ? y.positions : band(line);
        height = inPlace ? y.size : rows == y.positions ? y.extent : y.reach(rows);
        windows = windows(inGroup);
    }

    private int band(long line) {
        int most = Math.clamp(WINDOWS / x.positions, 1, y.positions);
        while (most > 1 && y.reach(most) * line > PIECE) {
            most--;
        }
        return most;
    }

    /** Pixels from row to row of a piece's source. */
    private int pitch() {
        return inPlace ? x.size : x.extent;
    }

    /** Floats from pixel to pixel of a piece's source. */
    private int pixel() {
        return form == Form.REPEATED ? channels * multiple : form == Form.PLANES ? channels / multiple : channels;
    }

    private int planes() {
        return form == Form.PLANES ? multiple : 1;
    }

    private WindowRows windows(int inGroup) {
        int count = images * rows * x.positions;
        int[] at = new int[count];
        int[] to = new int[count];
        int i = 0;
        for (int n = 0; n < images; n++) {
            for (int r = 0; r < rows; r++) {
                for (int s = 0; s < x.positions; s++, i++) {
                    at[i] = ((n * height + r * y.step) * pitch() + s * x.step) * pixel();
                    to[i] = n * targetImage + ((y.to + r * y.toStep) * width + x.to + s * x.toStep) * outputs;
                }
            }
        }
        return inGroup == 0
                ? new WindowRows(at, to, depthwiseTaps(), 1)
                : new WindowRows(at, to, taps(inGroup), run(inGroup));
    }

    private int[] depthwiseTaps() {
        int[] taps = new int[y.taps.length * x.taps.length * planes()];
        int q = 0;
        for (int ty : y.taps) {
            for (int tx : x.taps) {
                for (int plane = 0; plane < planes(); plane++) {
                    taps[q++] = ((plane * images * height + ty) * pitch() + tx) * pixel();
                }
            }
        }
        return taps;
    }

    /** The elements of a window that lie side by side; 1 if they are few. */
    private int run(int inGroup) {
        int run = inGroup * (joins(inGroup) ? x.taps.length : 1);
        return run < SHORT_RUN && form != Form.COPIED ? 1 : run; // copies are added to, along their runs
    }

    /** Whether the taps of a row lie side by side. */
    private boolean joins(int inGroup) {
        int last = x.taps.length - 1;
        return inGroup == channels && last >= 0 && x.taps[last] == last;
    }

    private int[] taps(int inGroup) {
        int run = run(inGroup);
        int[] taps = new int[y.taps.length * x.taps.length * inGroup / run];
        int q = 0;
        int each = run == 1 ? inGroup : 1;
        int next = run > inGroup ? x.taps.length : 1; // taps of x in a run
        for (int ty : y.taps) {
            for (int k = 0; k < x.taps.length; k += next) {
                for (int c = 0; c < each; c++) {
                    taps[q++] = (ty * pitch() + x.taps[k]) * pixel() + c;
                }
            }
        }
        return taps;
    }

    /** Where the windows of a piece are, from its {@link Piece#at} and {@link Piece#to} on. */
    WindowRows windows() {
        return windows;
    }

    /** The most images of a piece. */
    int images() {
        return images;
    }

    /** The number of pieces of a batch. */
    int pieces(int batch) {
        return (batch + images - 1) / images * bands();
    }

    private int bands() {
        return rows == 0 ? 0 : (y.positions + rows - 1) / rows;
    }

    /** The first image of a piece of a batch that begins with image {@code begin}. */
    private int image(int piece, int begin) {
        return begin + piece / bands() * images;
    }

    /** The images of a piece of a batch that ends before image {@code end}. */
    private int imagesOf(int piece, int begin, int end) {
        return Math.min(images, end - image(piece, begin));
    }

    /** The first row of windows of a piece. */
    private int row(int piece) {
        return piece % bands() * rows;
    }

    /** The place along y of the first tap of a piece. */
    private int top(int piece) {
        return y.first + row(piece) * y.step;
    }

    private int offset(int piece, int begin, int io) {
        return io + image(piece, begin) * y.size * x.size * channels;
    }

    /**
     * The windows of a piece.
     *
     * @param piece 0 to {@link #pieces} - 1
     * @param begin the first image of the batch
     * @param end one behind its last
     */
    int count(int piece, int begin, int end) {
        return imagesOf(piece, begin, end) * Math.min(rows, y.positions - row(piece)) * x.positions;
    }

    /** The place of a piece in the target, from the target's offset on. */
    int target(int piece, int begin) {
        return image(piece, begin) * targetImage + row(piece) * y.toStep * width * outputs;
    }

    /**
     * The array that holds a piece's part of the images, from {@link #at} on: the images, or a buffer of this thread
     * with their padding.
     *
     * @param in the images
     * @param io the offset of image 0
     */
    float[] source(int piece, int begin, int end, float[] in, int io) {
        return inPlace ? in : padded(in, offset(piece, begin, io), imagesOf(piece, begin, end), top(piece));
    }

    /** Where a piece begins in its {@link #source}. */
    int at(int piece, int begin, int io) {
        return inPlace ? offset(piece, begin, io) + (top(piece) * x.size + x.first) * channels : 0;
    }

    /** Whether windows are read in place. */
    boolean isInPlace() {
        return inPlace;
    }

    /** Whether a piece has whole images. */
    boolean hasWholeImages() {
        return rows == y.positions;
    }

    /** The windows of a row. */
    int columns() {
        return x.positions;
    }

    /** A buffer of zeros for the images of a piece, with their padding, to whose windows a kernel adds. */
    float[] zeros(int piece, int batch) {
        int size = imagesOf(piece, 0, batch) * height * pitch() * pixel() + ROOM;
        float[] padded = Scratch.PADDED.floats(size);
        Arrays.fill(padded, 0, size, 0f);
        return padded;
    }

    /** Copies a piece's images out of such a buffer. */
    void crop(int piece, int batch, float[] padded, float[] out, int oo) {
        crop(padded, imagesOf(piece, 0, batch), out, offset(piece, 0, oo));
    }

    private void crop(float[] padded, int some, float[] out, int oo) {
        Arrays.fill(out, oo, oo + some * y.size * x.size * channels, 0f);
        int first = Math.clamp(-(long) x.first, 0, pitch());
        int last = Math.clamp((long) x.size - x.first, first, pitch());
        for (int n = 0; n < some; n++) {
            for (int r = 0; r < height; r++) {
                int row = y.first + r;
                if (row >= 0 && row < y.size) {
                    int to = oo + ((n * y.size + row) * x.size + x.first + first) * channels;
                    int from = ((n * height + r) * pitch() + first) * channels;
                    System.arraycopy(padded, from, out, to, (last - first) * channels);
                }
            }
        }
    }

    /** The source of a piece with its padding, in a buffer. */
    private float[] padded(float[] in, int io, int some, int top) {
        int line = pitch() * pixel();
        long size = (long) images * height * line * planes();
        float[] padded = size > Scratch.MOST ? new float[Math.toIntExact(size)] : Scratch.PADDED.floats((int) size);
        int first = Math.clamp(-(long) x.first, 0, pitch()); // the first place of a row that is not padding
        int last = Math.clamp((long) x.size - x.first, first, pitch()); // one behind
        for (int n = 0; n < some; n++) {
            for (int r = 0; r < height; r++) {
                int source = top + r;
                boolean inside = source >= 0 && source < y.size;
                int from = io + ((n * y.size + source) * x.size + x.first + first) * channels;
                for (int plane = 0; plane < planes(); plane++) {
                    int at = ((plane * images + n) * height + r) * line;
                    int begin = inside ? first : pitch();
                    int end = inside ? last : pitch();
                    Arrays.fill(padded, at, at + begin * pixel(), 0f);
                    if (inside) {
                        copy(in, from + plane, (last - first) * pixel(), padded, at + first * pixel());
                    }
                    Arrays.fill(padded, at + end * pixel(), at + line, 0f);
                }
            }
        }
        return padded;
    }

    /** Writes a number of floats. */
    private void copy(float[] x, int xo, int n, float[] y, int yo) {
        switch (form) {
            case SAME, COPIED -> System.arraycopy(x, xo, y, yo, n);
            case REPEATED -> {
                int to = yo;
                for (int i = 0; i < n / multiple; i++) {
                    float value = x[xo + i];
                    for (int m = 0; m < multiple; m++) {
                        y[to++] = value;
                    }
                }
            }
            case PLANES -> {
                for (int i = 0; i < n; i++) {
                    y[yo + i] = x[xo + i * multiple];
                }
            }
        }
    }
}
