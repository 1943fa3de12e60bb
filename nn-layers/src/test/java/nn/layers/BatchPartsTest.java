package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.dense.Dense;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Parts of a batch that are run at once: the bits of one pass for each. */
class BatchPartsTest {
    private static final Key KEY = Key.of(1);
    private static final int INPUTS = 110;
    private static final int UNITS = 80;

    private final Parameter weight = Parameter.create(
            "w", Parameter.Kind.WEIGHT, Shape.of(INPUTS, UNITS), new Fans(INPUTS, UNITS), Init.zeros(), KEY);
    private final Parameter small =
            Parameter.create("v", Parameter.Kind.WEIGHT, Shape.of(INPUTS, 3), new Fans(INPUTS, 3), Init.zeros(), KEY);
    private final Parameter bias =
            Parameter.create("b", Parameter.Kind.BIAS, Shape.of(UNITS), new Fans(INPUTS, UNITS), Init.zeros(), KEY);
    private final List<Parameter> parameters = List.of(weight, small, bias);

    private static Tensor uniform(int seed, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Key.of(seed).uniform(tensor, -1f, 1f);
        return tensor;
    }

    /** Cleared gradients of the parameters. */
    private Gradients cleared() {
        Gradients gradients = new Gradients(parameters);
        gradients.clear();
        return gradients;
    }

    /** Sums gradients of parts over the tree; null where a part has none. */
    private static Gradients sum(List<Gradients> parts) {
        List<Gradients> sums = new ArrayList<>(parts);
        for (int width = 1; width < sums.size(); width *= 2) {
            for (int i = 0; i + width < sums.size(); i += 2 * width) {
                if (sums.get(i) == null) {
                    sums.set(i, sums.get(i + width));
                } else if (sums.get(i + width) != null) {
                    sums.get(i).addPart(sums.get(i + width));
                }
            }
        }
        return sums.getFirst();
    }

    /**
     * Compares gradients of parts of a batch, of the given sizes, of which some are run at once and the others alone.
     *
     * @param tiny the part whose gradients at the outputs are too small for a product; -1 for none
     */
    private void requireSame(int[] sizes, int from, int to, int tiny) {
        PartProducts products = new PartProducts(sizes.length);
        products.begin(Tensor.zeros(1));
        BatchParts parts = new BatchParts(Context.training(KEY), parameters);
        parts.begin(products, from, to);
        List<Gradients> expected = new ArrayList<>();
        List<Gradients> together = new ArrayList<>();
        int all = 0;
        for (int size : sizes) {
            all += size;
        }
        Tensor x = uniform(1, all, INPUTS);
        Tensor dy = uniform(2, all, UNITS);
        Tensor dz = uniform(3, all, 3);
        int begin = 0;
        int first = 0;
        int end = 0;
        for (int i = 0; i < sizes.length; i++) {
            int row = begin;
            begin += sizes[i];
            if (sizes[i] == 0) {
                expected.add(null);
                together.add(null);
                continue;
            }
            if (i == tiny) {
                dy.rows(row, begin).scaleInPlace(1e-34f);
            }
            Gradients alone = cleared();
            alone.addWeightGradient(weight, x.rows(row, begin), dy.rows(row, begin));
            alone.addWeightGradient(small, x.rows(row, begin), dz.rows(row, begin));
            alone.addSumOfRows(bias, dy.rows(row, begin));
            expected.add(alone);
            Gradients part = cleared();
            together.add(part);
            if (i >= from && i < to) {
                first = parts.count() == 0 ? row : first;
                end = begin;
                parts.add(i, sizes[i], KEY, part);
            } else {
                part.addWeightGradient(weight, x.rows(row, begin), dy.rows(row, begin));
                part.addWeightGradient(small, x.rows(row, begin), dz.rows(row, begin));
                part.addSumOfRows(bias, dy.rows(row, begin));
            }
        }
        Tensor rows = dy.rows(first, end).copy(); // scratch memory, which is used again
        parts.gradients().addWeightGradient(weight, x.rows(first, end), rows);
        parts.gradients().addSumOfRows(bias, rows);
        rows.fill(Float.NaN);
        parts.gradients().addWeightGradient(small, x.rows(first, end), dz.rows(first, end));
        parts.end();
        Gradients was = sum(expected);
        Gradients is = sum(together);
        for (Parameter parameter : parameters) {
            assertThat(is.of(parameter)).isBitEqualTo(was.of(parameter));
        }
        assertThat(is.norm()).isEqualTo(was.norm());
    }

