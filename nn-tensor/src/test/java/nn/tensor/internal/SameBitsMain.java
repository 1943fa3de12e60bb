package nn.tensor.internal;

import java.util.Arrays;
import java.util.stream.IntStream;
import nn.tensor.AttentionHeads;
import nn.tensor.BatchNormalization;
import nn.tensor.GroupNormalization;
import nn.tensor.Key;
import nn.tensor.Losses;
import nn.tensor.Normalization;
import nn.tensor.ProductTree;
import nn.tensor.RecurrentCells;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.Windows;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.product.TileBits;
import nn.tensor.linalg.Qr;
import nn.tensor.linalg.RandomOrthogonal;

/** Prints fingerprints over products, functions, reductions, fills and factorizations. Run in child JVMs. */
public final class SameBitsMain {
    private SameBitsMain() {}

    /**
     * Prints the name of the active kernels and the fingerprints of small and, unless it is "small", of large tensors,
     * which take several threads.
     *
     * @param args "small" for an interpreter, "few" repeats for a JVM that compiles soon
     */
    public static void main(String[] args) {
        String size = args.length > 0 ? args[0] : "";
        boolean small = size.equals("small");
        if (Kernels.active().lanes() > 1) {
            TileBits.require(small ? 1 : 3);
        }
        int repeats = small ? 1 : size.equals("few") ? 1 : 5; // enough for the compilers to take over
        String fingerprint = "";
        for (int r = 0; r < repeats; r++) {
            String now = fingerprint(small ? 1 : 3);
            if (r > 0 && !now.equals(fingerprint)) {
                throw new IllegalStateException("repeat " + r + " gives other bits than the one before");
            }
            fingerprint = now;
        }
        String large = small ? "" : " " + fingerprint;
        String first = small ? fingerprint : fingerprint(1);
        System.out.println(Kernels.active().getClass().getSimpleName() + " " + first + large);
    }

    private static String fingerprint(int scale) {
        Tensor x = Tensor.zeros(41 * scale, 67);
        Key.of(1).normal(x, 0f, 3f);
        Tensor w = Tensor.zeros(67, 130 * scale);
        Key.of(2).uniform(w, -1f, 1f);
        Tensor y = x.matmul(w);
        StringBuilder all = new StringBuilder();
        for (Tensor t : new Tensor[] {
            x,
            w,
            y,
            x.matmul(y, Transposed.LEFT),
            y.matmul(w, Transposed.RIGHT),
            x.exp(),
            x.tanh(),
            x.sigmoid(),
            x.exp().log(),
            x.relu(),
            Qr.of(x.reshape(67, 41 * scale)
                            .rows(0, 41)
                            .transpose()
                            .reshape(41 * scale, 41)
                            .copy())
                    .q()
        }) {
            all.append(t.sha256())
                    .append(' ')
                    .append(t.sum())
                    .append(' ')
                    .append(t.norm())
                    .append('\n');
        }
        Tensor q = Tensor.zeros(130 * scale, 45 * scale);
        RandomOrthogonal.fill(q, 1.5, Key.of(4));
        all.append(q.sha256());
        Tensor fading = x.copy(); // some of its rows become zeros
        fading.scaleInPlace(0x1p-103f);
        fading.clearTinyRowsInPlace();
        all.append(fading.sha256()).append(fading.tanh().sha256());
        Tensor dx = Tensor.zeros(x.shape());
        x.reluGradInto(x.tanh(), dx);
        all.append(dx.sha256());
        x.leakyReluGradInto(0.1f, x.tanh(), dx);
        all.append(dx.sha256());
        x.clampInto(-0.5f, 0.7f, dx);
        dx.clampGradInto(-0.5f, 0.7f, x, dx);
        all.append(dx.sha256());
        for (Unary f : Unary.values()) {
            all.append(ofFunction(f, x));
        }
        Tensor slopes = x.row(3).copy();
        x.preluInto(slopes, dx);
        all.append(dx.sha256());
        Tensor dSlopes = slopes.copy();
        x.preluGradInto(slopes, x.tanh(), dSlopes, dx);
        all.append(dx.sha256()).append(dSlopes.sha256());
        Tensor batch = Tensor.zeros(8_500, 5); // longer than a chain of a product, and than one of a sum of rows
        Key.of(6).normal(batch, 0.1f, 1f);
        Tensor sums = batch.row(0).copy();
        batch.addSumOfRowsInto(sums);
        all.append(sums.sha256()).append(batch.matmul(batch, Transposed.LEFT).sha256());
        ProductTree tree = new ProductTree(5, 67, 130 * scale); // of batches with parts of different sizes
        for (int leaf = 0; leaf < 5; leaf++) {
            int from = 41 * scale * leaf / 5;
            int to = 41 * scale * (leaf + 1) / 5;
            tree.set(leaf, x.rows(from, to), y.rows(from, to));
        }
        Tensor sum = Tensor.zeros(67, 130 * scale);
        tree.sumInto(0, 4, sum);
        all.append(sum.sha256());
        Tensor large = Tensor.zeros(40_000 * scale * scale); // with a scale of 3, all loops over it take threads
        Key.of(5).normal(large, 0f, 1f);
        Tensor squashed = large.tanh();
        squashed.tanhGradInto(large.relu(), squashed);
        all.append(squashed.sha256()).append(large.add(squashed).sha256());
        all.append(rows(x, scale));
        all.append(cells(x, scale));
        all.append(attention(scale));
        all.append(convolutions(scale));
        all.append(large.sum()).append(large.norm()).append(large.variance()).append(large.maxAbs());
        IntStream.of(Key.of(3).permutation(100)).forEach(all::append);
        return Tensor.of(toFloats(all), all.length()).sha256();
    }

