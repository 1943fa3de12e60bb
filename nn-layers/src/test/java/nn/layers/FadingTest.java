package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import nn.fixtures.FunctionPass;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.normalization.BatchNorm;
import nn.layers.recurrent.Rnn;
import nn.layers.shape.Flatten;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals and gradients that fade become zeros before they are subnormal, where each layer hands them on. */
class FadingTest {
    private static final Key KEY = Key.of(11);
    private static final float BELOW = Math.nextDown(Tensor.TINY);

    private static Tensor normal(String name, int... dims) {
        Tensor x = Tensor.zeros(dims);
        KEY.child(name).normal(x, 0, 1);
        return x;
    }

    private static int subnormals(Tensor tensor) {
        int count = 0;
        for (float value : tensor.toArray()) {
            count += value != 0 && Math.abs(value) < Float.MIN_NORMAL ? 1 : 0;
        }
        return count;
    }

    /** Counts the subnormal numbers in everything that layers hand on. */
    private static final class Counter extends ForwardingContext {
        private int count;
        private int zeros; // tensors without any other number

        Counter() {
            super(Context.training(KEY));
        }

        private void look(Tensor tensor) {
            count += subnormals(tensor);
            zeros += tensor.maxAbs() == 0 ? 1 : 0;
        }

        @Override
        public Tensor run(Pass pass, Tensor x, Context outermost) {
            Tensor y = super.run(pass, x, outermost);
            look(y);
            return y;
        }

        @Override
        public void afterBackward(Pass pass, Tensor dOutput, @Nullable Tensor dInput, Gradients gradients) {
            super.afterBackward(pass, dOutput, dInput, gradients);
            if (dInput != null) {
                look(dInput);
            }
        }
    }

    private static Counter run(Layer model, Tensor x) {
        Counter counter = new Counter();
        Gradients gradients = new Gradients(model);
        Pass pass = model.forward(x, counter);
        Tensor dOutput = normal("dOutput", pass.output().shape().dims());
        pass.pullback(dOutput, gradients);
        for (Parameter parameter : gradients.parameters()) {
            counter.count += subnormals(gradients.of(parameter));
        }
        return counter;
    }

    private static Network deep(int depth, Initializer weights) {
        Network.Builder builder = Network.builder(KEY).input(64);
        for (int i = 1; i <= depth; i++) {
            builder.dense("hidden" + i, 64, weights).tanh();
        }
        return builder.dense("out", 10, weights).build();
    }

    /** x and dy fade to 0.4^100 in opposite directions, and every weight gradient is of that size. */
    @Test
    void aHundredLayersOfSmallWeightsHandOnNoSubnormal() {
        Counter counter = run(deep(100, Init.normal(0.05)), normal("x", 64, 64));
        assertThat(counter.count).isZero();
        assertThat(counter.zeros).isPositive(); // it fades indeed
    }

    @Test
    void twoThousandLayersThatShrinkHandOnNoSubnormal() {
        Counter counter = run(deep(2000, Init.normal(0.11)), normal("x", 16, 64));
        assertThat(counter.count).isZero();
        assertThat(counter.zeros).isPositive();
    }

    /** An orthogonal recurrent matrix keeps lengths, but the slopes of tanh do not. */
    @Test
    void threeHundredStepsOfARecurrentLayerHandOnNoSubnormal() {
        Network network = Network.builder(KEY)
                .sequence(28)
                .layer("rnn", Rnn.units(128).last())
                .build();
        Tensor x = normal("x", 300, 4, 28);
        Counter counter = run(network, x);
        assertThat(counter.count).isZero();
        Pass pass = network.forward(x, Context.training(KEY));
        Tensor dx = pass.pullback(normal("dOutput", 4, 128), new Gradients(network));
        assertThat(dx.row(0).maxAbs()).isZero(); // it fades indeed
        assertThat(dx.row(299).maxAbs()).isPositive();
    }

