package nn.tensor;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class TensorTest {
    private static Tensor uniform(long seed, int... dims) {
        Tensor t = Tensor.zeros(dims);
        Key.of(seed).uniform(t, -1f, 1f);
        return t;
    }

    @Test
    void ofCopiesAndWrapShares() {
        float[] values = {1, 2, 3, 4};
        Tensor copy = Tensor.of(values, 2, 2);
        Tensor view = Tensor.wrap(values, 1, Shape.of(3));
        values[1] = 9;
        assertThat(copy.get(0, 1)).isEqualTo(2f);
        assertThat(view.get(0)).isEqualTo(9f);
    }

    @Test
    void valuesMustFillTheShape() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Tensor.of(new float[5], 2, 3))
                .withMessage("5 values do not fill shape [2 x 3], which has 6");
        assertThatIllegalArgumentException().isThrownBy(() -> Tensor.wrap(new float[5], 1, Shape.of(5)));
        assertThatIllegalArgumentException().isThrownBy(() -> Tensor.wrap(new float[5], -1, Shape.of(2)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.wrap(new float[5], Integer.MAX_VALUE, Shape.of(2)));
    }

    @Test
    void aRowIsAViewOfTheSameValues() {
        Tensor t = Tensor.zeros(3, 2, 2);
        t.row(1).set(7f, 0, 1);
        assertThat(t.get(1, 0, 1)).isEqualTo(7f);
        assertThat(t.rows(1, 3).shape()).isEqualTo(Shape.of(2, 2, 2));
        assertThat(t.rows(1, 3).get(0, 0, 1)).isEqualTo(7f);
        assertThat(t.reshape(6, 2).get(2, 1)).isEqualTo(7f);
        assertThatIllegalArgumentException().isThrownBy(() -> t.row(3)).withMessageContaining("no row 3");
        assertThatIllegalArgumentException().isThrownBy(() -> t.rows(2, 1));
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> t.reshape(5));
    }

    @Test
    void anElementOutsideIsRefusedEvenIfItsPositionExists() {
        Tensor t = Tensor.zeros(2, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> t.get(0, 3))
                .withMessage("no element [0, 3] in a tensor of shape [2 x 3]");
        assertThatIllegalArgumentException().isThrownBy(() -> t.get(1));
        assertThatIllegalArgumentException().isThrownBy(() -> t.set(1f, -1, 0));
    }

    @Test
    void aProductReadsEitherSideTransposed() {
        Tensor a = uniform(1, 5, 7);
        Tensor b = uniform(2, 7, 3);
        Tensor c = a.matmul(b);
        assertThat(a.transpose().matmul(b, Transposed.LEFT)).isBitEqualTo(c);
        assertThat(a.matmul(b.transpose(), Transposed.RIGHT)).isBitEqualTo(c);
        double exact = 0;
        for (int p = 0; p < 7; p++) {
            exact += (double) a.get(4, p) * b.get(p, 2);
        }
        assertThat((double) c.get(4, 2)).isCloseTo(exact, within(1e-6));
    }

    @Test
    void aProductKeepsTheLeadingAxesOfItsLeftSide() {
        Tensor x = uniform(1, 2, 3, 4);
        Tensor w = uniform(2, 4, 5);
        Tensor y = x.matmul(w);
        assertThat(y.shape()).isEqualTo(Shape.of(2, 3, 5));
        assertThat(y.reshape(6, 5)).isBitEqualTo(x.reshape(6, 4).matmul(w));
        assertThat(x.matmul(y, Transposed.LEFT).shape()).isEqualTo(Shape.of(4, 5));
        assertThat(y.matmul(w, Transposed.RIGHT).shape()).isEqualTo(x.shape());
    }

    @Test
    void anEmptyBatchGivesAnEmptyProductAndAZeroWeightGradient() {
        Tensor x = Tensor.zeros(0, 4);
        assertThat(x.matmul(uniform(1, 4, 3)).shape()).isEqualTo(Shape.of(0, 3));
        Tensor gradient = Tensor.full(Float.NaN, 4, 3);
        x.matmulInto(Tensor.zeros(0, 3), Transposed.LEFT, gradient);
        assertThat(gradient.toArray()).containsOnly(0f);
    }

    @Test
    void aProductThatDoesNotFitNamesTheShapeThatWould() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Tensor.zeros(4, 8).matmul(Tensor.zeros(9, 3)))
                .withMessageContaining("A of shape [4 x 8] expected B of shape [8 x columns], got [9 x 3]")
                .satisfies(e -> {
                    assertThat(e.expected()).isEqualTo("[8 x columns]");
                    assertThat(e.actual()).isEqualTo(Shape.of(9, 3));
                });
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(
                        () -> Tensor.zeros(4, 8).matmulInto(Tensor.zeros(8, 3), Transposed.NONE, Tensor.zeros(3, 4)))
                .withMessageContaining("gives [4 x 3], the destination has shape [3 x 4]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Tensor.zeros(4, 8).matmul(Tensor.zeros(5, 3), Transposed.LEFT));
    }

    @Test
    void aProductRefusesADestinationThatIsAlsoAnOperand() {
        Tensor a = uniform(1, 6, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> a.rows(0, 4).matmulInto(uniform(2, 4, 4), Transposed.NONE, a.rows(2, 6)))
                .withMessageContaining("shares memory");
        a.rows(0, 2).matmulInto(uniform(2, 4, 4), Transposed.NONE, a.rows(2, 4)); // side by side is no overlap
    }

    @Test
    void tensorsOverlapIfTheyHaveAnElementInCommon() {
        Tensor a = uniform(1, 6, 4);
        assertThat(a.overlaps(a.row(5))).isTrue();
        assertThat(a.rows(0, 3).overlaps(a.rows(2, 4))).isTrue();
        assertThat(a.rows(0, 3).overlaps(a.rows(3, 6))).isFalse();
        assertThat(a.overlaps(a.rows(2, 2))).isFalse(); // which has no elements
        assertThat(a.overlaps(a.copy())).isFalse();
    }

    @Test
    void elementwiseOperationsMayWorkInPlaceButNotOnAPartOverlap() {
        Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 4);
        a.addInto(a, a);
        assertThat(a.toArray()).containsExactly(2, 4, 6, 8);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> a.rows(0, 3).addInto(a.rows(0, 3), a.rows(1, 4)))
                .withMessageContaining("partially overlaps");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.zeros(3).addInto(a.rows(0, 3), a.rows(1, 4)))
                .withMessageContaining("partially overlaps");
        assertThatIllegalArgumentException().isThrownBy(() -> a.rows(1, 4).addScaledInPlace(1f, a.rows(0, 3)));
    }

    @Test
    void shapesNeverBroadcast() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Tensor.zeros(4).add(Tensor.zeros(4, 1)))
                .withMessageContaining("add: expected shape [4], got [4 x 1]");
        assertThatNullPointerException()
                .isThrownBy(() -> Tensor.zeros(4).multiply(null))
                .withMessage("multiply: the other tensor is null");
    }

    @Test
    void reluKeepsNaNAndItsGradientIsZeroAtZero() {
        Tensor x = Tensor.of(new float[] {Float.NaN, -1, -0f, 0, 2, Float.POSITIVE_INFINITY}, 6);
        float[] y = x.relu().toArray();
        assertThat(y[0]).isNaN();
        assertThat(y[1]).isZero();
        assertThat(Float.floatToRawIntBits(y[2])).isZero();
        assertThat(y[4]).isEqualTo(2f);
        assertThat(y[5]).isEqualTo(Float.POSITIVE_INFINITY);
        Tensor dx = Tensor.zeros(6);
        x.reluGradInto(Tensor.full(3f, 6), dx);
        assertThat(dx.toArray()).containsExactly(3, 0, 0, 0, 3, 3);
    }

    @Test
    void leakyReluScalesWhatIsNotAboveZeroAndKeepsNaN() {
        Tensor x = Tensor.of(new float[] {Float.NaN, -2, -0f, 0, 2, Float.NEGATIVE_INFINITY}, 6);
        Tensor y = Tensor.zeros(6);
        x.leakyReluInto(0.5f, y);
        assertThat(y.toArray()).containsExactly(Float.NaN, -1, -0f, 0, 2, Float.NEGATIVE_INFINITY);
        x.leakyReluGradInto(0.5f, Tensor.full(3f, 6), y);
        assertThat(y.toArray()).containsExactly(1.5f, 1.5f, 1.5f, 1.5f, 3, 1.5f);
    }

    @Test
    void clampKeepsWhatIsWithinTheBoundsAndItsGradientIsZeroBeyond() {
        Tensor x = Tensor.of(new float[] {Float.NaN, -5, -1, Math.nextUp(-1f), -0f, 2, Math.nextUp(2f)}, 7);
        Tensor y = Tensor.zeros(7);
        x.clampInto(-1, 2, y);
        assertThat(y.toArray()).containsExactly(Float.NaN, -1, -1, Math.nextUp(-1f), -0f, 2, 2);
        x.clampGradInto(-1, 2, Tensor.full(3f, 7), y);
        assertThat(y.toArray()).containsExactly(Float.NaN, 0, 0, 3, 3, 3, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.clampInto(2, -1, y))
                .withMessageContaining("the bounds are 2.0 and -1.0; the first must be at most the second");
        assertThatIllegalArgumentException().isThrownBy(() -> x.clampGradInto(Float.NaN, 1, y, y));
    }

    @Test
    void addingARowAndSummingRowsAreABiasAndItsGradient() {
        Tensor batch = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        batch.addRowInPlace(Tensor.of(new float[] {10, 20}, 2));
        assertThat(batch.toArray()).containsExactly(11, 22, 13, 24, 15, 26);
        Tensor gradient = Tensor.of(new float[] {1, 1}, 2);
        batch.addSumOfRowsInto(gradient);
        assertThat(gradient.toArray()).containsExactly(40, 73);
        batch.fillRows(Tensor.of(new float[] {7, 8}, 2));
        assertThat(batch.toArray()).containsExactly(7, 8, 7, 8, 7, 8);
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> batch.addRowInPlace(Tensor.zeros(3)))
                .withMessageContaining("expected a row of shape [2], got [3]");
    }

    /** Sixty-four chains of n/64 double additions: n/64 + 6 roundings of 2^-53 relative to the sum of magnitudes. */
    @Test
    void sumsOfFloatsAreRightToDoublePrecision() {
        for (int n : new int[] {0, 1, 63, 64, 65, 127, 1000, 12345}) {
            Tensor x = uniform(n, n);
            BigDecimal exact = BigDecimal.ZERO;
            BigDecimal squares = BigDecimal.ZERO;
            double magnitudes = 0;
            for (float v : x.toArray()) {
                exact = exact.add(new BigDecimal(v));
                squares = squares.add(new BigDecimal(v).pow(2));
                magnitudes += Math.abs(v);
            }
            double bound = (n / 64.0 + 7) * 0x1p-53;
            assertThat(Math.abs(x.sum() - exact.doubleValue())).isLessThanOrEqualTo(bound * magnitudes);
            assertThat(Math.abs(x.dot(x) - squares.doubleValue())).isLessThanOrEqualTo(bound * squares.doubleValue());
        }
    }

    @Test
    void momentsAreThoseOfTheDefinition() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 6}, 4);
        assertThat(x.mean()).isEqualTo(3);
        assertThat(x.secondMoment()).isEqualTo(12.5);
        assertThat(x.variance()).isEqualTo(3.5);
        assertThat(x.norm()).isEqualTo(Math.sqrt(50));
        assertThat(x.maxAbs()).isEqualTo(6f);
        assertThat(Tensor.zeros(0).mean()).isNaN();
    }

    @Test
    void oneNonFiniteValueIsFoundWhereverItIs() {
        for (int n : new int[] {1, 64, 65, 200}) {
            for (int at = 0; at < n; at += 7) {
                Tensor x = uniform(1, n);
                assertThat(x.isFinite()).isTrue();
                x.set(Float.NaN, at);
                assertThat(x.isFinite()).isFalse();
                x.set(Float.NEGATIVE_INFINITY, at);
                assertThat(x.isFinite()).isFalse();
            }
        }
    }

    @Test
    void argmaxIsTheFirstLargestValueOfARow() {
        Tensor logits = Tensor.of(new float[] {1, 3, 3, Float.NaN, -5, -7, -2, -1, -1}, 3, 3);
        assertThat(logits.argMaxRows()).containsExactly(1, 1, 1);
        assertThat(Tensor.full(Float.NaN, 2, 3).argMaxRows()).containsExactly(0, 0);
    }

    @Test
    void bitEqualityDistinguishesTheZeros() {
        assertThat(Tensor.of(new float[] {0f}, 1)).isNotBitEqualTo(Tensor.of(new float[] {-0f}, 1));
        assertThat(Tensor.zeros(2, 3)).isNotBitEqualTo(Tensor.zeros(3, 2));
        assertThat(Tensor.full(Float.NaN, 2)).isBitEqualTo(Tensor.full(Float.NaN, 2));
    }

    /** The digest of the 16 bytes 01000000 02000000 0000803f 00000040. */
    @Test
    void theFingerprintIsSha256OfShapeAndValues() {
        assertThat(Tensor.of(new float[] {1, 2}, 2).sha256())
                .isEqualTo("bdd66379605d2ac066bcdb6c660770fb7544d5bd50cf9d3f08919691972310de");
        assertThat(Tensor.zeros(2, 3).sha256()).isNotEqualTo(Tensor.zeros(3, 2).sha256());
        Tensor long1 = uniform(1, 5000);
        assertThat(long1.sha256())
                .isNotEqualTo(uniform(2, 5000).sha256())
                .isEqualTo(long1.copy().sha256());
    }

    @Test
    void mapCallsAFunctionInDouble() {
        assertThat(Tensor.of(new float[] {1, 4}, 2).map(Math::sqrt).toArray()).containsExactly(1, 2);
    }

    @Test
    void printsItsShapeAndFirstValues() {
        assertThat(Tensor.zeros(2)).hasToString("Tensor[2] {0.0, 0.0}");
        assertThat(Tensor.zeros(9).toString()).endsWith(", ...}");
    }

    @Test
    void aProductPlusARowIsAProductAddedToFilledRows() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 1, 2);
        Tensor w = Tensor.of(new float[] {1, 0, -1, 2, 1, 0}, 2, 3);
        Tensor row = Tensor.of(new float[] {10, 20, 30}, 3);
        Tensor sum = Tensor.full(Float.NaN, 3, 1, 3);
        x.matmulPlusRowInto(w, row, sum);
        assertThat(sum.toArray()).containsExactly(15, 22, 29, 21, 24, 27, 27, 26, 25);
    }

    @Test
    void aRowToAddThatDoesNotFitIsRefused() {
        Tensor x = Tensor.zeros(4, 2);
        Tensor w = Tensor.zeros(2, 3);
        assertThatThrownBy(() -> x.matmulPlusRowInto(w, Tensor.zeros(2), Tensor.zeros(4, 3)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("row to add has shape [2]")
                .hasMessageContaining("3 columns");
        assertThatThrownBy(() -> x.matmulPlusRowInto(w, Tensor.zeros(1, 3), Tensor.zeros(4, 3)))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.matmulPlusRowInto(w, Tensor.zeros(3), Tensor.zeros(3, 3)))
                .isInstanceOf(ShapeException.class);
        Tensor dst = Tensor.zeros(4, 3);
        assertThatThrownBy(() -> x.matmulPlusRowInto(w, dst.row(0), dst))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shares memory with the row to add");
    }

    @Test
    void emptyRowsHaveNoLargestElement() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.zeros(40_000, 50_000, 0).argMaxRows())
                .withMessageContaining("argMaxRows: the rows of a tensor of shape [40000 x 50000 x 0] are empty");
        assertThat(Tensor.zeros(0, 3).argMaxRows()).isEmpty();
        assertThat(Tensor.zeros(0, 0).argMaxRows()).isEmpty();
    }

    @Test
    void manyEmptyRowsAreNoWork() {
        Tensor x = Tensor.zeros(2_000_000_000, 0);
        x.addRowInPlace(Tensor.zeros(0));
        x.fillRows(Tensor.zeros(0));
        x.addSumOfRowsInto(Tensor.zeros(0));
        assertThat(x.matmul(Tensor.zeros(0, 0)).shape()).isEqualTo(x.shape());
        assertThat(x.matmul(x, Transposed.LEFT).shape()).isEqualTo(Shape.of(0, 0));
        assertThat(x.transpose().shape()).isEqualTo(Shape.of(0, 2_000_000_000));
    }

    @Test
    void everyRowIsMultipliedByOneRow() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor product = x.multiplyRow(Tensor.of(new float[] {2, 0, -1}, 3));
        assertThat(product.toArray()).containsExactly(2, 0, -3, 8, 0, -6);
        assertThatThrownBy(() -> x.multiplyRow(Tensor.zeros(2))).isInstanceOf(ShapeException.class);
    }
}
