package nn.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/**
 * A workspace makes the passes of a step by the objects of the step before, and nobody can tell but by their number.
 */
class PropagationTest {
    private static final Key KEY = Key.of(5);

    private final Workspace workspace = new Workspace();

    private static Tensor normal(String name, int... dims) {
        Tensor x = Tensor.zeros(dims);
        KEY.child(name).normal(x, 0, 1);
        return x;
    }

    /** A layer that knows nothing of propagations: y = 3 x. */
    private record Triple() implements Layer {
        @Override
        public Pass forward(Tensor x, Context context) {
            Tensor y = context.empty(x.shape());
            x.mapInto(v -> 3 * v, y);
            return new Pass(y, (dy, into) -> dy.map(v -> 3 * v));
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    /** One that gives another layer's pass as its own: of x with the other sign, in every other step. */
    private record Negated(Dense inner) implements Layer {
        @Override
        public Pass forward(Tensor x, Context context) {
            boolean negated = context.key().word(0) < 0;
            Pass pass = inner.forward(negated ? x.map(v -> -v) : x, context);
            return negated
                    ? new Pass(pass.output(), (dy, into) -> pass.pullback().apply(dy, into).map(v -> -v))
                    : pass;
        }

        @Override
        public Shape outputShape(Shape in) {
            return inner.outputShape(in);
        }

        @Override
        public List<Parameter> parameters() {
            return inner.parameters();
        }
    }

    /** Passes on what it runs, or not, and counts. */
    private static final class Looking extends ForwardingContext {
        private final Context context;
        private final boolean passesOn;
        private final List<Layer> seen;

        Looking(Context context, boolean passesOn, List<Layer> seen) {
            super(context);
            this.context = context;
            this.passesOn = passesOn;
            this.seen = seen;
        }

        @Override
        public void release(Tensor scratch) {} // a test compares what it has seen

        @Override
        public Pass run(Layer layer, Tensor x, Context outermost) {
            seen.add(layer);
            return passesOn ? context.run(layer, x, outermost) : layer.forward(x, outermost);
        }
    }

    private static Network network() {
        return Network.builder(KEY)
                .input(4)
                .dense("a", 6).batchNorm("bn").relu().dropout("drop", 0.3)
                .layer("triple", new Triple())
                .layer("block", Residual.of(b -> b.layerNorm("ln").dense("b", 6).gelu()))
                .layer("negated", (in, key) -> new Negated(Dense.of(6, 6, key)))
                .layer("prelu", PRelu.standard())
                .dense("c", 3)
                .build();
    }

    /** Output, gradient at the input, and all gradients of parameters of one pass. */
    private static List<Tensor> all(Layer layer, Pass pass) {
        Gradients gradients = new Gradients(layer.parameters());
        List<Tensor> all = new ArrayList<>(List.of(pass.output().copy()));
        all.add(pass.pullback().apply(normal("dy", pass.output().shape().dims()), gradients).copy());
        layer.parameters().forEach(p -> all.add(gradients.of(p)));
        return all;
    }

    private static void requireSameBits(List<Tensor> actual, List<Tensor> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i).bitEquals(expected.get(i))).as("tensor " + i).isTrue();
        }
    }

    @Test
    void theSamePassComesUpAtEveryStepWithTheNumbersOfThatStep() {
        Dense dense = Dense.of(4, 3, KEY);
        workspace.begin(KEY);
        Pass first = workspace.run(dense, normal("x", 5, 4));
        for (int step = 0; step < 3; step++) {
            Tensor x = normal("x" + step, 5, 4);
            workspace.begin(KEY);
            Pass pass = workspace.run(dense, x);
            assertThat(pass).isSameAs(first);
            requireSameBits(all(dense, pass), all(dense, dense.forward(x, Context.training(KEY))));
        }
    }

    @Test
    void aPassIsOpenOnceInEachStep() {
        Dense dense = Dense.of(4, 3, KEY);
        Gradients gradients = new Gradients(dense.parameters());
        for (int step = 0; step < 3; step++) {
            workspace.begin(KEY);
            Pass pass = workspace.run(dense, normal("x", 5, 4));
            pass.pullback().apply(pass.output(), gradients);
            assertThatThrownBy(() -> pass.pullback().apply(pass.output(), gradients))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("taken back before");
        }
    }

    @Test
    void aPassOfAStepThatHasEndedIsClosedUntilItIsMadeAgain() {
        Dense dense = Dense.of(4, 3, KEY);
        Gradients gradients = new Gradients(dense.parameters());
        workspace.begin(KEY);
        Pass pass = workspace.run(dense, normal("x", 5, 4));
        workspace.begin(KEY);
        assertThatThrownBy(() -> pass.pullback().apply(pass.output(), gradients))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the step of this pass has ended, as its workspace has begun another one, and its tensors may"
                        + " hold other values by now: call a pullback before Workspace.begin, or run forward again");
        assertThat(gradients.norm()).isZero();
        Pass other = workspace.run(dense, normal("x", 2, 4)); // of another shape: another pass
        assertThat(other).isNotSameAs(pass);
        assertThatThrownBy(() -> pass.pullback().parametersOnly(normal("dy", 5, 3), gradients))
                .isInstanceOf(IllegalStateException.class);
        assertThat(gradients.norm()).isZero();
        other.pullback().apply(other.output(), gradients);
        assertThat(gradients.norm()).isPositive();
    }

    @Test
    void aLayerThatStandsTwiceHasAPassForEachPlace() {
        Dense dense = Dense.of(4, 4, KEY);
        for (int step = 0; step < 2; step++) {
            workspace.begin(KEY);
            Pass first = workspace.run(dense, normal("x", 5, 4));
            Pass second = workspace.run(dense, first.output());
            assertThat(second).isNotSameAs(first);
            Gradients gradients = new Gradients(dense.parameters());
            first.pullback().apply(second.pullback().apply(second.output(), gradients), gradients);
            assertThat(gradients.norm()).isPositive();
        }
    }

    @Test
    void allKindsOfLayersInAllShapesGetTheBitsOfPassesByThemselves() {
        Network network = network();
        int[] batches = {5, 5, 3, 5, 3, 7, 7, 2};
        for (int step = 0; step < batches.length; step++) {
            Tensor x = normal("x" + step, batches[step], 4);
            Key key = KEY.child(step);
            workspace.begin(KEY, step);
            requireSameBits(
                    all(network, workspace.run(network, x)), all(network, network.forward(x, Context.training(key))));
        }
    }

    @Test
    void dropoutDrawsAnewInEveryStep() {
        Dropout dropout = new Dropout(0.5, KEY);
        Tensor x = Tensor.full(1, 8, 8);
        List<Tensor> outputs = new ArrayList<>();
        for (int step = 0; step < 3; step++) {
            workspace.begin(KEY, step);
            outputs.add(workspace.run(dropout, x).output().copy());
        }
        assertThat(outputs.get(1).bitEquals(outputs.get(0))).isFalse();
        assertThat(outputs.get(2).bitEquals(outputs.get(1))).isFalse();
        workspace.begin(KEY.child(1)); // the key of that number
        assertThat(workspace.run(dropout, x).output().bitEquals(outputs.get(1))).isTrue();
    }

    @Test
    void anotherLayerInTheSamePlaceIsGoneThroughByItself() {
        Tensor x = normal("x", 5, 4);
        for (Layer layer : List.of(Dense.of(4, 3, KEY), Dense.of(4, 3, KEY.child(1)), new Triple(), Activation.TANH)) {
            workspace.begin(KEY);
            requireSameBits(
                    all(layer, workspace.run(layer, x)), all(layer, layer.forward(x, Context.training(KEY))));
        }
    }

    @Test
    void aStepThatFailedInTheMiddleLeavesTheNextOneRight() {
        Network network = network();
        workspace.begin(KEY);
        workspace.run(network, normal("x", 5, 4));
        workspace.begin(KEY);
        assertThatThrownBy(() -> workspace.run(network, normal("x", 1, 4))).hasMessageContaining("has no variance");
        workspace.begin(KEY);
        Tensor x = normal("y", 5, 4);
        requireSameBits(
                all(network, workspace.run(network, x)), all(network, network.forward(x, Context.training(KEY))));
    }

    @Test
    void aContextAroundTheWorkspaceSeesEveryRunOfEveryStep() {
        Network network = network();
        Tensor x = normal("x", 5, 4);
        List<Layer> once = new ArrayList<>();
        new Looking(Context.training(KEY), false, once).run(network, x);
        assertThat(once).hasSize(1 + 9 + 3);
        for (boolean passesOn : List.of(true, false, true)) {
            for (int step = 0; step < 3; step++) {
                List<Layer> seen = new ArrayList<>();
                workspace.begin(KEY);
                Pass pass = new Looking(workspace, passesOn, seen).run(network, x);
                assertThat(seen).containsExactlyElementsOf(once);
                requireSameBits(all(network, pass), all(network, network.forward(x, Context.training(KEY))));
            }
        }
    }

    @Test
    void aSteadyStepOfManyLayersGivesTheSamePassThoughTheInputIsAnother() {
        Network network = Network.builder(KEY).input(4)
                .dense("a", 6).tanh().dropout("drop", 0.5).layerNorm("ln").dense("c", 3)
                .build();
        workspace.begin(KEY);
        Pass first = workspace.run(network, normal("x", 5, 4));
        workspace.begin(KEY);
        assertThat(workspace.run(network, normal("y", 5, 4))).isSameAs(first);
    }
}