    /** Steps of recurrent cells and their gradients, over rows of an odd length. */
    private static String cells(Tensor x, int scale) {
        int rows = 13 * scale;
        int units = 67;
        Tensor[] states = new Tensor[8];
        for (int i = 0; i < states.length; i++) {
            states[i] = x.rows(i, i + rows).copy();
        }
        Tensor gates = Tensor.zeros(rows, 4 * units);
        Key.of(9).normal(gates, 0f, 2f);
        RecurrentCells.lstm(gates, states[0], states[1], states[2], states[3]);
        RecurrentCells.lstmGradient(gates, states[1], states[2], states[4], states[5], states[6]);
        Tensor two = gates.reshape(2 * rows, 2 * units).rows(0, rows).copy();
        RecurrentCells.gru(two, states[0], states[3], states[1], states[7]);
        RecurrentCells.gruGradient(two, states[0], states[3], states[1], states[6], states[7]);
        Tensor complex = two.copy();
        RecurrentCells.linear(
                states[0].rows(0, 2).copy(),
                gates.reshape(2 * rows, 2 * units).rows(0, rows).copy(),
                complex);
        StringBuilder all =
                new StringBuilder(gates.sha256()).append(two.sha256()).append(complex.sha256());
        for (Tensor state : states) {
            all.append(state.sha256());
        }
        return all.toString();
    }

    /** Attention of grouped heads and its gradients, of a causal one and of one with a mask and lengths. */
    private static String attention(int scale) {
        int time = 50 * scale; // with a scale of 3 there are enough heads and queries for threads, and two blocks
        Tensor q = Tensor.zeros(2, time, 4 * 17);
        Key.of(10).normal(q, 0f, 1f);
        Tensor k = Tensor.zeros(2, time, 2 * 17);
        Key.of(11).normal(k, 0f, 1f);
        Tensor v = Tensor.zeros(2, time, 2 * 17);
        Key.of(12).normal(v, 0f, 1f);
        Tensor mask = Tensor.zeros(time, time);
        Key.of(13).normal(mask, 0f, 3f);
        Tensor y = Tensor.zeros(q.shape());
        Tensor dq = Tensor.zeros(q.shape());
        Tensor dk = Tensor.zeros(k.shape());
        Tensor dv = Tensor.zeros(v.shape());
        StringBuilder all = new StringBuilder();
        for (boolean causal : new boolean[] {true, false}) {
            AttentionHeads heads = AttentionHeads.of(4, 2, causal, 0.3);
            Tensor statistics = Tensor.zeros(heads.statisticsShape(q.shape()));
            Tensor added = causal ? null : mask;
            int[] lengths = causal ? null : new int[] {time, time - 7};
            heads.attendInto(q, k, v, added, lengths, statistics, y);
            heads.attendGradInto(q, k, v, added, lengths, statistics, y, q.tanh(), dq, dk, dv);
            for (Tensor t : new Tensor[] {y, statistics, dq, dk, dv}) {
                all.append(t.sha256());
            }
        }
        Tensor dMask = Tensor.zeros(mask.shape());
        AttentionHeads heads = AttentionHeads.of(4, 2, false, 0.3);
        Tensor statistics = Tensor.zeros(heads.statisticsShape(q.shape()));
        heads.attendInto(q, k, v, mask, null, statistics, y);
        heads.addMaskGrad(q, k, v, mask, null, statistics, y, q.tanh(), dMask);
        return all.append(dMask.sha256()).toString();
    }

