package nn.layers.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Consumer;
import nn.init.Fans;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.LayerTree;
import nn.layers.Parameter;
import nn.layers.ResidualBranch;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A model with named inputs and outputs, whose layers form a graph: branches, merges, shared layers. Names determine
 * paths and keys as in a {@link Network}.
 *
 * <pre>{@code
 * Graph.Builder graph = Graph.builder(Key.of(42));
 * Node user = graph.chain("user", graph.input("user", 100), t -> t.dense("fc1", 64).relu().dense("fc2", 32));
 * Node item = graph.chain("item", graph.input("item", 300), t -> t.dense("fc1", 64).relu().dense("fc2", 32));
 * Graph model = graph.output("score", user.times(item).sum(-1)).build();
 * }</pre>
 *
 * <p>A graph is a layer from one tensor to one tensor. A single input or output is that tensor; several ones are
 * {@linkplain Parts packed} side by side, [batch x numbers], so that batches, trainers, checkpoints and reports treat
 * graphs and networks alike. {@link #inputs} and {@link #outputs} pack and unpack them.
 */
public final class Graph extends Formula {
    private final Optional<Parts> inputs;
    private final Optional<Parts> outputs;
    private final List<Node> inputNodes;
    private final Node output;
    private final SequencedMap<String, Layer> layers;
    private final List<Parameter> parameters;

    private Graph(Builder builder, Optional<Parts> outputs, Node output, SequencedMap<String, Layer> layers) {
        this.inputs = builder.inputs.size() > 1 ? Optional.of(builder.parts()) : Optional.empty();
        this.outputs = outputs;
        this.inputNodes = List.copyOf(builder.inputs.values());
        this.output = output;
        this.layers = Collections.unmodifiableSequencedMap(layers);
        this.parameters = List.copyOf(builder.parameters.values());
    }

    /**
     * Begins a graph.
     *
     * @param key of the weights: a layer gets the child with its name
     * @return a builder
     */
    public static Builder builder(Key key) {
        return new Builder(Objects.requireNonNull(key, "key"));
    }

    @Override
    protected Node forward(Node x) {
        Map<Node, Node> replaced = new IdentityHashMap<>();
        if (inputs.isEmpty()) {
            Node only = inputNodes.getFirst();
            requireInput(x.shape(), only.shape());
            replaced.put(only, x);
        } else {
            Parts parts = inputs.get();
            requireInput(x.shape(), Shape.of(Shape.ANY, parts.size()));
            for (int i = 0; i < inputNodes.size(); i++) {
                String name = parts.names().get(i);
                Node part = x.slice(
                        1,
                        parts.offset(name),
                        parts.offset(name) + parts.shape(name).size());
                int[] dims = inputNodes.get(i).shape().dims();
                dims[0] = x.shape().dim(0);
                replaced.put(inputNodes.get(i), part.reshape(dims));
            }
        }
        return output.replace(replaced);
    }

    private void requireInput(Shape in, Shape wanted) {
        if (!wanted.matches(in)) {
            throw new ShapeException(this + ": expected " + wanted + ", got " + in, wanted.toString(), in);
        }
    }

    /**
     * Packs and unpacks the inputs.
     *
     * @return the parts; empty if there is one input, which is the tensor itself
     */
    public Optional<Parts> inputs() {
        return inputs;
    }

    /**
     * Packs and unpacks the outputs.
     *
     * @return the parts; empty if there is one output, which is the tensor itself
     */
    public Optional<Parts> outputs() {
        return outputs;
    }

    /**
     * The outputs for new data, without training.
     *
     * @param x one tensor [batch x ...] for each input, by name
     * @return one tensor [batch x ...] for each output, by name
     * @throws IllegalArgumentException if an input is missing or unknown, or the graph has one input or one output:
     *     use {@link #forward(Tensor, Context)} then
     */
    public SequencedMap<String, Tensor> predict(Map<String, Tensor> x) {
        if (inputs.isEmpty() || outputs.isEmpty()) {
            throw new IllegalArgumentException(this + " has one input or one output, which is a tensor and has no"
                    + " parts: use forward(x, Context.inference()), with inputs().pack if there are several inputs");
        }
        return outputs.get()
                .unpack(forward(inputs.get().pack(x), Context.inference()).output());
    }

    @Override
    public OptionalInt batchAxis(int in) {
        return in == 0 ? OptionalInt.of(0) : OptionalInt.empty();
    }

    @Override
    public SequencedMap<String, Layer> children() {
        return layers;
    }

    /** Returns the parameters of the graph itself, and those of its layers. */
    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    /**
     * Returns a branch for each sum of a value and a function of it. The value may pass operations and layers without
     * parameters on its way, such as the factor of a scaled shortcut. A sum of two branches of which neither is a
     * function of the other, such as those of a shortcut with weights of its own, is none.
     */
    @Override
    public List<ResidualBranch> residualBranches() {
        return ResidualSums.of(output);
    }

    /** Such as {@code Graph of 5 layers}. */
    @Override
    public String toString() {
        return "Graph of " + layers.size() + (layers.size() == 1 ? " layer" : " layers");
    }

    /** Collects inputs, layers and outputs. */
    public static final class Builder {
        private final Key key;
        private final SequencedMap<String, Node> inputs = new LinkedHashMap<>();
        private final SequencedMap<String, Shape> examples = new LinkedHashMap<>(); // shapes without the batch
        private final SequencedMap<String, Node> outputs = new LinkedHashMap<>();
        private final SequencedMap<String, Layer> layers = new LinkedHashMap<>();
        private final Map<Layer, Plan> plans = new IdentityHashMap<>();
        private final SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();

        /** How a layer was made, to make it again if an activation follows. */
        private record Plan(String name, LayerFactory factory, Shape in) {}

        private Builder(Key key) {
            this.key = key;
        }

        /**
         * Adds an input.
         *
         * @param name for {@link Parts}
         * @param dims its dimensions for one example, without the batch
         * @return the input, [batch x ...]
         * @throws IllegalArgumentException if there is an input of that name
         */
        public Node input(String name, int... dims) {
            Shape example = Parts.of(name, dims).shape(name);
            if (examples.putIfAbsent(name, example) != null) {
                throw new IllegalArgumentException("input '" + name + "' was declared before; choose another name");
            }
            Node node = Node.input(Parts.withBatch(example, Shape.ANY));
            inputs.put(name, node);
            return node;
        }

        private Parts parts() {
            Parts parts = null;
            for (Map.Entry<String, Shape> part : examples.entrySet()) {
                int[] dims = part.getValue().dims();
                parts = parts == null ? Parts.of(part.getKey(), dims) : parts.and(part.getKey(), dims);
            }
            return Objects.requireNonNull(parts);
        }

        /**
         * Makes a layer that may be used in several places, by {@link Node#through}.
         *
         * @param name of the layer, without dots
         * @param factory makes it
         * @param in a node whose shape it takes
         * @return the layer
         * @throws IllegalArgumentException if there is a layer of that name
         * @throws ShapeException if the layer cannot take the shape; the message names the layer
         */
        public Layer make(String name, LayerFactory factory, Node in) {
            if (Objects.requireNonNull(name, "name").isEmpty() || name.contains(".") || isTaken(name)) {
                throw new IllegalArgumentException("layer '" + name + "': a name is not empty, has no dot and is used"
                        + " once; there are " + layers.keySet());
            }
            Layer layer = create(new Plan(name, Objects.requireNonNull(factory, "factory"), in.shape()));
            layers.put(name, layer);
            return layer;
        }

        private boolean isTaken(String name) {
            return layers.containsKey(name) || parameters.containsKey(name);
        }

        private Layer create(Plan plan) {
            Layer layer;
            try {
                layer = plan.factory.create(plan.in, key.child(plan.name));
            } catch (ShapeException e) {
                throw new ShapeException("layer '" + plan.name + "': " + e.getMessage(), e.expected(), e.actual());
            }
            plans.put(
                    Objects.requireNonNull(layer, () -> "layer '" + plan.name + "': its factory returned null"), plan);
            return layer;
        }

        /**
         * Adds a layer. Its default weights suit the activation that follows, such as {@code .relu()}, if all that
         * use its output are activations of one kind.
         *
         * @param name of the layer, without dots
         * @param factory makes it
         * @param in its input
         * @return its output
         * @throws IllegalArgumentException if there is a layer of that name
         * @throws ShapeException if the layer cannot take the input; the message names the layer
         */
        public Node layer(String name, LayerFactory factory, Node in) {
            return in.through(make(name, factory, in));
        }

        /**
         * Adds a chain of layers, whose paths begin with its name.
         *
         * @param name of the chain, without dots
         * @param in its input
         * @param layers adds the layers to a builder that knows the input
         * @return its output
         * @throws IllegalArgumentException if there is a layer of that name
         * @throws ShapeException if a layer cannot take its input
         */
        public Node chain(String name, Node in, Consumer<Network.Builder> layers) {
            return layer(name, Network.chain(layers), in);
        }

        /**
         * Adds a parameter of the graph itself.
         *
         * @param name its path, without dots
         * @param initializer of its values, with the key's child of that name
         * @param fans the number of products for an output and an input element
         * @param dims its dimensions
         * @return the parameter
         * @throws IllegalArgumentException if there is a layer or parameter of that name
         */
        public Parameter parameter(String name, Initializer initializer, Fans fans, int... dims) {
            if (isTaken(name)) {
                throw new IllegalArgumentException("parameter '" + name + "': the name is used by another");
            }
            Parameter parameter = Parameter.create(name, Parameter.Kind.WEIGHT, Shape.of(dims), fans, initializer, key);
            parameters.put(name, parameter);
            return parameter;
        }

        /**
         * Adds an output.
         *
         * @param name for {@link Parts}
         * @param node its value, [batch x ...]
         * @return this
         * @throws IllegalArgumentException if there is an output of that name
         */
        public Builder output(String name, Node node) {
            Objects.requireNonNull(node, "node");
            if (outputs.putIfAbsent(Objects.requireNonNull(name, "name"), node) != null) {
                throw new IllegalArgumentException("output '" + name + "' was declared before; choose another name");
            }
            return this;
        }

        /**
         * Makes the graph.
         *
         * @return the model
         * @throws IllegalArgumentException if there is no input or no output, or an input, layer or parameter is not
         *     used by an output; the message names it
         */
        public Graph build() {
            requireUse();
            Map<Node, Node> suited = suitLayersToActivations();
            Optional<Parts> parts = Optional.empty();
            Node output = outputs.firstEntry().getValue().replace(suited);
            if (outputs.size() > 1) {
                Parts all = null;
                List<Node> rows = new ArrayList<>();
                for (Map.Entry<String, Node> entry : outputs.entrySet()) {
                    Shape shape = entry.getValue().shape();
                    if (shape.rank() == 0
                            || shape.dim(0) != Shape.ANY
                            || !shape.withoutFirst().isConcrete()) {
                        throw new IllegalArgumentException("output '" + entry.getKey() + "' has the shape " + shape
                                + "; with several outputs each must be [batch x ...] of known size");
                    }
                    int[] dims = shape.withoutFirst().dims();
                    all = all == null ? Parts.of(entry.getKey(), dims) : all.and(entry.getKey(), dims);
                    rows.add(entry.getValue()
                            .replace(suited)
                            .reshape(Shape.ANY, shape.withoutFirst().size()));
                }
                parts = Optional.ofNullable(all);
                output = Node.concat(1, rows.toArray(Node[]::new));
            }
            Graph graph = new Graph(this, parts, output, new LinkedHashMap<>(layers));
            new LayerTree(graph); // refuses parameters that cannot be told apart
            return graph;
        }

        private void requireUse() {
            if (inputs.isEmpty() || outputs.isEmpty()) {
                throw new IllegalArgumentException("a graph needs an input and an output; there are inputs "
                        + inputs.keySet() + " and outputs " + outputs.keySet());
            }
            Map<Node, Integer> uses = new IdentityHashMap<>();
            outputs.values().forEach(node -> Program.countUses(node, uses));
            inputs.forEach((name, node) -> requireUsed("input '" + name + "'", uses.containsKey(node)));
            layers.forEach((name, layer) ->
                    requireUsed("layer '" + name + "'", uses.keySet().stream().anyMatch(node -> uses(node, layer))));
            parameters.forEach((name, p) -> requireUsed(
                    "parameter '" + name + "'", uses.keySet().stream().anyMatch(n -> n.parameter() == p)));
        }

        /** Whether a node runs a layer, or is one of its parameters, as in attention across two sequences. */
        private static boolean uses(Node node, Layer layer) {
            return node.op() instanceof Through through
                    ? through.layer == layer
                    : node.parameter() != null && layer.parameters().contains(node.parameter());
        }

        private static void requireUsed(String what, boolean isUsed) {
            if (!isUsed) {
                throw new IllegalArgumentException(
                        what + " is not used by any output; leave it out, or connect it to an output");
            }
        }

        /** Creates layers that only activations of one kind follow once more, with default weights for that kind. */
        private Map<Node, Node> suitLayersToActivations() {
            Map<Node, Integer> uses = new IdentityHashMap<>();
            outputs.values().forEach(node -> Program.countUses(node, uses));
            Map<Layer, @Nullable Nonlinearity> next = new IdentityHashMap<>();
            for (Node user : uses.keySet()) {
                Nonlinearity f = user.op() instanceof Ops.Elementwise e ? e.nonlinearity : null;
                for (Node in : user.in()) {
                    if (in.op() instanceof Through t) {
                        boolean isNew = !next.containsKey(t.layer);
                        next.put(t.layer, isNew || Objects.equals(next.get(t.layer), f) ? f : null);
                    }
                }
            }
            outputs.values().forEach(node -> {
                if (node.op() instanceof Through t) {
                    next.put(t.layer, null);
                }
            });
            Map<Layer, Layer> suited = new IdentityHashMap<>();
            next.forEach((layer, f) -> {
                Plan plan = plans.get(layer);
                if (f != null && plan != null) {
                    Layer again = create(new Plan(plan.name, plan.factory.followedBy(f), plan.in));
                    suited.put(layer, again);
                    layers.put(plan.name, again);
                }
            });
            Map<Node, Node> replaced = new IdentityHashMap<>();
            for (Node node : Program.inOrder(outputs.values())) {
                if (node.op() instanceof Through t && suited.containsKey(t.layer)) {
                    replaced.put(node, node.in()[0].replace(replaced).through(suited.get(t.layer)));
                }
            }
            return replaced;
        }
    }
}
