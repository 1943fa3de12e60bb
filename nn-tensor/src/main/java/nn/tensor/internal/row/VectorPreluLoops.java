package nn.tensor.internal.row;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link PreluLoops} in full vectors, with the same bits; the ends of rows are left to it. */
public final class VectorPreluLoops {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private VectorPreluLoops() {}

    /** {@link PreluLoops#apply}. */
    public static void apply(Submatrix part, Operand slopes, Operand x, Operand y) {
        if (part.columns == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(part.columns);
        float[] as = slopes.array();
        float[] xs = x.array();
        float[] ys = y.array();
        int ao = slopes.offset() + part.column;
        for (int i = 0; i < part.rows; i++) {
            int xo = x.offset() + part.at + i * part.step;
            int yo = y.offset() + part.at + i * part.step;
            for (int j = 0; j < full; j += LANES) {
                FloatVector v = fromArray(SPECIES, xs, xo + j);
                FloatVector slope = fromArray(SPECIES, as, ao + j);
                slope.blend(1f, v.compare(VectorOperators.GT, 0f)).mul(v).intoArray(ys, yo + j);
            }
        }
        if (full < part.columns) {
            PreluLoops.apply(part, full, slopes, x, y);
        }
    }

    /** {@link PreluLoops#gradient}. */
    public static void gradient(
            Submatrix part, Operand slopes, Operand x, Operand dy, Operand dx, float[] sums, int so) {
        if (part.columns == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(part.columns);
        float[] as = slopes.array();
        float[] xs = x.array();
        float[] gs = dy.array();
        float[] dxs = dx.array();
        int ao = slopes.offset() + part.column;
        for (int i = 0; i < part.rows; i++) {
            int at = part.at + i * part.step;
            int xo = x.offset() + at;
            int go = dy.offset() + at;
            int dxo = dx.offset() + at;
            for (int j = 0; j < full; j += LANES) {
                FloatVector v = fromArray(SPECIES, xs, xo + j);
                FloatVector d = fromArray(SPECIES, gs, go + j);
                FloatVector sum = fromArray(SPECIES, sums, so + j);
                VectorMask<Float> above = v.compare(VectorOperators.GT, 0f);
                FloatVector slope = fromArray(SPECIES, as, ao + j);
                slope.blend(1f, above).mul(d).intoArray(dxs, dxo + j);
                sum.add(d.mul(v).blend(0f, above)).intoArray(sums, so + j);
            }
        }
        if (full < part.columns) {
            PreluLoops.gradient(part, full, slopes, x, dy, dx, sums, so);
        }
    }
}