    private record Returning(Tensor y, Tensor dx) implements Layer {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(y, (dy, into) -> dx));
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    @Test
    void tensorsThatALayerKeepsAreNotChanged() {
        Tensor y = Tensor.of(new float[] {BELOW, 0, 1, BELOW}, 2, 2);
        Tensor dx = Tensor.of(new float[] {Float.NaN, BELOW, -BELOW, BELOW}, 2, 2);
        for (Context context : List.of(Context.inference(), Context.training(KEY), new Workspace())) {
            Pass pass = new Returning(y, dx).forward(normal("x", 2, 2), context);
            assertThat(pass.output()).isBitEqualTo(Tensor.of(new float[] {0, 0, 1, BELOW}, 2, 2));
            assertThat(pass.pullback(normal("dy", 2, 2), new Gradients(List.of())))
                    .isBitEqualTo(Tensor.of(new float[] {Float.NaN, BELOW, 0, 0}, 2, 2));
        }
        assertThat(y).isBitEqualTo(Tensor.of(new float[] {BELOW, 0, 1, BELOW}, 2, 2));
        assertThat(dx).isBitEqualTo(Tensor.of(new float[] {Float.NaN, BELOW, -BELOW, BELOW}, 2, 2));
    }

    @Test
    void theInputThatALayerReturnsAViewOfIsNotChanged() {
        float[] array = {BELOW, BELOW, 3, 4};
        Tensor x = Tensor.wrap(array, 0, Shape.of(2, 2));
        Pass pass = new Flatten().forward(x, Context.inference());
        assertThat(pass.output().toArray()).containsExactly(0, 0, 3, 4);
        assertThat(pass.pullback(x, new Gradients(List.of())).toArray()).containsExactly(0, 0, 3, 4);
        assertThat(array).containsExactly(BELOW, BELOW, 3, 4);
    }

    /** A chain looks for none itself, as its layers did. */
    @Test
    void chainsOfAnyLengthHandOnTinyRowsAsZeros() {
        Tensor x = Tensor.of(new float[] {BELOW, BELOW, 3, 4}, 2, 2);
        Tensor expected = Tensor.of(new float[] {0, 0, 3, 4}, 2, 2);
        for (int layers = 1; layers < 3; layers++) {
            Network.Builder builder = Network.builder(KEY).input(2);
            for (int i = 0; i < layers; i++) {
                builder.layer("layer" + i, new Returning(x, x));
            }
            Pass pass = builder.build().forward(x, Context.training(KEY));
            assertThat(pass.output()).isBitEqualTo(expected);
            assertThat(pass.pullback(x, new Gradients(List.of()))).isBitEqualTo(expected);
        }
    }

    @Test
    void aResultWithoutTinyRowsIsHandedOnItself() {
        Tensor y = Tensor.of(new float[] {1, BELOW, 0, 0}, 2, 2);
        assertThat(new Returning(y, y).forward(y, Context.inference()).output()).isSameAs(y);
    }

    /** A workspace reuses the memory of what the zeros replace, unless a layer saved it. */
    @Test
    void stepsInAWorkspaceGiveTheBitsOfNewTensors() {
        Network network = Network.builder(KEY)
                .input(8)
                .dense("a", 8, Init.normal(1e-16))
                .tanh()
                .layer(
                        "block",
                        Residual.of(
                                body -> body.dense("b", 8, Init.normal(1e-16)).tanh()))
                .dense("c", 8, Init.normal(1e-10))
                .sigmoid()
                .dense("d", 3)
                .build();
        Tensor x = normal("x", 5, 8);
        for (int row = 0; row < 5; row++) {
            x.row(row).scaleInPlace((float) Math.pow(10, -4 * row));
        }
        Tensor dy = normal("dy", 5, 3);
        dy.scaleInPlace(1e-5f);
        Context workspace = new ReleaseCheck(new Workspace());
        Pass kept = Pass.of(network);
        for (int step = 0; step < 3; step++) {
            Gradients expected = new Gradients(network);
            Gradients actual = new Gradients(network);
            Pass pass = network.forward(x, Context.training(KEY));
            assertThat(workspace.run(kept, x)).isBitEqualTo(pass.output());
            assertThat(kept.pullback(dy, actual)).isBitEqualTo(pass.pullback(dy, expected));
            for (Parameter parameter : expected.parameters()) {
                assertThat(actual.of(parameter)).isBitEqualTo(expected.of(parameter));
            }
        }
        assertThat(network.predict(x))
                .isBitEqualTo(network.forward(x, Context.inference()).output());
    }

