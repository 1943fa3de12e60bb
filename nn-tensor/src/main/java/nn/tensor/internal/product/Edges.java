package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.WIDE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import nn.tensor.internal.thread.Scratch;

/**
 * Tiles that stick out of C. Only whole tiles run in the hot methods, because C2 compiles slower code for a kernel with
 * a tail once it has seen an odd size: so a partial tile is computed into a temporary, whose valid part is copied.
 */
public final class Edges {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** The most floats of a tile. */
    public static final int LARGEST_TILE = 16 * WIDE;

    private Edges() {}

    /**
     * Whether a tile that is wider than C may be written to C directly: where all of C is narrower than a tile, the
     * excess of a row lies in the next rows, which overwrite it. Not possible where sums begin with the values of C.
     */
    static boolean mayOverrun(Product p, int width, int step, float[] c, float[] start) {
        return width < step && p.cs == width && start != c;
    }

    /** Whether the store of a tile's last row may overrun it by the rest of a step, into the rows below it. */
    static boolean hasRoom(int rowsBelow, int width, int step) {
        return rowsBelow * width >= step - width;
    }

    /** A row of initial values, from column j on, as long as a tile. */
    static float[] paddedRow(Product p, int j, int width, int step, float[] start) {
        float[] row = Scratch.START.floats(WIDE);
        Packing.copyVectors(width, 1, start, p.so + j * p.sj, 0, row, 0, step);
        return row;
    }

    /** The product with C in a temporary tile, whose rows are a step apart and hold the initial values of the sums. */
    static Product inTemporary(Product p, int step) {
        return p.part().c(0, step).beginWithC();
    }

    /**
     * A temporary for a tile of which only some rows or columns, from (i, j) on, belong to C, filled with the initial
     * values of the sums.
     *
     * @param step floats from row to row: one vector or two
     */
    static float[] temporary(Product p, int i, int j, int rows, int width, int step, float[] start) {
        float[] tile = Scratch.TILE.floats(LARGEST_TILE);
        Packing.copyVectors(width, rows, start, p.so + i * p.ss + j * p.sj, p.ss, tile, 0, step);
        return tile;
    }

    /** Copies the valid part of a temporary tile into C, where it begins at (i, j). */
    static void copyBack(Product p, int i, int j, int rows, int width, int step, float[] tile, float[] c) {
        copyBack(rows, width, step, tile, 0, c, p.co + i * p.cs + j, p.cs);
    }

    static void copyBack(int rows, int width, int step, float[] tile, int at, float[] c, int co, int cs) {
        if (rows == 0) {
            return; // before a mask is made, see EmptyCall
        }
        for (int v = 0; v < width; v += LANES) {
            VectorMask<Float> lanes = SPECIES.indexInRange(v, width);
            int from = at + v;
            int to = co + v;
            for (int r = 0; r < rows; r++) {
                FloatVector.fromArray(SPECIES, tile, from).intoArray(c, to, lanes);
                from += step;
                to += cs;
            }
        }
    }
}
