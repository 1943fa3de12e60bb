package nn.layers.graph;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
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
import nn.layers.activation.Activation;
import nn.layers.internal.summary.Summary;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * A model with named inputs and outputs, whose layers form a graph: branches, merges, shared layers. Names determine
 * paths and keys as in a {@link Network}. A graph has no cycles: a node is made from nodes that are there already.
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
 * graphs and networks alike. {@link #pack} and {@link #unpack} do it by name.
 */
public final class Graph extends Formula {
    private final Optional<Parts> inputs;
    private final Optional<Parts> outputs;
    private final SequencedMap<String, Node> inputNodes;
    private final SequencedMap<String, Node> outputNodes;
    private final Node output;
    private final SequencedMap<String, Layer> layers;
    private final List<Parameter> parameters;
    private final SequencedMap<Node, String> names; // of all nodes, inputs before their users
    private final String connections; // a hash of how the nodes are connected

    private Graph(Builder builder, SequencedMap<String, Node> results, Optional<Parts> outputs, Node output) {
        this.inputs = builder.inputs.size() > 1 ? Optional.of(builder.parts()) : Optional.empty();
        this.outputs = outputs;
        this.inputNodes = new LinkedHashMap<>(builder.inputs);
        this.outputNodes = results;
        this.output = output;
        this.layers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(builder.layers));
        this.parameters = List.copyOf(builder.parameters.values());
        this.names = names();
        this.connections = String.format(Locale.ROOT, "%08x", formula().hashCode());
    }

    /** Names every node: inputs and layers as they are called, any other after its operation and place. */
    private SequencedMap<Node, String> names() {
        Map<Node, String> given = new IdentityHashMap<>();
        inputNodes.forEach((name, node) -> given.put(node, name));
        Map<Layer, String> paths = new IdentityHashMap<>();
        layers.forEach((name, layer) -> paths.put(layer, name));
        SequencedMap<Node, String> all = new LinkedHashMap<>(); // nodes are equal only to themselves
        for (Node node : Program.inOrder(outputNodes.values())) {
            Parameter parameter = node.parameter();
            Op op = node.op();
            String name = given.get(node);
            if (name == null && parameter != null) {
                name = parameter.name();
            } else if (name == null && op instanceof Through through) {
                name = paths.get(through.layer);
            } else if (name == null) {
                name = (op == null ? "constant" : op.name()) + (all.size() + 1);
            }
            all.put(node, Objects.requireNonNull(name));
        }
        return all;
    }

    /** How the outputs are computed, a line for each node; the nodes before it are counted from 1. */
    private String formula() {
        Map<Node, Integer> numbers = new IdentityHashMap<>();
        StringBuilder text = new StringBuilder();
        names.forEach((node, name) -> {
            numbers.put(node, numbers.size() + 1);
            Op op = node.op();
            Tensor constant = node.constant();
            text.append(op == null || op instanceof Through ? name : op.text());
            text.append(constant == null ? "" : constant.sha256());
            for (Node in : node.in()) {
                text.append(' ').append(numbers.get(in));
            }
            text.append('\n');
        });
        outputNodes.forEach((name, node) -> text.append(name).append(' ').append(numbers.get(node)));
        return text.toString();
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
            Map.Entry<String, Node> only = inputNodes.firstEntry();
            requireInput(x.shape(), only.getValue().shape(), "input '" + only.getKey() + "'");
            replaced.put(only.getValue(), x);
        } else {
            Parts parts = inputs.get();
            requireInput(x.shape(), parts.asShape(Shape.ANY), "the packed inputs " + parts.names());
            inputNodes.forEach((name, node) -> {
                int from = parts.offset(name);
                Node part = x.slice(1, from, from + parts.shape(name).size());
                replaced.put(
                        node, part.reshape(parts.shape(name, x.shape().dim(0)).dims()));
            });
        }
        return output.replace(replaced);
    }

    private void requireInput(Shape in, Shape wanted, String what) {
        if (!wanted.matches(in)) {
            throw new ShapeException(
                    title() + ": " + what + ": expected " + wanted + ", got " + in
                            + (inputs.isEmpty() ? "" : "; pack(...) makes one tensor of them"),
                    wanted.toString(),
                    in);
        }
    }

    /**
     * Declares each input and each output by its name, in its own shape and not packed.
     *
     * @param in the shape of a single input; of several ones, the packed shape
     */
    @Override
    public void exportModel(OperatorGraph graph, Shape in) {
        Map<Node, Node> given = new IdentityHashMap<>();
        Map<Node, Value> values = new IdentityHashMap<>();
        inputNodes.forEach((name, node) -> {
            Shape shape = inputs.map(parts -> parts.shape(name, in.dim(0))).orElse(in);
            Node own = Node.input(shape);
            given.put(node, own);
            values.put(own, graph.input(name, isRead(node) ? ElementKind.INT64 : ElementKind.FLOAT32, shape));
        });
        List<Node> results =
                outputNodes.values().stream().map(node -> node.replace(given)).toList();
        List<Value> described = export(graph, results, values);
        int i = 0;
        for (String name : outputNodes.keySet()) {
            graph.output(name, described.get(i++));
        }
    }

    /** Whether a node is read as indices only: by a layer that takes them, or as rows of a table. */
    private boolean isRead(Node node) {
        List<Node> users = names.keySet().stream()
                .filter(user -> List.of(user.in()).contains(node))
                .toList();
        return !users.isEmpty()
                && users.stream()
                        .allMatch(user -> user.op() instanceof Ops.Rows && user.in()[0] != node
                                || user.op() instanceof Through through && through.layer.takesIndices());
    }

    /**
     * The shape of the input.
     *
     * @return of several inputs, that of all of them packed; {@link Shape#ANY} for the batch
     */
    public Shape inputShape() {
        return inputs.map(parts -> parts.asShape(Shape.ANY))
                .orElseGet(() -> inputNodes.firstEntry().getValue().shape());
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

    @Override
    public List<String> outputNames() {
        return outputs.map(Parts::names).orElse(List.of());
    }

    /**
     * Makes the input of this model from a tensor for each named input.
     *
     * @param x one tensor [batch x ...] for each input, by name
     * @return [batch x numbers], as {@link #inputs} packs them; a single input is the tensor given
     * @throws IllegalArgumentException if an input is missing or unknown
     * @throws ShapeException if one has another shape
     */
    public Tensor pack(Map<String, Tensor> x) {
        if (inputs.isPresent()) {
            return inputs.get().pack(x);
        }
        Parts.requireNames(x.keySet(), List.copyOf(inputNodes.keySet()));
        return Objects.requireNonNull(x.get(inputNodes.firstEntry().getKey()));
    }

    /**
     * Takes the output of this model apart.
     *
     * @param y the output, [batch x numbers] if there are several
     * @return one tensor [batch x ...] for each output, by name, in order
     * @throws ShapeException if it has another shape
     */
    public SequencedMap<String, Tensor> unpack(Tensor y) {
        if (outputs.isPresent()) {
            return outputs.get().unpack(y);
        }
        SequencedMap<String, Tensor> only = new LinkedHashMap<>();
        only.put(outputNodes.firstEntry().getKey(), y);
        return only;
    }

    /**
     * The outputs for new data, without training.
     *
     * @param x one tensor [batch x ...] for each input, by name
     * @return one tensor [batch x ...] for each output, by name, in order
     * @throws IllegalArgumentException if an input is missing or unknown
     * @throws ShapeException if one has another shape
     */
    public SequencedMap<String, Tensor> predict(Map<String, Tensor> x) {
        return unpack(forward(pack(x), Context.inference()).output());
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

    /**
     * A table of the inputs, layers and operations, their output shapes and parameters. A line is applied to the one
     * above it, unless the next line says what it is applied to.
     *
     * @return several lines, of 80 columns if names and shapes are no longer than usual
     */
    @Override
    public String summary() {
        Summary summary = new Summary();
        Node above = null;
        for (Map.Entry<Node, String> entry : names.entrySet()) {
            Node node = entry.getKey();
            Op op = node.op();
            Parameter parameter = node.parameter();
            if (parameter != null) {
                summary.parameter(parameter);
            } else if (op instanceof Through through) {
                summary.layer(entry.getValue(), through.layer, node.shape());
            } else if (op == null && node.constant() == null) {
                summary.input(entry.getValue(), node.shape());
            } else {
                summary.operation(entry.getValue(), op == null ? "constant" : op.text(), node.shape());
            }
            if (op != null && !(node.in().length == 1 && node.in()[0] == above)) {
                summary.from(Arrays.stream(node.in()).map(names::get).toList());
            }
            above = node;
        }
        outputNodes.forEach((name, node) -> {
            summary.operation(name, "output", node.shape());
            summary.from(List.of(Objects.requireNonNull(names.get(node))));
        });
        return summary.text();
    }

    private String title() {
        return "Graph of " + layers.size() + (layers.size() == 1 ? " layer" : " layers");
    }

    /** Such as {@code Graph of 5 layers, connected as 0f3a22c1}: a hash tells other connections of the same layers. */
    @Override
    public String toString() {
        return title() + ", connected as " + connections;
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

        /**
         * Adds the input of a graph that has one only. Its sizes may differ from run to run, as those of sequences do.
         *
         * @param name such as {@code x}
         * @param shape of a batch, {@link Shape#ANY} where a size is free; at least one axis
         * @return the input, of that shape
         * @throws IllegalArgumentException if there is an input of that name, or the shape has no axes. {@link #build}
         *     refuses a second input unless all of them are [batch x ...] of known size
         */
        public Node input(String name, Shape shape) {
            if (shape.rank() == 0) {
                throw new IllegalArgumentException("input '" + name + "' has no axes; an input has a batch");
            }
            if (shape.dim(0) == Shape.ANY && shape.withoutFirst().isConcrete()) {
                return input(name, shape.withoutFirst().dims());
            }
            if (inputs.containsKey(name)) {
                throw new IllegalArgumentException("input '" + name + "' was declared before; choose another name");
            }
            Node node = Node.input(shape);
            inputs.put(Objects.requireNonNull(name, "name"), node);
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
         * @throws IllegalArgumentException if there is a layer of that name, or the factory gives a layer that has
         *     another name
         * @throws ShapeException if the layer cannot take the shape; the message names the layer
         */
        public Layer make(String name, LayerFactory factory, Node in) {
            if (Objects.requireNonNull(name, "name").isEmpty() || name.contains(".") || isTaken(name)) {
                throw new IllegalArgumentException("layer '" + name + "': a name is not empty, has no dot and is used"
                        + " once; there are " + layers.keySet());
            }
            Layer layer = create(new Plan(name, Objects.requireNonNull(factory, "factory"), in.shape()));
            layers.forEach((other, made) -> {
                if (made == layer) {
                    throw new IllegalArgumentException("layer '" + name + "' is the same object as '" + other
                            + "'; to use a layer in several places, keep the result of make(...) and call"
                            + " node.through(layer) in each");
                }
            });
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
         * Adds a layer. If the same activation follows everywhere, such as {@code .relu()}, its default weights suit
         * that activation.
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
         * Makes the graph. A nonlinearity of a node, and a layer without a name and without parameters, such as a
         * pooling, becomes a layer of the graph too, with a name such as {@code relu3}.
         *
         * @return the model
         * @throws IllegalArgumentException if there is no input or no output; an input, layer or parameter is not used
         *     by an output; an output depends on an input or a parameter that is not of this graph, or on a layer with
         *     parameters and without a name; or one of several outputs is not [batch x ...] of known size. The message
         *     names it
         */
        public Graph build() {
            if (inputs.isEmpty() || outputs.isEmpty()) {
                throw new IllegalArgumentException("a graph needs an input and an output; there are inputs "
                        + inputs.keySet() + " and outputs " + outputs.keySet());
            }
            if (inputs.size() > 1 && examples.size() < inputs.size()) {
                throw new IllegalArgumentException(
                        "of several inputs each must be [batch x ...] of known size; there" + " are " + inputs);
            }
            List<Node> nodes = Program.inOrder(outputs.values());
            requireUse(nodes);
            requireOwn(nodes);
            Map<Node, Node> now = asLayers(nodes, suited(nodes));
            SequencedMap<String, Node> results = new LinkedHashMap<>();
            outputs.forEach((name, node) -> results.put(name, Objects.requireNonNull(now.get(node))));
            Optional<Parts> parts = results.size() > 1 ? Optional.of(outputParts()) : Optional.empty();
            Node output = parts.isPresent()
                    ? packed(results, parts.get())
                    : results.firstEntry().getValue();
            Graph graph = new Graph(this, results, parts, output);
            new LayerTree(graph); // refuses parameters that cannot be told apart
            return graph;
        }

        private Parts outputParts() {
            Parts parts = null;
            for (Map.Entry<String, Node> entry : outputs.entrySet()) {
                Shape shape = entry.getValue().shape();
                if (shape.rank() == 0
                        || shape.dim(0) != Shape.ANY
                        || !shape.withoutFirst().isConcrete()) {
                    throw new IllegalArgumentException("output '" + entry.getKey() + "' has the shape " + shape
                            + "; with several outputs each must be [batch x ...] of known size");
                }
                int[] dims = shape.withoutFirst().dims();
                parts = parts == null ? Parts.of(entry.getKey(), dims) : parts.and(entry.getKey(), dims);
            }
            return Objects.requireNonNull(parts);
        }

        private static Node packed(SequencedMap<String, Node> results, Parts parts) {
            Node[] rows = results.entrySet().stream()
                    .map(entry -> entry.getValue()
                            .reshape(Shape.ANY, parts.shape(entry.getKey()).size()))
                    .toArray(Node[]::new);
            return Node.concat(1, rows);
        }

        private void requireUse(List<Node> nodes) {
            Set<Object> used = Collections.newSetFromMap(new IdentityHashMap<>());
            for (Node node : nodes) {
                used.add(node);
                used.add(node.op() instanceof Through through ? through.layer : node);
                Parameter parameter = node.parameter();
                used.add(parameter == null ? node : parameter);
            }
            inputs.forEach((name, node) -> requireUsed("input '" + name + "'", used.contains(node)));
            layers.forEach((name, layer) -> requireUsed(
                    "layer '" + name + "'",
                    used.contains(layer) || layer.parameters().stream().anyMatch(used::contains)));
            parameters.forEach((name, p) -> requireUsed("parameter '" + name + "'", used.contains(p)));
        }

        private static void requireUsed(String what, boolean isUsed) {
            if (!isUsed) {
                throw new IllegalArgumentException(
                        what + " is not used by any output; leave it out, or connect it to an output");
            }
        }

        /** Refuses what belongs to another graph or to none. */
        private void requireOwn(List<Node> nodes) {
            Set<Layer> named = namedLayers();
            for (Node node : nodes) {
                Parameter parameter = node.parameter();
                boolean isOwn = parameter == null
                        || parameters.get(parameter.name()) == parameter
                        || layers.values().stream().anyMatch(l -> l.parameters().contains(parameter));
                if (parameter != null && !isOwn) {
                    throw new IllegalArgumentException("parameter '" + parameter.name() + "' is used by an output, but"
                            + " does not belong to the graph; make it by graph.parameter(...)");
                }
                boolean isInput = node.op() == null && parameter == null && node.constant() == null;
                if (isInput && !inputs.containsValue(node)) {
                    throw new IllegalArgumentException("an output depends on an input " + node.shape() + " of another"
                            + " graph; declare it by graph.input(...) of this one");
                }
                if (node.op() instanceof Through through
                        && !named.contains(through.layer)
                        && !through.layer.parametersByPath().isEmpty()) {
                    throw new IllegalArgumentException("layer " + Layer.describe(through.layer) + " has parameters, but"
                            + " no name in the graph; make it by graph.layer(name, ...) or graph.make(name, ...)");
                }
            }
        }

        /** Creates a layer again if the same activation follows it everywhere, with default weights that suit it. */
        private Map<Layer, Layer> suited(List<Node> nodes) {
            Map<Node, @Nullable Nonlinearity> next = new IdentityHashMap<>(); // what all users of a node apply
            Map<Layer, @Nullable Nonlinearity> ofLayer = new IdentityHashMap<>();
            outputs.values().forEach(node -> next.put(node, null));
            for (Node user : nodes.reversed()) {
                Nonlinearity f = nonlinearity(user, next.get(user));
                for (Node in : user.in()) {
                    agree(next, in, f);
                }
                if (user.op() instanceof Through through) {
                    agree(ofLayer, through.layer, next.get(user));
                }
            }
            Map<Layer, Layer> suited = new IdentityHashMap<>();
            ofLayer.forEach((layer, f) -> {
                Plan plan = plans.get(layer);
                if (f != null && plan != null) {
                    Layer again = create(new Plan(plan.name, plan.factory.followedBy(f), plan.in));
                    suited.put(layer, again);
                    layers.put(plan.name, again);
                }
            });
            return suited;
        }

        /** The nonlinearity that a node applies to its input, at once or after a view or a transparent layer. */
        private static @Nullable Nonlinearity nonlinearity(Node node, @Nullable Nonlinearity after) {
            Op op = node.op();
            if (op instanceof Ops.Elementwise elementwise) {
                return elementwise.nonlinearity;
            }
            if (op instanceof Through through) {
                return through.layer.isTransparent()
                        ? after
                        : through.layer.activation().orElse(null);
            }
            return op != null && op.isView() ? after : null;
        }

        private static <K> void agree(Map<K, @Nullable Nonlinearity> all, K key, @Nullable Nonlinearity f) {
            boolean isNew = !all.containsKey(key);
            all.put(key, isNew || Objects.equals(all.get(key), f) ? f : null);
        }

        /** The same nodes with the suited layers, and with activations that are layers of the graph. */
        private Map<Node, Node> asLayers(List<Node> nodes, Map<Layer, Layer> suited) {
            Map<Node, Node> now = new IdentityHashMap<>();
            Set<Layer> named = namedLayers();
            for (Node node : nodes) {
                Layer layer = null;
                if (node.op() instanceof Ops.Elementwise elementwise) {
                    layer = new Activation(elementwise.nonlinearity);
                } else if (node.op() instanceof Through through) {
                    layer = suited.getOrDefault(through.layer, through.layer);
                }
                if (layer == null) {
                    now.put(node, node.with(now));
                    continue;
                }
                if (named.add(layer)) {
                    layers.put(automaticName(layer), layer);
                }
                now.put(node, Objects.requireNonNull(now.get(node.in()[0])).through(layer));
            }
            return now;
        }

        /** The layers that have a name, each only equal to itself. */
        private Set<Layer> namedLayers() {
            Set<Layer> named = Collections.newSetFromMap(new IdentityHashMap<>());
            named.addAll(layers.values());
            return named;
        }

        /** Such as {@code relu3} for the third layer; nothing depends on the name. */
        private String automaticName(Layer layer) {
            String name = Layer.describe(layer).replaceAll("[^A-Za-z0-9].*", "").toLowerCase(Locale.ROOT);
            name += layers.size() + 1;
            while (isTaken(name)) {
                name += "_";
            }
            return name;
        }
    }
}
