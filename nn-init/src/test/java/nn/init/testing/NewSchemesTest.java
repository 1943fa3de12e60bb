package nn.init.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import nn.init.Chrono;
import nn.init.DeepNorm;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.init.testing.CheckFinding.Verdict;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Schemes of kernels, tables, gates and residual branches at the shapes that layers give them: the right one passes,
 * and each usual fault is named.
 */
class NewSchemesTest {
    /** A scheme, its promise, and a layer's parameter. */
    private record Case(String name, Conformance conformance, Shape shape, Fans fans) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final Function<Fans, ExpectedDistribution> HE =
            fans -> ExpectedDistribution.normal(0, Math.sqrt(2 / fans.in()));
    private static final Function<Fans, ExpectedDistribution> HE_OUT =
            fans -> ExpectedDistribution.normal(0, Math.sqrt(2 / fans.out()));
    private static final Function<Fans, ExpectedDistribution> XAVIER =
            fans -> ExpectedDistribution.uniform(-bound(fans), bound(fans));

    private static final Shape GROUPED = Shape.of(3, 3, 4, 32); // 16 inputs, 32 outputs, 4 groups
    private static final Fans GROUPED_FANS = Fans.convolution(16, 32, 9, 1, 4);
    private static final Shape TRANSPOSED = Shape.of(4, 4, 8, 24);
    private static final Fans TRANSPOSED_FANS = Fans.transposedConvolution(24, 8, 16, 4, 1);
    private static final Shape FUSED = Shape.of(32, 96); // query, key and value side by side
    private static final Fans FUSED_FANS = Fans.gated(32, 96, 3);

    private static double bound(Fans fans) {
        return Math.sqrt(6 / (fans.in() + fans.out()));
    }

    /** The times of a chrono bias by the parameter's own key, so that draws are independent. */
    private static final Initializer CHRONO =
            (out, fans, key) -> new Chrono(Chrono.Part.KEEP, 400, key).fill(out, fans, key);

    static List<Case> cases() {
        VarianceScaling heOut = new VarianceScaling(Math.sqrt(2), Fan.OUT, Distribution.NORMAL);
        double beta = DeepNorm.ofOneStack(100).beta();
        VarianceScaling deepNorm = new VarianceScaling(beta, Fan.AVERAGE, Distribution.NORMAL);
        return List.of(
                new Case("grouped convolution", Conformance.of(heOut).expecting(HE_OUT), GROUPED, GROUPED_FANS),
                new Case(
                        "depthwise convolution",
                        Conformance.of(Init.xavierUniform()).expecting(XAVIER),
                        Shape.of(5, 5, 1, 48),
                        Fans.convolution(48, 48, 25, 1, 48)),
                new Case(
                        "strided convolution",
                        Conformance.of(heOut).expecting(HE_OUT),
                        Shape.of(3, 3, 8, 16),
                        Fans.convolution(8, 16, 9, 4, 1)),
                new Case(
                        "transposed convolution",
                        Conformance.of(Init.heNormal()).expecting(HE),
                        TRANSPOSED,
                        TRANSPOSED_FANS),
                new Case(
                        "query, key and value",
                        Conformance.of(Init.gates(3, Init.xavierUniform())).expecting(XAVIER),
                        FUSED,
                        FUSED_FANS),
                new Case(
                        "delta orthogonal",
                        Conformance.of(Init.deltaOrthogonal(1.5))
                                .expectingOrthogonal(1.5)
                                .atTheCentre(),
                        Shape.of(3, 4, 12, 12),
                        Fans.convolution(12, 12, 12, 1, 1)),
                new Case(
                        "delta orthogonal in groups",
                        Conformance.of(Init.gates(2, Init.deltaOrthogonal()))
                                .expectingOrthogonal(1, 2)
                                .atTheCentre(),
                        Shape.of(3, 3, 12, 24),
                        Fans.convolution(24, 24, 9, 1, 2)),
                new Case(
                        "table with padding",
                        Conformance.of(Init.paddingRow(Init.normal(0.02), 5))
                                .expecting(ExpectedDistribution.normal(0, 0.02))
                                .withPaddingRow(5),
                        Shape.of(40, 16),
                        Fans.embedding(40, 16)),
                new Case(
                        "tied table",
                        Conformance.of(new VarianceScaling(1, Fan.OUT, Distribution.NORMAL))
                                .expecting(fans -> ExpectedDistribution.normal(0, 1 / Math.sqrt(fans.out()))),
                        Shape.of(40, 16),
                        Fans.embedding(40, 16)),
                new Case(
                        "chrono",
                        Conformance.of(CHRONO).expecting(ExpectedDistribution.chrono(400)),
                        Shape.of(600),
                        new Fans(28, 600)),
                new Case(
                        "GPT-2's branch output",
                        Conformance.of(Init.residual(Init.normal(0.02), 24))
                                .expecting(ExpectedDistribution.normal(0, 0.02 / Math.sqrt(24))),
                        Shape.of(32, 16),
                        new Fans(32, 16)),
                new Case(
                        "DeepNorm's branch",
                        Conformance.of(deepNorm)
                                .expecting(fans ->
                                        ExpectedDistribution.normal(0, beta * Math.sqrt(2 / (fans.in() + fans.out())))),
                        Shape.of(32, 16),
                        new Fans(32, 16)));
    }

