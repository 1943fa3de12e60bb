package nn.tensor.internal.product;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Generates {@link VectorTiles}, {@link VectorTreeTiles}, {@link VectorSteps}, {@link VectorDoubleTiles}, {@link
 * VectorSquares} and {@code VectorWindowTiles}: register tiles differ in height, width and the layout of A, and C2 needs
 * each of them written out. To change them, change this class and run it from the folder of the module:
 *
 * <pre>java src/test/java/nn/tensor/internal/product/TileWriter.java</pre>
 */
public final class TileWriter {
    private static final Path FOLDER = Path.of("src", "main", "java", "nn", "tensor", "internal");
    private static final Path PRODUCTS = FOLDER.resolve("product");
    static final Path FLOATS = PRODUCTS.resolve("VectorTiles.java");
    static final Path STEPS = PRODUCTS.resolve("VectorSteps.java");
    static final Path DOUBLES = PRODUCTS.resolve("VectorDoubleTiles.java");
    static final Path SQUARES = PRODUCTS.resolve("VectorSquares.java");
    static final Path WINDOWS = FOLDER.resolve("window").resolve("VectorWindowTiles.java");
    static final Path TREES = PRODUCTS.resolve("VectorTreeTiles.java");

    /** The layout of A in a tile. */
    private enum Layout {
        ROWS("where it is, row by row"),
        BLOCK("copied, row by row"),
        COLUMNS("column by column");

        final String text;

        Layout(String text) {
            this.text = text;
        }
    }

    /** The kinds of strips, by the place of A's elements and of the initial values of sums. */
    private enum Strip {
        ROWS("rows", "m rows of the strip, A row by row, sums that begin with zeros;"),
        COLUMNS("columns", "m rows of the strip, A column by column, sums that begin with zeros;"),
        ANY("strip", "m rows of the strip;");

        final String method;
        final String text;

        Strip(String method, String text) {
            this.method = method;
            this.text = text;
        }

        /** The steps through A as parameters or arguments. */
        String steps(String type) {
            return this == ANY ? type + "ars, " + type + "aps" : type + "as";
        }
    }

    /** Where the sums of a tile of windows begin. */
    private enum Begin {
        ROW("windows", "sums that begin with a row"),
        PLACES("added", "sums that begin with what is there"),
        PART("addedPart", "added to the first columns of what is there, up to a width; the others stay");

        final String method;
        final String text;

        Begin(String method, String text) {
            this.method = method;
            this.text = text;
        }
    }

    private static final int SQUARE = 16;

    /** Steps along a run in each turn of the inner loop. */
    private static final int STEPS_OF_RUN = 2;

    /** Taps of a depthwise tile of sums: those of a kernel of 3 x 3. */
    private static final int TAPS = 9;

    private static final int WIDE_STEPS = 3;

    private static final int MOST_STEPS = 12; // 24 vectors of B, of 32 registers

    private final StringBuilder out = new StringBuilder();

    private TileWriter() {}

    /** Rewrites the files. */
    public static void main(String[] args) throws IOException {
        Files.writeString(FLOATS, floats());
        Files.writeString(STEPS, steps());
        Files.writeString(DOUBLES, doubles());
        Files.writeString(SQUARES, squares());
        Files.writeString(WINDOWS, windows());
        Files.writeString(TREES, trees());
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
        writer.tile(10, 2, Layout.COLUMNS);
        writer.tile(8, 1, Layout.ROWS);
        writer.tile(16, 1, Layout.COLUMNS);
        writer.tile(8, 1, Layout.COLUMNS);
        writer.tile(1, 16, Layout.BLOCK);
        writer.tile(1, 8, Layout.BLOCK);
        writer.tile(1, 1, Layout.BLOCK);
        return writer.out.append("}\n").toString();
    }

