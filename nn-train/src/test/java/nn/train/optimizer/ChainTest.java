package nn.train.optimizer;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import nn.layers.Parameter;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Optimizers made of transforms. */
class ChainTest {
    /** A built-in optimizer, and the chain that has its formula. */
    record Twins(Optimizer builtIn, Chain chain) {}

    static final List<Twins> TWINS = List.of(
            new Twins(Sgd.of(0.1), Chain.of(0.1, Transform.times(1))),
            new Twins(Sgd.of(0.1).withWeightDecay(0.01), Chain.of(0.1, Transform.decay(0.01))),
            new Twins(
                    Sgd.of(0.1).withMomentum(0.9).withWeightDecay(0.01),
                    Chain.of(0.1, Transform.decay(0.01), Transform.momentum(0.9))),
            new Twins(Sgd.of(0.1).withMomentum(0.9).withNesterov(), Chain.of(0.1, Transform.nesterov(0.9))),
            new Twins(Adam.of(0.01), Chain.of(0.01, Transform.adam(0.9, 0.999, 1e-8))),
            new Twins(
                    Adam.of(0.01).withBetas(0.8, 0.99).withWeightDecay(0.1),
                    Chain.of(0.01, Transform.decay(0.1), Transform.adam(0.8, 0.99, 1e-8))),
            new Twins(RmsProp.of(0.01), Chain.of(0.01, Transform.rootMeanSquare(0.99, 1e-8))),
            new Twins(
                    RmsProp.of(0.01).withMomentum(0.9),
                    Chain.of(0.01, Transform.rootMeanSquare(0.99, 1e-8), Transform.momentum(0.9))));

    private static final Shape SHAPE = Shape.of(13, 7);

    private static Parameter after(Optimizer optimizer, int steps) {
        Parameter p = MatrixOptimizerTest.parameter(SHAPE);
        UpdateRule rule = optimizer.ruleFor(p);
        for (long step = 1; step <= steps; step++) {
            rule.apply(MatrixOptimizerTest.gradient(SHAPE, step), optimizer.rate(), step);
        }
        return p;
    }

    @ParameterizedTest
    @FieldSource("TWINS")
    void aChainHasTheBitsOfTheBuiltInOptimizerWithItsFormula(Twins twins) {
        Tensor value = after(twins.builtIn(), 20).value();
        assertThat(after(twins.chain(), 20).value()).isBitEqualTo(value);
        assertThat(value).isNotBitEqualTo(after(twins.builtIn(), 19).value());
    }

    @Test
    void decayAfterAdamIsAdamWUpToRounding() {
        Chain chain = Chain.of(0.01, Transform.adam(0.9, 0.999, 1e-8), Transform.decay(0.1));
        Tensor difference = after(chain, 20)
                .value()
                .subtract(after(AdamW.of(0.01).withWeightDecay(0.1), 20).value());
        assertThat((double) difference.maxAbs()).isLessThan(20 * 4 * 0x1p-24); // four roundings in each step, near 1
    }

    /** LAMB by its formula, in double. */
    @Test
    void adamDecayAndATrustRatioAreLamb() {
        Parameter p = MatrixOptimizerTest.parameter(SHAPE);
        int n = SHAPE.size();
        double[] expected = new double[n];
        double[] m = new double[n];
        double[] v = new double[n];
        for (int i = 0; i < n; i++) {
            expected[i] = p.value().array()[i];
        }
        Chain lamb = Chain.of(0.05, Transform.adam(0.9, 0.99, 1e-6), Transform.decay(0.1), Transform.trustRatio());
        UpdateRule rule = lamb.ruleFor(p);
        for (int step = 1; step <= 10; step++) {
            Tensor g = MatrixOptimizerTest.gradient(SHAPE, step);
            rule.apply(g, lamb.rate(), step);
            double[] u = new double[n];
            double norm = 0;
            double size = 0;
            for (int i = 0; i < n; i++) {
                double gradient = g.array()[i];
                m[i] = 0.9 * m[i] + 0.1 * gradient;
                v[i] = 0.99 * v[i] + 0.01 * gradient * gradient;
                u[i] = m[i] / (1 - Math.pow(0.9, step)) / (Math.sqrt(v[i] / (1 - Math.pow(0.99, step))) + 1e-6)
                        + 0.1 * expected[i];
                norm += u[i] * u[i];
                size += expected[i] * expected[i];
            }
            for (int i = 0; i < n; i++) {
                expected[i] -= 0.05 * Math.sqrt(size / norm) * u[i];
            }
        }
        for (int i = 0; i < n; i++) {
            assertThat((double) p.value().array()[i]).isCloseTo(expected[i], within(10 * 8 * 0x1p-24)); // 8 roundings
        }
    }

