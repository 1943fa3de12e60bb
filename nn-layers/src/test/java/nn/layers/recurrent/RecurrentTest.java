package nn.layers.recurrent;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import nn.fixtures.FunctionPass;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.dense.Embedding;
import nn.layers.network.LastValidStep;
import nn.layers.network.Network;
import nn.layers.testing.GradientCheck;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Properties of all recurrent layers, and the layers made of them. */
class RecurrentTest {
    private static final Key KEY = Key.of(31);

    static Stream<Recurrent> layers() {
        return Stream.of(
                Rnn.units(6).create(4, KEY),
                Lstm.units(6).create(4, KEY),
                Gru.units(6).create(4, KEY),
                Stacked.of(Lstm.units(5), Gru.units(3), Rnn.units(6)).create(Shape.of(Shape.ANY, Shape.ANY, 4), KEY));
    }

    /** Makes a state of random numbers. */
    private static Recurrent.State state(Recurrent layer, String name, int batch) {
        List<Tensor> parts = new ArrayList<>();
        for (int size : layer.stateSizes()) {
            parts.add(normal(name + parts.size(), batch, size));
        }
        return new Recurrent.State(parts);
    }

    private static void assertSame(Recurrent.State a, Recurrent.State b) {
        assertThat(a.parts()).hasSameSizeAs(b.parts());
        for (int i = 0; i < a.parts().size(); i++) {
            assertThat(a.part(i)).isBitEqualTo(b.part(i));
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aSequenceInTwoPartsGivesTheSameStates(Recurrent layer) {
        Tensor x = normal("x", 9, 3, 4);
        Recurrent.State initial = state(layer, "initial", 3);
        RecurrentPass whole = layer.run(x, initial, Context.inference());
        RecurrentPass first = layer.run(x.rows(0, 4), initial, Context.inference());
        RecurrentPass second = layer.run(x.rows(4, 9), first.lastState(), Context.inference());
        assertThat(first.output()).isBitEqualTo(whole.output().rows(0, 4));
        assertThat(second.output()).isBitEqualTo(whole.output().rows(4, 9));
        assertSame(second.lastState(), whole.lastState());
    }

    /** The gradient that the second part gives at its first state is passed to the first part. */
    @ParameterizedTest
    @MethodSource("layers")
    void aSequenceInTwoPartsGivesTheSameGradients(Recurrent layer) {
        Tensor x = normal("x", 5, 3, 4);
        Recurrent.State initial = state(layer, "initial", 3);
        Recurrent.State dLast = state(layer, "dLast", 3);
        Tensor dy = normal("dy", 5, 3, 6);
        Gradients gradients = new Gradients(layer.parameters());
        RecurrentPass whole = layer.run(x, initial, Context.inference());
        Tensor dx = whole.pullback(dy, dLast, gradients);

        Gradients parts = new Gradients(layer.parameters());
        RecurrentPass first = layer.run(x.rows(0, 2), initial, Context.inference());
        RecurrentPass second = layer.run(x.rows(2, 5), first.lastState(), Context.inference());
        Tensor later = second.pullback(dy.rows(2, 5), dLast, parts);
        Tensor earlier = first.pullback(dy.rows(0, 2), second.firstStateGradient(), parts);
        assertThat(later).isBitEqualTo(dx.rows(2, 5));
        assertThat(earlier).isBitEqualTo(dx.rows(0, 2));
        assertSame(first.firstStateGradient(), whole.firstStateGradient());
        for (Parameter p : layer.parameters()) { // two sums, of 6 and 9 terms, instead of one
            assertThat(parts.of(p).subtract(gradients.of(p)).norm())
                    .isLessThan(15 * 0x1p-24 * gradients.of(p).norm());
        }
    }

    /** Compares the gradient at each part of the first state with finite differences. */
    @ParameterizedTest
    @MethodSource("layers")
    void thePassGivesTheGradientAtTheFirstState(Recurrent layer) {
        Recurrent.State initial = state(layer, "initial", 2);
        Tensor x = normal("x", 4, 2, 4);
        for (int part = 0; part < initial.parts().size(); part++) {
            int which = part;
            Layer ofState = new Layer() {
                @Override
                public Pass newPass() {
                    return FunctionPass.of(this, (value, context) -> {
                        List<Tensor> parts = new ArrayList<>(initial.parts());
                        parts.set(which, value);
                        RecurrentPass run = layer.run(x, new Recurrent.State(parts), context);
                        return new FunctionPass.Result(run.output(), (dy, into) -> {
                            run.pullback(dy, new Gradients(layer.parameters()));
                            return run.firstStateGradient().part(which);
                        });
                    });
                }

                @Override
                public Shape outputShape(Shape in) {
                    return Shape.of(4, 2, 6);
                }
            };
            GradientCheck.standard().check(ofState, initial.part(part)).throwIfFailed();
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aSequenceWithoutStepsKeepsTheState(Recurrent layer) {
        Recurrent.State initial = state(layer, "initial", 3);
        RecurrentPass run = layer.run(Tensor.zeros(0, 3, 4), initial, Context.inference());
        assertSame(run.lastState(), initial);
        Recurrent.State dLast = state(layer, "dLast", 3);
        Tensor dx = run.pullback(run.output(), dLast, new Gradients(layer.parameters()));
        assertSame(run.firstStateGradient(), dLast);
        assertThat(dx.shape()).isEqualTo(Shape.of(0, 3, 4));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aPullbackIsCalledOnceWithGradientsOfTheRightShapes(Recurrent layer) {
        Tensor x = normal("x", 2, 3, 4);
        RecurrentPass run = layer.run(x, state(layer, "initial", 3), Context.inference());
        Gradients gradients = new Gradients(layer.parameters());
        assertThatThrownBy(() -> run.pullback(Tensor.zeros(2, 3, 5), gradients))
                .isInstanceOf(ShapeException.class)
                .hasMessage("pullback: expected a gradient of the output's shape [2 x 3 x 6], got [2 x 3 x 5]");
        assertThatThrownBy(() -> run.pullback(run.output(), state(layer, "wrong", 2), gradients))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("pullback: expected a gradient of the last state's shape [3 x ");
        run.pullback(run.output(), gradients);
        assertThatThrownBy(() -> run.pullback(run.output(), gradients))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(layer + ": the pullback of this pass was called before");
    }

    @Test
    void aStackComputesTheSameAsItsLayersOneAfterTheOther() {
        Stacked stack = Stacked.of(Lstm.units(5), Gru.units(6)).create(Shape.of(Shape.ANY, Shape.ANY, 4), KEY);
        Lstm lower = Lstm.units(5).create(4, KEY.child("layer1"));
        Gru upper = Gru.units(6).create(5, KEY.child("layer2"));
        Tensor x = normal("x", 7, 2, 4);
        Tensor expected = upper.forward(lower.forward(x, Context.inference()).output(), Context.inference())
                .output();
        assertThat(stack.forward(x, Context.inference()).output()).isBitEqualTo(expected);
        assertThat(stack.stateSizes()).containsExactly(5, 5, 6);
        assertThat(stack.parametersByPath()).containsKeys("layer1.forget_input", "layer2.reset_bias");
        assertThat(stack).hasToString("Stacked (Lstm 4 -> 5, Gru 5 -> 6)");
        assertThatThrownBy(() -> Stacked.of()).hasMessage("a stack has at least one layer");
    }

    @Test
    void theBackwardLayerReadsTheSequenceInReverse() {
        Bidirectional both = Bidirectional.of(Gru.units(5)).create(Shape.of(Shape.ANY, Shape.ANY, 4), KEY);
        Tensor x = normal("x", 7, 2, 4);
        Tensor ahead = Gru.units(5)
                .create(4, KEY.child("forward"))
                .forward(x, Context.inference())
                .output();
        Tensor back = Gru.units(5)
                .create(4, KEY.child("backward"))
                .forward(reversed(x), Context.inference())
                .output();
        Tensor y = both.forward(x, Context.inference()).output();
        for (int t = 0; t < 7; t++) {
            for (int b = 0; b < 2; b++) {
                float[] row = y.row(t).row(b).toArray();
                assertThat(Arrays.copyOf(row, 5)).isEqualTo(ahead.row(t).row(b).toArray());
                assertThat(Arrays.copyOfRange(row, 5, 10))
                        .isEqualTo(back.row(6 - t).row(b).toArray());
            }
        }
        Tensor last = Bidirectional.of(Gru.units(5))
                .last()
                .create(Shape.of(Shape.ANY, Shape.ANY, 4), KEY)
                .forward(x, Context.inference())
                .output();
        for (int b = 0; b < 2; b++) {
            assertThat(Arrays.copyOf(last.row(b).toArray(), 5))
                    .isEqualTo(ahead.row(6).row(b).toArray());
            assertThat(Arrays.copyOfRange(last.row(b).toArray(), 5, 10))
                    .isEqualTo(back.row(6).row(b).toArray());
        }
        assertThat(both.parametersByPath()).containsKeys("forward.reset_input", "backward.reset_input");
        assertThatThrownBy(() -> both.outputShape(Shape.of(7, 2, 3)))
                .hasMessage("Bidirectional (Gru 4 -> 5): expected [time x batch x 4], got [7 x 2 x 3]");
    }

    private static Tensor reversed(Tensor x) {
        Tensor result = Tensor.zeros(x.shape());
        for (int t = 0; t < x.dim(0); t++) {
            result.row(x.dim(0) - 1 - t).copyFrom(x.row(t));
        }
        return result;
    }

    @Test
    void aPaddedSequenceEndsWithItsLastValidStep() {
        Layer padded = LastValidStep.of(Lstm.units(5), 0).create(Shape.of(Shape.ANY, Shape.ANY, 4), KEY);
        Lstm alone = Lstm.units(5).last().create(4, KEY.child("steps"));
        int[] lengths = {3, 6, 1};
        Tensor x = normal("x", 6, 3, 4);
        for (int b = 0; b < 3; b++) {
            for (int t = lengths[b]; t < 6; t++) {
                x.row(t).row(b).fill(0);
            }
        }
        Pass pass = padded.forward(x, Context.inference());
        for (int b = 0; b < 3; b++) {
            Tensor one = Tensor.zeros(lengths[b], 1, 4);
            for (int t = 0; t < lengths[b]; t++) {
                one.row(t).row(0).copyFrom(x.row(t).row(b));
            }
            Tensor y = alone.forward(one, Context.inference()).output();
            assertThat(pass.output().row(b)).isBitEqualTo(y.row(0));
        }
        Tensor dx = pass.pullback(normal("dy", 3, 5), new Gradients(padded.parameters()));
        assertThat(dx.row(4).row(0).norm()).isZero();
        assertThat(dx.row(2).row(0).norm()).isPositive();
        Tensor empty = x.copy();
        empty.row(0).row(2).fill(0);
        assertThatThrownBy(() -> padded.forward(empty, Context.inference()))
                .hasMessage("LastValidStep (Lstm 4 -> 5): sequence 2 of the input [6 x 3 x 4] is all padding"
                        + " (0.0), so it has no last step; leave it out");
        assertThatThrownBy(() -> LastValidStep.of(Lstm.units(5), Float.NaN)).hasMessageContaining("padding NaN");
        assertThatThrownBy(() -> LastValidStep.of(Lstm.units(5).last(), 0)
                        .create(Shape.of(Shape.ANY, Shape.ANY, 4), KEY)
                        .outputShape(Shape.of(6, 3, 4)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("got [3 x 5]; let it give all steps");
    }

    @Test
    void sequencesOfIndicesMayBePadded() {
        Network network = Network.builder(KEY)
                .input(Shape.of(Shape.ANY, Shape.ANY))
                .layer(
                        "read",
                        LastValidStep.of(
                                Network.chain(steps ->
                                        steps.layer("table", Embedding.of(6, 3)).gru("gru", 4)),
                                0))
                .dense("out", 2)
                .build();
        assertThat(network.parametersByPath()).containsKeys("read.steps.table.weight", "read.steps.gru.update_bias");
        Tensor longer = Tensor.of(new float[] {3, 5, 1, 0, 0}, 5, 1);
        Tensor shorter = Tensor.of(new float[] {3, 5, 1}, 3, 1);
        assertThat(network.predict(longer)).isBitEqualTo(network.predict(shorter));
        GradientCheck.standard().ofParameters().check(network, longer).throwIfFailed();
    }

    @Test
    void aNullLayerInAStackIsNamed() {
        assertThatThrownBy(() -> Stacked.of(Lstm.units(3), null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("a layer of the stack");
    }
}