    static String steps() {
        TileWriter writer = new TileWriter();
        writer.stepsHead();
        for (Strip kind : Strip.values()) {
            writer.strips(kind);
        }
        for (int steps = 1; steps <= MOST_STEPS; steps++) {
            for (Strip kind : Strip.values()) {
                writer.steps(steps, kind);
            }
        }
        writer.wide(1, 16);
        writer.wide(1, 8);
        for (int steps = 2; steps <= WIDE_STEPS; steps++) {
            writer.wide(steps, 8);
            writer.wide(steps, 4);
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
        writer.square("x", "from", "xs", true);
        for (int r = 0; r < SQUARE; r++) {
            writer.line("            r%d.reinterpretAsFloats().intoArray(y, %s);", r, row("to", "ys", r));
        }
        writer.line("        }");
        writer.line("    }");
        writer.panel();
        writer.dots(1);
        writer.dots(2);
        return writer.out.append("}\n").toString();
    }

    static String windows() {
        TileWriter writer = new TileWriter();
        writer.windowsHead();
        writer.windows(8, 2, STEPS_OF_RUN, Begin.ROW);
        writer.windows(6, 2, 1, Begin.ROW);
        writer.windows(8, 1, STEPS_OF_RUN, Begin.ROW);
        writer.windows(8, 2, STEPS_OF_RUN, Begin.PLACES);
        writer.windows(8, 1, STEPS_OF_RUN, Begin.PLACES);
        writer.windows(8, 2, STEPS_OF_RUN, Begin.PART);
        writer.windows(8, 1, STEPS_OF_RUN, Begin.PART);
        writer.singles(8, true);
        writer.singles(8, false);
        writer.outer(8, 2, false);
        writer.outer(5, 2, false);
        writer.outer(16, 1, false);
        writer.outer(8, 1, false);
        writer.outer(8, 1, true);
        writer.depthwise(8);
        writer.depthwiseOuter();
        return writer.out.append("}\n").toString();
    }

    static String trees() {
        TileWriter writer = new TileWriter();
        writer.treesHead();
        for (int height : new int[] {12, 8, 5, 4}) {
            writer.treeTile(height, 2);
            writer.treeTile(height, 1);
        }
        for (int height : new int[] {6, 4}) {
            writer.treePair(height, 2);
            writer.treePair(height, 1);
        }
        return writer.out.append("}\n").toString();
    }

    private void line(String format, Object... values) {
        out.append(format.formatted(values)).append('\n');
    }

    private void head() {
        line("""
            package nn.tensor.internal.product;

            import jdk.incubator.vector.FloatVector;
            import jdk.incubator.vector.VectorSpecies;
            import nn.tensor.internal.warmup.EmptyCall;

            /**
             * Register tiles of a product: a number of rows of C by a number of vectors, kept in registers while the inner
             * index runs. Generated by {@code TileWriter} in the tests; do not edit.
             *
             * <p>Element (r, p) of A is at {@code ao + r * as + p} in a tile of rows, at {@code ao + r * APART + p} in one of
             * a block, where {@code as} is 1, and at {@code ao + r + p * as} in one of columns. Element (p, j) of B is at
             * {@code bo + p * bs + j}; tiles of rows take B from a panel of their width. Element (r, j) of C is at
             * {@code co + r * cs + j}. Sums begin with {@code from}, in rows at the step {@code fs}: C itself, a bias or
             * zeros with a step of 0.
             *
             * <p>Requirements of C2 (JDK 25); PERFORMANCE.md, "Measurements behind the kernels", has the slowdown without each:
             * <ul>
             *   <li>In a tile of a block, the places of A's elements differ from one another by constants, so that one
             *       register addresses all of them and two range checks cover them.
             *   <li>In a tile of rows, places are the counter plus a fixed number, or times a constant: then C2 checks
             *       ranges before the loop. It keeps a register for each row, so there are at most eight.
             *   <li>In the others, the inner steps of A and B are variables, {@code as} even where it is always 1: with a
             *       constant C2 splits the loop.
             *   <li>Rows of C are places computed by a multiplication. Additions would be fewer instructions
             *       but a slower loop.
             *   <li>The sums begin with an unconditional load; a branch around it makes C2 spill.
             *   <li>By the comparison for an {@linkplain EmptyCall empty call} C2 knows that k is not negative; one for
             *       equality makes short tiles slower.
             *   <li>There is no mask: C2 boxes the sums of a tile that has one as an argument, and masked loads and stores
             *       are slow.
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

                private VectorTiles() {}\
            """.replace("%", "%%"));
    }

    private void tile(int height, int width, Layout layout) {
        boolean rows = layout == Layout.ROWS;
        boolean panel = rows;
        line("");
        line("    /** %d by %d, A %s. */", height, width, layout.text);
        line("    static void %s%dx%d(", layout.name().toLowerCase(Locale.ROOT), height, width);
        line("            int k, float[] a, int ao, int as, float[] b, int bo,%s", panel ? "" : " int bs,");
        line("            float[] from, int fo, int fs, float[] c, int co, int cs) {");
        line("        if (k <= EmptyCall.STEPS) {");
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
        String row = panel ? "bo + p * " + (width == 1 ? "LANES" : "(2 * LANES)") : "bp";
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

    private void treesHead() {
        line("""
            package nn.tensor.internal.product;

            import jdk.incubator.vector.FloatVector;
            import jdk.incubator.vector.VectorSpecies;
            import nn.tensor.internal.warmup.EmptyCall;

            /**
             * Register tiles of a product, for sums of products over a tree: each product, or the sum of a pair of them, is
             * stored in a tile of its own ({@link VectorTreeSums} adds these). Generated by {@code TileWriter} in the
             * tests; do not edit.
             *
             * <p>Element (r, p) of A is at {@code ao + r + p * height}, element (p, j) of B at {@code bo + p * width + j}.
             * The product is held at {@code to}; it begins with zeros, or goes on with what is held there.
             *
             * <p>A pair computes the products of two leaves, the second of which begins in A and in B where the first
             * one ends, and holds their sum. It covers half of the rows of a tile, so that both products are in registers.
             *
             * <p>What {@link VectorTiles} says about C2 holds here too, and more:
             * <ul>
             *   <li>Rows of held tiles have no gaps, so that two range checks cover a tile. With rows at a variable step,
             *       each vector needs a place and a check of its own.
             *   <li>As steps are constants, C2 checks places before the loop. With 16 registers it then moves loads up
             *       until it spills the sums. So the low tiles have a step {@code as} of A, which is the height. Pairs have
             *       it, too: 12 places of A would take 24 checks. For a variable step of B there is no register.
             *   <li>Zen 5 stalls where a tile stores 24 vectors at once, but not where it stores 12, as a pair does.
             *   <li>A call computes one product, or one pair: with a loop over several, C2 moves numbers between kinds of
             *       registers.
             * </ul>
             */
            final class VectorTreeTiles {
                private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
                private static final int LANES = SPECIES.length();

                private VectorTreeTiles() {}\
            """);
    }

    private void treeTile(int height, int width) {
        boolean constant = height > 5; // with 32 registers
        String step = constant ? "" : "int as, ";
        line("");
        line("    /** %d by %d. */", height, width);
        line("    static void tile%dx%d(", height, width);
        line(
                "            int k, float[] a, int ao, %sfloat[] b, int bo, boolean goesOn, float[] held, int to) {",
                step);
        emptyCall("k");
        for (int v = 0; v < height * width; v++) {
            line("        FloatVector %s = FloatVector.zero(SPECIES);", sum(height, v / width, v % width));
        }
        line("        if (goesOn) {");
        for (int v = 0; v < height * width; v++) {
            String sum = sum(height, v / width, v % width);
            line("            %s = FloatVector.fromArray(SPECIES, held, %s);", sum, place("to", v));
        }
        line("        }");
        line("        int ap = ao;");
        line("        for (int p = 0; p < k; p++) {");
        for (int v = 0; v < width; v++) {
            String at = "bo + p * " + (width == 1 ? "LANES" : "(" + width + " * LANES)");
            line("            FloatVector b%d = FloatVector.fromArray(SPECIES, b, %s);", v, place(at, v));
        }
        for (int r = 0; r < height; r++) {
            String at = "ap" + (r == 0 ? "" : " + " + r);
            line("            %sx = FloatVector.broadcast(SPECIES, a[%s]);", r == 0 ? "FloatVector " : "", at);
            for (int v = 0; v < width; v++) {
                line("            %s = x.fma(b%d, %s);", sum(height, r, v), v, sum(height, r, v));
            }
        }
        line("            ap += %s;", constant ? height : "as");
        line("        }");
        for (int v = 0; v < height * width; v++) {
            line("        %s.intoArray(held, %s);", sum(height, v / width, v % width), place("to", v));
        }
        line("    }");
    }

    /** Products of two neighbours, whose sum is held. */
    private void treePair(int height, int width) {
        int sums = height * width;
        String step = width == 1 ? "LANES" : "(" + width + " * LANES)";
        line("");
        line("    /** %d by %d, of two leaves of k rows each, whose sum is held. */", height, width);
        line("    static void pair%dx%d(", height, width);
        line("            int k, float[] a, int ao, int as, float[] b, int bo, float[] held, int to) {");
        emptyCall("k");
        for (int v = 0; v < 2 * sums; v++) {
            line("        FloatVector %s%d = FloatVector.zero(SPECIES);", v < sums ? "c" : "d", v % sums);
        }
        line("        int ap = ao;");
        line("        int aq = ao + k * as;");
        line("        int be = bo + k * %s;", step);
        line("        for (int p = 0; p < k; p++) {");
        for (int leaf = 0; leaf < 2; leaf++) {
            String name = leaf == 0 ? "c" : "d";
            for (int v = 0; v < width; v++) {
                String place = place((leaf == 0 ? "bo" : "be") + " + p * " + step, v);
                line("            FloatVector b%d = FloatVector.fromArray(SPECIES, b, %s);", leaf * width + v, place);
            }
            for (int r = 0; r < height; r++) {
                String type = leaf == 0 && r == 0 ? "FloatVector " : "";
                String at = (leaf == 0 ? "ap" : "aq") + (r == 0 ? "" : " + " + r);
                line("            %sx = FloatVector.broadcast(SPECIES, a[%s]);", type, at);
                for (int v = 0; v < width; v++) {
                    String sum = name + (r * width + v);
                    line("            %s = x.fma(b%d, %s);", sum, leaf * width + v, sum);
                }
            }
        }
        line("            ap += as;");
        line("            aq += as;");
        line("        }");
        for (int v = 0; v < sums; v++) {
            line("        c%d.add(d%d).intoArray(held, %s);", v, v, place("to", v));
        }
        line("    }");
    }

    private void stepsHead() {
        line("""
            package nn.tensor.internal.product;

            import jdk.incubator.vector.FloatVector;
            import jdk.incubator.vector.VectorSpecies;

            /**
             * Products of a short inner size: a strip of B, two vectors wide, stays in registers while the rows of A and C
             * go by. Generated by {@code TileWriter} in the tests; do not edit.
             *
             * <p>Element (i, p) of A is at {@code ao + i * ars + p * aps}; in a strip of rows the second step is 1, in one of
             * columns the first, and the other one is {@code as}. Element (p, j) of B is at {@code bo + p * bs + j},
             * element (i, j) of C at {@code co + i * cs + j}. Sums begin with zeros, or with
             * {@code from}, in rows at the step {@code fs}: C itself, or a bias with a step of 0.
             *
             * <p>With a constant step and sums from zeros, 10 inner steps have 50 instructions instead of 87, as C2 merges or
             * removes range checks: 1.2 to 1.5 times as fast.
             *
             * <p>Where there are 16 registers, tiles compute 7 to 12 steps. Strips one vector wide are slower: for a broadcast
             * that is used once, C2 (JDK 25) emits two instructions, one of which needs the only port of shuffles. So are
             * four rows written out to the end, with B in the cache: without range checks in between, C2 moves loads up until
             * it spills the sums.
             */
            final class VectorSteps {
                private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
                private static final int LANES = SPECIES.length();

                private VectorSteps() {}\
            """);
    }

    /** The method that chooses a strip by its number of inner steps. */
    private void strips(Strip kind) {
        line("");
        line("    /** %s k is 1 to %d. */", kind.text, MOST_STEPS);
        line("    static void %s(", kind.method);
        line("            int k, int m, float[] a, int ao, %s, float[] b, int bo, int bs,", kind.steps("int "));
        line("            %sfloat[] c, int co, int cs) {", kind == Strip.ANY ? "float[] from, int fo, int fs, " : "");
        line("        switch (k) {");
        for (int k = 1; k <= MOST_STEPS; k++) {
            line(
                    "            case %d -> %s%d(m, a, ao, %s, b, bo, bs, %sc, co, cs);",
                    k, kind.method, k, kind.steps(""), kind == Strip.ANY ? "from, fo, fs, " : "");
        }
        line("            default -> throw new IllegalArgumentException(\"no strip has \" + k + \" inner steps\");");
        line("        }");
        line("    }");
    }

    private void steps(int k, Strip kind) {
        boolean any = kind == Strip.ANY;
        line("");
        line("    private static void %s%d(", kind.method, k);
        line("            int m, float[] a, int ao, %s, float[] b, int bo, int bs,", kind.steps("int "));
        line("            %sfloat[] c, int co, int cs) {", any ? "float[] from, int fo, int fs, " : "");
        line("        if (m == 0) {");
        line("            return;");
        line("        }");
        for (int p = 0; p < k; p++) {
            String row = row("bo", "bs", p);
            line("        FloatVector b%d = FloatVector.fromArray(SPECIES, b, %s);", p, row);
            line("        FloatVector d%d = FloatVector.fromArray(SPECIES, b, %s + LANES);", p, row);
        }
        if (any) {
            line("        int fp = fo;");
        } else {
            line("        FloatVector zero = FloatVector.zero(SPECIES);");
        }
        for (int p = 0; kind != Strip.ROWS && p < k; p++) {
            line("        int a%d = %s;", p, row("ao", any ? "aps" : "as", p));
        }
        if (kind != Strip.COLUMNS) {
            line("        int at = %s;", any ? "0" : "ao");
        }
        line("        int cp = co;");
        line("        for (int i = 0; i < m; i++) {");
        if (any) {
            line("            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);");
            line("            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);");
        }
        for (int p = 0; p < k; p++) {
            String at = switch (kind) {
                case ANY -> "a" + p + " + at";
                case ROWS -> "at" + (p == 0 ? "" : " + " + p);
                case COLUMNS -> "a" + p + " + i";
            };
            line("            %sx = FloatVector.broadcast(SPECIES, a[%s]);", p == 0 ? "FloatVector " : "", at);
            boolean first = p == 0 && !any;
            line("            %ss = x.fma(b%d, %s);", first ? "FloatVector " : "", p, first ? "zero" : "s");
            line("            %st = x.fma(d%d, %s);", first ? "FloatVector " : "", p, first ? "zero" : "t");
        }
        line("            s.intoArray(c, cp);");
        line("            t.intoArray(c, cp + LANES);");
        if (kind != Strip.COLUMNS) {
            line("            at += %s;", any ? "ars" : "as");
        }
        if (any) {
            line("            fp += fs;");
        }
        line("            cp += cs;");
        line("        }");
        line("    }");
    }

    /** A strip of more than two vectors, A column by column, sums that begin with zeros. */
    private void wide(int k, int width) {
        line("");
        line(
                "    /** m rows of a strip %d vectors wide, k = %d, A column by column, sums that begin with zeros. */",
                width, k);
        line("    static void columns%dx%d(", k, width);
        line("            int m, float[] a, int ao, int as, float[] b, int bo, int bs, float[] c, int co, int cs) {");
        line("        if (m == 0) {");
        line("            return;");
        line("        }");
        for (int p = 0; p < k; p++) {
            for (int v = 0; v < width; v++) {
                String place = place(row("bo", "bs", p), v);
                line(
                        "        FloatVector %s = FloatVector.fromArray(SPECIES, b, %s);",
                        "bde".charAt(p) + "" + v, place);
            }
        }
        line("        FloatVector zero = FloatVector.zero(SPECIES);");
        for (int p = 0; p < k; p++) {
            line("        int a%d = %s;", p, row("ao", "as", p));
        }
        line("        int cp = co;");
        line("        for (int i = 0; i < m; i++) {");
        for (int p = 0; p < k; p++) {
            line("            FloatVector x%d = FloatVector.broadcast(SPECIES, a[a%d + i]);", p, p);
        }
        for (int v = 0; v < width; v++) {
            String sum = "zero";
            for (int p = 0; p < k; p++) {
                sum = "x" + p + ".fma(" + "bde".charAt(p) + v + ", " + sum + ")";
            }
            line("            %s.intoArray(c, %s);", sum, place("cp", v));
        }
        line("            cp += cs;");
        line("        }");
        line("    }");
    }

    private void doubleHead() {
        line("""
            package nn.tensor.internal.product;

            import static nn.tensor.internal.product.DoubleMatmul.WIDTH;

            import jdk.incubator.vector.DoubleVector;
            import jdk.incubator.vector.VectorShape;
            import jdk.incubator.vector.VectorSpecies;
            import nn.tensor.internal.warmup.EmptyCall;

            /**
             * Register tiles of a product of strips in double: a number of rows of C by a number of vectors, kept in registers
             * while the inner index runs. Generated by {@code TileWriter} in the tests; do not
             * edit.
             *
             * <p>Element (r, p) of A is at {@code ao + r * WIDTH + p} in a tile of rows, at {@code ao + r + p * WIDTH} in
             * a tile of columns. Rows of B and C are WIDTH apart: with a constant step C2 (JDK 25) drops range checks.
             */
            final class VectorDoubleTiles {
                /** At most 512 bits, so that four vectors never are wider than a strip. */
                static final VectorSpecies<Double> SPECIES =
                        DoubleVector.SPECIES_PREFERRED.vectorBitSize() > 512
                                ? VectorSpecies.of(double.class, VectorShape.S_512_BIT)
                                : DoubleVector.SPECIES_PREFERRED;

                /** Doubles in a vector. */
                static final int LANES = SPECIES.length();

                private VectorDoubleTiles() {}\
            """);
    }

    private void doubleTile(int height, int width, boolean rows) {
        line("");
        line("    /** %d by %d, A %s. */", height, width, rows ? "row by row" : "column by column");
        line(
                "    static void %s%dx%d(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {",
                rows ? "rows" : "columns", height, width);
        line("        if (k <= EmptyCall.STEPS) {");
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
        line("""
            package nn.tensor.internal.product;

            import jdk.incubator.vector.FloatVector;
            import jdk.incubator.vector.IntVector;
            import jdk.incubator.vector.VectorSpecies;

            /**
             * Squares of 16 by 16, transposed in registers, for vectors of 16 floats. Generated by {@code TileWriter}
             * in the tests; do not edit.
             *
             * <p>Four times, rows whose numbers differ in one bit exchange the halves of their elements whose numbers differ
             * in it: 64 shuffles for 256 elements. {@link VectorTranspose} uses them.
             *
             * <p>A transpose takes the elements as ints: to shuffle floats, C2 (JDK 25) converts the indices, which are floats
             * then, in every call, and spills rows that wait for them; that takes twice as long. Products do not gain by it, and
             * are too large for C2 with the calls that it needs.
             */
            final class VectorSquares {
                private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
                private static final int LANES = SPECIES.length();

                /** Rows and columns of a square. */
                static final int SIZE = 16;

                private static final IntVector EVEN1_INTS = even(1);
                private static final IntVector EVEN2_INTS = even(2);
                private static final IntVector EVEN4_INTS = even(4);
                private static final IntVector EVEN8_INTS = even(8);
                private static final IntVector ODD1_INTS = odd(1);
                private static final IntVector ODD2_INTS = odd(2);
                private static final IntVector ODD4_INTS = odd(4);
                private static final IntVector ODD8_INTS = odd(8);
                private static final FloatVector EVEN1 = floats(EVEN1_INTS);
                private static final FloatVector EVEN2 = floats(EVEN2_INTS);
                private static final FloatVector EVEN4 = floats(EVEN4_INTS);
                private static final FloatVector EVEN8 = floats(EVEN8_INTS);
                private static final FloatVector ODD1 = floats(ODD1_INTS);
                private static final FloatVector ODD2 = floats(ODD2_INTS);
                private static final FloatVector ODD4 = floats(ODD4_INTS);
                private static final FloatVector ODD8 = floats(ODD8_INTS);

                private VectorSquares() {}

                /**
                 * For bit 1 of four lanes: a0 a1 a2 a3 and b0 b1 b2 b3 give a0 b0 a2 b2, as lanes with the bit take their
                 * left neighbour in the second row.
                 */
                private static IntVector even(int bit) {
                    int[] from = new int[LANES];
                    for (int lane = 0; lane < LANES; lane++) {
                        from[lane] = (lane & bit) == 0 ? lane : LANES + lane - bit;
                    }
                    return IntVector.fromArray(IntVector.SPECIES_PREFERRED, from, 0);
                }

                /**
                 * For bit 1 of four lanes: a0 a1 a2 a3 and b0 b1 b2 b3 give a1 b1 a3 b3, as lanes without the bit take
                 * their right neighbour in the first row.
                 */
                private static IntVector odd(int bit) {
                    int[] from = new int[LANES];
                    for (int lane = 0; lane < LANES; lane++) {
                        from[lane] = (lane & bit) == 0 ? lane + bit : LANES + lane;
                    }
                    return IntVector.fromArray(IntVector.SPECIES_PREFERRED, from, 0);
                }

                private static FloatVector floats(IntVector indices) {
                    float[] from = new float[LANES];
                    for (int lane = 0; lane < LANES; lane++) {
                        from[lane] = indices.lane(lane);
                    }
                    return FloatVector.fromArray(SPECIES, from, 0);
                }

                /** y = x' for a number of rows, a multiple of 16, of 16 columns. */
                static void transpose(int rows, float[] x, int xo, int xs, float[] y, int yo, int ys) {
                    for (int i = 0; i < rows; i += SIZE) {
                        int from = xo + i * xs;
                        int to = yo + i;\
            """);
    }

    /** Loads a square and transposes it in registers, as floats or as ints. */
    private void square(String array, String offset, String step, boolean ints) {
        String type = ints ? "IntVector" : "FloatVector";
        for (int r = 0; r < SQUARE; r++) {
            line(
                    "            %s r%d = FloatVector.fromArray(SPECIES, %s, %s)%s;",
                    type, r, array, row(offset, step, r), ints ? ".reinterpretAsInts()" : "");
        }
        line("            %s r;", type);
        String suffix = ints ? "_INTS" : "";
        for (int bit = 1; bit < SQUARE; bit *= 2) {
            for (int r = 0; r < SQUARE; r++) {
                if ((r & bit) == 0) {
                    line("            r = EVEN%d%s.selectFrom(r%d, r%d);", bit, suffix, r, r + bit);
                    line("            r%d = ODD%d%s.selectFrom(r%d, r%d);", r + bit, bit, suffix, r, r + bit);
                    line("            r%d = r;", r);
                }
            }
        }
    }

    /** A transpose into half of a panel. */
    private void panel() {
        line("");
        line("    /**");
        line("     * y = x' for 16 rows of k columns, a multiple of 16. Rows of y are those of a panel two vectors"
                + " wide: with a");
        line("     * constant step, stores take fewer instructions.");
        line("     */");
        line("    static void panel(int k, float[] x, int xo, int xs, float[] y, int yo) {");
        line("        for (int p = 0; p < k; p += SIZE) {");
        line("            int from = xo + p;");
        line("            int to = yo + p * (2 * SIZE);");
        square("x", "from", "xs", true);
        for (int r = 0; r < SQUARE; r++) {
            line("            r%d.reinterpretAsFloats().intoArray(y, %s);", r, row("to", "(2 * SIZE)", r));
        }
        line("        }");
        line("    }");
    }

    private void dots(int rows) {
        line("");
        line("    /** 16 columns of %d of C += A B', over k inner steps, a multiple of 16. */", rows);
        line("    static void dots%d(", rows);
        line("            int k, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs, float[] c, int co,"
                + " int cs) {");
        line("        if (k == 0) {");
        line("            return;");
        line("        }");
        for (int i = 0; i < rows; i++) {
            line("        FloatVector c%d = FloatVector.fromArray(SPECIES, c, %s);", i, row("co", "cs", i));
        }
        line("        for (int p = 0; p < k; p += SIZE) {");
        line("            int at = ao + p * aps;");
        line("            int from = bo + p;");
        square("b", "from", "bs", false);
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

    private void windowsHead() {
        line("""
            package nn.tensor.internal.window;

            import jdk.incubator.vector.FloatVector;
            import jdk.incubator.vector.VectorSpecies;
            import nn.tensor.internal.warmup.EmptyCall;

            /**
             * Register tiles of products of windows ({@link WindowKernels}). Generated by {@code TileWriter} in the tests; do
             * not edit. They differ from {@code VectorTiles} in that a table says where each window begins, so that a tile
             * may take any windows, and in that a window is read in runs.
             *
             * <p>Where a tile takes some windows, from number {@code ai} of the table on, element p of run q of window r is at
             * {@code ao + at[ai + r] + taps[q] + p}, and row r of the result at {@code co + ct[ci + r]}. Its sums begin with
             * the row at {@code fo}, or with what is at {@code fo + ft[fi + r]}. Where only some of its columns are added, the
             * vector behind them is stored once more, as it was. B is a panel of the tile's width. Where a tile
             * takes all windows, its rows are some elements of them.
             *
             * <p>What {@code VectorTiles} says about C2 holds here too: places within an inner loop are the counter plus a
             * fixed number, or one variable plus constants. In a tile of windows, each step of the inner loop computes the
             * place of each row, which are half as many instructions as the products take; so a loop takes several steps at
             * once, and the rest of a run has a loop of its own.
             */
            final class VectorWindowTiles {
                private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
                private static final int LANES = SPECIES.length();

                private VectorWindowTiles() {}\
            """);
    }

    private void emptyCall(String count) {
        line("        if (%s <= EmptyCall.STEPS) {", count);
        line("            return;");
        line("        }");
    }

    /** A tile of windows with runs of several elements. */
    private void windows(int height, int width, int unrolled, Begin begin) {
        boolean row = begin == Begin.ROW;
        boolean part = begin == Begin.PART;
        String from =
                row ? "float[] from, int fo, " : part ? "int width, " : "float[] from, int fo, int[] ft, int fi, ";
        line("");
        line("    /** %d windows by %d, %s. */", height, width, begin.text);
        line("    static void %s%dx%d(", begin.method, height, width);
        line("            int first, int end, int[] taps, int run, float[] a, int ao, int[] at, int ai, float[] b,"
                + " int bo,");
        line("            %sfloat[] c, int co, int[] ct, int ci) {", from);
        emptyCall("end");
        begin(height, width, begin);
        for (int r = 0; r < height; r++) {
            line("        int a%d = ao + at[ai%s];", r, plus(r));
        }
        line("        int bq = bo;");
        line("        for (int q = first; q < end; q++) {");
        line("            int tap = taps[q];");
        for (int r = 0; r < height; r++) {
            line("            int p%d = a%d + tap;", r, r);
        }
        if (unrolled == 1) {
            line("            for (int p = 0; p < run; p++) {");
            windowStep(height, width, 0);
        } else {
            line("            int p = 0;");
            line("            for (; p < run - %d; p += %d) {", unrolled - 1, unrolled);
            for (int u = 0; u < unrolled; u++) {
                windowStep(height, width, u);
            }
            line("            }");
            line("            for (; p < run; p++) {");
            windowStep(height, width, 0);
        }
        line("            }");
        line("            bq += run * %s;", width == 1 ? "LANES" : "(2 * LANES)");
        line("        }");
        for (int r = 0; r < height; r++) {
            String place = "co + ct[ci" + plus(r) + "]";
            if (part) {
                String type = r == 0 ? "FloatVector " : "";
                line("        %srest = FloatVector.fromArray(SPECIES, c, %s + width);", type, place);
            }
            store(height, width, r, place);
            if (part) {
                line("        rest.intoArray(c, %s + width);", place);
            }
        }
        line("    }");
    }

    /** Initial sums: of one row, or at places of a table. */
    private void begin(int height, int width, Begin begin) {
        boolean row = begin == Begin.ROW;
        String array = begin == Begin.PART ? "c" : "from";
        for (int r = 0; r < height; r++) {
            for (int v = 0; v < width; v++) {
                String places = begin == Begin.PART ? "co + ct[ci" : "fo + ft[fi";
                String place = row ? place("fo", v) : place(places + plus(r) + "]", v);
                String load = "FloatVector.fromArray(SPECIES, " + array + ", " + place + ")";
                String value = row && r > 0 ? sum(height, 0, v) : load;
                line("        FloatVector %s = %s;", sum(height, r, v), value);
            }
        }
    }

    /** One step along a run, a number of elements behind p. */
    private void windowStep(int height, int width, int ahead) {
        String b = width == 1 ? "bq + p * LANES" : "bq + p * (2 * LANES)";
        String last = ahead == 0 ? "" : "ghij".charAt(ahead) + "";
        for (int v = 0; v < width; v++) {
            String place = ahead == 0 && v == 0 ? b : b + " + " + constant(ahead * width + v);
            line("                FloatVector b%d%s = FloatVector.fromArray(SPECIES, b, %s);", v, last, place);
        }
        for (int r = 0; r < height; r++) {
            String type = r == 0 ? "FloatVector " : "";
            line("                %sx%s = FloatVector.broadcast(SPECIES, a[p%d + p%s]);", type, last, r, plus(ahead));
            for (int v = 0; v < width; v++) {
                String sum = sum(height, r, v);
                line("                %s = x%s.fma(b%d%s, %s);", sum, last, v, last, sum);
            }
        }
    }

    private static String constant(int vectors) {
        return vectors == 1 ? "LANES" : vectors + " * LANES";
    }

    private static String plus(int n) {
        return n == 0 ? "" : " + " + n;
    }

    private void store(int height, int width, int r, String place) {
        for (int v = 0; v < width; v++) {
            line("        %s.intoArray(c, %s);", sum(height, r, v), place(place, v));
        }
    }

    /** A tile of windows with runs of one element; of neighbours, if they are one element apart. */
    private void singles(int height, boolean neighbours) {
        line("");
        line(
                "    /** %d windows by 1, runs of one element%s. */",
                height, neighbours ? ", windows one element apart" : "");
        line("    static void %s%dx1(", neighbours ? "neighbours" : "singles", height);
        line("            int first, int end, int[] taps, float[] a, int ao, int[] at, int ai, float[] b, int bo,");
        line("            float[] from, int fo, float[] c, int co, int[] ct, int ci) {");
        emptyCall("end");
        begin(height, 1, Begin.ROW);
        for (int r = 0; r < height && !(neighbours && r > 0); r++) {
            line("        int a%d = ao + at[ai%s];", r, plus(r));
        }
        line("        for (int q = first; q < end; q++) {");
        line("            int tap = %staps[q];", neighbours ? "a0 + " : "");
        line("            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + (q - first) * LANES);");
        for (int r = 0; r < height; r++) {
            String place = neighbours ? "tap" + plus(r) : "a" + r + " + tap";
            line("            %sx = FloatVector.broadcast(SPECIES, a[%s]);", r == 0 ? "FloatVector " : "", place);
            line("            c%d = x.fma(b0, c%d);", r, r);
        }
        line("        }");
        for (int r = 0; r < height; r++) {
            store(height, 1, r, "co + ct[ci" + plus(r) + "]");
        }
        line("    }");
    }

    /** A tile of sums over all windows, of neighbouring elements or of single ones. */
    private void outer(int height, int width, boolean singles) {
        line("");
        line("    /** %d %selements of all windows by %d. */", height, singles ? "single " : "", width);
        line("    static void outer%s%dx%d(", singles ? "Singles" : "", height, width);
        line(
                "            int count, %sfloat[] a, int ao, int[] at, float[] b, int bo, int bs,",
                singles ? "int[] taps, int q, " : "");
        line("            float[] from, int fo, int fs, float[] c, int co, int cs) {");
        emptyCall("count");
        for (int r = 0; r < height; r++) {
            for (int v = 0; v < width; v++) {
                String place = place(row("fo", "fs", r), v);
                line("        FloatVector %s = FloatVector.fromArray(SPECIES, from, %s);", sum(height, r, v), place);
            }
        }
        for (int r = 0; singles && r < height; r++) {
            line("        int a%d = ao + taps[q%s];", r, plus(r));
        }
        line("        int bi = bo;");
        line("        for (int i = 0; i < count; i++) {");
        line("            int %s at[i];", singles ? "place =" : "ai = ao +");
        for (int v = 0; v < width; v++) {
            line("            FloatVector b%d = FloatVector.fromArray(SPECIES, b, %s);", v, place("bi", v));
        }
        for (int r = 0; r < height; r++) {
            String at = singles ? "a" + r + " + place" : "ai" + plus(r);
            line("            %sx = FloatVector.broadcast(SPECIES, a[%s]);", r == 0 ? "FloatVector " : "", at);
            for (int v = 0; v < width; v++) {
                line("            %s = x.fma(b%d, %s);", sum(height, r, v), v, sum(height, r, v));
            }
        }
        line("            bi += bs;");
        line("        }");
        for (int r = 0; r < height; r++) {
            store(height, width, r, row("co", "cs", r));
        }
        line("    }");
    }

    private void depthwise(int height) {
        line("");
        line("    /** %d windows by one vector of channels. */", height);
        line("    static void depthwise%d(", height);
        line("            int count, int[] taps, float[] a, int ao, int[] at, int ai, float[] b, int bo, int n,");
        line("            float[] from, int fo, float[] c, int co, int[] to) {");
        emptyCall("count");
        begin(height, 1, Begin.ROW);
        for (int r = 0; r < height; r++) {
            line("        int a%d = ao + at[ai%s];", r, plus(r));
        }
        line("        for (int q = 0; q < count; q++) {");
        line("            int tap = taps[q];");
        line("            FloatVector x = FloatVector.fromArray(SPECIES, b, bo + q * n);");
        for (int r = 0; r < height; r++) {
            line("            c%d = x.fma(FloatVector.fromArray(SPECIES, a, a%d + tap), c%d);", r, r, r);
        }
        line("        }");
        for (int r = 0; r < height; r++) {
            store(height, 1, r, "co + to[ai" + plus(r) + "]");
        }
        line("    }");
    }

    private void depthwiseOuter() {
        line("");
        line("    /** %d taps of all windows by one vector of channels. */", TAPS);
        line("    static void depthwiseOuter%d(", TAPS);
        line("            int count, int[] taps, int q, float[] a, int ao, int[] at, float[] b, int bo, int n,");
        line("            float[] from, int fo, int fs, float[] c, int co, int cs) {");
        emptyCall("count");
        for (int r = 0; r < TAPS; r++) {
            line("        FloatVector c%d = FloatVector.fromArray(SPECIES, from, %s);", r, row("fo", "fs", r));
        }
        for (int r = 0; r < TAPS; r++) {
            line("        int a%d = ao + taps[q%s];", r, plus(r));
        }
        line("        int bi = bo;");
        line("        for (int i = 0; i < count; i++) {");
        line("            int place = at[i];");
        line("            FloatVector x = FloatVector.fromArray(SPECIES, b, bi);");
        for (int r = 0; r < TAPS; r++) {
            line("            c%d = x.fma(FloatVector.fromArray(SPECIES, a, a%d + place), c%d);", r, r, r);
        }
        line("            bi += n;");
        line("        }");
        for (int r = 0; r < TAPS; r++) {
            store(TAPS, 1, r, row("co", "cs", r));
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
