package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.activation.Softmax;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.shape.Flatten;
import nn.layers.shape.Reshape;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Reuse of scratch memory within a step changes the memory needed, but no result. */
class ReleaseTest {
    private static final Key KEY = Key.of(5);

    private static Tensor normal(String name, int... dims) {
        Tensor x = Tensor.zeros(dims);
        KEY.child(name).normal(x, 0, 1);
        return x;
    }

    /** A context that counts the arrays that a workspace hands out. */
    private static final class Counting implements Context {
        private final Workspace workspace = new Workspace();
        private final Set<float[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        private final boolean releases;

        Counting(boolean releases) {
            this.releases = releases;
        }

        @Override
        public Tensor empty(Shape shape) {
            Tensor tensor = workspace.empty(shape);
            arrays.add(tensor.array());
            return tensor;
        }

        @Override
        public void release(Tensor scratch) {
            if (releases) {
                workspace.release(scratch);
            }
        }

        @Override
        public boolean training() {
            return true;
        }

        @Override
        public Key key() {
            return KEY;
        }

        @Override
        public Key key(Key layer) {
            return workspace.key(layer);
        }

        @Override
        public void save(Tensor tensor) {
            workspace.save(tensor);
        }
    }

    /** Hands on its input, and backward the very tensor that it is given. */
    private record Same() implements Layer {
        @Override
        public Pass newPass() {
            return new Pass(this) {
                @Override
                protected Tensor forward(Tensor x, Context context) {
                    return x;
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
    }

    private static Network stack(int layers, Nonlinearity f) {
        Network.Builder builder = Network.builder(KEY).input(4);
        for (int l = 1; l <= layers; l++) {
            builder.dense("dense" + l, 4).activation(f);
        }
        return builder.build();
    }

    private static int arrays(Network network, boolean releases) {
        Counting context = new Counting(releases);
        for (int step = 0; step < 3; step++) {
            context.workspace.begin(KEY);
            Pass pass = network.forward(normal("x", 3, 4), context);
            pass.pullback(normal("dy", 3, 4), new Gradients(network.parameters()));
        }
        return context.arrays.size();
    }

    @Test
    void aDeepNetworkKeepsOneTensorPerLayerAndTwoForTheBackwardPass() {
        // The outputs of tanh, one tensor for all pre-activations, and one more, so that gradients have two.
        assertThat(arrays(stack(100, Nonlinearity.TANH), true)).isEqualTo(100 + 2);
        // GELU saves its input, and the next layer saves its output.
        assertThat(arrays(stack(20, Nonlinearity.GELU), true)).isEqualTo(40 + 2);
        assertThat(arrays(stack(20, Nonlinearity.TANH), false)).isEqualTo(80);
    }

    @Test
    void releasingTensorsChangesNoBitOfAGradient() {
        for (Nonlinearity f : List.of(
                Nonlinearity.RELU,
                Nonlinearity.TANH,
                Nonlinearity.SIGMOID,
                Nonlinearity.GELU,
                Nonlinearity.SILU,
                Nonlinearity.SELU,
                Nonlinearity.SOFTPLUS,
                Nonlinearity.MISH,
                Nonlinearity.celu(2),
                Nonlinearity.leakyRelu(0.1),
                Nonlinearity.elu(1),
                Nonlinearity.SIN)) {
            Network network = Network.builder(KEY)
                    .input(Shape.of(Shape.ANY, 2, 2))
                    .layer("flat", new Flatten())
                    .dense("a", 4)
                    .activation(f)
                    .batchNorm("bn")
                    .dropout("drop", 0.2)
                    .activation(f)
                    .layer(
                            "block",
                            Residual.of(b -> b.dense("b", 4)
                                    .layerNorm("ln")
                                    .activation(f)
                                    .dense("c", 4)))
                    .layer("half", Residual.of(b -> b.layer("same", new Same())).gain(0.5))
                    .layer("passing", Residual.of(b -> b.layer("nothing", Reshape.to(4))))
                    .layer("twice", Residual.of(b -> b.activation(f)).skip(2).gain(0.5))
                    .layer("beside", Residual.of(b -> b.activation(f)).shortcut(b -> b.activation(f)))
                    .dense("d", 4)
                    .dropout("drop2", 0.2)
                    .activation(f)
                    .dense("e", 4)
                    .layer("softmax", new Softmax())
                    .build();
            Workspace workspace = new Workspace();
            for (int batch : new int[] {5, 5, 3, 6, 5}) {
                Tensor x = normal("x" + batch, batch, 2, 2);
                Tensor dy = normal("dy", batch, 4);
                workspace.begin(KEY);
                Pass pass = network.forward(x, workspace);
                Pass plain = network.forward(x, Context.training(KEY));
                assertThat(pass.output()).isBitEqualTo(plain.output());
                Gradients gradients = new Gradients(network.parameters());
                Gradients expected = new Gradients(network.parameters());
                assertThat(pass.pullback(dy, gradients))
                        .as(f.name() + ", gradient of the input")
                        .isBitEqualTo(plain.pullback(dy, expected));
                gradients
                        .parameters()
                        .forEach(p -> assertThat(gradients.of(p))
                                .as(f.name() + ", gradient of " + p)
                                .isBitEqualTo(expected.of(p)));
            }
        }
    }

    @Test
    void twoPassesInOneStepDoNotDisturbEachOther() {
        Network network = stack(5, Nonlinearity.TANH);
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        Tensor x = normal("x", 3, 4);
        Tensor other = normal("other", 3, 4);
        Tensor dy = normal("dy", 3, 4);
        Pass first = network.forward(x, workspace);
        Pass second = network.forward(other, workspace);
        Gradients both = new Gradients(network.parameters());
        first.pullback(dy, both);
        second.pullback(dy, both);
        Gradients expected = new Gradients(network.parameters());
        network.forward(x, Context.training(KEY)).pullback(dy, expected);
        network.forward(other, Context.training(KEY)).pullback(dy, expected);
        network.parameters().forEach(p -> assertThat(both.of(p)).isBitEqualTo(expected.of(p)));
    }

    @Test
    void aReleasedTensorIsHandedOutOnceAndForItsShape() {
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        Tensor a = workspace.empty(Shape.of(2, 3));
        Tensor b = workspace.empty(Shape.of(2, 3));
        workspace.release(a.reshape(6)); // a view of the same memory
        workspace.release(a);
        assertThat(workspace.empty(Shape.of(3, 2)).array()).isNotSameAs(a.array());
        assertThat(workspace.empty(Shape.of(2, 3))).isSameAs(a);
        assertThat(workspace.empty(Shape.of(2, 3)).array())
                .isNotSameAs(a.array())
                .isNotSameAs(b.array());
    }

    @Test
    void aResultTakesThePlaceOfAScratchTensorUnlessThatWasSaved() {
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        Tensor scratch = workspace.empty(Shape.of(2, 3));
        Tensor saved = workspace.empty(Shape.of(2, 3));
        workspace.save(saved);
        Tensor foreign = Tensor.zeros(2, 3);
        Tensor view = scratch.reshape(3, 2);
        assertThat(workspace.reuse(scratch)).isSameAs(scratch);
        assertThat(new ReleaseCheck(workspace).reuse(scratch)).isSameAs(scratch);
        for (Tensor kept : List.of(saved, foreign, view)) {
            Tensor other = workspace.reuse(kept);
            assertThat(other.shape()).isEqualTo(kept.shape());
            assertThat(other.overlaps(kept)).isFalse();
        }
        assertThat(Context.training(KEY).reuse(scratch).overlaps(scratch)).isFalse();
    }

    @Test
    void aTensorOfAnotherOriginIsNeverHandedOut() {
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        Tensor foreign = Tensor.zeros(2, 3);
        workspace.release(foreign);
        assertThat(workspace.empty(Shape.of(2, 3)).array()).isNotSameAs(foreign.array());
    }

    @Test
    void theOldestOfManyReleasedTensorsAreForgotten() {
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        Tensor[] tensors = new Tensor[20];
        for (int i = 0; i < tensors.length; i++) {
            tensors[i] = workspace.empty(Shape.of(2));
        }
        for (Tensor tensor : tensors) {
            workspace.release(tensor);
        }
        for (int i = 0; i < 8; i++) {
            assertThat(workspace.empty(Shape.of(2))).isSameAs(tensors[19 - i]);
        }
        assertThat(tensors).doesNotContain(workspace.empty(Shape.of(2)));
    }

    @Test
    void aNewStepForgetsWhatWasReleased() {
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        Tensor first = workspace.empty(Shape.of(2));
        Tensor second = workspace.empty(Shape.of(2));
        workspace.release(second);
        workspace.begin(KEY);
        assertThat(workspace.empty(Shape.of(2))).isSameAs(first);
        assertThat(workspace.empty(Shape.of(2))).isSameAs(second);
    }

    @Test
    void theNormFollowsEveryChangeOfTheGradients() {
        Dense large = Dense.of(600, 600, KEY); // its gradient is larger than Gradients.CACHED
        Dense small = Dense.of(6, 6, KEY);
        for (Dense dense : List.of(large, small)) {
            Parameter weight = dense.weight();
            Gradients gradients = new Gradients(dense.parameters());
            Tensor x = normal("x", 3, dense.inputs());
            Tensor dy = normal("dy", 3, dense.units());
            for (int step = 0; step < 2; step++) {
                gradients.clear();
                assertThat(gradients.norm()).isZero();
                gradients.clear();
                gradients.addWeightGradient(weight, x, dy);
                double once = gradients.norm();
                assertThat(once).isEqualTo(gradients.of(weight).norm()).isPositive();
                gradients.of(weight).scaleInPlace(2f);
                assertThat(gradients.norm()).isEqualTo(2 * once);
                gradients.addWeightGradient(weight, x, dy);
                assertThat(gradients.norm())
                        .isEqualTo(gradients.of(weight).norm())
                        .isGreaterThan(2 * once);
                gradients.clear();
                gradients.addWeightGradient(weight, x, dy);
                gradients.addWeightGradient(weight, x, dy);
                double twice = gradients.norm();
                assertThat(twice).isEqualTo(gradients.of(weight).norm()).isGreaterThan(1.9 * once);
                Gradients sum = new Gradients(dense.parameters());
                sum.addWeightGradient(weight, x, dy);
                sum.add(gradients);
                assertThat(sum.norm()).isEqualTo(sum.of(weight).norm()).isGreaterThan(1.2 * twice);
            }
        }
    }

    @Test
    void aTensorThatIsSavedAfterItWasReleasedIsNotHandedOutAgain() {
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        Tensor kept = workspace.empty(Shape.of(2));
        workspace.release(kept);
        workspace.save(kept);
        assertThat(workspace.empty(Shape.of(2)).array()).isNotSameAs(kept.array());
    }

    /** Of this size on, tensors of a workspace are parts of one array. */
    private static final Shape LARGE = Shape.of(40, 50);

    @Test
    void aPartOfAnArrayIsReleasedAndSavedByItself() {
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        Tensor a = workspace.empty(LARGE);
        Tensor b = workspace.empty(LARGE);
        Tensor c = workspace.empty(LARGE);
        assertThat(a.overlaps(b) || b.overlaps(c) || a.overlaps(c)).isFalse();
        workspace.save(c.row(39));
        workspace.release(c);
        workspace.release(a.row(0));
        workspace.release(b.row(39).reshape(5, 10));
        assertThat(workspace.empty(LARGE)).isSameAs(b);
        assertThat(workspace.empty(LARGE)).isSameAs(a);
        assertThat(workspace.empty(LARGE).overlaps(c)).isFalse();
    }

    @Test
    void anEmptyViewAtTheEndOfATensorReleasesNeitherItNorTheNextOne() {
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        Tensor a = workspace.empty(LARGE);
        Tensor b = workspace.empty(LARGE);
        workspace.release(Tensor.wrap(a.array(), a.offset() + a.size(), Shape.of(0, 50)));
        Tensor other = workspace.empty(LARGE);
        assertThat(other.overlaps(a) || other.overlaps(b)).isFalse();
    }

    @Test
    void memoryThatWasGivenUpDoesNotOutgrowTheMemoryInUse() {
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        Tensor first = workspace.empty(LARGE);
        workspace.empty(LARGE);
        for (int step = 1; step <= 3; step++) {
            workspace.begin(KEY);
            assertThat(workspace.empty(LARGE)).isSameAs(first);
            workspace.empty(Shape.of(40 + step, 50)); // gives up 39 + step rows
        }
        workspace.begin(KEY); // 40 + 41 + 42 rows were given up, and 40 + 43 are in use
        Tensor renewed = workspace.empty(LARGE);
        assertThat(renewed.overlaps(first)).isFalse();
        Tensor second = workspace.empty(Shape.of(43, 50));
        workspace.begin(KEY);
        assertThat(workspace.empty(LARGE)).isSameAs(renewed);
        assertThat(workspace.empty(Shape.of(43, 50))).isSameAs(second);
    }

    @Test
    void aReleaseCheckAroundAWorkspaceFollowsItsSteps() {
        followsSteps(2, 3);
        followsSteps(400, 300);
    }

    private static void followsSteps(int rows, int width) {
        Network network = Network.builder(KEY)
                .input(3)
                .dense("a", width + 1)
                .tanh()
                .dense("b", width)
                .build();
        Workspace workspace = new Workspace();
        Context check = new ReleaseCheck(workspace);
        Pass pass = network.newPass();
        for (int step = 0; step < 3; step++) {
            Tensor x = normal("x" + step, rows + 3 - step, 3);
            workspace.begin(KEY);
            Tensor y = check.run(pass, x);
            assertThat(y).isBitEqualTo(network.predict(x));
            pass.pullback(y.copy(), new Gradients(network));
        }
    }
}