    /** Convolutions of several kinds with their gradients (transposed convolutions), and poolings. */
    private static String convolutions(int scale) {
        int side = 9 * scale;
        int batch = 2 * scale + 1; // with a scale of 3 there are enough images for threads
        Windows plain = windows(3, 1, 1, 1);
        Windows strided = windows(3, 2, 1, 0);
        Windows dilated = windows(2, 1, 2, 1);
        return convolution(plain, batch, side, 5, 33, 1)
                + convolution(plain, batch, side, 17, 3, 1)
                + convolution(strided, batch, side, 9, 20, 1)
                + convolution(windows(1, 2, 1, 0), batch, side, 20, 18, 1)
                + convolution(windows(5, 1, 1, 0), batch, side, 3, 17, 1)
                + convolution(dilated, batch, side, 6, 38, 2)
                + convolution(plain, batch, side, 19, 19, 19)
                + convolution(strided, batch, side, 18, 36, 18)
                + convolution(plain, batch, side, 8 * scale * scale, 33, 1)
                + convolution(plain, 3, 3 * scale, scale == 1 ? 19 : 460, 17, 1) // beyond one panel of the weight
                + poolings(strided, batch, side)
                + poolings(windows(2, 2, 1, 1), batch, side);
    }

    private static Windows windows(int taps, int stride, int dilation, int padding) {
        Windows.Axis axis = new Windows.Axis(taps, stride, dilation, padding, padding);
        return new Windows(axis, axis);
    }

    private static String convolution(Windows w, int batch, int side, int channels, int outputs, int groups) {
        Tensor x = normal(20, Shape.of(batch, side, side + 1, channels));
        Tensor weight = normal(21, Shape.of(w.y().taps(), w.x().taps(), channels / groups, outputs));
        Tensor bias = normal(22, Shape.of(outputs));
        Tensor y = Tensor.zeros(w.outputShape(x.shape(), outputs));
        w.convolveInto(x, weight, bias, y);
        Tensor dx = Tensor.zeros(x.shape());
        w.convolveInputGradInto(y, weight, dx);
        Tensor dWeight = weight.copy();
        w.addConvolveWeightGrad(x, y, dWeight);
        return y.sha256() + dx.sha256() + dWeight.sha256();
    }

    private static String poolings(Windows w, int batch, int side) {
        Tensor x = normal(23, Shape.of(batch, side, side + 1, 19));
        Tensor y = Tensor.zeros(w.outputShape(x.shape(), 19));
        Tensor dx = Tensor.zeros(x.shape());
        int[] places = new int[y.size()];
        w.maxInto(x, y, places);
        w.maxGradInto(y, places, dx);
        String all = y.sha256() + dx.sha256();
        w.meanInto(x, true, y);
        w.meanGradInto(y, true, dx);
        return all + y.sha256() + dx.sha256();
    }

    private static Tensor normal(long key, Shape shape) {
        Tensor t = Tensor.zeros(shape);
        Key.of(key).normal(t, 0f, 1f);
        return t;
    }

    /** A function, and its gradient, for the numbers of a tensor. */
    private static String ofFunction(Unary f, Tensor x) {
        Tensor y = Tensor.zeros(x.shape());
        int n = x.size();
        Kernels.active().function(f, 0.5f, 0.7f, x.array(), x.offset(), y.array(), y.offset(), n);
        String values = y.sha256();
        if (!f.hasGradient()) {
            return values;
        }
        Kernels.active().gradient(f, 0.5f, 0.7f, x.array(), x.offset(), y.array(), 0, y.array(), 0, n);
        return values + y.sha256();
    }