    @Test
    void gradientsAreSummedOverTheTree() {
        requireSame(new int[] {5}, 0, 1, -1);
        requireSame(new int[] {5, 4}, 0, 2, -1);
        requireSame(new int[] {3, 1, 2}, 0, 3, -1);
        requireSame(new int[] {3, 3, 3, 2, 2}, 0, 5, -1);
        requireSame(new int[] {3, 3, 2, 3, 2, 3, 2, 2}, 0, 8, -1);
    }

    @Test
    void soAreThoseOfARangeThatIsNoSubtree() {
        int[] sizes = {3, 3, 2, 3, 2, 3, 2};
        for (int from = 0; from < sizes.length; from++) {
            for (int to = from + 1; to <= sizes.length; to++) {
                requireSame(sizes, from, to, -1);
            }
        }
    }

    @Test
    void soAreThoseOfPartsSomeOfWhichAreEmpty() {
        requireSame(new int[] {1, 0, 1, 0, 0, 1, 0, 0}, 0, 8, -1);
        requireSame(new int[] {0, 1, 1, 0, 2, 0, 1}, 1, 7, -1);
        requireSame(new int[] {2, 0, 0, 1, 1}, 2, 5, -1);
    }

    @Test
    void soAreThoseOfPartsOneOfWhichIsTiny() {
        for (int tiny = 0; tiny < 5; tiny++) {
            requireSame(new int[] {3, 3, 3, 2, 2}, 0, 5, tiny);
            requireSame(new int[] {3, 3, 3, 2, 2}, 1, 4, tiny);
        }
    }

    @Test
    void otherPartsInTheNextStepHaveOtherRowsAndAdditions() {
        Dense dense = Dense.of(4, 3, KEY);
        List<Parameter> own = dense.parameters();
        PartProducts products = new PartProducts(3);
        BatchParts parts = new BatchParts(Context.training(KEY), own);
        Tensor x = uniform(1, 6, 4);
        Tensor dy = uniform(2, 6, 3);
        for (int[] sizes : new int[][] {{2, 2, 2}, {2, 4}, {1, 2, 3}, {1, 2, 3}}) {
            parts.begin(products, 0, 3);
            List<Gradients> together = new ArrayList<>();
            List<Gradients> alone = new ArrayList<>();
            int begin = 0;
            for (int i = 0; i < sizes.length; i++) {
                together.add(new Gradients(own));
                parts.add(i, sizes[i], KEY, together.get(i));
                alone.add(new Gradients(own));
                Pass pass = dense.forward(x.rows(begin, begin + sizes[i]), Context.training(KEY));
                pass.pullbackParameters(dy.rows(begin, begin + sizes[i]), alone.get(i));
                begin += sizes[i];
            }
            Pass pass = dense.newPass();
            parts.context().run(pass, x);
            pass.pullbackParameters(dy, parts.gradients());
            parts.end();
            assertThat(parts.rows(x)).hasSize(sizes.length);
            Gradients was = sum(alone);
            Gradients is = sum(together);
            own.forEach(p -> assertThat(is.of(p)).isBitEqualTo(was.of(p)));
        }
    }

    @Test
    void eachPartHasTheKeyOfItsIndex() {
        PartProducts products = new PartProducts(5);
        BatchParts parts = new BatchParts(Context.training(Key.of(9)), parameters);
        parts.begin(products, 1, 5);
        parts.add(2, 3, KEY, cleared());
        parts.add(4, 1, KEY, cleared());
        Key layer = Key.of(7);
        for (int i = 0; i < 2; i++) {
            Context alone = Context.training(KEY.child(2 + 2 * i));
            assertThat(parts.context(i).key()).isEqualTo(alone.key());
            for (int draw = 0; draw < 3; draw++) {
                assertThat(parts.context(i).key(layer)).isEqualTo(alone.key(layer));
            }
            assertThat(parts.context(i).parts()).isEmpty();
        }
        assertThat(parts.context().parts()).contains(parts);
        assertThatIllegalStateException()
                .isThrownBy(() -> parts.context().key(layer))
                .withMessageContaining("not row-wise");
    }