    @Test
    void aRowFadesAloneAsInABatch() {
        Network network = deep(60, Init.normal(0.05));
        Tensor x = normal("x", 4, 64);
        x.row(1).scaleInPlace(1e-10f);
        x.row(2).scaleInPlace(1e-20f);
        Tensor y = network.predict(x);
        for (int row = 0; row < 4; row++) {
            assertThat(network.predict(x.rows(row, row + 1))).isBitEqualTo(y.rows(row, row + 1));
        }
        assertThat(y.row(0).maxAbs()).isPositive();
        assertThat(y.row(2).maxAbs()).isZero();
    }

    private static Parameter weight(int inputs, int units) {
        return Parameter.create(
                "weight", Parameter.Kind.WEIGHT, Shape.of(inputs, units), Fans.dense(inputs, units), Init.zeros(), KEY);
    }

    /** The bound of its elements is 4 x 2^-60 x 2^-p. */
    @ParameterizedTest
    @ValueSource(ints = {42, 43})
    void aWeightGradientThatIsCertainlyTinyIsZero(int power) {
        boolean tiny = power == 43;
        Parameter weight = weight(3, 2);
        Gradients gradients = new Gradients(List.of(weight));
        Tensor x = Tensor.full(0x1p-60f, 4, 3);
        Tensor dy = Tensor.full(Math.scalb(1f, -power), 4, 2);
        gradients.addWeightGradient(weight, x, dy);
        Tensor once = x.matmul(dy, Transposed.LEFT);
        Tensor expected = tiny ? Tensor.zeros(3, 2) : once;
        assertThat(gradients.of(weight)).isBitEqualTo(expected);
        gradients.addWeightGradient(weight, x, dy);
        assertThat(gradients.of(weight)).isBitEqualTo(expected.add(expected));
        gradients.clear();
        gradients.addWeightGradient(weight, x, dy);
        assertThat(gradients.norm()).isEqualTo(expected.norm());
        gradients.of(weight).fill(1);
        gradients.addWeightGradient(weight, x, dy);
        assertThat(gradients.of(weight)).isBitEqualTo(Tensor.full(1, 3, 2));
    }

    /** Otherwise it would stay at the smallest numbers, as 0.9 times the smallest is rounded up again. */
    @Test
    void aRunningStatisticThatFadesBecomesZero() {
        BatchNorm layer = BatchNorm.standard().create(Shape.of(Shape.ANY, 2), KEY);
        Parameter variance = layer.parameter("variance");
        variance.value().fill(1);
        for (int step = 0; step < 700; step++) {
            Gradients gradients = new Gradients(layer);
            gradients.moveStatistic(variance, new double[] {0, 1}, 0.1);
            gradients.statistic(variance).apply();
            assertThat(subnormals(variance.value())).isZero();
        }
        assertThat(variance.value().toArray()).containsExactly(0, 1);
    }

    @Test
    void aTinyProductKeepsNaNAndIsStillOfTheRightShape() {
        Parameter weight = weight(3, 2);
        Gradients gradients = new Gradients(List.of(weight));
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            gradients.clear();
            gradients.addWeightGradient(weight, Tensor.zeros(4, 3), Tensor.full(bad, 4, 2));
            assertThat(gradients.of(weight).toArray()).containsOnly(Float.NaN);
        }
        gradients.clear();
        List<Tensor> misfits = new ArrayList<>(List.of(Tensor.zeros(4, 3), Tensor.zeros(3, 2), Tensor.zeros(2)));
        for (Tensor dy : misfits) {
            assertThatThrownBy(() -> gradients.addWeightGradient(weight, Tensor.zeros(4, 3), dy))
                    .isInstanceOf(ShapeException.class);
        }
    }
}
