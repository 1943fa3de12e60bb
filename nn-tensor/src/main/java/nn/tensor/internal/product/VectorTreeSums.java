package nn.tensor.internal.product;

import static jdk.incubator.vector.FloatVector.fromArray;
import static nn.tensor.internal.product.TilePlan.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of held tiles in the order of a tree, row by row; a row is two vectors. The rows of a held tile have no gaps.
 * Their step is an argument all the same, so that C2 checks places once a row: with a constant, it checks those of all
 * 16 vectors before the loop. Four and eight tiles are neighbours: each begins where the one before it ends.
 */
final class VectorTreeSums {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int TILE = VectorProductSums.TILE;

    private VectorTreeSums() {}

    /** The sum of two tiles, from {@code xo} and {@code yo} on; the result may be one of them. */
    static void two(int rows, float[] held, int xo, int yo, int hs, float[] c, int co, int cs) {
        int x = xo;
        int y = yo;
        int to = co;
        for (int r = 0; r < rows; r++) {
            fromArray(SPECIES, held, x).add(fromArray(SPECIES, held, y)).intoArray(c, to);
            fromArray(SPECIES, held, x + LANES)
                    .add(fromArray(SPECIES, held, y + LANES))
                    .intoArray(c, to + LANES);
            x += hs;
            y += hs;
            to += cs;
        }
    }

    /** The sum of four neighbours; the result may be the first one. */
    static void four(int rows, float[] held, int ho, int hs, float[] c, int co, int cs) {
        int at = ho;
        int to = co;
        for (int r = 0; r < rows; r++) {
            FloatVector s0 = fromArray(SPECIES, held, at).add(fromArray(SPECIES, held, at + TILE));
            FloatVector s2 = fromArray(SPECIES, held, at + 2 * TILE).add(fromArray(SPECIES, held, at + 3 * TILE));
            s0.add(s2).intoArray(c, to);
            s0 = fromArray(SPECIES, held, at + LANES).add(fromArray(SPECIES, held, at + LANES + TILE));
            s2 = fromArray(SPECIES, held, at + LANES + 2 * TILE).add(fromArray(SPECIES, held, at + LANES + 3 * TILE));
            s0.add(s2).intoArray(c, to + LANES);
            at += hs;
            to += cs;
        }
    }

    /** The sum of eight neighbours; the result may be the first one. */
    static void eight(int rows, float[] held, int ho, int hs, float[] c, int co, int cs) {
        int at = ho;
        int to = co;
        for (int r = 0; r < rows; r++) {
            FloatVector s0 = fromArray(SPECIES, held, at).add(fromArray(SPECIES, held, at + TILE));
            FloatVector s2 = fromArray(SPECIES, held, at + 2 * TILE).add(fromArray(SPECIES, held, at + 3 * TILE));
            FloatVector s4 = fromArray(SPECIES, held, at + 4 * TILE).add(fromArray(SPECIES, held, at + 5 * TILE));
            FloatVector s6 = fromArray(SPECIES, held, at + 6 * TILE).add(fromArray(SPECIES, held, at + 7 * TILE));
            s0.add(s2).add(s4.add(s6)).intoArray(c, to);
            s0 = fromArray(SPECIES, held, at + LANES).add(fromArray(SPECIES, held, at + LANES + TILE));
            s2 = fromArray(SPECIES, held, at + LANES + 2 * TILE).add(fromArray(SPECIES, held, at + LANES + 3 * TILE));
            s4 = fromArray(SPECIES, held, at + LANES + 4 * TILE).add(fromArray(SPECIES, held, at + LANES + 5 * TILE));
            s6 = fromArray(SPECIES, held, at + LANES + 6 * TILE).add(fromArray(SPECIES, held, at + LANES + 7 * TILE));
            s0.add(s2).add(s4.add(s6)).intoArray(c, to + LANES);
            at += hs;
            to += cs;
        }
    }
}