    /** y = x + noise, drawn twice in a pass. */
    private record Noise(Key own) implements Layer {
        @Override
        public Pass newPass() {
            return new Pass(this) {
                @Override
                protected Tensor forward(Tensor x, Context context) {
                    Tensor noise = context.empty(outputShape());
                    Tensor y = context.empty(outputShape());
                    y.copyFrom(x);
                    for (int draw = 0; draw < 2; draw++) {
                        draw(own, noise, (key, rows) -> key.normal(rows, 0, 1));
                        y.addInPlace(noise);
                    }
                    return y;
                }

                @Override
                protected Tensor backward(Tensor dy, Gradients gradients) {
                    return dy;
                }
            };
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public boolean isRowwise() {
            return true;
        }
    }

    @Test
    void aRowwiseLayerDrawsTheRowsOfEachPartWithTheKeyOfThatPart() {
        PartProducts products = new PartProducts(3);
        products.begin(Tensor.zeros(1));
        BatchParts parts = new BatchParts(Context.training(KEY), List.of());
        Layer noise = new Noise(Key.of(5));
        Tensor x = uniform(4, 9, 2, 3);
        int[] sizes = {4, 0, 5};
        parts.begin(products, 0, 3);
        parts.add(0, 4, KEY, new Gradients(List.of()));
        parts.add(2, 5, KEY, new Gradients(List.of()));
        Tensor y = parts.context().run(Pass.of(noise), x);
        int row = 0;
        for (int i = 0; i < sizes.length; i += 2) {
            Tensor alone = Context.training(KEY.child(i)).run(Pass.of(noise), x.rows(row, row + sizes[i]));
            assertThat(y.rows(row, row + sizes[i])).isBitEqualTo(alone);
            row += sizes[i];
        }
    }

    @Test
    void aGradientThatWasSummedTakesNothingMoreUntilTheEnd() {
        PartProducts products = new PartProducts(2);
        BatchParts parts = new BatchParts(Context.training(KEY), parameters);
        parts.begin(products, 0, 2);
        List<Gradients> each = List.of(cleared(), cleared());
        parts.add(0, 2, KEY, each.get(0));
        parts.add(1, 2, KEY, each.get(1));
        Tensor dy = uniform(1, 4, UNITS);
        parts.gradients().addSumOfRows(bias, dy);
        for (Gradients part : each) {
            assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> part.of(bias));
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> part.addSumOfRows(bias, dy))
                    .withMessageContaining("adds to them");
        }
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> parts.gradients().addSumOfRows(bias, dy));
        assertThatIllegalStateException()
                .isThrownBy(() -> parts.gradients().of(weight))
                .withMessageContaining("only addWeightGradient and addSumOfRows");
        parts.end();
        each.getFirst().of(bias).fill(1f);
        each.getFirst().addPart(each.get(1)); // is in the first one
        assertThat(each.getFirst().of(bias)).isBitEqualTo(Tensor.full(1f, UNITS));
    }

    @Test
    void partsThatDoNotFitAreRefused() {
        PartProducts products = new PartProducts(3);
        BatchParts parts = new BatchParts(Context.training(KEY), parameters);
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> parts.begin(products, 2, 4));
        parts.begin(products, 1, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parts.add(0, 2, KEY, cleared()))
                .withMessage("part 0 of 2 rows; give an index from 1 to 2, and 1 row or more");
        assertThatIllegalArgumentException().isThrownBy(() -> parts.add(1, 0, KEY, cleared()));
        parts.add(1, 2, KEY, cleared());
        assertThatIllegalArgumentException().isThrownBy(() -> parts.add(1, 2, KEY, cleared()));
        parts.add(2, 2, KEY, cleared());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parts.rows(Tensor.zeros(5, 3)))
                .withMessageContaining("4 rows")
                .withMessageContaining("[5 x 3]");
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> parts.context(2));
    }

    @Test
    void gradientsOfOtherParametersAreRefused() {
        BatchParts parts = new BatchParts(Context.training(KEY), parameters);
        parts.begin(new PartProducts(2), 0, 2);
        Gradients others = new Gradients(List.of(weight, bias, small));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parts.add(0, 4, KEY, others))
                .withMessageContaining("part 0")
                .withMessageContaining("in another order");
        assertThat(parts.count()).isZero();
    }
}
