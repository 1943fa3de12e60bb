package nn.tensor.internal.row;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The vector implementation of {@link Columns}: whole vectors here, the last columns there. */
public final class VectorColumns {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = SPECIES.vectorShape().withLanes(int.class);
    private static final int LANES = SPECIES.length();

    private VectorColumns() {}

    /** Each pass adds eight rows, in order, so that sums are loaded and stored an eighth as often. */
    public static void addRows(int rows, int columns, float[] x, int xo, int step, float[] sums, int so) {
        if (rows == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(columns);
        int eights = rows - rows % 8;
        for (int i = 0; i < eights; i += 8) {
            for (int j = 0; j < full; j += LANES) {
                int at = xo + i * step + j;
                fromArray(SPECIES, sums, so + j)
                        .add(fromArray(SPECIES, x, at))
                        .add(fromArray(SPECIES, x, at + step))
                        .add(fromArray(SPECIES, x, at + 2 * step))
                        .add(fromArray(SPECIES, x, at + 3 * step))
                        .add(fromArray(SPECIES, x, at + 4 * step))
                        .add(fromArray(SPECIES, x, at + 5 * step))
                        .add(fromArray(SPECIES, x, at + 6 * step))
                        .add(fromArray(SPECIES, x, at + 7 * step))
                        .intoArray(sums, so + j);
            }
        }
        for (int i = eights; i < rows; i++) {
            for (int j = 0; j < full; j += LANES) {
                fromArray(SPECIES, sums, so + j)
                        .add(fromArray(SPECIES, x, xo + i * step + j))
                        .intoArray(sums, so + j);
            }
        }
        Columns.addRows(rows, columns - full, x, xo + full, step, sums, so + full);
    }

    /** {@link Columns#takeLarger}. */
    public static void takeLarger(int row, float[] x, int xo, float[] most, int mo, int[] at, int ao, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector value = fromArray(SPECIES, x, xo + i);
            FloatVector before = fromArray(SPECIES, most, mo + i);
            VectorMask<Float> larger =
                    value.compare(VectorOperators.LE, before).not().and(before.compare(VectorOperators.EQ, before));
            before.blend(value, larger).intoArray(most, mo + i);
            IntVector.fromArray(INTS, at, ao + i).blend(row, larger.cast(INTS)).intoArray(at, ao + i);
        }
        Columns.takeLarger(row, x, xo + full, most, mo + full, at, ao + full, n - full);
    }

    /** {@link Columns#takeLargerGrad}. */
    public static void takeLargerGrad(int row, int[] at, int ao, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < full; i += LANES) {
            VectorMask<Integer> here = IntVector.fromArray(INTS, at, ao + i).compare(VectorOperators.EQ, row);
            zero.blend(fromArray(SPECIES, dy, dyo + i), here.cast(SPECIES)).intoArray(dx, dxo + i);
        }
        Columns.takeLargerGrad(row, at, ao + full, dy, dyo + full, dx, dxo + full, n - full);
    }
}
