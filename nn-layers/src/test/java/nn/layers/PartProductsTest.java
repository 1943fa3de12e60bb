package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Gradients that keep operands of products: the bits of gradients that compute each product at once. */
class PartProductsTest {
    private static final int INPUTS = 110;
    private static final int UNITS = 80;
    private static final int PARTS = 4;

    private final Parameter weight = Parameter.create(
            "w", Parameter.Kind.WEIGHT, Shape.of(INPUTS, UNITS), new Fans(INPUTS, UNITS), Init.zeros(), Key.of(1));
    private final Parameter other = Parameter.create(
            "v", Parameter.Kind.WEIGHT, Shape.of(INPUTS, UNITS), new Fans(INPUTS, UNITS), Init.zeros(), Key.of(1));
    private final PartProducts products = new PartProducts(PARTS);

    /** What a pass through one part of a batch does with its gradients. */
    @FunctionalInterface
    private interface Part {
        void run(Gradients into, Tensor x, Tensor dy);
    }

    private static Tensor uniform(int seed, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Key.of(seed).uniform(tensor, -1f, 1f);
        return tensor;
    }

    /** Returns the gradients of all parts, summed over the tree; they keep operands or not. */
    private Gradients sum(boolean keeps, Part pass) {
        products.begin(Tensor.zeros(1));
        List<Gradients> parts = new ArrayList<>();
        for (int i = 0; i < PARTS; i++) {
            Gradients into = new Gradients(List.of(weight, other));
            into.clear();
            if (keeps) {
                into.keepOperands(products, i);
            }
            into.beginPart();
            Tensor x = uniform(2 * i, 5 + i, INPUTS);
            Tensor dy = uniform(2 * i + 1, 5 + i, UNITS);
            pass.run(into, x, dy);
            x.fill(Float.NaN); // as scratch memory that is used again
            dy.fill(Float.NaN);
            parts.add(into);
        }
        parts.get(2).addPart(parts.get(3));
        parts.get(0).addPart(parts.get(1));
        parts.get(0).addPart(parts.get(2));
        return parts.get(0);
    }

    private void requireSame(Part pass) {
        Gradients expected = sum(false, pass);
        Gradients kept = sum(true, pass);
        assertThat(kept.norm()).isEqualTo(expected.norm());
        assertThat(kept.of(weight)).isBitEqualTo(expected.of(weight));
        assertThat(kept.of(other)).isBitEqualTo(expected.of(other));
    }

    @Test
    void theSumHasTheSameBits() {
        requireSame((into, x, dy) -> into.addWeightGradient(weight, x, dy));
    }

    @Test
    void soHasThatOfProductsThatArePartlyComputedBefore() {
        requireSame((into, x, dy) -> {
            into.addWeightGradient(weight, x, dy);
            if (x.dim(0) != 6) {
                into.computeProducts();
            }
            into.addWeightGradient(other, x, dy);
        });
    }

    @Test
    void soHasThatOfAWeightThatIsUsedTwice() {
        requireSame((into, x, dy) -> {
            into.addWeightGradient(weight, x, dy);
            into.addWeightGradient(weight, x.rows(0, 2), dy.rows(2, 4));
        });
    }

    @Test
    void soHasThatOfAWeightWhoseGradientIsReadOrChangedMeanwhile() {
        requireSame((into, x, dy) -> {
            into.addWeightGradient(weight, x, dy);
            into.addWeightGradient(other, x, dy);
            if (x.dim(0) == 6) { // in one of the parts
                into.of(weight).addInPlace(Tensor.full(0.5f, INPUTS, UNITS));
            }
        });
    }

    @Test
    void soHasThatOfAWeightThatSomePartsDoNotUse() {
        requireSame((into, x, dy) -> {
            if (x.dim(0) != 6) {
                into.addWeightGradient(weight, x, dy);
            }
            if (x.dim(0) == 8) {
                into.addWeightGradient(other, x, dy);
            }
        });
    }

    @Test
    void soHasThatOfPartsOfManyRowsAndOfTinyProducts() {
        requireSame((into, x, dy) -> {
            Tensor many = x.dim(0) == 7 ? uniform(11, 100, INPUTS) : x;
            into.addWeightGradient(weight, many, x.dim(0) == 7 ? uniform(12, 100, UNITS) : dy);
            dy.scaleInPlace(1e-30f);
            x.scaleInPlace(1e-30f);
            into.addWeightGradient(other, x, dy);
        });
    }

    @Test
    void whatIsWrittenIsTheSumAndWhatIsReadReplacesIt() {
        Gradients kept = sum(true, (into, x, dy) -> into.addWeightGradient(weight, x, dy));
        Gradients expected = sum(false, (into, x, dy) -> into.addWeightGradient(weight, x, dy));
        ByteBuffer message = ByteBuffer.allocate((int) kept.byteSize());
        kept = sum(true, (into, x, dy) -> into.addWeightGradient(weight, x, dy));
        kept.write(message);
        Gradients read = sum(true, (into, x, dy) -> into.addWeightGradient(weight, dy(x), dy));
        read.read(message.flip());
        assertThat(read.of(weight)).isBitEqualTo(expected.of(weight));
        assertThat(read.of(other)).isBitEqualTo(expected.of(other));
    }

    private static Tensor dy(Tensor x) {
        Tensor twice = x.copy();
        twice.scaleInPlace(2f);
        return twice;
    }

    @Test
    void sumsInAnotherOrderThanThatOfTheTreeAreComputedInThatOrder() {
        List<Tensor> sums = new ArrayList<>();
        for (boolean keeps : new boolean[] {false, true}) {
            products.begin(Tensor.zeros(1));
            Gradients sum = new Gradients(List.of(weight, other));
            sum.clear();
            for (int i : new int[] {2, 0, 3, 1}) {
                Gradients part = new Gradients(List.of(weight, other));
                part.clear();
                if (keeps) {
                    part.keepOperands(products, i);
                }
                part.addWeightGradient(weight, uniform(i, 5, INPUTS), uniform(i + 9, 5, UNITS));
                sum.addPart(part);
            }
            sums.add(sum.of(weight));
        }
        assertThat(sums.get(1)).isBitEqualTo(sums.get(0));
    }

    @Test
    void viewsOfTheBatchAreNotCopied() {
        Tensor batch = uniform(1, 8, INPUTS);
        products.begin(batch);
        Gradients into = new Gradients(List.of(weight));
        into.clear();
        into.keepOperands(products, 0);
        Tensor dy = uniform(2, 4, UNITS);
        into.addWeightGradient(weight, batch.rows(4, 8), dy);
        batch.scaleInPlace(2f); // against the rule, so that it shows
        Gradients expected = new Gradients(List.of(weight));
        expected.addWeightGradient(weight, batch.rows(4, 8), dy);
        assertThat(into.of(weight)).isBitEqualTo(expected.of(weight));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PartProducts(0))
                .withMessageContaining("0 parts");
        Gradients into = new Gradients(List.of(weight));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> into.keepOperands(products, PARTS));
        into.clear();
        into.keepOperands(products, 1);
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> into.addWeightGradient(weight, uniform(1, 3, INPUTS), uniform(2, 4, UNITS)));
        assertThat(into.of(weight).maxAbs()).isZero();
    }
}
