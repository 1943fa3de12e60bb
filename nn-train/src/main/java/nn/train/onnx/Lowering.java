package nn.train.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.activation.Activation;
import nn.layers.activation.Softmax;
import nn.layers.dense.Dense;
import nn.layers.graph.Formula;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.layers.normalization.GroupNorm;
import nn.layers.normalization.RmsNorm;
import nn.layers.pooling.LastStep;
import nn.layers.shape.Flatten;
import nn.layers.shape.Reshape;
import nn.layers.shape.TimeMajor;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.onnx.Step.Kind;
import org.jspecify.annotations.Nullable;

/** Makes a network or a graph of steps. */
final class Lowering {
    private static final Key KEY = Key.of(0); // nothing is drawn by it: all values are read

    private static final int DEEPEST = 64; // of residual blocks in one another

    private final Importer.Plan plan;
    private final List<Step> steps;
    private final Map<Step, Integer> places = new IdentityHashMap<>(); // of the steps in that list
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Integer> names = new HashMap<>(); // how often each was wanted
    private final Set<Step> lowered = Collections.newSetFromMap(new IdentityHashMap<>()); // of chains

    Lowering(Importer.Plan plan) {
        this.plan = plan;
        AttentionPattern.rewrite(plan.outputs().values());
        steps = AttentionPattern.inOrder(plan.outputs().values());
        steps.forEach(step -> places.put(step, places.size()));
    }

    /** One operation of nodes as a layer, whose examples are counted by the axis that the operation says. */
    private static final class Operation extends Formula {
        private final String label;
        private final Function<Node[], Node> operation;
        private final IntUnaryOperator axis;

        Operation(String label, Function<Node[], Node> operation, IntUnaryOperator axis) {
            this.label = label;
            this.operation = operation;
            this.axis = axis;
        }

        @Override
        protected Node forward(Node x) {
            return operation.apply(new Node[] {x});
        }

