package nn.tensor.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Writes {@link VectorTiles}, {@link VectorSteps}, {@link VectorDoubleTiles} and {@link VectorSquares}: register tiles
 * differ in height, width and the layout of A, and C2 needs each of them written out. To change them, change this and
 * run it from the folder of the module:
 *
 * <pre>java src/test/java/nn/tensor/internal/TileWriter.java</pre>
 */
public final class TileWriter {
    private static final Path FOLDER = Path.of("src", "main", "java", "nn", "tensor", "internal");
    static final Path FLOATS = FOLDER.resolve("VectorTiles.java");
    static final Path STEPS = FOLDER.resolve("VectorSteps.java");
    static final Path DOUBLES = FOLDER.resolve("VectorDoubleTiles.java");
    static final Path SQUARES = FOLDER.resolve("VectorSquares.java");

    /** Where a tile finds A. */
    private enum Layout {
        ROWS("where it is, row by row"),
        BLOCK("copied, row by row"),
        COLUMNS("column by column");

        final String text;

        Layout(String text) {
            this.text = text;
        }
    }

    private static final int SQUARE = 16;

    private static final int MOST_STEPS = 12; // 24 vectors of B, of 32 registers

    private final StringBuilder out = new StringBuilder();

    private TileWriter() {}

    /** Rewrites the files. */
    public static void main(String[] args) throws IOException {
        Files.writeString(FLOATS, floats());
        Files.writeString(STEPS, steps());
        Files.writeString(DOUBLES, doubles());
        Files.writeString(SQUARES, squares());
    }

    static String floats() {
        TileWriter writer = new TileWriter();
        writer.head();
        writer.tile(6, 2, Layout.ROWS);
        writer.tile(13, 2, Layout.BLOCK);
        for (int height : new int[] {12, 8, 5, 4}) {
            writer.tile(height, 2, Layout.BLOCK);
            writer.tile(height, 2, Layout.COLUMNS);
        }
        writer.tile(8, 1, Layout.ROWS);
        writer.tile(16, 1, Layout.COLUMNS);
        writer.tile(8, 1, Layout.COLUMNS);
        writer.tile(1, 16, Layout.BLOCK);
        return writer.out.append("}\n").toString();
    }

    static String steps() {
        TileWriter writer = new TileWriter();
        writer.stepsHead();
        for (int steps = 1; steps <= MOST_STEPS; steps++) {
            writer.steps(steps);
        }
        return writer.out.append("}\n").toString();
    }

    static String doubles() {
        TileWriter writer = new TileWriter();
        writer.doubleHead();
        writer.doubleTile(6, 4, true);
        writer.doubleTile(8, 2, false);
        writer.doubleTile(4, 2, true);
        writer.doubleTile(4, 2, false);
        writer.doubleTile(1, 4, true);
        return writer.out.append("}\n").toString();
    }

