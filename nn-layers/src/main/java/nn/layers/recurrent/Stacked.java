package nn.layers.recurrent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * Several recurrent layers as one: each reads all states of the layer below. The state has the parts of all layers, the
 * lowest layer first. In a network, recurrent layers that follow each other compute the same. A stack is needed to
 * {@linkplain Recurrent#run run} them from a given state, or in both directions.
 *
 * <p>Shapes: x [time x batch x inputs], output [time x batch x units of the highest], or its last step. The layers are
 * the children {@code layer1}, {@code layer2} and so on.
 */
public final class Stacked implements Recurrent {
    private final SequencedMap<String, Layer> children;
    private final List<Recurrent> layers;
    private final boolean last;

    private Stacked(SequencedMap<String, Layer> children, boolean last) {
        this.children = Collections.unmodifiableSequencedMap(children);
        this.layers = children.values().stream().map(Recurrent.class::cast).toList();
        this.last = last;
    }

    /**
     * Describes a stack whose inputs are not known yet.
     *
     * @param layers the lowest first, at least one; all states of each are used, even if {@code last} is set
     * @return a description that outputs all states of the highest layer
     * @throws IllegalArgumentException if there are no layers
     */
    public static Config of(Recurrent.Factory... layers) {
        return new Config(Arrays.asList(Objects.requireNonNull(layers, "layers")), false);
    }

    /**
     * The description of a stack: an immutable factory.
     *
     * @param layers the lowest first
     * @param lastOnly whether the output is the last step [batch x units] only
     */
    public record Config(List<Recurrent.Factory> layers, boolean lastOnly) implements Recurrent.Factory {
        /**
         * Copies the list.
         *
         * @throws IllegalArgumentException if it is empty
         * @throws NullPointerException if a layer is null
         */
        public Config {
            layers.forEach(layer -> Objects.requireNonNull(layer, "a layer of the stack"));
            layers = List.copyOf(layers);
            if (layers.isEmpty()) {
                throw new IllegalArgumentException("a stack has at least one layer");
            }
        }

        /**
         * Outputs the last state [batch x units] only.
         *
         * @return a copy that outputs the last state
         */
        public Config last() {
            return new Config(layers, true);
        }

        @Override
        public Stacked create(Shape in, Key key) {
            SequencedMap<String, Layer> children = new LinkedHashMap<>();
            Shape shape = in;
            for (Recurrent.Factory factory : layers) {
                String name = "layer" + (children.size() + 1);
                Recurrent layer = factory.create(shape, key.child(name));
                children.put(name, layer);
                shape = shape.withLast(layer.units());
            }
            return new Stacked(children, lastOnly);
        }
    }

    @Override
    public RecurrentPass newPass() {
        return new StackPass();
    }

    /** Runs the layers from the lowest to the highest, and backward in the opposite order. */
    private final class StackPass extends RecurrentPass {
        private final List<RecurrentPass> passes = new ArrayList<>();
        private @Nullable State state; // of all layers; states has its parts by layer
        private List<State> states = List.of();
        private @Nullable State dState;
        private List<State> dStates = List.of();

        StackPass() {
            super(Stacked.this);
            layers.forEach(layer -> passes.add((RecurrentPass) Pass.of(layer)));
        }

        @Override
        protected Tensor forward(Tensor x, State state, Context context) {
            if (state != this.state) {
                states = byLayer(state);
                this.state = state;
            }
            Tensor value = x;
            for (int i = 0; i < passes.size(); i++) {
                RecurrentPass pass = passes.get(i);
                pass.from(states.get(i));
                value = context.run(pass, value);
                copy(pass.lastState(), states.get(i));
            }
            return value;
        }

        @Override
        protected Tensor backward(Tensor dOutput, State dState, Gradients gradients) {
            if (dState != this.dState) {
                this.dStates = byLayer(dState);
                this.dState = dState;
            }
            Tensor d = dOutput;
            for (int i = passes.size() - 1; i >= 0; i--) {
                RecurrentPass pass = passes.get(i);
                d = pass.pullback(d, dStates.get(i), gradients);
                copy(pass.firstStateGradient(), dStates.get(i));
            }
            return d;
        }

        /** Splits the parts of a state by layer. */
        private List<State> byLayer(State all) {
            List<State> result = new ArrayList<>();
            int part = 0;
            for (Recurrent layer : layers) {
                int end = part + layer.stateSizes().size();
                result.add(new State(all.parts().subList(part, end)));
                part = end;
            }
            return result;
        }

        private static void copy(State from, State to) {
            for (int i = 0; i < to.parts().size(); i++) {
                to.part(i).copyFrom(from.part(i));
            }
        }
    }

    @Override
    public boolean lastOnly() {
        return last;
    }

    @Override
    public SequencedMap<String, Layer> children() {
        return children;
    }

    /** Returns PyTorch's name, which ends with the layer's number; other tensors keep the default name. */
    @Override
    public String torchName(String child, String tensor) {
        Objects.requireNonNull(tensor, "tensor");
        return TorchCells.hasPlace(child(child), tensor)
                ? TorchCells.inStack(tensor, List.copyOf(children.keySet()).indexOf(child))
                : Recurrent.super.torchName(child, tensor);
    }

    @Override
    public int inputs() {
        return layers.getFirst().inputs();
    }

    @Override
    public int units() {
        return layers.getLast().units();
    }

    @Override
    public List<Integer> stateSizes() {
        return layers.stream().flatMap(layer -> layer.stateSizes().stream()).toList();
    }

    @Override
    public Value exportSteps(OperatorGraph graph, Value x, boolean backwards) {
        Value value = x;
        for (Map.Entry<String, Layer> child : children.entrySet()) {
            Recurrent layer = (Recurrent) child.getValue();
            Value in = value;
            value = graph.within(child.getKey(), () -> layer.exportSteps(graph, in, backwards));
        }
        return value;
    }

    /** Returns a text such as {@code Stacked (Lstm 8 -> 64, Lstm 64 -> 32)}. */
    @Override
    public String toString() {
        return "Stacked ("
                + String.join(", ", layers.stream().map(Description::of).toList()) + ")";
    }
}