    /** Softmax, normalization and losses, on a few rows and, with a scale of 3, on enough for threads. */
    private static String rows(Tensor few, int scale) {
        Tensor many = Tensor.zeros(150 * scale * scale, 130 * scale);
        Key.of(7).normal(many, 0.3f, 2f);
        StringBuilder all = new StringBuilder();
        for (Tensor x : new Tensor[] {few, many}) {
            int n = x.dim(1);
            int rows = x.dim(0);
            Tensor y = Tensor.zeros(x.shape());
            Tensor dx = Tensor.zeros(x.shape());
            x.softmaxInto(y);
            x.softmaxGradInto(y, dx);
            all.append(y.sha256()).append(dx.sha256());
            all.append(Losses.squaredError(x, y, 0.1, dx)).append(dx.sha256());
            all.append(Losses.absoluteError(x, y, 0.1, dx)).append(dx.sha256());
            all.append(Losses.huberError(x, y, 0.7, 0.1, dx)).append(dx.sha256());
            all.append(Losses.sigmoidCrossEntropy(x, y, 0.1, dx)).append(dx.sha256());
            double[] weights = new double[n];
            Arrays.setAll(weights, i -> i % 7);
            all.append(Losses.sigmoidCrossEntropy(x, y, weights, 0.1, dx)).append(dx.sha256());
            Tensor bits = Tensor.zeros(x.shape());
            for (int i = 0; i < bits.size(); i++) {
                bits.array()[i] = i % 3 == 0 ? 1 : 0;
            }
            all.append(Losses.sigmoidFocalCrossEntropy(x, bits, 1.5, new double[] {0.75, 0.25}, 0.1, dx))
                    .append(dx.sha256());
            all.append(Losses.divergence(x, y, 0.1, dx)).append(dx.sha256());
            all.append(Losses.logDivergence(x, x, 0.1, dx)).append(dx.sha256());
            all.append(Losses.softmaxDivergence(x, y, 2, 0.1, dx)).append(dx.sha256());
            Tensor labels = Tensor.zeros(rows);
            for (int i = 0; i < rows; i++) {
                labels.set(i * 31 % n, i);
            }
            all.append(Losses.softmaxCrossEntropy(x, labels, new double[0], 5, 0.1, dx))
                    .append(dx.sha256());
            all.append(Losses.softmaxFocalCrossEntropy(x, labels, 1.5, weights, 0.1, dx))
                    .append(dx.sha256());
            all.append(Losses.softmaxCrossEntropy(x, y, 0.1, dx)).append(dx.sha256());
            Tensor scales = x.row(1).copy();
            Tensor dScale = x.row(2).copy();
            Tensor dBias = x.row(3).copy();
            double[] means = new double[Math.max(rows, n)];
            double[] factors = new double[Math.max(rows, n)];
            Normalization.rows(x, 1e-5, scales, dBias.copy(), means, factors, dx);
            all.append(dx.sha256());
            Normalization.rowsGrad(x, y, scales, means, factors, dScale, dBias, dx);
            all.append(dx.sha256()).append(dScale.sha256()).append(dBias.sha256());
            Normalization.rowsByRootMeanSquare(x, 1e-5, scales, factors, dx);
            all.append(dx.sha256());
            Normalization.rowsByRootMeanSquareGrad(x, y, scales, factors, dScale, dx);
            all.append(dx.sha256()).append(dScale.sha256());
            all.append(groups(x, y));
            BatchNormalization columns = new BatchNormalization(n, 1e-5);
            columns.forward(x, scales, x.row(3), dx);
            all.append(dx.sha256()).append(Arrays.hashCode(columns.means()));
            columns.backward(x, y, scales, dScale, dBias, dx);
            all.append(dx.sha256()).append(dScale.sha256()).append(dBias.sha256());
        }
        return all.toString();
    }

    /** Examples of one place, or of three. */
    private static String groups(Tensor x, Tensor y) {
        int n = x.dim(1);
        int places = x.dim(0) % 3 == 0 ? 3 : 1;
        Tensor images = x.reshape(x.dim(0) / places, places, n);
        Tensor dScale = x.row(2).copy();
        Tensor dBias = x.row(3).copy();
        Tensor dx = Tensor.zeros(images.shape());
        GroupNormalization groups = new GroupNormalization(n % 10 == 0 ? 10 : n, 1e-5);
        groups.forward(images, x.row(1).copy(), dBias.copy(), dx);
        String all = dx.sha256();
        groups.backward(images, y.reshape(images.shape()), x.row(1).copy(), dScale, dBias, dx);
        return all + dx.sha256() + dScale.sha256() + dBias.sha256();
    }

    private static float[] toFloats(CharSequence text) {
        float[] values = new float[text.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = text.charAt(i);
        }
        return values;
    }
}