    /** The build takes 50, and a thousand, which take some minutes, with {@code -Dnn.kit.keys=1000}. */
    private static final int KEYS = Integer.getInteger("nn.kit.keys", 50);

    /**
     * At the rate of one in a million checks, 12,000 right ones raise one false alarm with a probability of at most 1.2
     * in 100 (union bound): it would stay one, as the keys are fixed. With 834 keys, 10,008 sweeps, there was none.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void manyKeysGiveNoFalseAlarm(Case right) {
        for (int key = 0; key < KEYS; key++) {
            right.conformance().check(right.shape(), right.fans(), key).throwIfFailed();
        }
    }

    /** Returns the note about a property that fails. */
    private static String note(Conformance conformance, Shape shape, Fans fans, Property property) {
        return conformance.check(shape, fans, 1, 2).findings(Verdict.FAILS).stream()
                .filter(finding -> finding.property() == property)
                .findFirst()
                .orElseThrow(() -> new AssertionError(property + " does not fail"))
                .note();
    }

    private static Initializer byShape(Initializer scheme) {
        return (out, fans, key) -> {
            int rows = out.size() / out.dim(-1);
            scheme.fill(out, new Fans(rows, (double) rows / out.dim(-2) * out.dim(-1)), key);
        };
    }

    @Test
    void groupsForgottenInTheFansAreNamed() {
        Initializer mutant = byShape(new VarianceScaling(Math.sqrt(2), Fan.OUT, Distribution.NORMAL));
        assertThat(note(Conformance.of(mutant).expecting(HE_OUT), GROUPED, GROUPED_FANS, Property.SECOND_MOMENT))
                .isEqualTo("likely mistake: the fans are read off the shape, (in 36, out 288), and not those of the"
                        + " layer, (in 36, out 72): a shape does not show groups, strides, or matrices side by side"
                        + " such as gates or query, key and value");
    }

    @Test
    void transposedFansThatAreSwappedAreNamed() {
        Initializer mutant = (out, fans, key) -> Init.heNormal().fill(out, new Fans(fans.out(), fans.in()), key);
        Conformance conformance = Conformance.of(mutant).expecting(HE);
        assertThat(note(conformance, TRANSPOSED, TRANSPOSED_FANS, Property.FANS))
                .isEqualTo("fan in and fan out are swapped, or guessed from the shape");
        assertThat(note(conformance, TRANSPOSED, TRANSPOSED_FANS, Property.SECOND_MOMENT))
                .contains("fan in and fan out are swapped");
    }

    /** As PyTorch's MultiheadAttention: the variance 2 / (32 + 96) is half of 2 / (32 + 32). */
    @Test
    void queryKeyAndValueAsOneBlockAreNamed() {
        assertThat(note(
                        Conformance.of(byShape(Init.xavierUniform())).expecting(XAVIER),
                        FUSED,
                        FUSED_FANS,
                        Property.SECOND_MOMENT))
                .contains(
                        "the fans are read off the shape, (in 32, out 96), and not those of the layer, (in 32, out 32)")
                .contains("query, key and value");
    }

