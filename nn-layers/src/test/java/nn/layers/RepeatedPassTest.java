package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import nn.fixtures.FunctionPass;
import nn.layers.activation.PRelu;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.regularization.Dropout;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** A pass that is run again at every step in a workspace gives the bits of a new one. */
class RepeatedPassTest {
    private static final Key KEY = Key.of(5);

    private final Workspace workspace = new Workspace();

    private static Tensor normal(String name, int... dims) {
        Tensor x = Tensor.zeros(dims);
        KEY.child(name).normal(x, 0, 1);
        return x;
    }

    /** y = 3 x. */
    private record Triple() implements Layer {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Tensor y = context.empty(x.shape());
                x.mapInto(v -> 3 * v, y);
                return new FunctionPass.Result(y, (dy, into) -> dy.map(v -> 3 * v));
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    /** A layer that runs another one, on x or, depending on the step's key, on -x. */
    private record Negated(Dense inner) implements Layer {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                boolean negated = context.key().word(0) < 0;
                Pass pass = inner.forward(negated ? x.map(v -> -v) : x, context);
                return negated
                        ? new FunctionPass.Result(
                                pass.output(),
                                (dy, into) -> pass.pullback(dy, into).map(v -> -v))
                        : new FunctionPass.Result(pass.output(), pass::pullback);
            });
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

    /** A context that records the layers it runs, and passes the runs on or not. */
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
        public void release(Tensor scratch) {} // the test compares tensors afterwards

