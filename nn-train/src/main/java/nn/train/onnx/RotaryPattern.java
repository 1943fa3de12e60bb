package nn.train.onnx;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import nn.layers.attention.Rotary;
import nn.layers.attention.Rotary.Pairs;
import nn.tensor.Tensor;
import nn.train.onnx.Meaning.Sizes;
import org.jspecify.annotations.Nullable;

/**
 * Finds rotary positions among steps, as this library writes them: queries or keys are split into heads, the features
 * of each pair are turned by products with cosines and sines, and all of it is joined again.
 */
final class RotaryPattern {
    private static final double USUAL = 10_000; // base; that of a single pair makes no difference
    private static final double LARGEST = 1e30;
    private static final int DIGITS = 12; // of a base, to which it follows from an angle

    private RotaryPattern() {}

    /**
     * One step for the rotation whose result a reshape joins.
     *
     * @param heads what is joined, [batch x time x heads x size]
     * @param joined the result of that, without this pattern
     * @return that step; null if there is no rotation
     */
    static @Nullable Step rotated(Importer i, NodeReader n, Step heads, Step joined) {
        boolean fits = heads.rank() == 4
                && joined.rank() == 3
                && heads.dims[0] == joined.dims[0]
                && heads.dims[1] == joined.dims[1]
                && heads.dims[2] > 0
                && heads.dims[3] > 0
                && joined.dims[2] == (long) heads.dims[2] * heads.dims[3];
        if (!fits) {
            return null;
        }
        int size = heads.dims[3];
        Step turned = heads;
        Step rest = null;
        if (heads.kind instanceof Step.Kind.Concatenated(int axis)
                && axis == 3
                && heads.in.size() == 2
                && heads.in.getLast().kind instanceof Step.Kind.Sliced) {
            turned = heads.in.getFirst();
            rest = heads.in.getLast();
        }
        Turn turn = Turn.of(turned);
        if (turn == null) {
            return null;
        }
        int count = turned.dims[3];
        Step all = turn.pairs() == Pairs.INTERLEAVED && turn.split().kind instanceof Step.Kind.Reshaped
                ? turn.split().in.getFirst()
                : turn.split();
        if (rest != null) {
            boolean isRest = isSlice(rest, 3, count, size)
                    && isSlice(all, 3, 0, count)
                    && rest.in.getFirst() == all.in.getFirst();
            if (!isRest) {
                return null;
            }
            all = all.in.getFirst();
        }
        Step x = all.kind instanceof Step.Kind.Reshaped ? all.in.getFirst() : all;
        Rotary rotary = turn.rotary(i, count, size, x.rank() == 3 ? x.dims[1] : -1);
        return rotary == null || !Arrays.equals(x.dims, joined.dims)
                ? null
                : i.step(n, "", new Step.Kind.Rotated(rotary, heads.dims[2], joined), joined.dims, x);
    }

    private static boolean isSlice(Step step, int axis, int from, int to) {
        return step.kind.equals(new Step.Kind.Sliced(axis, from, to));
    }

    /**
     * The rotation of all pairs.
     *
     * @param split what the features of pairs are taken from
     * @param cosine a row for each position
     * @param sine a row for each position
     */
    private record Turn(Pairs pairs, Step split, Step cosine, Step sine) {
        static @Nullable Turn of(Step turned) {
            Pairs pairs = turned.kind instanceof Step.Kind.Reshaped ? Pairs.INTERLEAVED : Pairs.HALVES;
            Step joined = pairs == Pairs.INTERLEAVED ? turned.in.getFirst() : turned;
            int axis = pairs == Pairs.INTERLEAVED ? 4 : 3;
            boolean isJoined = joined.kind instanceof Step.Kind.Concatenated(int along)
                    && along == axis
                    && joined.in.size() == 2
                    && joined.rank() == axis + 1
                    && turned.rank() == 4
                    && turned.dims[3] % 2 == 0;
            if (!isJoined) {
                return null;
            }
            Products first = Products.of(joined.in.getFirst(), '-');
            Products second = Products.of(joined.in.getLast(), '+');
            if (first == null || second == null) {
                return null;
            }
            int half = pairs == Pairs.INTERLEAVED ? 1 : turned.dims[3] / 2;
            Step a = first.left();
            Step b = first.right();
            boolean fits = second.left() == b
                    && second.right() == a
                    && isSlice(a, axis, 0, half)
                    && isSlice(b, axis, half, 2 * half)
                    && a.in.getFirst() == b.in.getFirst()
                    && isSame(first.ofLeft(), second.ofLeft())
                    && isSame(first.ofRight(), second.ofRight());
            return fits ? new Turn(pairs, a.in.getFirst(), first.ofLeft(), first.ofRight()) : null;
        }