    @Test
    void anOutputScalingThatIsForgottenIsNoticedByItsFactor() {
        Conformance conformance =
                Conformance.of(Init.normal(0.02)).expecting(ExpectedDistribution.normal(0, 0.02 / Math.sqrt(24)));
        CheckFinding found = conformance.check(Shape.of(64, 16), new Fans(64, 16), 1).findings(Verdict.FAILS).stream()
                .filter(finding -> finding.property() == Property.SECOND_MOMENT)
                .findFirst()
                .orElseThrow();
        assertThat(found.measured()).startsWith("variance 2"); // about 24 times that
        assertThat(found.note())
                .containsPattern(
                        "which is 2[2-6] times the promised one: values are not divided by sqrt\\(2[2-6]\\), such"
                                + " as the root of the number of residual branches");
    }

    @Test
    void aChronoBiasThatIsAddedTwiceIsNamed() {
        Initializer mutant = (out, fans, key) -> {
            CHRONO.fill(out, fans, key);
            out.scaleInPlace(2);
        };
        assertThat(note(
                        Conformance.of(mutant).expecting(ExpectedDistribution.chrono(400)),
                        Shape.of(600),
                        new Fans(28, 600),
                        Property.MEAN))
                .isEqualTo("twice the promised mean: the values are added twice, such as those of a layer with two"
                        + " biases");
    }