    private static double[] moved(double rate, double[] start, double[] gradient, Transform... transforms) {
        Parameter p = MatrixOptimizerTest.parameter(Shape.of(start.length));
        Tensor g = Tensor.zeros(start.length);
        for (int i = 0; i < start.length; i++) {
            p.value().set((float) start[i], i);
            g.set((float) gradient[i], i);
        }
        Chain.of(rate, transforms).ruleFor(p).apply(g, rate, 1);
        double[] moved = new double[start.length];
        for (int i = 0; i < start.length; i++) {
            moved[i] = p.value().get(i);
        }
        return moved;
    }

    @Test
    void eachTransformDoesWhatItSays() {
        double[] zero = {0, 0, 0};
        double[] g = {3, -4, 0};
        assertThat(moved(1, zero, g, Transform.clip(3.5))).containsExactly(-3, 3.5, 0);
        assertThat(moved(1, zero, g, Transform.clipNorm(2.5))).containsExactly(-1.5, 2, 0);
        assertThat(moved(1, zero, g, Transform.clipNorm(5))).containsExactly(-3, 4, 0);
        assertThat(moved(0.5, zero, g, Transform.sign())).containsExactly(-0.5, 0.5, 0);
        assertThat(moved(2, zero, g, Transform.times(0.25))).containsExactly(-1.5, 2, 0);
        assertThat(moved(0.5, new double[] {1, 0, 2}, g, Transform.decay(2)))
                .containsExactly(-1.5, 2, 0); // 1 - (3 + 2) / 2, 0 + 4 / 2, 2 - 4 / 2
        assertThat(moved(0.5, new double[] {6, 8, 0}, g, Transform.trustRatio()))
                .containsExactly(3, 12, 0); // the gradient, of norm 5, gets the norm 10
        assertThat(moved(1, zero, g, Transform.trustRatio())).containsExactly(-3, 4, 0);
        assertThat(moved(1, new double[] {6, 8, 0}, zero, Transform.trustRatio()))
                .containsExactly(6, 8, 0);
    }

    @Test
    void theOrderOfTransformsCounts() {
        double[] start = {1, 1};
        double[] g = {4, 4};
        assertThat(moved(1, start, g, Transform.clip(1), Transform.decay(2))).containsExactly(-2, -2);
        assertThat(moved(1, start, g, Transform.decay(2), Transform.clip(1))).containsExactly(0, 0);
    }

    /** The example in the documentation of {@link Transform}. */
    record Largest() implements Transform {
        @Override
        public double measure(Tensor direction, Tensor parameter, long step) {
            return direction.maxAbs();
        }

        @Override
        public void change(
                int from, int to, float[] d, float[] p, float[][] memory, double largest, double scale, long step) {
            float factor = largest == 0 ? 0 : (float) (scale / largest);
            for (int i = from; i < to; i++) {
                d[i] *= factor;
            }
        }

        @Override
        public double bound(double d, double p, double[] memory, int size, long step) {
            return 1;
        }
    }

    @Test
    void aTransformOfAUserTakesPart() {
        assertThat(moved(0.5, new double[] {0, 0}, new double[] {2, -8}, new Largest(), Transform.times(2)))
                .containsExactly(-0.25, 1);
    }

    @Test
    void aStateBelowZeroIsRefusedWhereSquaresAreKept() {
        UpdateRule rule = Chain.of(0.1, Transform.momentum(0.9), Transform.adam(0.9, 0.999, 1e-8))
                .ruleFor(MatrixOptimizerTest.parameter(SHAPE));
        assertThat(rule.state()).hasSize(3);
        assertThat(rule.minimum(0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(rule.minimum(1)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(rule.minimum(2)).isZero();
    }

    @Test
    void badNumbersAreRefused() {
        refused("Chain: rate is -1.0; ", () -> Chain.of(-1, Transform.sign()));
        refused("Chain: there is no transform; use Sgd.of", () -> Chain.of(0.1));
        refused("Transform.clip: max is 0.0; ", () -> Transform.clip(0));
        refused("Transform.clipNorm: max is NaN; ", () -> Transform.clipNorm(Double.NaN));
        refused("Transform.decay: decay is -1.0; ", () -> Transform.decay(-1));
        refused("Transform.momentum: momentum is 0.0; ", () -> Transform.momentum(0));
        refused("Transform.momentum: momentum is 1.0; ", () -> Transform.nesterov(1));
        refused("Transform.adam: beta1 is 1.0; ", () -> Transform.adam(1, 0.9, 1e-8));
        refused("Transform.adam: epsilon sqrt(1 - beta2) is ", () -> Transform.adam(0.9, 0.999, 1e-15));
        refused("Transform.rootMeanSquare: epsilon is 1.0E-15; ", () -> Transform.rootMeanSquare(0.9, 1e-15));
        refused("Transform.times: factor is Infinity; ", () -> Transform.times(Double.POSITIVE_INFINITY));
        assertThat(Chain.of(0.1, Transform.decay(0.5), Transform.sign()).withRate(0.2))
                .hasToString("Chain[rate=0.2, transforms=[Decay[decay=0.5], Sign[]]]");
    }

    private static void refused(String start, Runnable make) {
        assertThatIllegalArgumentException().isThrownBy(make::run).withMessageStartingWith(start);
    }
}
