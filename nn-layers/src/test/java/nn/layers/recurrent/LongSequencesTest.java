package nn.layers.recurrent;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Batches large enough for several threads and sequences long enough for several chunks: neither changes a bit. States
 * and gradients that fade over many steps are never subnormal.
 */
class LongSequencesTest {
    private static final Key KEY = Key.of(37);
    private static final int INPUTS = 5;

    static Stream<Recurrent> layers() {
        return layers(48);
    }

    private static Stream<Recurrent> layers(int units) {
        Shape in = Shape.of(Shape.ANY, Shape.ANY, INPUTS);
        return Stream.of(
                Rnn.units(units).create(INPUTS, KEY),
                Rnn.units(units).activation(Nonlinearity.GELU).create(INPUTS, KEY),
                Lstm.units(units).create(INPUTS, KEY),
                Gru.units(units).create(INPUTS, KEY),
                Stacked.of(Gru.units(units), Lstm.units(units)).create(in, KEY));
    }

    private static Tensor sequence(Tensor batch, int row) {
        Tensor one = Tensor.zeros(batch.dim(0), 1, batch.dim(2));
        for (int t = 0; t < batch.dim(0); t++) {
            one.row(t).row(0).copyFrom(batch.row(t).row(row));
        }
        return one;
    }

    private static Recurrent.State state(Recurrent layer, int batch) {
        List<Tensor> parts = new ArrayList<>();
        for (int size : layer.stateSizes()) {
            parts.add(normal("state" + parts.size(), batch, size));
        }
        return new Recurrent.State(parts);
    }

    /** 40 rows of 40 steps are some 4 million multiply-adds in the Rnn, enough to wake a second thread. */
    @ParameterizedTest
    @MethodSource("layers")
    void eachSequenceOfALargeBatchGetsTheSameBitsAsAlone(Recurrent layer) {
        int batch = 40;
        Tensor x = normal("x", 60, batch, INPUTS);
        Tensor dy = normal("dy", 60, batch, layer.units());
        Recurrent.State first = state(layer, batch);
        RecurrentPass together = layer.run(x, first, Context.training(KEY));
        Tensor dx = together.pullback(dy, new Gradients(layer));
        for (int row : new int[] {0, 1, 19, 20, 39}) {
            List<Tensor> parts = new ArrayList<>();
            for (Tensor part : first.parts()) {
                parts.add(part.rows(row, row + 1));
            }
            RecurrentPass alone = layer.run(sequence(x, row), new Recurrent.State(parts), Context.training(KEY));
            assertThat(alone.output()).isBitEqualTo(sequence(together.output(), row));
            assertThat(alone.pullback(sequence(dy, row), new Gradients(layer))).isBitEqualTo(sequence(dx, row));
            for (int p = 0; p < parts.size(); p++) {
                assertThat(alone.firstStateGradient().part(p))
                        .isBitEqualTo(together.firstStateGradient().part(p).rows(row, row + 1));
                assertThat(alone.lastState().part(p))
                        .isBitEqualTo(together.lastState().part(p).rows(row, row + 1));
            }
        }
    }

    /** Passes of inference use the same memory one after the other; those at the same time have their own. */
    @ParameterizedTest
    @MethodSource("layers")
    void passesOfInferenceDoNotDisturbEachOther(Recurrent layer) {
        List<Tensor> inputs = IntStream.range(0, 8)
                .mapToObj(i -> normal("x" + i, 40 + i, 1 + i % 3, INPUTS))
                .toList();
        List<Tensor> expected = inputs.stream()
                .map(x -> layer.forward(x, Context.training(KEY)).output())
                .toList();
        List<Tensor> together = inputs.parallelStream()
                .map(x -> layer.forward(x, Context.inference()).output())
                .toList();
        for (int i = 0; i < inputs.size(); i++) {
            assertThat(together.get(i)).isBitEqualTo(expected.get(i));
        }

        Tensor dy = normal("dy", expected.getFirst().dim(0), expected.getFirst().dim(1), layer.units());
        Tensor dx = layer.forward(inputs.getFirst(), Context.training(KEY)).pullback(dy, new Gradients(layer));
        Pass before = layer.forward(inputs.getFirst(), Context.inference());
        layer.forward(inputs.getLast(), Context.inference());
        assertThat(before.pullback(dy, new Gradients(layer))).isBitEqualTo(dx);
    }