    @Test
    void aDeltaOffTheCentreIsNamed() {
        Initializer mutant = (out, fans, key) -> {
            out.fill(0);
            Init.orthogonal().fill(out.row(0).row(0), fans, key);
        };
        Conformance conformance = Conformance.of(mutant).expectingOrthogonal(1).atTheCentre();
        Report report = conformance.check(Shape.of(3, 3, 8, 8), new Fans(72, 72), 1);
        assertThat(report.findings(Verdict.FAILS)).singleElement().satisfies(finding -> {
            assertThat(finding.property()).isEqualTo(Property.ZEROS);
            assertThat(finding.toString())
                    .isEqualTo("zeros FAILS at [3 x 3 x 8 x 8]: expected every tap beside the centre zero, measured 64"
                            + " are not, allowed none; the matrix is off the centre of the taps, or at every tap");
        });
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> conformance.check(Shape.of(8), new Fans(8, 8), 1));
    }

    @Test
    void aRowForPaddingThatIsDrawnIsNamed() {
        Conformance conformance = Conformance.of(Init.normal(1))
                .expecting(ExpectedDistribution.normal(0, 1))
                .withPaddingRow(2);
        assertThat(note(conformance, Shape.of(40, 16), new Fans(1, 16), Property.ZEROS))
                .isEqualTo("the row for padding is drawn like the others: set it to zero after the fill");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> conformance.check(Shape.of(2, 16), new Fans(1, 16), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> conformance.withPaddingRow(-1));
    }

    // what pooled statistics see

    private static Report check(Initializer mutant, int rows, int columns) {
        return Conformance.of(mutant)
                .expecting(ExpectedDistribution.normal(0, 1))
                .check(Shape.of(rows, columns), new Fans(rows, columns), 1);
    }

    private static void fails(Initializer mutant, int rows, int columns, Property property, String note) {
        assertThat(check(mutant, rows, columns).findings(Verdict.FAILS))
                .extracting(CheckFinding::property)
                .contains(property);
        assertThat(note(
                        Conformance.of(mutant).expecting(ExpectedDistribution.normal(0, 1)),
                        Shape.of(rows, columns),
                        new Fans(rows, columns),
                        property))
                .contains(note);
    }

    /** Single pairs of rows of 400 are one standard deviation off; all together, 14. */
    @Test
    void neighbouringRowsThatAreSlightlyCorrelatedAreCaught() {
        Initializer mutant = (out, fans, key) -> {
            Tensor noise = Tensor.zeros(out.dim(0) + 1, out.dim(1));
            key.normal(noise, 0, 1);
            double mix = 0.05; // correlation of x_i + mix x_(i + 1), nearly
            for (int row = 0; row < out.dim(0); row++) {
                out.row(row).copyFrom(noise.row(row));
                out.row(row).addScaledInPlace((float) mix, noise.row(row + 1));
            }
        };
        fails(mutant, 400, 400, Property.NEIGHBOURS, "each row or column contains a part of the one before");
    }

    @Test
    void oneRadiusForFourValuesIsCaught() {
        Initializer mutant = (out, fans, key) -> {
            Tensor uniform = Tensor.zeros(out.size());
            key.uniform(uniform, 0, 1);
            for (int i = 0; i + 3 < out.size(); i += 4) {
                double radius = Math.sqrt(-2 * Math.log(1 - uniform.array()[i]));
                for (int pair = 0; pair < 2; pair++) {
                    double angle = 2 * Math.PI * uniform.array()[i + 1 + pair];
                    out.array()[out.offset() + i + 2 * pair] = (float) (radius * Math.cos(angle));
                    out.array()[out.offset() + i + 2 * pair + 1] = (float) (radius * Math.sin(angle));
                }
            }
        };
        fails(mutant, 60, 80, Property.NEIGHBOURS, "one radius of Box and Muller for more than two values");
    }

    @Test
    void anElementThatIsNeverDrawnIsCaught() {
        Initializer mutant = (out, fans, key) -> {
            key.normal(out, 0, 1);
            out.array()[out.offset() + out.size() - 1] = 0;
        };
        fails(mutant, 60, 80, Property.VARIED_ELEMENTS, "elements that are not drawn");
        assertThat(check(mutant, 60, 80).toString()).contains("1 do not, the first of them element 4799");
    }

    @Test
    void columnsThatAreOthersWithAnotherSignAreCaughtBeyondThe64thToo() {
        Initializer mutant = (out, fans, key) -> {
            key.normal(out, 0, 1);
            for (int row = 0; row < out.dim(0); row++) {
                out.set(-out.get(row, 70), row, 71);
            }
        };
        fails(mutant, 60, 80, Property.COLUMNS, "values are repeated along an axis");
    }

    @Test
    void halvesOfTheKeyThatAreIgnoredAreCaught() {
        Initializer low = (out, fans, key) -> new Key(0, key.lo()).normal(out, 0, 1);
        fails(low, 60, 80, Property.WHOLE_KEY, "a part of the key is ignored");
        assertThat(check(low, 60, 80).toString()).contains("the same values after a change of bit 17 of hi, 63 of hi");
        Initializer sixteen = (out, fans, key) -> new Key(key.hi() & 0xFFFF, key.lo() & 0xFFFF).normal(out, 0, 1);
        fails(sixteen, 60, 80, Property.WHOLE_KEY, "a part of the key is ignored");
    }

    @Test
    void rotationsAloneAreCaught() {
        Initializer mutant = (out, fans, key) -> {
            Init.orthogonal().fill(out, fans, key);
            double[][] m = {
                {out.get(0, 0), out.get(0, 1)},
                {out.get(1, 0), out.get(1, 1)}
            };
            if (m[0][0] * m[1][1] < m[0][1] * m[1][0]) {
                for (int row = 0; row < 2; row++) {
                    out.set((float) -m[row][1], row, 1);
                }
            }
        };
        Conformance rotations = Conformance.of(mutant).expectingOrthogonal(1);
        assertThat(note(rotations, Shape.of(2, 2), new Fans(2, 2), Property.DETERMINANT))
                .isEqualTo("only rotations are drawn, or only reflections: multiply a column by a random sign");
        Conformance.of(Init.orthogonal())
                .expectingOrthogonal(1)
                .check(Shape.of(2, 2), new Fans(2, 2), 1)
                .throwIfFailed();
    }

    @Test
    void anOrthogonalBlockNextToZerosIsCaught() {
        Initializer mutant = (out, fans, key) -> {
            out.fill(0);
            Tensor block = Tensor.zeros(out.dim(0), out.dim(0));
            Init.orthogonal().fill(block, fans, key);
            for (int row = 0; row < out.dim(0); row++) {
                for (int column = 0; column < out.dim(0); column++) {
                    out.set(block.get(row, column), row, column);
                }
            }
        };
        assertThat(note(
                        Conformance.of(mutant).expectingOrthogonal(1),
                        Shape.of(12, 24),
                        new Fans(12, 24),
                        Property.VARIED_ELEMENTS))
                .contains("some inputs or units are never connected");
    }

    static Stream<Conformance> everyRank() {
        return Stream.of(
                Conformance.of(Init.deltaOrthogonal()).expectingOrthogonal(1).atTheCentre(),
                Conformance.of(Init.paddingRow(Init.heNormal(), 1))
                        .expecting(HE)
                        .withPaddingRow(1));
    }

    @ParameterizedTest
    @MethodSource("everyRank")
    void partsAreJudgedAtEveryRank(Conformance conformance) {
        assertThat(conformance.checkAllShapes(1, 2).throwIfFailed().findings())
                .extracting(CheckFinding::property)
                .contains(Property.ZEROS);
    }
}