        @Override
        public Tensor run(Pass pass, Tensor x, Context outermost) {
            seen.add(pass.layer());
            return passesOn ? context.run(pass, x, outermost) : pass.runIn(outermost, x);
        }
    }

    private static Network network() {
        return Network.builder(KEY)
                .input(4)
                .dense("a", 6)
                .batchNorm("bn")
                .relu()
                .dropout("drop", 0.3)
                .layer("triple", new Triple())
                .layer("block", Residual.of(b -> b.layerNorm("ln").dense("b", 6).gelu()))
                .layer("negated", (in, key) -> new Negated(Dense.of(6, 6, key)))
                .layer("prelu", PRelu.standard())
                .dense("c", 3)
                .build();
    }

    /** Returns the output, the gradient at the input, and all gradients of parameters of one pass. */
    private static List<Tensor> all(Layer layer, Pass pass) {
        Gradients gradients = new Gradients(layer.parameters());
        List<Tensor> all = new ArrayList<>(List.of(pass.output().copy()));
        all.add(pass.pullback(normal("dy", pass.output().shape().dims()), gradients)
                .copy());
        gradients.parameters().forEach(p -> all.add(gradients.of(p)));
        gradients.statistics().forEach(update -> all.add(update.change()));
        return all;
    }

    private static void requireSameBits(List<Tensor> actual, List<Tensor> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i)).as("tensor " + i).isBitEqualTo(expected.get(i));
        }
    }

    @Test
    void aPassGivesTheBitsOfItsStep() {
        Dense dense = Dense.of(4, 3, KEY);
        Pass pass = dense.newPass();
        for (int step = 0; step < 3; step++) {
            Tensor x = normal("x" + step, 5, 4);
            workspace.begin(KEY);
            workspace.run(pass, x);
            requireSameBits(all(dense, pass), all(dense, dense.forward(x, Context.training(KEY))));
        }
    }

    @Test
    void aPullbackIsCalledOnceInEachStep() {
        Dense dense = Dense.of(4, 3, KEY);
        Gradients gradients = new Gradients(dense.parameters());
        Pass pass = dense.newPass();
        for (int step = 0; step < 3; step++) {
            workspace.begin(KEY);
            workspace.run(pass, normal("x", 5, 4));
            pass.pullback(pass.output(), gradients);
            assertThatThrownBy(() -> pass.pullback(pass.output(), gradients))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("called before");
        }
    }

    @Test
    void aPassOfAStepThatHasEndedIsClosedUntilItIsRunAgain() {
        Dense dense = Dense.of(4, 3, KEY);
        Gradients gradients = new Gradients(dense.parameters());
        workspace.begin(KEY);
        Pass pass = dense.forward(normal("x", 5, 4), workspace);
        workspace.begin(KEY);
        assertThatThrownBy(() -> pass.pullback(pass.output(), gradients))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Dense 4 -> 3: the step of this pass has ended, as its workspace has begun another one, and"
                        + " its tensors may hold other values by now: call a pullback before Workspace.begin, or run"
                        + " forward again");
        assertThatThrownBy(() -> pass.pullbackParameters(pass.output(), gradients))
                .isInstanceOf(IllegalStateException.class);
        assertThat(gradients.norm()).isZero();
        workspace.run(pass, normal("x", 2, 4));
        pass.pullback(pass.output(), gradients);
        assertThat(gradients.norm()).isPositive();
    }

    @Test
    void aLayerUsedTwiceHasAPassForEachPlace() {
        Dense dense = Dense.of(4, 4, KEY);
        Pass first = dense.newPass();
        Pass second = dense.newPass();
        for (int step = 0; step < 2; step++) {
            workspace.begin(KEY);
            workspace.run(second, workspace.run(first, normal("x", 5, 4)));
            Gradients gradients = new Gradients(dense.parameters());
            first.pullback(second.pullback(second.output(), gradients), gradients);
            assertThat(gradients.norm()).isPositive();
        }
    }

    @Test
    void aRepeatedPassGivesTheBitsOfANewOneInAllShapes() {
        Network network = network();
        int[] batches = {5, 5, 3, 5, 3, 7, 7, 2};
        Pass pass = network.newPass();
        for (int step = 0; step < batches.length; step++) {
            Tensor x = normal("x" + step, batches[step], 4);
            Key key = KEY.child(step);
            workspace.begin(KEY, step);
            workspace.run(pass, x);
            requireSameBits(all(network, pass), all(network, network.forward(x, Context.training(key))));
        }
    }

    @Test
    void dropoutDrawsOtherNumbersInEveryStep() {
        Dropout dropout = new Dropout(0.5, KEY);
        Tensor x = Tensor.full(1, 8, 8);
        List<Tensor> outputs = new ArrayList<>();
        for (int step = 0; step < 3; step++) {
            workspace.begin(KEY, step);
            outputs.add(dropout.forward(x, workspace).output().copy());
        }
        assertThat(outputs.get(1)).isNotBitEqualTo(outputs.get(0));
        assertThat(outputs.get(2)).isNotBitEqualTo(outputs.get(1));
        workspace.begin(KEY.child(1)); // the key of step 1
        assertThat(dropout.forward(x, workspace).output()).isBitEqualTo(outputs.get(1));
    }

    @Test
    void aFailedStepDoesNotAffectTheNextOne() {
        Network network = network();
        Pass pass = network.newPass();
        workspace.begin(KEY);
        workspace.run(pass, normal("x", 5, 4));
        workspace.begin(KEY);
        assertThatThrownBy(() -> workspace.run(pass, normal("x", 1, 4))).hasMessageContaining("has no variance");
        workspace.begin(KEY);
        Tensor x = normal("y", 5, 4);
        workspace.run(pass, x);
        requireSameBits(all(network, pass), all(network, network.forward(x, Context.training(KEY))));
    }

    @Test
    void aContextAroundTheWorkspaceSeesEveryRunOfEveryStep() {
        Network network = network();
        Tensor x = normal("x", 5, 4);
        List<Layer> once = new ArrayList<>();
        network.forward(x, new Looking(Context.training(KEY), false, once));
        assertThat(once).hasSize(1 + 9 + 3 + 1);
        for (boolean passesOn : List.of(true, false, true)) {
            for (int step = 0; step < 3; step++) {
                List<Layer> seen = new ArrayList<>();
                workspace.begin(KEY);
                Pass pass = network.forward(x, new Looking(workspace, passesOn, seen));
                assertThat(seen).containsExactlyElementsOf(once);
                requireSameBits(all(network, pass), all(network, network.forward(x, Context.training(KEY))));
            }
        }
    }
}
