package nn.train.optimizer;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import nn.init.Fans;
import nn.layers.Parameter;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.CustomMomentum;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {
    static final List<Optimizer> OPTIMIZERS = List.of(
            Sgd.of(0.1),
            Sgd.of(0.1).withWeightDecay(0.01),
            Sgd.of(0.1).withMomentum(0.9).withDampening(0.1),
            Sgd.of(0.1).withMomentum(0.9).withNesterov(),
            Adam.of(0.01).withWeightDecay(0.1),
            Adam.of(0.01).withAmsgrad(),
            AdamW.of(0.01),
            RmsProp.of(0.01),
            RmsProp.of(0.01).withMomentum(0.9).withWeightDecay(0.01),
            RmsProp.of(0.01).withCentering(),
            RmsProp.of(0.01).withCentering().withMomentum(0.9),
            Adagrad.of(0.1),
            Adagrad.of(0.1).withRateDecay(0.1).withInitial(0.1).withWeightDecay(0.01),
            Adam.of(0.01).withEpsilon(1e-30),
            Adam.of(0.01).withEpsilon(1e-30).withAmsgrad(),
            AdamW.of(0.01).withEpsilon(1e-15),
            RmsProp.of(0.01).withEpsilon(1e-30),
            RmsProp.of(0.01).withEpsilon(1e-15).withCentering().withMomentum(0.9),
            Adagrad.of(0.1).withEpsilon(1e-30),
            Lion.of(0.01).withWeightDecay(0.1),
            NAdam.of(0.01).withWeightDecay(0.1),
            NAdam.of(0.01).withEpsilon(1e-30).withDecoupledWeightDecay(0.1),
            RAdam.of(0.01),
            RAdam.of(0.01).withEpsilon(1e-15).withDecoupledWeightDecay(0.1),
            Chain.of(0.01, Transform.clip(0.5), Transform.decay(0.1), Transform.adam(0.9, 0.999, 1e-8)),
            Chain.of(0.01, Transform.rootMeanSquare(0.99, 1e-8), Transform.nesterov(0.9), Transform.times(0.5)),
            new CustomMomentum(0.1, 0),
            new CustomMomentum(0.1, 0.9));

    static final List<Optimizer> INDEPENDENT_OF_THE_PARAMETER = List.of(
            Sgd.of(0.1),
            Sgd.of(0.1).withWeightDecay(0.01),
            Sgd.of(0.1).withMomentum(0.9).withNesterov(),
            Adam.of(0.01),
            Adam.of(0.01).withWeightDecay(0.1),
            Adam.of(0.01).withWeightDecay(0.1).withAmsgrad(),
            Adam.of(0.01).withAmsgrad(),
            AdamW.of(0.01),
            RmsProp.of(0.01).withCentering().withMomentum(0.9),
            Adagrad.of(0.1),
            Lion.of(0.01).withWeightDecay(0.1),
            NAdam.of(0.01).withDecoupledWeightDecay(0.1),
            RAdam.of(0.01));

    static Parameter parameter(Parameter.Kind kind, int size) {
        return Parameter.create(
                "p", kind, Shape.of(size), new Fans(1, 1), (out, fans, key) -> key.uniform(out, -1f, 1f), Key.of(1));
    }

    private static Tensor gradient(int size, long step) {
        Tensor g = Tensor.zeros(size);
        Key.of(2).child(step).uniform(g, -1f, 1f);
        return g;
    }

    private static void run(Optimizer optimizer, Parameter p, int steps) {
        UpdateRule rule = optimizer.ruleFor(p);
        for (long step = 1; step <= steps; step++) {
            rule.apply(gradient(p.value().size(), step), optimizer.rate(), step);
        }
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void twoRunsGiveTheSameBits(Optimizer optimizer) {
        Parameter a = parameter(Parameter.Kind.WEIGHT, 133);
        Parameter b = parameter(Parameter.Kind.WEIGHT, 133);
        run(optimizer, a, 12);
        run(optimizer, b, 12);
        assertThat(a.value()).isBitEqualTo(b.value());
        assertThat(a.value())
                .isNotBitEqualTo(parameter(Parameter.Kind.WEIGHT, 133).value());
    }

    /** Compiled code treats the last elements of an array differently from the first; the bits must not differ. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void anElementsBitsDoNotDependOnItsPosition(Optimizer optimizer) {
        int size = 259;
        Parameter whole = parameter(Parameter.Kind.WEIGHT, size);
        UpdateRule all = optimizer.ruleFor(whole);
        Parameter one = parameter(Parameter.Kind.WEIGHT, 1);
        one.value().set(whole.value().get(size - 1), 0);
        UpdateRule single = optimizer.ruleFor(one);
        for (long step = 1; step <= 3000; step++) { // enough for compiled code
            Tensor g = gradient(size, step % 50);
            all.apply(g, optimizer.rate(), step);
            single.apply(g.rows(size - 1, size), optimizer.rate(), step); // a view at an offset
        }
        assertThat(whole.value().rows(size - 1, size)).isBitEqualTo(one.value());
    }

    /** A large parameter is updated in parts, by several threads if available. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void anElementsBitsDoNotDependOnTheSizeOfItsParameter(Optimizer optimizer) {
        int size = 150_000;
        int slice = 10_000;
        Parameter whole = parameter(Parameter.Kind.WEIGHT, size);
        UpdateRule all = optimizer.ruleFor(whole);
        for (int from : new int[] {0, 70_000, size - slice}) {
            whole.value().copyFrom(parameter(Parameter.Kind.WEIGHT, size).value());
            all.state().forEach(memory -> memory.fill(optimizer instanceof Adagrad ? 0.1f : 0f));
            Parameter part = parameter(Parameter.Kind.WEIGHT, slice);
            part.value().copyFrom(whole.value().rows(from, from + slice));
            UpdateRule rule = optimizer.ruleFor(part);
            rule.state().forEach(memory -> memory.fill(optimizer instanceof Adagrad ? 0.1f : 0f));
            for (long step = 1; step <= 5; step++) {
                Tensor g = gradient(size, step);
                all.apply(g, optimizer.rate(), step);
                rule.apply(g.rows(from, from + slice), optimizer.rate(), step);
            }
            assertThat(whole.value().rows(from, from + slice)).isBitEqualTo(part.value());
        }
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aRestoredStateContinuesTheRunBitForBit(Optimizer optimizer) {
        Parameter straight = parameter(Parameter.Kind.WEIGHT, 9);
        run(optimizer, straight, 8);

        Parameter p = parameter(Parameter.Kind.WEIGHT, 9);
        UpdateRule first = optimizer.ruleFor(p);
        for (long step = 1; step <= 5; step++) {
            first.apply(gradient(9, step), optimizer.rate(), step);
        }
        UpdateRule second = optimizer.ruleFor(p);
        for (int i = 0; i < first.state().size(); i++) {
            second.state().get(i).copyFrom(first.state().get(i));
        }
        for (long step = 6; step <= 8; step++) {
            second.apply(gradient(9, step), optimizer.rate(), step);
        }
        assertThat(p.value()).isBitEqualTo(straight.value());
    }

    @Test
    void weightDecayLeavesOutBiasesIfConfigured() {
        Tensor none = Tensor.zeros(4);
        for (Optimizer optimizer : List.of(
                Sgd.of(0.1).withWeightDecay(0.5).withoutBiasDecay(),
                Adam.of(0.1).withWeightDecay(0.5).withoutBiasDecay(),
                AdamW.of(0.1).withoutBiasDecay(),
                RmsProp.of(0.1).withWeightDecay(0.5).withoutBiasDecay(),
                Adagrad.of(0.1).withWeightDecay(0.5).withoutBiasDecay(),
                Lion.of(0.1).withWeightDecay(0.5).withoutBiasDecay(),
                NAdam.of(0.1).withWeightDecay(0.5).withoutBiasDecay(),
                RAdam.of(0.1).withDecoupledWeightDecay(0.5).withoutBiasDecay(),
                Adafactor.of(0.1).withWeightDecay(0.5).withoutBiasDecay())) {
            Parameter weight = parameter(Parameter.Kind.WEIGHT, 4);
            Parameter bias = parameter(Parameter.Kind.BIAS, 4);
            Tensor before = bias.value().copy();
            optimizer.ruleFor(weight).apply(none, optimizer.rate(), 1);
            optimizer.ruleFor(bias).apply(none, optimizer.rate(), 1);
            assertThat(weight.value().norm()).isLessThan(before.norm());
            assertThat(bias.value()).isBitEqualTo(before);
        }
    }

    @Test
    void adamStaysFiniteWithoutGradient() {
        Parameter p = parameter(Parameter.Kind.WEIGHT, 4);
        Tensor before = p.value().copy();
        Adam.of(0.1).withEpsilon(Float.MIN_VALUE).ruleFor(p).apply(Tensor.zeros(4), 0.1, 1);
        assertThat(p.value()).isBitEqualTo(before);
    }

    @Test
    void aGradientOfAnotherShapeIsRefused() {
        UpdateRule rule = Sgd.of(0.1).ruleFor(parameter(Parameter.Kind.WEIGHT, 4));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> rule.apply(Tensor.zeros(4, 1), 0.1, 1))
                .withMessage("parameter 'p': expected a gradient of its shape [4], got [4 x 1]");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -0.1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e39})
    void ratesAndDecaysAreRefusedByNameAndValue(double bad) {
        refused("Sgd: rate is " + bad, Sgd::of, bad);
        refused("Adam: rate is " + bad, Adam::of, bad);
        refused("AdamW: rate is " + bad, AdamW::of, bad);
        refused("RmsProp: rate is " + bad, RmsProp::of, bad);
        refused("Adagrad: rate is " + bad, Adagrad::of, bad);
        refused("Sgd: rate is " + bad, Sgd.of(1)::withRate, bad);
        refused("Adam: rate is " + bad, Adam.of(1)::withRate, bad);
        refused("AdamW: rate is " + bad, AdamW.of(1)::withRate, bad);
        refused("RmsProp: rate is " + bad, RmsProp.of(1)::withRate, bad);
        refused("Adagrad: rate is " + bad, Adagrad.of(1)::withRate, bad);
        refused("Lion: rate is " + bad, Lion::of, bad);
        refused("NAdam: rate is " + bad, NAdam::of, bad);
        refused("RAdam: rate is " + bad, RAdam::of, bad);
        refused("Lion: weightDecay is " + bad, Lion.of(1)::withWeightDecay, bad);
        refused("NAdam: weightDecay is " + bad, NAdam.of(1)::withWeightDecay, bad);
        refused("NAdam: epsilon is " + bad, NAdam.of(1)::withEpsilon, bad);
        refused("RAdam: weightDecay is " + bad, RAdam.of(1)::withDecoupledWeightDecay, bad);
        refused("RAdam: epsilon is " + bad, RAdam.of(1)::withEpsilon, bad);
        refused("RmsProp: weightDecay is " + bad, RmsProp.of(1)::withWeightDecay, bad);
        refused("Adagrad: weightDecay is " + bad, Adagrad.of(1)::withWeightDecay, bad);
        refused("Adagrad: rateDecay is " + bad, Adagrad.of(1)::withRateDecay, bad);
        refused("Adagrad: initial is " + bad, Adagrad.of(1)::withInitial, bad);
        refused("RmsProp: epsilon is " + bad, RmsProp.of(1)::withEpsilon, bad);
        refused("Adagrad: epsilon is " + bad, Adagrad.of(1)::withEpsilon, bad);
        refused("Sgd: weightDecay is " + bad, Sgd.of(1)::withWeightDecay, bad);
        refused("Adam: weightDecay is " + bad, Adam.of(1)::withWeightDecay, bad);
        refused("AdamW: weightDecay is " + bad, AdamW.of(1)::withWeightDecay, bad);
        refused("Adam: epsilon is " + bad, Adam.of(1)::withEpsilon, bad);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -0.1, 1, 2, Double.POSITIVE_INFINITY})
    void fractionsAreRefusedByNameAndValue(double bad) {
        refused("Sgd: momentum is " + bad, Sgd.of(1)::withMomentum, bad);
        refused("Sgd: dampening is " + bad, Sgd.of(1)::withDampening, bad);
        refused("RmsProp: momentum is " + bad, RmsProp.of(1)::withMomentum, bad);
        refused("RmsProp: smoothing is " + bad, RmsProp.of(1)::withSmoothing, bad);
        refused("Adam: beta1 is " + bad, b -> Adam.of(1).withBetas(b, 0.9), bad);
        refused("AdamW: beta2 is " + bad, b -> AdamW.of(1).withBetas(0.9, b), bad);
        refused("Lion: beta1 is " + bad, b -> Lion.of(1).withBetas(b, 0.9), bad);
        refused("Lion: beta2 is " + bad, b -> Lion.of(1).withBetas(0.9, b), bad);
        refused("NAdam: beta1 is " + bad, b -> NAdam.of(1).withBetas(b, 0.9), bad);
        refused("RAdam: beta2 is " + bad, b -> RAdam.of(1).withBetas(0.9, b), bad);
    }

    /** Optimizers compute with floats, where such a number would have another meaning. */
    @Test
    void aHyperparameterThatIsZeroOrOneOrInfiniteAsAFloatIsRefused() {
        String zero = "; as a float it is 0, the smallest above is 1.4E-45";
        for (DoubleFunction<Optimizer> rate :
                List.<DoubleFunction<Optimizer>>of(Sgd::of, Adam::of, AdamW::of, RmsProp::of, Adagrad::of)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rate.apply(1e-60))
                    .withMessageEndingWith(": rate is 1.0E-60; it must be finite as a float, and 0 or more" + zero);
        }
        refused("Sgd: weightDecay is 1.0E-60", Sgd.of(1)::withWeightDecay, 1e-60);
        refused("Adam: weightDecay is 1.0E-60", Adam.of(1)::withWeightDecay, 1e-60);
        refused("AdamW: weightDecay is 1.0E-60", AdamW.of(1)::withWeightDecay, 1e-60);
        refused("RmsProp: weightDecay is 1.0E-60", RmsProp.of(1)::withWeightDecay, 1e-60);
        refused("Adagrad: weightDecay is 1.0E-60", Adagrad.of(1)::withWeightDecay, 1e-60);
        refused("Adagrad: initial is 1.0E-60", Adagrad.of(1)::withInitial, 1e-60);
        refused("RmsProp: epsilon is 1.0E-60", RmsProp.of(1)::withEpsilon, 1e-60);
        double almost = 1 - 1e-9;
        refused("Sgd: momentum is " + almost, Sgd.of(1)::withMomentum, almost);
        refused("RmsProp: momentum is " + almost, RmsProp.of(1)::withMomentum, almost);
        refused("RmsProp: smoothing is " + almost, RmsProp.of(1)::withSmoothing, almost);
        refused("Adam: beta1 is " + almost, b -> Adam.of(1).withBetas(b, 0.9), almost);
        refused("AdamW: beta2 is " + almost, b -> AdamW.of(1).withBetas(0.9, b), almost);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sgd.of(1).withMomentum(almost))
                .withMessageEndingWith("0 or more, and below 1; as a float it is 1, the largest below is 0.99999994");
        refused("Sgd: momentum is 1.0E-60", Sgd.of(1)::withMomentum, 1e-60);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Penalty.of(1e-60, 0))
                .withMessageEndingWith(zero);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Penalty.of(0, 1e-60))
                .withMessageEndingWith(zero);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Clipping.norm(1e-60))
                .withMessageEndingWith(zero);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Clipping.value(1e-60))
                .withMessageEndingWith(zero);
        Sgd.of(Float.MIN_VALUE).withMomentum(Math.nextDown(1f));
    }

    @Test
    void aRateOfZeroIsAllowedAndAnEpsilonOfZeroIsRefused() {
        Sgd.of(0);
        refused("Adam: epsilon is 0.0", Adam.of(1)::withEpsilon, 0);
        refused("Adam: epsilon is 1.0E-50", Adam.of(1)::withEpsilon, 1e-50);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sgd.of(0.1).withNesterov())
                .withMessageContaining("nesterov with momentum 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Sgd.of(0.1).withMomentum(0.9).withDampening(0.1).withNesterov());
    }

    /** The bound may be too large, but never too small: numbers of all sizes, until something overflows. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aStepThatIsCalledSafeStaysFinite(Optimizer optimizer) {
        int overflows = 0;
        int safe = 0;
        for (int run = 0; run < 400; run++) {
            Parameter p = parameter(Parameter.Kind.WEIGHT, 5);
            p.value().scaleInPlace((float)
                    StrictMath.pow(10, -3 + Integer.remainderUnsigned(Key.of(5).word(run), 42)));
            UpdateRule rule = optimizer.ruleFor(p);
            for (long step = 1; step <= 6; step++) {
                Tensor g = gradient(5, 10 * run + step);
                int word = Key.of(6).child(run).word(step);
                g.scaleInPlace((float) StrictMath.pow(10, -20 + Integer.remainderUnsigned(word, 59)));
                double rate = StrictMath.pow(10, -6 + ((word >>> 8) & 15));
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

    /** From the second step on most rules need no bound of the parameter, which other code may write to. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void theLargestFloatsStayFiniteInAStepThatIsCalledSafe(Optimizer optimizer) {
        Parameter p = parameter(Parameter.Kind.WEIGHT, 64);
        UpdateRule rule = optimizer.ruleFor(p);
        for (long step = 1; step <= 20; step++) {
            Tensor g = gradient(64, step);
            if (rule.isSafe(g.norm(), optimizer.rate(), step)) {
                rule.apply(g, optimizer.rate(), step);
                assertThat(p.value().isFinite()).as("step %d", step).isTrue();
                assertThat(rule.state()).allMatch(Tensor::isFinite);
            }
            for (int i = 0; i < 64; i++) {
                p.value().set(i % 2 == 0 ? Float.MAX_VALUE : -Float.MAX_VALUE, i);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("INDEPENDENT_OF_THE_PARAMETER")
    void aSmallStepFromTheLargestFloatsIsSafe(Optimizer optimizer) {
        Parameter p = parameter(Parameter.Kind.WEIGHT, 5);
        UpdateRule rule = optimizer.ruleFor(p);
        assertThat(rule.isSafe(1, optimizer.rate(), 1)).isTrue();
        rule.apply(gradient(5, 1), optimizer.rate(), 1);
        p.value().fill(Float.MAX_VALUE);
        assertThat(rule.isSafe(1, optimizer.rate(), 2)).isTrue();
        rule.apply(gradient(5, 2), optimizer.rate(), 2);
        assertThat(p.value().isFinite()).isTrue();
    }

    /** The state then is the same: the decay is all of the gradient. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void adamCountsAWeightBeyondItsLimitAsTheLimit(boolean amsgrad) {
        Adam plain = Adam.of(0.01).withWeightDecay(0.1);
        Optimizer optimizer = amsgrad ? plain.withAmsgrad() : plain;
        List<UpdateRule> rules = new ArrayList<>();
        for (float weight : new float[] {0x1p60f, 0x1p61f, Float.MAX_VALUE}) {
            Parameter p = parameter(Parameter.Kind.WEIGHT, 37);
            for (int i = 0; i < 37; i++) {
                p.value().set(i % 2 == 0 ? weight : -weight, i);
            }
            UpdateRule rule = optimizer.ruleFor(p);
            rule.apply(Tensor.zeros(37), optimizer.rate(), 1);
            rules.add(rule);
        }
        List<Tensor> expected = rules.getFirst().state();
        assertThat(expected.getFirst().get(1)).isEqualTo((float) (1 - 0.9) * (0.1f * -0x1p60f));
        for (UpdateRule rule : rules) {
            for (int i = 0; i < expected.size(); i++) {
                assertThat(rule.state().get(i)).isBitEqualTo(expected.get(i));
            }
        }
    }

    /** Without a check of the state between steps, so that its bounds come from the steps before. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aStepThatIsCalledSafeByEarlierBoundsStaysFinite(Optimizer optimizer) {
        for (int run = 0; run < 200; run++) {
            Parameter p = parameter(Parameter.Kind.WEIGHT, 5);
            UpdateRule rule = optimizer.ruleFor(p);
            boolean safe = true;
            for (long step = 1; step <= 40 && safe; step++) {
                Tensor g = gradient(5, step);
                g.scaleInPlace((float) StrictMath.pow(10, run / 5.0));
                safe = rule.isSafe(g.norm(), 1, step);
                if (safe) {
                    rule.apply(g, 1, step);
                }
            }
            assertThat(p.value().isFinite()).isTrue();
            assertThat(rule.state()).allMatch(Tensor::isFinite);
        }
    }

    /** Otherwise every step would copy everything. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void ordinaryStepsAreSafe(Optimizer optimizer) {
        Parameter p = parameter(Parameter.Kind.WEIGHT, 5);
        UpdateRule rule = optimizer.ruleFor(p);
        for (long step = 1; step <= 10_000; step++) {
            Tensor g = gradient(5, step % 50);
            g.scaleInPlace(100);
            assertThat(rule.isSafe(g.norm(), optimizer.rate(), step)).isTrue();
            rule.apply(g, optimizer.rate(), step);
        }
    }

    private static double afterConstant(Optimizer optimizer, float gradient, int steps) {
        Parameter p = parameter(Parameter.Kind.BIAS, 1);
        p.value().fill(0f);
        UpdateRule rule = optimizer.ruleFor(p);
        Tensor g = Tensor.full(gradient, 1);
        for (long step = 1; step <= steps; step++) {
            rule.apply(g, optimizer.rate(), step);
        }
        return p.value().get(0);
    }

    /**
     * Expects the rules in the class documents, in double. The squares of the small gradients are 0 or subnormal as
     * floats.
     */
    @ParameterizedTest
    @ValueSource(floats = {1e-18f, 1e-20f, 1e-25f, 1e-35f, 1f, 1e4f})
    void withATinyEpsilonTinyGradientsMoveAParameterAsFarAsLargeOnes(float gradient) {
        double epsilon = 1e-44;
        double moved = 1e-3 * 3; // m / sqrt(v) is 1 at each step
        double w = 1e-3 * 0.01; // AdamW multiplies the parameter by 1 - w
        near(afterConstant(Adam.of(1e-3).withEpsilon(epsilon), gradient, 3), -moved);
        near(afterConstant(Adam.of(1e-3).withEpsilon(epsilon).withAmsgrad(), gradient, 3), -moved);
        near(afterConstant(AdamW.of(1e-3).withEpsilon(epsilon), gradient, 3), -moved * (1 - w));
        double rms = 0;
        double buffer = 0;
        double withMomentum = 0;
        double centered = 0;
        double adagrad = 0;
        for (int t = 1; t <= 3; t++) {
            double kept = StrictMath.pow(0.99, t);
            rms += 1e-3 / Math.sqrt(1 - kept);
            buffer = 0.9 * buffer + 1 / Math.sqrt(1 - kept);
            withMomentum += 1e-3 * buffer;
            centered += 1e-3 / Math.sqrt(kept * (1 - kept));
            adagrad += 1e-3 / Math.sqrt(t);
        }
        near(afterConstant(RmsProp.of(1e-3).withEpsilon(epsilon), gradient, 3), -rms);
        near(afterConstant(RmsProp.of(1e-3).withEpsilon(epsilon).withMomentum(0.9), gradient, 3), -withMomentum);
        near(afterConstant(RmsProp.of(1e-3).withEpsilon(epsilon).withCentering(), gradient, 3), -centered);
        near(afterConstant(Adagrad.of(1e-3).withEpsilon(epsilon), gradient, 3), -adagrad);
        double nadam = 0;
        double product = 1;
        for (int t = 1; t <= 3; t++) { // without momentum decay, mu is 0.45
            product *= 0.45;
            nadam += 0.45 * (1 - StrictMath.pow(0.9, t)) / (1 - 0.45 * product) + 0.55 / (1 - product);
        }
        near(afterConstant(NAdam.of(1e-3).withMomentumDecay(0).withEpsilon(epsilon), gradient, 3), -1e-3 * nadam);
    }

    /** An epsilon of 1e-15 is usual where gradients are rare and small. */
    @Test
    void theSmallestSquaresThatFloatsHoldAreHardlyRounded() {
        double g = 1e-17f;
        double root = Math.sqrt(1 - 0.999);
        double expected = -1e-3 * g / (g + 1e-15);
        assertThat(root * g).isLessThan(1e-18);
        near(afterConstant(Adam.of(1e-3).withEpsilon(1e-15), (float) g, 1), expected);
        near(afterConstant(RmsProp.of(1e-3).withEpsilon(1e-18), (float) g, 1), -1e-3 * g / (0.1 * g + 1e-18));
    }

    private static void near(double actual, double expected) {
        assertThat(actual).isCloseTo(expected, withinPercentage(1e-4)); // 1e-6: 16 float roundings of 2^-24
    }

    /** In exact arithmetic the variance after t equal gradients g is {@code a^t (1 - a^t) g^2}: the mean goes to g. */
    @ParameterizedTest
    @ValueSource(floats = {0.1f, 1f, 1e4f})
    void centeredRmsPropDividesByTheStandardDeviationHoweverSmallItBecomes(float g) {
        double expected = 0;
        double expectedWithMomentum = 0;
        double buffer = 0;
        for (int t = 1; t <= 3000; t++) {
            double kept = StrictMath.pow(0.99, t);
            double along = g / (g * Math.sqrt(kept * (1 - kept)) + 1e-8);
            expected -= 1e-3 * along;
            buffer = 0.5 * buffer + along;
            expectedWithMomentum -= 1e-3 * buffer;
        }
        RmsProp centered = RmsProp.of(1e-3).withCentering();
        // 0.99 and 0.01 as floats are off by 1e-8 of themselves, the variance by 3000 times that.
        assertThat(afterConstant(centered, g, 3000)).isCloseTo(expected, withinPercentage(0.01));
        assertThat(afterConstant(centered.withMomentum(0.5), g, 3000))
                .isCloseTo(expectedWithMomentum, withinPercentage(0.01));
        assertThat(afterConstant(centered.withEpsilon(1e-13), g, 1000))
                .isCloseTo(afterConstant(centered.withEpsilon(1e-11), g, 1000), withinPercentage(0.01));
    }

    @Test
    void centeredRmsPropStaysFiniteWhereTheMeanSquareIsTheSquareOfTheMean() {
        Parameter p = parameter(Parameter.Kind.WEIGHT, 64);
        UpdateRule rule = RmsProp.of(1e-3).withCentering().withSmoothing(0.5).ruleFor(p);
        Tensor g =
                gradient(64, 1); // the same at every step, so the variance goes to 0, and rounding may make it negative
        for (long step = 1; step <= 200; step++) {
            rule.apply(g, 1e-3, step);
        }
        assertThat(p.value().isFinite()).isTrue();
    }

    /** Otherwise a dead unit's running means would stay subnormal forever, and make every step slower. */
    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void withoutGradientsTheStateDecaysToZeroAndNotToSubnormals(Optimizer optimizer) {
        Parameter p = parameter(Parameter.Kind.WEIGHT, 3);
        p.value().fill(0f);
        UpdateRule rule = optimizer.ruleFor(p);
        Tensor g = gradient(3, 1);
        g.scaleInPlace(1e-15f);
        for (long step = 1; step <= 1000; step++) {
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

    /** A subnormal product with a rate of a millionth would make every step slower as well. */
    @Test
    void withoutGradientsTheMeanTimesTheRateIsNotSubnormal() {
        for (Optimizer optimizer : List.of(Sgd.of(1e-6).withMomentum(0.9), Adam.of(1e-6), AdamW.of(1e-6))) {
            Parameter p = parameter(Parameter.Kind.WEIGHT, 3);
            UpdateRule rule = optimizer.ruleFor(p);
            Tensor g = gradient(3, 1);
            for (long step = 1; step <= 2000; step++) {
                rule.apply(g, 0, step);
                g.fill(0f);
                for (float mean : rule.state().getFirst().toArray()) {
                    assertThat(mean == 0 || Math.abs(mean * 1e-6f) >= Float.MIN_NORMAL)
                            .as("%s, step %d: %s", optimizer, step, mean)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void anOptimizerIsFoundByItsName() {
        assertThat(Optimizers.names())
                .containsExactly(
                        "sgd",
                        "momentum",
                        "nesterov",
                        "adam",
                        "adamw",
                        "rmsprop",
                        "adagrad",
                        "lion",
                        "nadam",
                        "radam",
                        "adafactor");
        for (String name : Optimizers.names()) {
            assertThat(Optimizers.named(name, 0.25).rate()).isEqualTo(0.25);
        }
        assertThat(Optimizers.named("nesterov", 0.1))
                .isEqualTo(Sgd.of(0.1).withMomentum(0.9).withNesterov());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Optimizers.named("adan", 0.1))
                .withMessage("no optimizer is called 'adan'; there are sgd, momentum, nesterov, adam, adamw, rmsprop,"
                        + " adagrad, lion, nadam, radam, adafactor");
    }

    @Test
    void theTextOfAnOptimizerHasItsHyperparameters() {
        assertThat(Adagrad.of(0.1).toString())
                .isEqualTo("Adagrad[rate=0.1, rateDecay=0.0, epsilon=1.0E-10, initial=0.0, weightDecay=0.0,"
                        + " decayBiases=true]");
    }

    private static void refused(String start, DoubleFunction<Optimizer> make, double value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> make.apply(value))
                .withMessageStartingWith(start + "; it must be ");
    }
}
