package nn.train.optimizer;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import nn.init.Fans;
import nn.layers.Parameter;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.linalg.SingularValues;
import nn.train.NonFiniteException;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.TrainingState;
import nn.train.loss.MeanSquaredError;
import nn.train.schedule.Schedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Optimizers that see a parameter as a whole, such as a matrix. */
class MatrixOptimizerTest {
    static final List<Optimizer> OPTIMIZERS = List.of(
            Adafactor.of(0.01),
            Adafactor.of(0.05).withDecayPower(0.5).withWeightDecay(0.1),
            Adafactor.of(0.01).withEpsilon(1e-30),
            Chain.of(0.01, Transform.clipNorm(1), Transform.adam(0.9, 0.999, 1e-6), Transform.trustRatio()),
            Chain.of(0.01, Transform.momentum(0.9), Transform.trustRatio(), Transform.decay(0.01)),
            Muon.of(0.02),
            Muon.of(0.02).withoutNesterov().withWeightDecay(0.1).withScale(Muon.Scale.LIKE_ADAMW));

    private static final List<Shape> SHAPES =
            List.of(Shape.of(7, 5), Shape.of(5, 7), Shape.of(1, 3), Shape.of(2, 3, 4, 6));

    static Parameter parameter(Shape shape) {
        return Parameter.create(
                "p",
                Parameter.Kind.WEIGHT,
                shape,
                new Fans(1, 1),
                (out, fans, key) -> key.uniform(out, -1f, 1f),
                Key.of(1));
    }

    static Tensor gradient(Shape shape, long step) {
        Tensor g = Tensor.zeros(shape);
        Key.of(2).child(step).uniform(g, -1f, 1f);
        return g;
    }