        @Override
        public OptionalInt batchAxis(int in) {
            int out = axis.applyAsInt(in);
            return out < 0 ? OptionalInt.empty() : OptionalInt.of(out);
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /** The steps as a chain: each reads the one before, or adds what two chains make of one before. */
    Network network() {
        if (plan.inputs().size() != 1 || plan.outputs().size() != 1) {
            throw new UnsupportedOperationException(
                    "the model has " + plan.inputs().size() + " inputs and "
                            + plan.outputs().size() + " outputs, and a network has one of each: read it as a graph");
        }
        Step first = plan.inputs().firstEntry().getValue();
        Chain chain = chain(first, plan.outputs().firstEntry().getValue(), 0);
        Network.Builder builder = Network.builder(KEY).input(first.shape());
        chain.addTo(builder);
        Importer.throwIfRefused(problems);
        try {
            return builder.build();
        } catch (IllegalArgumentException e) { // such as examples along another axis than a layer takes
            throw new UnsupportedOperationException("the layers form no network: " + e.getMessage(), e);
        }
    }

    /** A layer of a chain, with what its name is made of. */
    private record Link(String hint, String otherwise, LayerFactory factory) {}

    /** Layers that follow each other. */
    private record Chain(List<Link> links) {
        void addTo(Network.Builder builder) {
            Map<String, Integer> names = new HashMap<>();
            links.forEach(link -> builder.layer(name(link.hint(), link.otherwise(), names), link.factory()));
            if (links.isEmpty()) {
                builder.layer("identity", new Activation(Nonlinearity.LINEAR));
            }
        }
    }

    /** The layers from one step to another. */
    private Chain chain(Step from, Step to, int depth) {
        if (depth > DEEPEST) {
            throw noChain(to);
        }
        List<Link> links = new ArrayList<>(); // the last one first
        Step step = to;
        while (step != from) {
            if (!lowered.add(step)) {
                throw noChain(step); // it would become two layers
            }
            List<Step> in = step.in.stream().filter(part -> !part.isFixed()).toList();
            boolean isSum = step.kind instanceof Kind.Binary(char sign) && sign == '+' && in.size() == 2;
            if (isSum && in.getFirst() != in.getLast()) {
                Residual residual = residual(in.getFirst(), in.getLast(), from);
                if (residual == null) {
                    throw noChain(step);
                }
                links.add(new Link("", "residual", block(residual, depth + 1)));
                step = residual.start();
                continue;
            }
            if (in.isEmpty() || in.stream().anyMatch(part -> part != in.getFirst())) {
                throw noChain(step);
            }
            Layer layer = layerOrProblem(step, in.getFirst());
            if (layer != null) {
                links.add(new Link(step.hint, Layer.describe(layer), (shape, key) -> layer));
            }
            step = in.getFirst();
        }
        return new Chain(links.reversed());
    }

    private static UnsupportedOperationException noChain(Step step) {
        return new UnsupportedOperationException("the operators do not form a chain of layers and residual blocks: "
                + step.title + " reads other values than that before it; read the model as a graph");
    }

    /**
     * The sum of two chains that begin at the same step.
     *
     * @param start where both begin
     * @param branch the end of the longer chain
     * @param kept the end of the other one; the start itself if it is empty
     */
    private record Residual(Step start, Step branch, Step kept) {}

    private @Nullable Residual residual(Step a, Step b, Step from) {
        NavigableSet<Integer> open = new TreeSet<>(List.of(place(a), place(b)));
        while (open.size() > 1) { // the latest step is replaced by what it reads, until all paths meet
            Step latest = steps.get(open.removeLast());
            if (latest == from) {
                return null;
            }
            latest.in.stream().filter(in -> !in.isFixed()).forEach(in -> open.add(place(in)));
        }
        if (open.isEmpty()) {
            return null;
        }
        Step start = steps.get(open.first());
        return start == b ? new Residual(start, a, b) : new Residual(start, b, a);
    }

    private int place(Step step) {
        return Objects.requireNonNull(places.get(step));
    }

    private LayerFactory block(Residual residual, int depth) {
        Step branch = residual.branch();
        Step kept = residual.kept();
        float gain = 1;
        float skip = 1;
        if (branch.kind instanceof Kind.Times(float factor) && lowered.add(branch)) {
            gain = factor;
            branch = branch.in.getFirst();
        }
        if (kept.kind instanceof Kind.Times(float factor) && kept != residual.start() && lowered.add(kept)) {
            skip = factor;
            kept = kept.in.getFirst();
        }
        Chain body = chain(residual.start(), branch, depth);
        nn.layers.network.Residual.Config config =
                nn.layers.network.Residual.of(body::addTo).gain(gain).skip(skip);
        if (kept != residual.start()) {
            Chain beside = chain(residual.start(), kept, depth);
            config = config.shortcut(beside::addTo);
        }
        return config;
    }

    /** The steps as nodes of a graph. */
    Graph graph() {
        Graph.Builder builder = Graph.builder(KEY);
        Map<Step, Node> nodes = new IdentityHashMap<>();
        plan.inputs().forEach((name, step) -> nodes.put(step, builder.input(name, step.shape())));
        for (Step step : steps) {
            if (nodes.containsKey(step)) {
                continue;
            }
            Node[] in = step.in.stream().map(nodes::get).toArray(Node[]::new);
            if (Arrays.asList(in).contains(null)) {
                continue; // the reason was given where that input comes from
            }
            try {
                Node node = step.isFixed() ? Node.of(((Kind.Fixed) step.kind).numbers()) : node(builder, step, in);
                if (node != null) {
                    nodes.put(step, node);
                }
            } catch (IllegalArgumentException e) {
                problems.add(step.title + ": " + e.getMessage());
            }
        }
        Importer.throwIfRefused(problems);
        try {
            plan.outputs().forEach((name, step) -> builder.output(name, Objects.requireNonNull(nodes.get(step))));
            return builder.build();
        } catch (IllegalArgumentException e) { // such as an input that no output needs
            throw new UnsupportedOperationException("the operators form no graph: " + e.getMessage(), e);
        }
    }

    private @Nullable Node node(Graph.Builder builder, Step step, Node... in) {
        Layer layer = in.length == 1 ? ownLayer(step) : null;
        if (layer != null) {
            return in[0].through(
                    builder.make(name(step.hint, Layer.describe(layer), names), (shape, key) -> layer, in[0]));
        }
        Kind.Computed operation = operation(step);
        return operation == null ? null : operation.operation().apply(in);
    }

    private @Nullable Layer layerOrProblem(Step step, Step before) {
        try {
            return layer(step, before);
        } catch (IllegalArgumentException e) { // the layer's own refusal of such numbers
            problems.add(step.title + ": " + e.getMessage());
            return null;
        }
    }

    /** The layer of a step that reads one other and constants. */
    private @Nullable Layer layer(Step step, Step before) {
        Layer layer = step.in.size() == 1 ? ownLayer(step) : null;
        if (layer != null) {
            return layer;
        }
        Kind.Computed operation = operation(step);
        if (operation == null) {
            return null;
        }
        List<Step> in = step.in;
        return new Operation(
                operation.label(),
                x -> operation
                        .operation()
                        .apply(in.stream()
                                .map(part -> part == before ? x[0] : Node.of(((Kind.Fixed) part.kind).numbers()))
                                .toArray(Node[]::new)),
                operation.axis());
    }

    /** The layer of this library that a step is, or null. */
    private static @Nullable Layer ownLayer(Step step) {
        Step in = step.in.getFirst();
        return switch (step.kind) {
            case Kind.Made made -> made.layer();
            case Kind.Affine(Tensor weight, Tensor bias) -> {
                Dense.Config dense = Dense.units(weight.dim(1)).weight(new FromFile(weight));
                dense = bias == null ? dense.withoutBias() : dense.bias(new FromFile(bias));
                yield dense.create(weight.dim(0), KEY);
            }
            case Kind.Cell cell ->
                cell.backwards() ? null : Importer.withValues(cell.factory().create(in.shape(), KEY), cell.values());
            case Kind.Elementwise elementwise -> new Activation(elementwise.nonlinearity());
            case Kind.Softmax softmax -> new Softmax();
            case Kind.LastStep last -> new LastStep();
            case Kind.RootMeanSquare(Tensor scale, double epsilon) ->
                Importer.withValues(RmsNorm.epsilon(epsilon).create(in.shape(), KEY), Map.of("scale", scale));
            case Kind.Instance(Tensor scale, Tensor bias, double epsilon) ->
                Importer.withValues(
                        GroupNorm.instance().epsilon(epsilon).create(in.shape(), KEY),
                        Map.of("scale", scale, "bias", bias));
            case Kind.Reshaped reshaped -> reshape(step, in);
            case Kind.Permuted(int[] axes) -> isTimeMajor(axes) ? new TimeMajor() : null;
            default -> null;
        };
    }

    private static boolean isTimeMajor(int... axes) {
        boolean isSwap = axes.length > 1 && axes[0] == 1 && axes[1] == 0;
        for (int i = 2; i < axes.length; i++) {
            isSwap &= axes[i] == i;
        }
        return isSwap;
    }

    /** A reshape of each example of a batch. */
    private static @Nullable Layer reshape(Step step, Step in) {
        boolean keepsBatch = step.rank() > 0 && in.rank() > 0 && step.dims[0] == in.dims[0];
        if (!keepsBatch) {
            return null;
        }
        Shape example = step.shape().withoutFirst();
        boolean isFlat = step.rank() == 2
                && in.rank() > 1
                && in.shape().withoutFirst().isConcrete()
                && example.size() == in.shape().withoutFirst().size();
        return isFlat ? new Flatten() : example.isConcrete() ? new Reshape(example) : null;
    }

    /** The operation of nodes that a step is; null, with a reason among the problems, if there is none. */
    private Kind.@Nullable Computed operation(Step step) {
        IntUnaryOperator same = IntUnaryOperator.identity();
        IntUnaryOperator first = axis -> axis == 0 ? 0 : -1;
        return switch (step.kind) {
            case Kind.Computed computed -> computed;
            case Kind.Times(float factor) -> new Kind.Computed("times", in -> in[0].times(factor), same);
            case Kind.Plus(float addend) -> new Kind.Computed("plus", in -> in[0].plus(addend), same);
            case Kind.Sqrt sqrt -> new Kind.Computed("sqrt", in -> in[0].sqrt(), same);
            case Kind.RowMean mean -> new Kind.Computed("mean", in -> in[0].mean(-1), same);
            case Kind.Sliced(int axis, int from, int to) ->
                new Kind.Computed("slice", in -> in[0].slice(axis, from, to), a -> a == axis ? -1 : a);
            case Kind.Concatenated(int axis) ->
                new Kind.Computed("concat", in -> Node.concat(axis, in), a -> a == axis ? -1 : a);
            case Kind.Waves waves -> {
                problems.add(step.title + ": positions that are not rotary ones of attention as it is read");
                yield null;
            }
            case Kind.FirstStep none ->
                new Kind.Computed("first step", in -> in[0].slice(0, 0, 1).squeeze(0), axis -> axis - 1);
            case Kind.Binary(char sign) -> {
                Step a = step.in.getFirst();
                Step b = step.in.getLast();
                for (int i = 0; sign == '@' && b.rank() > 2 && i < a.rank() - 2; i++) {
                    if (a.dims[i] != b.dims[i]) {
                        problems.add(step.title + ": a product of " + a.shape() + " and " + b.shape()
                                + ", which have different leading axes");
                        yield null;
                    }
                }
                yield new Kind.Computed(label(sign), in -> binary(sign, in[0], in[1]), sign == '@' ? first : same);
            }
            case Kind.Permuted(int[] axes) ->
                new Kind.Computed("permute", in -> in[0].permute(axes), axis -> indexOf(axis, axes));
            case Kind.Heads heads -> {
                if (heads.isCorner()) {
                    problems.add(
                            step.title + ": a mask of attention that is not a layer, of which each run takes a part");
                    yield null;
                }
                yield new Kind.Computed("attention", in -> attention(heads, in), first);
            }
            case Kind.Corner corner -> {
                problems.add(step.title + ": a part of a mask that is not one of attention as it is read");
                yield null;
            }
            case Kind.Reshaped reshaped -> {
                int[] dims = step.shape().dims();
                if (Arrays.stream(dims).filter(dim -> dim == Shape.ANY).count() > 1) {
                    problems.add(step.title + ": a reshape to " + step.shape() + ", of which more than one size differs"
                            + " from run to run");
                    yield null;
                }
                yield new Kind.Computed("reshape", in -> in[0].reshape(dims), first);
            }
            case Kind.Cell cell -> {
                problems.add(step.title + ": a recurrent layer that only reads backwards");
                yield null;
            }
            case Kind.Padded padded -> {
                problems.add(step.title + ": a padding that no convolution or mean pooling follows");
                yield null;
            }
            case Kind.Causal causal -> {
                problems.add(step.title + ": a causal mask that is not part of attention as it is read");
                yield null;
            }
            default -> throw new IllegalStateException(step + " was to be a layer");
        };
    }

    private static String label(char sign) {
        return switch (sign) {
            case '+' -> "plus";
            case '-' -> "minus";
            case '*' -> "times";
            case '/' -> "dividedBy";
            default -> "matmul";
        };
    }

    private static Node binary(char sign, Node a, Node b) {
        return switch (sign) {
            case '+' -> a.plus(b);
            case '-' -> a.minus(b);
            case '*' -> a.times(b);
            case '/' -> a.dividedBy(b);
            default -> a.matmul(b);
        };
    }

    private static Node attention(Kind.Heads heads, Node... in) {
        Tensor mask = heads.mask();
        return mask == null
                ? Node.attention(heads.heads(), in[0], in[1], in[2])
                : Node.attention(heads.heads(), in[0], in[1], in[2], Node.of(mask));
    }

    private static int indexOf(int axis, int... axes) {
        for (int i = 0; i < axes.length; i++) {
            if (axes[i] == axis) {
                return i;
            }
        }
        return -1;
    }

    /** A name for a layer: of its constants in the file, or of what it does; without dots, which separate paths. */
    private static String name(String hint, String otherwise, Map<String, Integer> names) {
        String wanted = hint.isEmpty() ? otherwise.replaceAll("[^A-Za-z0-9].*", "") : hint;
        wanted = wanted.replaceAll("[^A-Za-z0-9_-]+", "_").replaceAll("^_+|_+$", "");
        wanted = wanted.isEmpty() ? "layer" : hint.isEmpty() ? wanted.toLowerCase(Locale.ROOT) : wanted;
        int number = names.merge(wanted, 1, Integer::sum);
        String name = number == 1 ? wanted : wanted + "_" + number;
        while (number > 1 && names.putIfAbsent(name, 1) != null) { // a layer of that name was there
            number = names.merge(wanted, 1, Integer::sum);
            name = wanted + "_" + number;
        }
        return name;
    }
}
