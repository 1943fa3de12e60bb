package nn.tensor.internal;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link PreluLoops} in full vectors, with the same bits; the ends of rows are left to it. */
final class VectorPreluLoops {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = SPECIES.length();

    private VectorPreluLoops() {}

    static void apply(int rows, int n, float[] slopes, int so, float[] x, int xo, float[] y, int yo) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < rows; i++) {
            int at = i * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector v = FloatVector.fromArray(SPECIES, x, xo + at + j);
                FloatVector slope = FloatVector.fromArray(SPECIES, slopes, so + j);
                slope.blend(1f, v.compare(VectorOperators.GT, 0f)).mul(v).intoArray(y, yo + at + j);
            }
            if (full < n) {
                PreluLoops.applyRow(n - full, slopes, so + full, x, xo + at + full, y, yo + at + full);
            }
        }
    }

    static void gradient(
            int rows,
            int n,
            int step,
            float[] slopes,
            int so,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo,
            float[] sums,
            int sumo) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < rows; i++) {
            int at = i * step;
            for (int j = 0; j < full; j += LANES) {
                FloatVector v = FloatVector.fromArray(SPECIES, x, xo + at + j);
                FloatVector d = FloatVector.fromArray(SPECIES, dy, dyo + at + j);
                FloatVector sum = FloatVector.fromArray(SPECIES, sums, sumo + j);
                VectorMask<Float> above = v.compare(VectorOperators.GT, 0f);
                FloatVector slope = FloatVector.fromArray(SPECIES, slopes, so + j);
                slope.blend(1f, above).mul(d).intoArray(dx, dxo + at + j);
                sum.add(d.mul(v).blend(0f, above)).intoArray(sums, sumo + j);
            }
            if (full < n) {
                PreluLoops.gradientRow(
                        n - full,
                        slopes,
                        so + full,
                        x,
                        xo + at + full,
                        dy,
                        dyo + at + full,
                        dx,
                        dxo + at + full,
                        sums,
                        sumo + full);
            }
        }
    }
}