    /** In inference the 100 steps are several chunks, and the backward pass computes the gates' values once more. */
    @ParameterizedTest
    @MethodSource("layers")
    void inferenceGivesTheBitsOfTrainingForwardAndBackward(Recurrent layer) {
        Tensor x = normal("x", 100, 24, INPUTS);
        Tensor dy = normal("dy", 100, 24, layer.units());
        Recurrent.State first = state(layer, 24);
        RecurrentPass training = layer.run(x, first, Context.training(KEY));
        RecurrentPass inference = layer.run(x, first, Context.inference());
        assertThat(inference.output()).isBitEqualTo(training.output());
        for (int p = 0; p < first.parts().size(); p++) {
            assertThat(inference.lastState().part(p))
                    .isBitEqualTo(training.lastState().part(p));
        }
        Gradients expected = new Gradients(layer);
        Gradients actual = new Gradients(layer);
        Tensor dx = training.pullback(dy, expected);
        assertThat(inference.pullback(dy, actual)).isBitEqualTo(dx);
        for (Parameter p : expected.parameters()) {
            assertThat(actual.of(p)).isBitEqualTo(expected.of(p));
        }
        for (int p = 0; p < first.parts().size(); p++) {
            assertThat(inference.firstStateGradient().part(p))
                    .isBitEqualTo(training.firstStateGradient().part(p));
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aPullbackForParametersOnlyGivesTheSameGradients(Recurrent layer) {
        Tensor x = normal("x", 7, 3, INPUTS);
        Pass whole = layer.forward(x, Context.training(KEY));
        Tensor dy = normal("dy", whole.output().shape().dims());
        Gradients expected = new Gradients(layer);
        whole.pullback(dy, expected);
        Gradients actual = new Gradients(layer);
        Pass only = layer.forward(x, Context.training(KEY));
        only.pullbackParameters(dy, actual);
        for (Parameter p : expected.parameters()) {
            assertThat(expected.of(p).maxAbs()).isPositive();
            assertThat(actual.of(p)).isBitEqualTo(expected.of(p));
        }
        for (int p = 0; p < layer.stateSizes().size(); p++) {
            assertThat(((RecurrentPass) only).firstStateGradient().part(p))
                    .isBitEqualTo(((RecurrentPass) whole).firstStateGradient().part(p));
        }
    }

    /** A second pass adds to what the first one gave, chain by chain. */
    @ParameterizedTest
    @MethodSource("layers")
    void gradientsOfASecondPassAreAdded(Recurrent layer) {
        Tensor x = normal("x", 7, 3, INPUTS);
        Tensor dy = normal("dy", 7, 3, layer.units());
        Gradients once = new Gradients(layer);
        layer.forward(x, Context.training(KEY)).pullback(dy, once);
        Gradients twice = new Gradients(layer);
        layer.forward(x, Context.training(KEY)).pullback(dy, twice);
        layer.forward(x, Context.training(KEY)).pullback(dy, twice);
        for (Parameter p : once.parameters()) {
            Tensor doubled = once.of(p).copy();
            doubled.scaleInPlace(2);
            doubled.addScaledInPlace(-1, twice.of(p));
            assertThat(doubled.norm()).isLessThan(1e-5 * twice.of(p).norm());
        }
    }

    private static int subnormals(Tensor tensor) {
        int count = 0;
        for (float value : tensor.toArray()) {
            count += value != 0 && Math.abs(value) < Float.MIN_NORMAL ? 1 : 0;
        }
        return count;
    }

    static Stream<Recurrent> fading() {
        return Stream.of(
                Rnn.units(32).recurrent(Init.orthogonal(0.7)).create(INPUTS, KEY),
                Lstm.units(32)
                        .recurrent(Init.orthogonal(0.7))
                        .bias("forget", Init.zeros())
                        .create(INPUTS, KEY),
                Gru.units(32).recurrent(Init.orthogonal(0.7)).create(INPUTS, KEY));
    }

    /** The loss depends on the last step only, and no input after the first steps moves the state. */
    @ParameterizedTest
    @MethodSource("fading")
    void statesAndGradientsThatFadeAreZeroAndNeverSubnormal(Recurrent layer) {
        int time = 600;
        Tensor x = Tensor.zeros(time, 4, INPUTS);
        x.rows(0, 5).copyFrom(normal("x", 5, 4, INPUTS));
        Pass pass = layer.forward(x, Context.training(KEY));
        Tensor dy = Tensor.zeros(time, 4, 32);
        dy.rows(time - 1, time).copyFrom(normal("dy", 1, 4, 32));
        Tensor dx = pass.pullback(dy, new Gradients(layer));
        assertThat(subnormals(pass.output())).isZero();
        assertThat(subnormals(dx)).isZero();
        assertThat(pass.output().row(time - 1).maxAbs()).as("the state").isZero();
        assertThat(dx.row(0).maxAbs()).as("the gradient").isZero();
    }

    @Test
    void aLayerIsTransparentToNaNInAFadedState() {
        for (Layer layer : fading().toList()) {
            Tensor x = Tensor.zeros(3, 2, INPUTS);
            x.set(Float.NaN, 1, 0, 0);
            Tensor y = layer.forward(x, Context.inference()).output();
            assertThat(y.row(2).row(0).isFinite()).isFalse();
            assertThat(y.row(2).row(1).isFinite()).isTrue();
        }
    }
}