    private static Tensor after(Optimizer optimizer, Shape shape, int steps) {
        Parameter p = parameter(shape);
        UpdateRule rule = optimizer.ruleFor(p);
        for (long step = 1; step <= steps; step++) {
            rule.apply(gradient(shape, step), optimizer.rate(), step);
        }
        return p.value();
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aRestoredStateContinuesTheRunBitForBit(Optimizer optimizer) {
        for (Shape shape : SHAPES) {
            Parameter p = parameter(shape);
            UpdateRule first = optimizer.ruleFor(p);
            for (long step = 1; step <= 5; step++) {
                first.apply(gradient(shape, step), optimizer.rate(), step);
            }
            UpdateRule second = optimizer.ruleFor(p);
            for (int i = 0; i < first.state().size(); i++) {
                second.state().get(i).copyFrom(first.state().get(i));
            }
            for (long step = 6; step <= 8; step++) {
                second.apply(gradient(shape, step), optimizer.rate(), step);
            }
            assertThat(p.value()).isBitEqualTo(after(optimizer, shape, 8));
            assertThat(p.value()).isNotBitEqualTo(after(optimizer, shape, 7));
        }
    }

    /** Rules that take turns must leave nothing behind in the memory that they share. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void rulesThatShareMemoryGiveTheBitsOfRulesThatDoNot(Optimizer optimizer) {
        Scratch shared = new Scratch();
        List<Parameter> parameters =
                SHAPES.stream().map(MatrixOptimizerTest::parameter).toList();
        List<UpdateRule> rules =
                parameters.stream().map(p -> optimizer.ruleFor(p, shared)).toList();
        for (long step = 1; step <= 4; step++) {
            for (int i = 0; i < rules.size(); i++) {
                rules.get(i).apply(gradient(SHAPES.get(i), step), optimizer.rate(), step);
            }
        }
        for (Parameter p : parameters) {
            assertThat(p.value()).isBitEqualTo(after(optimizer, p.value().shape(), 4));
        }
    }

    /** A view begins somewhere in its array. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aGradientThatIsAViewGivesTheSameBits(Optimizer optimizer) {
        Shape shape = Shape.of(7, 5);
        Parameter p = parameter(shape);
        UpdateRule rule = optimizer.ruleFor(p);
        for (long step = 1; step <= 3; step++) {
            Tensor large = Tensor.full(9f, 9, 5);
            large.rows(1, 8).copyFrom(gradient(shape, step));
            rule.apply(large.rows(1, 8), optimizer.rate(), step);
        }
        assertThat(p.value()).isBitEqualTo(after(optimizer, shape, 3));
    }

    /** The bound may be too large, but never too small: numbers of all sizes, until something overflows. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aStepThatIsCalledSafeStaysFinite(Optimizer optimizer) {
        Shape shape = Shape.of(3, 2);
        int overflows = 0;
        int safe = 0;
        for (int run = 0; run < 400; run++) {
            Parameter p = parameter(shape);
            p.value().scaleInPlace((float)
                    StrictMath.pow(10, -3 + Integer.remainderUnsigned(Key.of(5).word(run), 42)));
            UpdateRule rule = optimizer.ruleFor(p);
            for (long step = 1; step <= 6; step++) {
                Tensor g = gradient(shape, 10 * run + step);
                int word = Key.of(6).child(run).word(step);
                g.scaleInPlace((float) StrictMath.pow(10, -20 + Integer.remainderUnsigned(word, 59)));
                double rate = StrictMath.pow(10, -6 + ((word >>> 8) & 45));
                boolean isSafe = rule.isSafe(g.norm(), rate, step);
                rule.apply(g, rate, step);
                boolean finite = p.value().isFinite() && rule.state().stream().allMatch(Tensor::isFinite);
                assertThat(finite || !isSafe).as("run %d, step %d", run, step).isTrue();
                overflows += finite ? 0 : 1;
                safe += isSafe ? 1 : 0;
                if (!finite) {
                    break;
                }
            }
        }
        assertThat(overflows).isGreaterThan(20);
        assertThat(safe).isGreaterThan(20);
    }

    /** Otherwise every step would copy everything. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void ordinaryStepsAreSafe(Optimizer optimizer) {
        for (Shape shape : SHAPES) {
            Parameter p = parameter(shape);
            UpdateRule rule = optimizer.ruleFor(p);
            for (long step = 1; step <= 300; step++) {
                Tensor g = gradient(shape, step % 50);
                g.scaleInPlace(100);
                assertThat(rule.isSafe(g.norm(), optimizer.rate(), step)).isTrue();
                rule.apply(g, optimizer.rate(), step);
            }
        }
    }

    /** Otherwise the running means of dead units would stay subnormal forever, and make every step slower. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void withoutGradientsTheStateDecaysToZeroAndNotToSubnormals(Optimizer optimizer) {
        Shape shape = Shape.of(3, 2);
        UpdateRule rule = optimizer.ruleFor(parameter(shape));
        Tensor g = gradient(shape, 1);
        g.scaleInPlace(1e-17f);
        for (long step = 1; step <= 2000; step++) {
            rule.apply(g, 0, step);
            g.fill(0f);
            for (Tensor memory : rule.state()) {
                for (float value : memory.toArray()) {
                    assertThat(value == 0 || Math.abs(value) >= Float.MIN_NORMAL)
                            .as("step %d: %s", step, value)
                            .isTrue();
                }
            }
        }
    }

    /** A rate of 1e38 times a decay of 10, or a factor of 100, is infinite as a float, and so would the weights be. */
    static final List<Optimizer> DECAYING = List.of(
            Adafactor.of(0.01).withWeightDecay(10),
            Muon.of(0.01).withWeightDecay(10),
            Chain.of(0.01, Transform.decay(10), Transform.trustRatio(), Transform.times(100)));

    @ParameterizedTest
    @FieldSource("DECAYING")
    void aStepThatOverflowsChangesNothing(Optimizer optimizer) {
        Network network = Network.builder(Key.of(1))
                .input(3)
                .layer("fc", Dense.units(4).withoutBias())
                .build();
        Schedule huge = (steps, epochs) -> steps < 3 ? 1 : 1e40;
        Trainer trainer =
                new Trainer(network, new MeanSquaredError(), optimizer, Key.of(2), TrainerOptions.NONE.schedule(huge));
        Tensor x = gradient(Shape.of(6, 3), 1);
        Tensor y = gradient(Shape.of(6, 4), 2);
        for (int i = 0; i < 3; i++) {
            trainer.step(x, y);
        }
        TrainingState before = trainer.state();
        assertThatThrownBy(() -> trainer.step(x, y)).isInstanceOf(NonFiniteException.class);
        assertThat(trainer.state().text()).isEqualTo(before.text());
        trainer.state()
                .tensors()
                .forEach((name, tensor) -> assertThat(tensor)
                        .as(name)
                        .isBitEqualTo(before.tensors().get(name)));
    }

    @Test
    void adafactorKeepsANumberForEachRowAndColumn() {
        assertThat(shapes(Adafactor.of(0.1).ruleFor(parameter(Shape.of(7, 5))))).containsExactly("[7]", "[5]");
        assertThat(shapes(Adafactor.of(0.1).ruleFor(parameter(Shape.of(2, 3, 4, 6)))))
                .containsExactly("[2 x 3 x 4]", "[2 x 3 x 6]");
        assertThat(shapes(Adafactor.of(0.1).ruleFor(parameter(Shape.of(7))))).containsExactly("[7]");
    }

    private static List<String> shapes(UpdateRule rule) {
        return rule.state().stream().map(memory -> memory.shape().toString()).toList();
    }

    /** A kernel of several taps is updated like each of its matrices, but for what depends on the whole: its size. */
    @Test
    void adafactorTreatsTheLastTwoAxesAsAMatrix() {
        Shape shape = Shape.of(2, 4, 3);
        Optimizer optimizer = Adafactor.of(0.5).withLargestUpdate(1e6).withLeastScale(10); // whatever the whole is
        Tensor both = after(optimizer, shape, 3);
        for (int i = 0; i < 2; i++) {
            Parameter one = parameter(Shape.of(4, 3));
            one.value().copyFrom(parameter(shape).value().row(i));
            UpdateRule rule = optimizer.ruleFor(one);
            for (long step = 1; step <= 3; step++) {
                rule.apply(gradient(shape, step).row(i), optimizer.rate(), step);
            }
            assertThat(both.row(i)).isBitEqualTo(one.value());
        }
    }

    /** After one step the factors have the rank of a single matrix of squares: a gradient u v' moves all alike. */
    @Test
    void adafactorMovesAllElementsAlikeIfTheSizesOfTheGradientAreAProduct() {
        Shape shape = Shape.of(6, 4);
        Parameter p = parameter(shape);
        p.value().fill(1f); // so that the step is rate * 1
        Tensor g = Tensor.zeros(shape);
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 4; j++) {
                g.set((float) ((i + j) % 2 == 0 ? Math.pow(10, i - j) : -Math.pow(10, i - j)), i, j);
            }
        }
        Adafactor.of(0.25).ruleFor(p).apply(g, 0.25, 1);
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 4; j++) {
                double move = (i + j) % 2 == 0 ? 0.25 : -0.25;
                assertThat((double) p.value().get(i, j))
                        .isCloseTo(1 - move, org.assertj.core.api.Assertions.within(1e-6));
            }
        }
    }

    static List<Shape> matrices() {
        return List.of(Shape.of(40, 16), Shape.of(16, 40), Shape.of(24, 24), Shape.of(3, 4, 5, 6));
    }

    /** Singular values of a uniform matrix of these shapes are not far below the largest one, but for the square. */
    @ParameterizedTest
    @MethodSource("matrices")
    void aStepOfMuonHasSingularValuesNearOne(Shape shape) {
        Parameter p = parameter(shape);
        p.value().fill(0f);
        Tensor g = gradient(shape, 1);
        g.scaleInPlace(1e-4f); // the size of a gradient does not matter
        Muon muon = Muon.of(1);
        int outputs = shape.dim(-1);
        int inputs = shape.size() / outputs;
        muon.ruleFor(p).apply(g, 1, 1);
        double scale = Math.sqrt(Math.max(1, (double) outputs / inputs));
        double[] values = SingularValues.of(p.value().reshape(inputs, outputs));
        double[] before = SingularValues.of(g.reshape(inputs, outputs));
        int smallest = 0;
        while (smallest < before.length - 1 && before[smallest + 1] > before[0] / 50) {
            smallest++;
        }
        // Values from 1 / 50 of the largest on, and so of the norm times 1 / 250 or more: 3.4445^5 is 485.
        double[] large = Arrays.copyOf(values, smallest + 1);
        assertThat(Arrays.stream(large).max().orElseThrow() / scale).isLessThan(1.21);
        assertThat(Arrays.stream(large).min().orElseThrow() / scale).isGreaterThan(0.5);
    }

    @Test
    void muonMovesAMatrixAsItsTranspose() {
        Muon muon = Muon.of(0.5).withScale(Muon.Scale.LIKE_ADAMW);
        Parameter wide = parameter(Shape.of(6, 20));
        Parameter tall = parameter(Shape.of(20, 6));
        tall.value().copyFrom(wide.value().transpose());
        UpdateRule ofWide = muon.ruleFor(wide);
        UpdateRule ofTall = muon.ruleFor(tall);
        for (long step = 1; step <= 3; step++) {
            Tensor g = gradient(Shape.of(6, 20), step);
            ofWide.apply(g, 0.5, step);
            ofTall.apply(g.transpose(), 0.5, step);
        }
        // Sums in another order: roundings of 2^-24, grown by up to 3.4445^5 = 485 in each of 3 steps of 0.45.
        assertThat(tall.value().transpose().subtract(wide.value()).maxAbs())
                .isLessThan((float) (3 * 0.45 * 485 * 0x1p-24));
    }

    @Test
    void muonLeavesAParameterAloneWhoseGradientsAreZero() {
        Parameter p = parameter(Shape.of(5, 4));
        Tensor before = p.value().copy();
        UpdateRule rule = Muon.of(1).ruleFor(p);
        rule.apply(Tensor.zeros(5, 4), 1, 1);
        assertThat(p.value()).isBitEqualTo(before);
        rule.apply(Tensor.full(1e-25f, 5, 4), 1, 2); // products of such numbers would be subnormal
        assertThat(p.value()).isBitEqualTo(before);
        rule.apply(Tensor.full(1e-12f, 5, 4), 1, 3);
        assertThat(p.value()).isNotBitEqualTo(before);
    }

    @Test
    void muonRefusesAParameterOfOneAxis() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Muon.of(0.02).ruleFor(parameter(Shape.of(8))))
                .withMessageStartingWith("Muon: parameter 'p' has the shape [8], but Muon is for matrices; give others"
                        + " another optimizer by ParameterGroups");
    }

    @Test
    void badHyperparametersAreRefusedByNameAndValue() {
        Adafactor adafactor = Adafactor.of(1);
        Muon muon = Muon.of(1);
        refused("Adafactor: rate is -1.0", () -> adafactor.withRate(-1));
        refused("Adafactor: decayPower is -0.8", () -> adafactor.withDecayPower(-0.8));
        refused("Adafactor: epsilon is 0.0", () -> adafactor.withEpsilon(0));
        refused("Adafactor: leastScale is NaN", () -> adafactor.withLeastScale(Double.NaN));
        refused("Adafactor: largestUpdate is 0.0", () -> adafactor.withLargestUpdate(0));
        refused("Adafactor: weightDecay is Infinity", () -> adafactor.withWeightDecay(Double.POSITIVE_INFINITY));
        refused("Muon: rate is NaN", () -> muon.withRate(Double.NaN));
        refused("Muon: momentum is 1.0", () -> muon.withMomentum(1));
        refused("Muon: weightDecay is -1.0", () -> muon.withWeightDecay(-1));
        refused("Muon: iterations is 0", () -> new Muon(1, 0.9, true, 0, 0, 1e-7, Muon.Scale.ORIGINAL));
        refused("Muon: epsilon is 0.0", () -> new Muon(1, 0.9, true, 0, 5, 0, Muon.Scale.ORIGINAL));
    }

    private static void refused(String start, Runnable make) {
        assertThatIllegalArgumentException().isThrownBy(make::run).withMessageStartingWith(start + "; it must be ");
    }
}