        private static boolean isSame(Step a, Step b) {
            return a.kind instanceof Step.Kind.Fixed(Tensor x) && b.kind instanceof Step.Kind.Fixed(Tensor y)
                    ? x.bitEquals(y)
                    : a.kind.equals(b.kind);
        }

        /** The positions whose cosines and sines these are; null if there are none. */
        @Nullable
        Rotary rotary(Importer i, int count, int size, int time) {
            int rotated = count == size ? 0 : count;
            int half = count / 2;
            int[] row = pairs == Pairs.INTERLEAVED ? new int[] {time, 1, half, 1} : new int[] {time, 1, half};
            if (cosine.kind instanceof Step.Kind.Waves(Meaning.Wave wave)
                    && sine.kind instanceof Step.Kind.Waves(Meaning.Wave other)) {
                long[] ones = pairs == Pairs.INTERLEAVED ? new long[] {1, 3} : new long[] {1};
                List<Double> angles = wave.angles();
                boolean fits = Waves.areCosines(wave, ones)
                        && Waves.areSines(other, ones)
                        && time < 0
                        && wave.size() == Sizes.of(time)
                        && other.size() == wave.size()
                        && other.angles().equals(angles)
                        && angles.size() == half;
                return fits
                        ? first(
                                half == 1 ? 1 : angles.get(1),
                                half,
                                rotated,
                                rotary -> Arrays.stream(rotary.angles(size))
                                        .boxed()
                                        .toList()
                                        .equals(angles))
                        : null;
            }
            if (cosine.kind instanceof Step.Kind.Fixed(Tensor cosines)
                    && sine.kind instanceof Step.Kind.Fixed(Tensor sines)
                    && time > 1
                    && Arrays.equals(cosine.dims, row)
                    && Arrays.equals(sine.dims, row)) {
                i.spend((long) time * count); // of the table that these are compared with
                double angle =
                        half == 1 ? 1 : StrictMath.asin(sines.array()[sines.offset() + half + 1]); // at position 1
                return first(
                        angle,
                        half,
                        rotated,
                        rotary -> isRow(rotary.angles(size), cosines, sines)
                                && isTable(rotary.table(time, size), cosines, sines));
            }
            return null;
        }

        /** The positions of the base with the fewest digits that are right, for the angle of pair 1 at position 1. */
        private @Nullable Rotary first(double angle, int half, int rotated, Predicate<Rotary> isRight) {
            double base = half == 1 ? USUAL : StrictMath.pow(angle, -half);
            for (int digits = 1; digits <= DIGITS && base > 1 && base < LARGEST; digits++) {
                double rounded =
                        new BigDecimal(base).round(new MathContext(digits)).doubleValue();
                Rotary rotary = rounded > 1 ? new Rotary(pairs, rounded, rotated) : null;
                if (rotary != null && isRight.test(rotary)) {
                    return rotary;
                }
            }
            return null;
        }

        /** Whether these are the cosines and sines of position 1. */
        private static boolean isRow(double[] angles, Tensor cosines, Tensor sines) {
            boolean fits = true;
            for (int k = 0; k < angles.length; k++) {
                fits &= cosines.array()[cosines.offset() + angles.length + k] == (float) StrictMath.cos(angles[k]);
                fits &= sines.array()[sines.offset() + angles.length + k] == (float) StrictMath.sin(angles[k]);
            }
            return fits;
        }

        private static boolean isTable(Tensor table, Tensor cosines, Tensor sines) {
            int half = table.dim(1) / 2;
            Tensor ours = Tensor.zeros(table.dim(0), half);
            table.sliceInto(1, 0, ours);
            boolean fits = ours.bitEquals(cosines.reshape(table.dim(0), half));
            table.sliceInto(1, half, ours);
            return fits && ours.bitEquals(sines.reshape(table.dim(0), half));
        }
    }

    /** A sum or difference of two products: left times ofLeft, and right times ofRight. */
    private record Products(Step left, Step ofLeft, Step right, Step ofRight) {
        static @Nullable Products of(Step step, char sign) {
            if (!isBinary(step, sign) || !isBinary(step.in.getFirst(), '*') || !isBinary(step.in.getLast(), '*')) {
                return null;
            }
            List<Step> a = step.in.getFirst().in;
            List<Step> b = step.in.getLast().in;
            return new Products(a.getFirst(), a.getLast(), b.getFirst(), b.getLast());
        }

        private static boolean isBinary(Step step, char sign) {
            return step.kind instanceof Step.Kind.Binary(char of) && of == sign;
        }
    }
}
