package nn.tensor.internal;

import java.util.stream.IntStream;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.linalg.Qr;
import nn.tensor.linalg.RandomOrthogonal;

/** Prints one fingerprint over products, functions, reductions, fills and factorizations. Run in child JVMs. */
public final class SameBitsMain {
    private SameBitsMain() {}

    /**
     * Prints the name of the active kernels and the fingerprint.
     *
     * @param args "small" for an interpreter, "few" repeats for a JVM that compiles soon
     */
    public static void main(String[] args) {
        String size = args.length > 0 ? args[0] : "";
        boolean small = size.equals("small");
        if (Kernels.active().lanes() > 1) {
            TileBits.require(small ? 1 : 3);
        }
        int repeats = small ? 1 : size.equals("few") ? 4 : 30; // enough for the compilers to take over
        String fingerprint = "";
        for (int r = 0; r < repeats; r++) {
            String now = fingerprint(small ? 1 : 3);
            if (r > 0 && !now.equals(fingerprint)) {
                throw new IllegalStateException("repeat " + r + " gives other bits than the one before");
            }
            fingerprint = now;
        }
        if (!small) {
            fingerprint = fingerprint(1);
        }
        System.out.println(Kernels.active().getClass().getSimpleName() + " " + fingerprint);
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
        Tensor batch = Tensor.zeros(8_500, 5); // longer than a chain of a product, and than one of a sum of rows
        Key.of(6).normal(batch, 0.1f, 1f);
        Tensor sums = batch.row(0).copy();
        batch.addSumOfRowsInto(sums);
        all.append(sums.sha256()).append(batch.matmul(batch, Transposed.LEFT).sha256());
        Tensor large = Tensor.zeros(40_000 * scale * scale); // with a scale of 3, all loops over it take threads
        Key.of(5).normal(large, 0f, 1f);
        Tensor squashed = large.tanh();
        squashed.tanhGradInto(large.relu(), squashed);
        all.append(squashed.sha256()).append(large.add(squashed).sha256());
        all.append(large.sum()).append(large.norm()).append(large.variance()).append(large.maxAbs());
        IntStream.of(Key.of(3).permutation(100)).forEach(all::append);
        return Tensor.of(toFloats(all), all.length()).sha256();
    }

    private static float[] toFloats(CharSequence text) {
        float[] values = new float[text.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = text.charAt(i);
        }
        return values;
    }
}