    static String squares() {
        TileWriter writer = new TileWriter();
        writer.squaresHead();
        writer.square("x", "from", "xs");
        for (int r = 0; r < SQUARE; r++) {
            writer.line("            r%d.intoArray(y, %s);", r, row("to", "ys", r));
        }
        writer.line("        }");
        writer.line("    }");
        writer.dots(1);
        writer.dots(2);
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
                 * Register tiles of a product: so many rows of C by so many vectors, kept in registers while the inner index
                 * runs. Written by {@code TileWriter}, which stands among the tests; not to be edited by hand.
                 *
                 * <p>Element (r, p) of A is at {@code ao + r * as + p} in a tile of rows, at {@code ao + r * APART + p} in one of
                 * a block, where {@code as} is 1, and at {@code ao + r + p * as} in one of columns. Element (p, j) of B is at
                 * {@code bo + p * bs + j}; the tile of rows that is two vectors wide takes B from a panel as
                 * wide. Element (r, j) of C is at {@code co + r * cs + j}. Sums begin with {@code from}, in rows at the step
                 * {@code fs}: C itself, a bias or zeros with a step of 0. With a negative k nothing is done ({@link
                 * VectorWarmUp}).
                 *
                 * <p>What C2 (JDK 25) needs here, and what it cost to do otherwise, in GFLOP/s of one core of 174:
                 * <ul>
                 *   <li>In a tile of a block, the places of A's elements differ from one another by constants, so that one
                 *       register addresses all of them and two range checks cover them. With a variable step: 80 to 140 in
                 *       place of 160 to 175.
                 *   <li>In a tile of rows, places are the counter plus something fixed, or times a constant: then C2 checks
                 *       ranges before the loop. It keeps a register for each row, so there are at most eight. Where there
                 *       are eight, the step of B is a variable: with a constant 80 in place of 118.
                 *   <li>In the others, the inner steps of A and B are variables, {@code as} even where it is always 1: with a
                 *       constant C2 splits the loop, and 12 by 2 varied between 119 and 155.
                 *   <li>Rows of C are places computed by a multiplication. Stepped through by additions, which are fewer
                 *       instructions, they cost the loop a fifth (121 in place of 150 for a product of 256).
                 *   <li>The sums begin with a load that is always done; a branch around it made C2 spill.
                 *   <li>There is no mask: C2 boxed the sums of a tile that had one as an argument, and took three times as
                 *       long over a tile of masked loads and stores.
                 * </ul>
                 */
                final class VectorTiles {
                    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

                    /** Floats in a vector. */
                    static final int LANES = SPECIES.length();

                    /**
                     * Floats from row to row of A in a tile of rows: the longest row and a cache line, so that neighbours
                     * fall into neighbouring sets of a cache.
                     */
                    static final int APART = 256 + 16;

                    private VectorTiles() {}"""
                        .replace("%", "%%"));
    }

    private void tile(int height, int width, Layout layout) {
        boolean rows = layout == Layout.ROWS;
        boolean panel = rows && width == 2;
        line("");
        line("    /** %d by %d, A %s. */", height, width, layout.text);
        line("    static void %s%dx%d(", layout.name().toLowerCase(Locale.ROOT), height, width);
        line("            int k, float[] a, int ao, int as, float[] b, int bo,%s", panel ? "" : " int bs,");
        line("            float[] from, int fo, int fs, float[] c, int co, int cs) {");
        line("        if (k < 0) {");
        line("            return;");
        line("        }");
        for (int r = 0; r < height; r++) {
            for (int v = 0; v < width; v++) {
                String place = place(row("fo", "fs", r), v);
                line("        FloatVector %s = FloatVector.fromArray(SPECIES, from, %s);", sum(height, r, v), place);
            }
        }
        for (int r = 0; rows && r < height; r++) {
            line("        int a%d = %s;", r, row("ao", "as", r));
        }
        if (!rows) {
            line("        int ap = ao;");
        }
        if (!panel) {
            line("        int bp = bo;");
        }
        line("        for (int p = 0; p < k; p++) {");
        String row = panel ? "bo + p * (2 * LANES)" : "bp";
        if (height == 1) {
            line("            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);");
            for (int v = 0; v < width; v++) {
                String sum = sum(height, 0, v);
                line("            %s = x.fma(FloatVector.fromArray(SPECIES, b, %s), %s);", sum, place(row, v), sum);
            }
        } else {
            for (int v = 0; v < width; v++) {
                line("            FloatVector b%d = FloatVector.fromArray(SPECIES, b, %s);", v, place(row, v));
            }
            for (int r = 0; r < height; r++) {
                String at = switch (layout) {
                    case ROWS -> "a" + r + " + p";
                    case BLOCK -> row("ap", "APART", r);
                    case COLUMNS -> "ap" + (r == 0 ? "" : " + " + r);
                };
                line("            %sx = FloatVector.broadcast(SPECIES, a[%s]);", r == 0 ? "FloatVector " : "", at);
                for (int v = 0; v < width; v++) {
                    line("            %s = x.fma(b%d, %s);", sum(height, r, v), v, sum(height, r, v));
                }
            }
        }
        if (!rows) {
            line("            ap += as;");
        }
        if (!panel) {
            line("            bp += bs;");
        }
        line("        }");
        for (int r = 0; r < height; r++) {
            for (int v = 0; v < width; v++) {
                line("        %s.intoArray(c, %s);", sum(height, r, v), place(row("co", "cs", r), v));
            }
        }
        line("    }");
    }

    private void stepsHead() {
        line(
                """
                package nn.tensor.internal;

                import jdk.incubator.vector.FloatVector;
                import jdk.incubator.vector.VectorSpecies;

                /**
                 * Products of a short inner size: a strip of B, two vectors wide, stays in registers while the rows of A and C
                 * go by. Written by {@code TileWriter}, which stands among the tests; not to be edited by hand.
                 *
                 * <p>Element (i, p) of A is at {@code ao + i * ars + p * aps}, element (p, j) of B at {@code bo + p * bs + j},
                 * element (i, j) of C at {@code co + i * cs + j}. Sums begin with {@code from}, in rows at the step {@code fs}:
                 * C itself, a bias or zeros with a step of 0. Without rows nothing is done ({@link VectorWarmUp}).
                 *
                 * <p>Where there are 16 registers, 7 to 12 steps are left to tiles. Strips one vector wide lose: a broadcast
                 * that is used once is not loaded by one instruction by C2 (JDK 25), but by two, one of which waits for the
                 * only port of shuffles. So do four rows written out to the end, with B in the cache: without checks of ranges
                 * in between C2 moves loads up until it spills the sums.
                 */
                final class VectorSteps {
                    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
                    private static final int LANES = SPECIES.length();

                    private VectorSteps() {}

                    /** m rows of the strip; k is 1 to %d. */
                    static void strip(
                            int k, int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
                            float[] from, int fo, int fs, float[] c, int co, int cs) {
                        switch (k) {""",
                MOST_STEPS);
        for (int k = 1; k <= MOST_STEPS; k++) {
            line("            case %d -> strip%d(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);", k, k);
        }
        line("            default -> throw new IllegalArgumentException(\"no strip has \" + k + \" inner steps\");");
        line("        }");
        line("    }");
    }

    private void steps(int k) {
        line("");
        line("    private static void strip%d(", k);
        line("            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,");
        line("            float[] from, int fo, int fs, float[] c, int co, int cs) {");
        line("        if (m == 0) {");
        line("            return;");
        line("        }");
        for (int p = 0; p < k; p++) {
            String row = row("bo", "bs", p);
            line("        FloatVector b%d = FloatVector.fromArray(SPECIES, b, %s);", p, row);
            line("        FloatVector d%d = FloatVector.fromArray(SPECIES, b, %s + LANES);", p, row);
        }
        for (int p = 0; p < k; p++) {
            line("        int a%d = %s;", p, row("ao", "aps", p));
        }
        line("        int at = 0;");
        line("        int fp = fo;");
        line("        int cp = co;");
        line("        for (int i = 0; i < m; i++) {");
        line("            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);");
        line("            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);");
        for (int p = 0; p < k; p++) {
            line("            %sx = FloatVector.broadcast(SPECIES, a[a%d + at]);", p == 0 ? "FloatVector " : "", p);
            line("            s = x.fma(b%d, s);", p);
            line("            t = x.fma(d%d, t);", p);
        }
        line("            s.intoArray(c, cp);");
        line("            t.intoArray(c, cp + LANES);");
        line("            at += ars;");
        line("            fp += fs;");
        line("            cp += cs;");
        line("        }");
        line("    }");
    }

    private void doubleHead() {
        line(
                """
                package nn.tensor.internal;

                import static nn.tensor.internal.DoubleMatmul.WIDTH;

                import jdk.incubator.vector.DoubleVector;
                import jdk.incubator.vector.VectorShape;
                import jdk.incubator.vector.VectorSpecies;

                /**
                 * Register tiles of a product of strips in double: so many rows of C by so many vectors, kept in registers
                 * while the inner index runs. Written by {@code TileWriter}, which stands among the tests; not to be edited
                 * by hand.
                 *
                 * <p>Element (r, p) of A is at {@code ao + r * WIDTH + p} in a tile of rows, at {@code ao + r + p * WIDTH} in
                 * a tile of columns. Rows of B and C are WIDTH apart: with a constant step C2 (JDK 25) drops range checks.
                 * With a negative k nothing is done ({@link VectorWarmUp}).
                 */
                final class VectorDoubleTiles {
                    /** At most 512 bits, so that four vectors never are wider than a strip. */
                    static final VectorSpecies<Double> SPECIES =
                            DoubleVector.SPECIES_PREFERRED.vectorBitSize() > 512
                                    ? VectorSpecies.of(double.class, VectorShape.S_512_BIT)
                                    : DoubleVector.SPECIES_PREFERRED;

                    /** Doubles in a vector. */
                    static final int LANES = SPECIES.length();

                    private VectorDoubleTiles() {}""");
    }

    private void doubleTile(int height, int width, boolean rows) {
        line("");
        line("    /** %d by %d, A %s. */", height, width, rows ? "row by row" : "column by column");
        line(
                "    static void %s%dx%d(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {",
                rows ? "rows" : "columns", height, width);
        line("        if (k < 0) {");
        line("            return;");
        line("        }");
        for (int r = 0; r < height; r++) {
            for (int v = 0; v < width; v++) {
                String place = place(row("co", "WIDTH", r), v);
                line("        DoubleVector %s = DoubleVector.fromArray(SPECIES, c, %s);", sum(height, r, v), place);
            }
        }
        line("        for (int p = 0; p < k; p++) {");
        line("            int ap = ao + p%s;", rows ? "" : " * WIDTH");
        line("            int bp = bo + p * WIDTH;");
        for (int v = 0; v < width; v++) {
            line("            DoubleVector b%d = DoubleVector.fromArray(SPECIES, b, %s);", v, place("bp", v));
        }
        for (int r = 0; r < height; r++) {
            String at = rows ? row("ap", "WIDTH", r) : r == 0 ? "ap" : "ap + " + r;
            line("            %sx = DoubleVector.broadcast(SPECIES, a[%s]);", r == 0 ? "DoubleVector " : "", at);
            for (int v = 0; v < width; v++) {
                line("            %s = x.fma(b%d, %s);", sum(height, r, v), v, sum(height, r, v));
            }
        }
        line("        }");
        for (int r = 0; r < height; r++) {
            for (int v = 0; v < width; v++) {
                line("        %s.intoArray(c, %s);", sum(height, r, v), place(row("co", "WIDTH", r), v));
            }
        }
        line("    }");
    }

    private void squaresHead() {
        line(
                """
                package nn.tensor.internal;

                import jdk.incubator.vector.FloatVector;
                import jdk.incubator.vector.VectorSpecies;

                /**
                 * Squares of 16 by 16, transposed in registers, for vectors as long. Written by {@code TileWriter}, which stands
                 * among the tests; not to be edited by hand.
                 *
                 * <p>Four times, rows whose numbers differ in one bit exchange the halves of their elements whose numbers differ
                 * in it: 64 shuffles for 256 elements. {@link VectorTranspose} says what they are good for.
                 */
                final class VectorSquares {
                    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
                    private static final int LANES = SPECIES.length();

                    /** Rows and columns of a square. */
                    static final int SIZE = 16;

                    private static final FloatVector EVEN1 = even(1);
                    private static final FloatVector EVEN2 = even(2);
                    private static final FloatVector EVEN4 = even(4);
                    private static final FloatVector EVEN8 = even(8);
                    private static final FloatVector ODD1 = odd(1);
                    private static final FloatVector ODD2 = odd(2);
                    private static final FloatVector ODD4 = odd(4);
                    private static final FloatVector ODD8 = odd(8);

                    private VectorSquares() {}

                    /** Of each lane without the bit, what the first of two rows has there; else what the second has before it. */
                    private static FloatVector even(int bit) {
                        float[] from = new float[LANES];
                        for (int lane = 0; lane < LANES; lane++) {
                            from[lane] = (lane & bit) == 0 ? lane : LANES + lane - bit;
                        }
                        return FloatVector.fromArray(SPECIES, from, 0);
                    }

                    /** Of each lane with the bit, what the second of two rows has there; else what the first has behind it. */
                    private static FloatVector odd(int bit) {
                        float[] from = new float[LANES];
                        for (int lane = 0; lane < LANES; lane++) {
                            from[lane] = (lane & bit) == 0 ? lane + bit : LANES + lane;
                        }
                        return FloatVector.fromArray(SPECIES, from, 0);
                    }

                    /** y = x' for so many rows, a multiple of 16, of 16 columns. */
                    static void transpose(int rows, float[] x, int xo, int xs, float[] y, int yo, int ys) {
                        for (int i = 0; i < rows; i += SIZE) {
                            int from = xo + i * xs;
                            int to = yo + i;""");
    }

    /** Loads a square and transposes it in registers. */
    private void square(String array, String offset, String step) {
        for (int r = 0; r < SQUARE; r++) {
            line("            FloatVector r%d = FloatVector.fromArray(SPECIES, %s, %s);", r, array, row(offset, step, r));
        }
        line("            FloatVector r;");
        for (int bit = 1; bit < SQUARE; bit *= 2) {
            for (int r = 0; r < SQUARE; r++) {
                if ((r & bit) == 0) {
                    line("            r = EVEN%d.selectFrom(r%d, r%d);", bit, r, r + bit);
                    line("            r%d = ODD%d.selectFrom(r%d, r%d);", r + bit, bit, r, r + bit);
                    line("            r%d = r;", r);
                }
            }
        }
    }

    private void dots(int rows) {
        line("");
        line("    /** 16 columns of %d of C += A B', over k inner steps, a multiple of 16. */", rows);
        line("    static void dots%d(", rows);
        line("            int k, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs, float[] c, int co, int cs) {");
        line("        if (k == 0) {");
        line("            return;");
        line("        }");
        for (int i = 0; i < rows; i++) {
            line("        FloatVector c%d = FloatVector.fromArray(SPECIES, c, %s);", i, row("co", "cs", i));
        }
        line("        for (int p = 0; p < k; p += SIZE) {");
        line("            int at = ao + p * aps;");
        line("            int from = bo + p;");
        square("b", "from", "bs");
        for (int r = 0; r < SQUARE; r++) {
            for (int i = 0; i < rows; i++) {
                String at = row("at", "aps", r) + (i == 0 ? "" : " + ars");
                line("            c%d = FloatVector.broadcast(SPECIES, a[%s]).fma(r%d, c%d);", i, at, r, i);
            }
        }
        line("        }");
        for (int i = 0; i < rows; i++) {
            line("        c%d.intoArray(c, %s);", i, row("co", "cs", i));
        }
        line("    }");
    }

    private static String sum(int height, int row, int vector) {
        return height == 1 ? "c" + vector : "cdef".charAt(vector) + "" + row;
    }

    private static String row(String offset, String step, int row) {
        return offset + (row == 0 ? "" : row == 1 ? " + " + step : " + " + row + " * " + step);
    }

    private static String place(String offset, int vector) {
        return offset + (vector == 0 ? "" : vector == 1 ? " + LANES" : " + " + vector + " * LANES");
    }
}
