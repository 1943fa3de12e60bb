package nn.tensor.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes {@link VectorTiles}: register tiles differ in height, width and the layout of A, and C2 needs each of them
 * written out. To change them, change this and run it from the folder of the module:
 *
 * <pre>java src/test/java/nn/tensor/internal/TileWriter.java</pre>
 */
public final class TileWriter {
    static final Path TARGET = Path.of("src", "main", "java", "nn", "tensor", "internal", "VectorTiles.java");

    /** Of each width, in vectors, the heights. */
    private static final int[][] TILES = {{2, 12}, {2, 8}, {1, 8}, {2, 5}, {2, 4}};

    private final StringBuilder out = new StringBuilder();

    private TileWriter() {}

    /** Rewrites the file. */
    public static void main(String[] args) throws IOException {
        Files.writeString(TARGET, source());
    }

    static String source() {
        TileWriter writer = new TileWriter();
        writer.head();
        for (int[] tile : TILES) {
            writer.tile(tile[1], tile[0], true);
            writer.tile(tile[1], tile[0], false);
        }
        writer.row(8);
        return writer.out.append("}\n").toString();
    }

    private void line(String format, Object... values) {
        out.append(format.formatted(values)).append('\n');
    }

    private void head() {
        line(
                """
                package nn.tensor.internal;

                import jdk.incubator.vector.FloatVector;
                import jdk.incubator.vector.VectorSpecies;

                /**
                 * Register tiles of a product: so many rows of C by so many vectors, kept in registers while the inner index runs.
                 * Written by {@code TileWriter}, which stands among the tests; not to be edited by hand.
                 *
                 * <p>Element (r, p) of A is at {@code ao + r * APART + p} in a tile of rows, at {@code ao + r + p * as} in a tile of
                 * columns. Element (p, j) of B is at {@code bo + p * bs + j}, (r, j) of C at {@code co + r * cs + j}. Sums begin with
                 * {@code from}, laid out like C: C itself, or zeros with a step of 0.
                 *
                 * <p>What C2 needs here, and what it cost to do otherwise:
                 * <ul>
                 *   <li>The places of A's elements differ from one another by constants, so that one register addresses all of them
                 *       and two range checks cover them. With a variable step from row to row: 80 to 140 GFLOP/s in place of 160.
                 *   <li>The inner step of A and B is a variable, {@code as} even where it is always 1: with a constant C2 splits and
                 *       unrolls the loop, and then spills sums (130 in place of 160).
                 *   <li>The sums begin with a load that is always done; a branch around it made C2 spill.
                 *   <li>No mask is an argument: C2 boxed the sums of a tile that had one.
                 * </ul>
                 */
                final class VectorTiles {
                    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

                    /** Floats in a vector. */
                    static final int LANES = SPECIES.length();

                    /**
                     * Floats from row to row of A in a tile of rows: the longest row and a cache line, so that neighbours fall into
                     * neighbouring sets of a cache.
                     */
                    static final int APART = 256 + 16;

                    private VectorTiles() {}"""
                        .replace("%", "%%"));
    }

    private void tile(int height, int width, boolean rows) {
        String name = (rows ? "rows" : "columns") + height + "x" + width;
        line("");
        line("    /** %d by %d, A %s. */", height, width, rows ? "row by row" : "column by column");
        line("    static void %s(", name);
        line("            int k, float[] a, int ao%s, float[] b, int bo, int bs,", ", int as");
        line("            float[] from, int fo, int fs, float[] c, int co, int cs) {");
        for (int r = 0; r < height; r++) {
            for (int v = 0; v < width; v++) {
                line("        FloatVector %s = FloatVector.fromArray(SPECIES, from, %s);", sum(r, v), place("fo", "fs", r, v));
            }
        }
        line("        int ap = ao;");
        line("        int bp = bo;");
        line("        for (int p = 0; p < k; p++) {");
        for (int v = 0; v < width; v++) {
            line("            FloatVector b%d = FloatVector.fromArray(SPECIES, b, bp%s);", v, v == 0 ? "" : " + LANES");
        }
        for (int r = 0; r < height; r++) {
            String apart = r == 0 ? "" : rows ? r == 1 ? " + APART" : " + %d * APART".formatted(r) : " + " + r;
            line("            %sx = FloatVector.broadcast(SPECIES, a[ap%s]);", r == 0 ? "FloatVector " : "", apart);
            for (int v = 0; v < width; v++) {
                line("            %s = x.fma(b%d, %s);", sum(r, v), v, sum(r, v));
            }
        }
        line("            ap += as;");
        line("            bp += bs;");
        line("        }");
        for (int r = 0; r < height; r++) {
            for (int v = 0; v < width; v++) {
                line("        %s.intoArray(c, %s);", sum(r, v), place("co", "cs", r, v));
            }
        }
        line("    }");
    }

    /** One row by some vectors. */
    private void row(int width) {
        line("");
        line("    /** 1 by %d, A at any step. */", width);
        line("    static void row1x%d(", width);
        line("            int k, float[] a, int ao, int as, float[] b, int bo, int bs, float[] from, int fo, float[] c, int co) {");
        for (int v = 0; v < width; v++) {
            line("        FloatVector c%d = FloatVector.fromArray(SPECIES, from, %s);", v, place("fo", "", 0, v));
        }
        line("        int ap = ao;");
        line("        int bp = bo;");
        line("        for (int p = 0; p < k; p++) {");
        line("            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);");
        for (int v = 0; v < width; v++) {
            line("            c%d = x.fma(FloatVector.fromArray(SPECIES, b, %s), c%d);", v, place("bp", "", 0, v), v);
        }
        line("            ap += as;");
        line("            bp += bs;");
        line("        }");
        for (int v = 0; v < width; v++) {
            line("        c%d.intoArray(c, %s);", v, place("co", "", 0, v));
        }
        line("    }");
    }

    private static String sum(int row, int vector) {
        return "cd".charAt(vector) + "" + row;
    }

    private static String place(String offset, String step, int row, int vector) {
        return offset
                + (row == 0 ? "" : row == 1 ? " + " + step : " + " + row + " * " + step)
                + (vector == 0 ? "" : vector == 1 ? " + LANES" : " + " + vector + " * LANES");
    }
}
