package nn.train.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.graph.Node;
import nn.layers.pooling.MaxOverTime;
import nn.layers.pooling.MeanOverTime;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.train.onnx.Meaning.Flow;
import nn.train.onnx.Meaning.Numbers;
import nn.train.onnx.Meaning.Sizes;
import org.jspecify.annotations.Nullable;

/**
 * Reads nodes one after the other and gives each result its {@link Meaning}. A node that cannot be read gives none, and
 * neither do those that read its results; every reason is kept, so that one error lists them all.
 */
final class Importer implements Folding.Products {
    /** An operator that is read: its attributes, and how. */
    private record Operator(Set<String> attributes, BiConsumer<Importer, NodeReader> reader) {}

    private static final SequencedMap<String, Operator> OPERATORS = operators();

    private static final long MOST_NUMBERS = 1L << 24; // that a file of any size can make
    private static final long COPIES = 4; // that a file can make of each number that it holds

    /** Operators that rearrange numbers. */
    private static final Set<String> KEEPS_ZEROS =
            Set.of("Cast", "Expand", "Gather", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze");

    private final int opset;
    private final OnnxGraph graph;
    private final Map<String, Meaning> meanings = new HashMap<>();
    private final Map<String, Integer> uses = new HashMap<>(); // how often a value is read
    private final List<String> problems = new ArrayList<>();
    private final SequencedMap<String, Step> inputs = new LinkedHashMap<>();
    private final Map<Multiple, Integer> multiples = new HashMap<>();
    private final Map<Integer, Multiple> factors = new HashMap<>(); // of a size that is a multiple of another
    private int symbols; // sizes that differ from run to run, so far
    private long left; // numbers that constants and layers may still be made of

    private Importer(OnnxGraph graph, int opset) {
        this.graph = graph;
        this.opset = opset;
        this.left = MOST_NUMBERS + COPIES * numbers(graph);
    }

    /** The numbers that a graph holds: its constants, and those among the attributes of its nodes. */
    private static long numbers(OnnxGraph graph) {
        long numbers = 0;
        for (OnnxTensor constant : graph.constants().values()) {
            numbers += constant.shape().size();
        }
        for (OnnxNode node : graph.nodes()) {
            for (OnnxAttribute attribute : node.attributes().values()) {
                numbers += attribute instanceof OnnxAttribute.Numbers of
                        ? of.tensor().shape().size()
                        : 0;
            }
        }
        return numbers;
    }

    /**
     * Called before numbers are made that the file does not have, or a second time. A file of few bytes can ask for
     * any number of them, so their sum has a limit: it grows with what the file holds.
     */
    void spend(long numbers) {
        if (numbers > left) {
            throw new UnreadableNode(
                    "the constants and weights that the file makes of those that it holds have too many" + " numbers: "
                            + numbers + " more, and only " + left + " are left of those that are read");
        }
        left -= numbers;
    }

    /** The types of the operators that are read. */
    static Set<String> types() {
        return Collections.unmodifiableSet(OPERATORS.sequencedKeySet());
    }

    /** A model in the terms of this library. */
    record Plan(SequencedMap<String, Step> inputs, SequencedMap<String, Step> outputs) {}

    /**
     * Reads all nodes.
     *
     * @throws UnsupportedOperationException if some cannot be read; the message lists all of them
     */
    static Plan plan(OnnxGraph graph, int opset) {
        return new Importer(graph, opset).plan();
    }

    /**
     * Reads the graph that an operator runs again and again. It may use constants of this one, and make as many numbers
     * as this one has left.
     */
    Plan body(OnnxGraph body) {
        Importer inner = new Importer(body, opset);
        inner.left = left + COPIES * numbers(body);
        for (OnnxNode node : body.nodes()) {
            for (String input : node.inputs()) {
                if (meanings.get(input) instanceof Numbers numbers) {
                    inner.meanings.put(input, numbers);
                }
            }
        }
        try {
            return inner.plan();
        } catch (UnsupportedOperationException e) {
            throw new UnreadableNode("its body cannot be read: " + e.getMessage());
        } finally {
            left = inner.left;
        }
    }

    private Plan plan() {
        graph.constants().forEach((name, tensor) -> meanings.put(name, new Numbers(tensor)));
        for (OnnxNode node : graph.nodes()) {
            node.inputs().forEach(input -> uses.merge(input, 1, Integer::sum));
        }
        graph.outputs().forEach(output -> uses.merge(output.name(), 1, Integer::sum));
        int batch = symbol(); // one for all inputs, if there are several
        for (OnnxValue input : graph.inputs()) {
            input(input, batch);
        }
        for (OnnxNode node : graph.nodes()) {
            node(node);
        }
        SequencedMap<String, Step> outputs = new LinkedHashMap<>();
        for (OnnxValue output : graph.outputs()) {
            switch (meanings.get(output.name())) {
                case Flow flow -> outputs.put(output.name(), plain(flow).step());
                case null -> {}
                default -> problems.add("output '" + output.name() + "' does not depend on an input");
            }
        }
        throwIfRefused(problems);
        return new Plan(inputs, outputs);
    }

    static void throwIfRefused(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new UnsupportedOperationException("the model has " + problems.size()
                    + (problems.size() == 1 ? " part that cannot" : " parts that cannot") + " be read:\n  "
                    + String.join("\n  ", problems));
        }
    }

    private void input(OnnxValue input, int batch) {
        Shape shape = input.shape().orElse(null);
        if (shape == null || shape.rank() == 0) {
            problems.add("input '" + input.name() + "' is of unknown shape or a single number; an input has a batch");
            return;
        }
        int[] dims = shape.dims();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = dims[i] != Shape.ANY ? dims[i] : i == 0 ? batch : symbol();
        }
        Step step = new Step("input '" + input.name() + "'", "", new Step.Kind.Input(input.name()), dims, List.of());
        inputs.put(input.name(), step);
        meanings.put(input.name(), Flow.of(step));
    }

    /** A size that differs from run to run, times a number. */
    private record Multiple(int symbol, long factor) {}

    /** The size that is another one times a number: the same each time it is asked for. */
    private int multiple(int symbol, long factor) {
        Multiple of = factors.getOrDefault(symbol, new Multiple(symbol, 1));
        Multiple wanted = new Multiple(of.symbol(), Math.multiplyExact(of.factor(), factor));
        if (wanted.factor() == 1) {
            return of.symbol();
        }
        Integer known = multiples.get(wanted);
        if (known == null) {
            known = symbol();
            multiples.put(wanted, known);
            factors.put(known, wanted);
        }
        return known;
    }

    @Override
    public long times(long size, long factor) {
        if (factor == 0) {
            return 0;
        }
        return size == Sizes.UNKNOWN || !Sizes.isKnown(factor) || factor < 0
                ? Sizes.UNKNOWN
                : Sizes.of(multiple(Sizes.dim(size), factor));
    }

    @Override
    public long dividedBy(long size, long divisor) {
        if (divisor == 1 || size == Sizes.UNKNOWN || Sizes.isKnown(size)) {
            return divisor == 1 ? size : Sizes.UNKNOWN;
        }
        int symbol = Sizes.dim(size);
        Multiple of = factors.getOrDefault(symbol, new Multiple(symbol, 1));
        boolean isExact = Sizes.isKnown(divisor) && divisor > 0 && of.factor() % divisor == 0;
        return isExact ? Sizes.of(multiple(of.symbol(), of.factor() / divisor)) : Sizes.UNKNOWN;
    }

    /** A size that is known only when the model runs. */
    int unknownSize() {
        return symbol();
    }

    private int symbol() {
        return -1 - symbols++;
    }

    private void node(OnnxNode node) {
        Operator operator = node.isStandard() ? OPERATORS.get(node.type()) : null;
        if (operator == null) {
            problems.add(node.title() + ": this operator is not read");
            return;
        }
        Set<String> others = new TreeSet<>(node.attributes().keySet());
        others.removeAll(operator.attributes());
        if (!others.isEmpty()) {
            problems.add(node.title() + ": attribute " + String.join(", ", others) + " is not read");
            return;
        }
        boolean isKnown = node.inputs().stream().allMatch(name -> name.isEmpty() || meanings.containsKey(name));
        if (!isKnown) {
            return; // the reason was given where that input comes from
        }
        try {
            NodeReader reader = new NodeReader(node, meanings);
            Meaning wave = Waves.of(reader);
            if (wave != null) {
                give(reader, wave); // of another formula
            } else if (KEEPS_ZEROS.contains(node.type()) && reader.meaning(0) instanceof Meaning.Zeros) {
                give(reader, reader.meaning(0)); // of another shape
            } else {
                operator.reader().accept(this, reader);
            }
            for (String output : node.outputs()) {
                if (!meanings.containsKey(output) && uses.containsKey(output)) {
                    throw new UnreadableNode("its output '" + output + "' is not read");
                }
            }
        } catch (UnreadableNode e) {
            problems.add(node.title() + ": " + e.getMessage());
        } catch (IllegalArgumentException | IllegalStateException | ArithmeticException e) {
            problems.add(node.title() + ": " + e.getMessage()); // the layer's own refusal of such numbers
        }
    }

    private static SequencedMap<String, Operator> operators() {
        SequencedMap<String, Operator> all = new LinkedHashMap<>();
        BiConsumer<Importer, NodeReader> pass = (i, n) -> i.give(n, n.meaning(0));
        put(all, "Identity", pass);
        put(all, "Dropout", (i, n) -> i.give(n, n.meaning(0)), "ratio", "seed", "is_test", "training_mode");
        put(all, "Cast", Importer::cast, "to", "saturate");
        put(
                all,
                "Constant",
                (i, n) -> i.give(n, new Numbers(n.constant())),
                "value",
                "value_float",
                "value_floats",
                "value_int",
                "value_ints");
        put(all, "ConstantOfShape", Importer::constantOfShape, "value");
        put(all, "Shape", Importer::shape, "start", "end");
        put(all, "Range", Importer::range);
        put(all, "Trilu", Importer::triangle, "upper");
        put(all, "LessOrEqual", Importer::lessOrEqual);
        put(all, "Not", Importer::not);
        put(all, "Where", Importer::where);

        put(all, "Gemm", Importer::gemm, "alpha", "beta", "transA", "transB");
        put(all, "MatMul", Importer::matmul);
        for (String type : List.of("Add", "Sub", "Mul", "Div")) {
            put(all, type, (i, n) -> Arithmetic.read(i, n, type));
        }
        put(all, "Pow", Arithmetic::power);
        put(all, "Neg", Arithmetic::negation);
        put(all, "Reciprocal", Arithmetic::reciprocal);
        put(all, "Abs", (i, n) -> i.unary(n, computed("abs", in -> magnitude(in[0]))));
        put(all, "Sqrt", (i, n) -> i.unary(n, new Step.Kind.Sqrt()));
        put(all, "Exp", (i, n) -> i.unary(n, computed("exp", in -> in[0].exp())));
        put(all, "Log", Arithmetic::logarithm);

        put(all, "Relu", (i, n) -> i.apply(n, Nonlinearity.RELU));
        put(all, "Tanh", (i, n) -> i.apply(n, Nonlinearity.TANH));
        put(all, "Sigmoid", (i, n) -> i.apply(n, Nonlinearity.SIGMOID));
        put(all, "Erf", (i, n) -> i.apply(n, Nonlinearity.ERF));
        put(all, "Sin", (i, n) -> i.apply(n, Nonlinearity.SIN));
        put(all, "Cos", (i, n) -> i.refuseWithoutPositions());
        put(all, "Mod", (i, n) -> i.refuseWithoutPositions(), "fmod");
        put(all, "Softplus", (i, n) -> i.apply(n, Nonlinearity.SOFTPLUS));
        put(all, "LeakyRelu", (i, n) -> i.apply(n, Nonlinearity.leakyRelu(n.real("alpha", 0.01))), "alpha");
        put(all, "Elu", (i, n) -> i.apply(n, Nonlinearity.elu(n.real("alpha", 1))), "alpha");
        put(all, "Celu", (i, n) -> i.apply(n, Nonlinearity.celu(n.real("alpha", 1))), "alpha");
        put(all, "Selu", Importer::selu, "alpha", "gamma");
        put(all, "Mish", (i, n) -> i.apply(n, Nonlinearity.MISH));
        put(all, "HardSwish", (i, n) -> i.apply(n, Nonlinearity.HARD_SWISH));
        put(all, "HardSigmoid", Importer::hardSigmoid, "alpha", "beta");
        put(
                all,
                "Softsign",
                (i, n) -> i.unary(
                        n,
                        computed(
                                "softsign",
                                in -> in[0].dividedBy(magnitude(in[0]).plus(1)))));
        put(all, "Gelu", Importer::gelu, "approximate");
        put(all, "Clip", Importer::clip, "min", "max");
        put(all, "PRelu", Layers::prelu);
        put(all, "Softmax", (i, n) -> i.softmax(n, false), "axis");
        put(all, "LogSoftmax", (i, n) -> i.softmax(n, true), "axis");

        String[] windows = {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"};
        put(all, "Conv", Layers::convolution, windows);
        put(
                all,
                "ConvTranspose",
                Layers::transposedConvolution,
                "auto_pad",
                "dilations",
                "group",
                "kernel_shape",
                "output_padding",
                "pads",
                "strides");
        String[] pools = {
            "auto_pad",
            "ceil_mode",
            "dilations",
            "kernel_shape",
            "pads",
            "storage_order",
            "strides",
            "count_include_pad"
        };
        put(all, "MaxPool", (i, n) -> Layers.pool(i, n, true), pools);
        put(all, "AveragePool", (i, n) -> Layers.pool(i, n, false), pools);
        put(all, "GlobalAveragePool", (i, n) -> Layers.globalPool(i, n, false));
        put(all, "GlobalMaxPool", (i, n) -> Layers.globalPool(i, n, true));
        put(all, "BatchNormalization", Layers::batchNorm, "epsilon", "momentum", "spatial", "training_mode");
        put(all, "InstanceNormalization", Layers::instanceNorm, "epsilon");
        put(all, "LayerNormalization", Layers::layerNorm, "axis", "epsilon", "stash_type");
        put(all, "GroupNormalization", Layers::groupNorm, "epsilon", "num_groups", "stash_type");
        String[] cell = {"activations", "direction", "hidden_size", "layout"};
        put(all, "RNN", Cells::rnn, cell);
        put(all, "LSTM", Cells::lstm, "activations", "direction", "hidden_size", "layout", "input_forget");
        put(all, "GRU", Cells::gru, "activations", "direction", "hidden_size", "layout", "linear_before_reset");
        put(
                all,
                "Scan",
                Cells::scan,
                "body",
                "num_scan_inputs",
                "scan_input_axes",
                "scan_input_directions",
                "scan_output_axes",
                "scan_output_directions");

        put(all, "Flatten", Importer::flatten, "axis");
        put(all, "Reshape", Importer::reshape, "allowzero");
        put(all, "Squeeze", Importer::squeeze, "axes");
        put(all, "Unsqueeze", Importer::unsqueeze, "axes");
        put(all, "Transpose", Importer::transpose, "perm");
        put(all, "Concat", Importer::concat, "axis");
        put(all, "Split", Importer::split, "axis", "split", "num_outputs");
        put(all, "Slice", Importer::slice, "axes", "ends", "starts");
        put(all, "Gather", Importer::gather, "axis");
        put(all, "Expand", Importer::expand);
        put(all, "Pad", Layers::pad, "mode", "pads", "value");
        String[] reduction = {"axes", "keepdims", "noop_with_empty_axes"};
        for (String type : List.of("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin")) {
            put(all, type, (i, n) -> i.reduce(n, type), reduction);
        }
        return all;
    }

    private static void put(
            SequencedMap<String, Operator> all,
            String type,
            BiConsumer<Importer, NodeReader> reader,
            String... attributes) {
        all.put(type, new Operator(Set.of(attributes), reader));
    }

    // Results

    void give(NodeReader n, Meaning meaning) {
        give(n, 0, meaning);
    }

    void give(NodeReader n, int output, Meaning meaning) {
        if (output < n.node.outputs().size() && !n.node.outputs().get(output).isEmpty()) {
            meanings.put(n.node.outputs().get(output), meaning);
        }
    }

    boolean isUsed(NodeReader n, int output) {
        return output < n.node.outputs().size()
                && uses.containsKey(n.node.outputs().get(output));
    }

    /** An operation of a node, element by element. */
    static Step.Kind computed(String label, Function<Node[], Node> operation) {
        return new Step.Kind.Computed(label, operation, IntUnaryOperator.identity());
    }

    Step step(NodeReader n, String hint, Step.Kind kind, int[] dims, Step... in) {
        return new Step(n.node.title(), hint, kind, dims, List.of(in));
    }

    /** A layer; its first axes are those of the input, other unknown sizes are new. */
    Step made(NodeReader n, String hint, Layer layer, Step in, int kept) {
        layer.parametersByPath()
                .values()
                .forEach(parameter -> spend(parameter.value().size()));
        int[] dims = layer.outputShape(in.shape()).dims();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = dims[i] != Shape.ANY ? dims[i] : i < kept ? in.dims[i] : symbol();
        }
        return step(n, hint, new Step.Kind.Made(layer), dims, in);
    }

    /** Sets the values that a layer's parameters have in the file. */
    static Layer withValues(Layer layer, Map<String, Tensor> values) {
        values.forEach((path, value) -> layer.parameter(path).draw(new FromFile(value)));
        return layer;
    }

    /** An operation on each element, whatever the order of axes. */
    void unary(NodeReader n, Step.Kind kind) {
        give(n, unary(n, n.flow(0), kind));
    }

    Flow unary(NodeReader n, Flow x, Step.Kind kind) {
        return new Flow(step(n, "", kind, x.step().dims, x.step()), x.axes());
    }

    void apply(NodeReader n, Nonlinearity nonlinearity) {
        unary(n, new Step.Kind.Elementwise(nonlinearity));
    }

    // The order of axes

    /** The value with its axes in order. */
    Flow plain(Flow x) {
        return x.isInOrder() ? x : Flow.of(permuted(x.step(), x.axes()));
    }

    /** The step whose result has channels last, for a value [batch x channels x ...]. */
    Step channelsLast(Flow x) {
        int rank = x.step().rank();
        int[] last = new int[rank]; // the order in which this library has the axes of the value
        for (int i = 0; i < rank; i++) {
            last[i] = i == 0 ? 0 : i == rank - 1 ? 1 : i + 1;
        }
        int[] axes = Arrays.stream(last).map(axis -> x.axes()[axis]).toArray();
        return permuted(x.step(), axes);
    }

    /** The value of a step that has its channels last. */
    static Flow channelsSecond(Step step) {
        int[] axes = new int[step.rank()];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i == 0 ? 0 : i == 1 ? axes.length - 1 : i - 1;
        }
        return new Flow(step, axes);
    }

    /** Another order of axes; only a new shape if no axis but those of size 1 moves. */
    private Step permuted(Step x, int... axes) {
        int[] dims = Arrays.stream(axes).map(axis -> x.dims[axis]).toArray();
        int[] moved = Arrays.stream(axes).filter(axis -> x.dims[axis] != 1).toArray();
        boolean isInOrder = true;
        boolean isSame = true;
        for (int i = 0; i < moved.length; i++) {
            isInOrder &= i == 0 || moved[i] > moved[i - 1];
        }
        for (int i = 0; i < axes.length; i++) {
            isSame &= axes[i] == i;
        }
        if (isSame) {
            return x;
        }
        return isInOrder ? reshaped(x, dims) : new Step(x.title, "", new Step.Kind.Permuted(axes), dims, List.of(x));
    }

    /** The same elements in another shape; the origin itself if that has this shape. */
    Step reshaped(Step x, int... dims) {
        Step origin = x;
        while (origin.kind instanceof Step.Kind.Reshaped) {
            origin = origin.in.getFirst();
        }
        return Arrays.equals(origin.dims, dims)
                ? origin
                : new Step(x.title, "", new Step.Kind.Reshaped(), dims, List.of(origin));
    }

    // Constants and sizes

    private void cast(NodeReader n) {
        Meaning meaning = n.meaning(0);
        long to = n.whole("to", 1);
        boolean toReal = to == 1 || to == 10 || to == 11 || to == 16;
        if (toReal && meaning instanceof Numbers numbers && numbers.tensor() instanceof OnnxTensor.Wholes wholes) {
            spend(wholes.numbers().length);
            float[] floats = new float[wholes.numbers().length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = wholes.numbers()[i];
            }
            give(n, Folding.numbers(Tensor.of(floats, wholes.shape().dims())));
            return;
        }
        if (toReal && meaning instanceof Sizes || !toReal && n.isFloats(0)) {
            throw new UnreadableNode("a conversion of computed numbers to type " + to);
        }
        give(n, meaning);
    }

    private void constantOfShape(NodeReader n) {
        Sizes sizes = n.sizes(0);
        OnnxTensor value = n.hasAttribute("value") ? n.constant() : new OnnxTensor.Floats(Tensor.zeros(1));
        boolean isZero = value instanceof OnnxTensor.Floats floats
                && floats.numbers().size() == 1
                && floats.numbers().maxAbs() == 0;
        if (isZero) {
            give(n, new Meaning.Zeros());
            return;
        }
        if (!sizes.isKnown()) {
            boolean isSquare = sizes.numbers().length == 2
                    && sizes.numbers()[0] == sizes.numbers()[1]
                    && sizes.numbers()[0] != Sizes.UNKNOWN;
            if (!isSquare || !isOne(value)) {
                throw new UnreadableNode("its shape differs from run to run, and its number is not 0");
            }
            give(n, new Meaning.Ones(sizes.numbers()[0]));
            return;
        }
        long size = 1;
        for (long dim : sizes.numbers()) {
            size = Math.multiplyExact(size, NodeReader.inRange("a dimension", dim, 0, 1 << 24));
        }
        spend(NodeReader.inRange("the number of its elements", size, 0, 1 << 24));
        int[] dims = Arrays.stream(sizes.numbers()).mapToInt(Math::toIntExact).toArray();
        switch (value) {
            case OnnxTensor.Floats floats
            when floats.numbers().size() == 1 -> {
                Tensor full = Tensor.zeros(dims);
                full.fill(floats.numbers().array()[floats.numbers().offset()]);
                give(n, Folding.numbers(full));
            }
            case OnnxTensor.Wholes wholes
            when wholes.numbers().length == 1 -> {
                long[] all = new long[(int) size];
                Arrays.fill(all, wholes.numbers()[0]);
                give(n, new Numbers(new OnnxTensor.Wholes(wholes.kind(), Shape.of(dims), all)));
            }
            default -> throw new UnreadableNode("its value is not one number");
        }
    }

    private static boolean isOne(OnnxTensor value) {
        return switch (value) {
            case OnnxTensor.Floats floats ->
                floats.numbers().size() == 1
                        && floats.numbers().array()[floats.numbers().offset()] == 1;
            case OnnxTensor.Wholes wholes -> wholes.numbers().length == 1 && wholes.numbers()[0] == 1;
            case OnnxTensor.Doubles doubles -> false;
        };
    }

    private void shape(NodeReader n) {
        int[] dims =
                n.isFlow(0) ? n.flow(0).dims() : Folding.shape(n.meaning(0)).dims();
        int rank = dims.length;
        long start = n.whole("start", 0);
        long end = n.whole("end", rank);
        int first = Math.clamp(start < 0 ? start + rank : start, 0, rank);
        int last = Math.clamp(end < 0 ? end + rank : end, first, rank);
        long[] sizes = Arrays.stream(dims, first, last).mapToLong(Sizes::of).toArray();
        give(n, new Sizes(Shape.of(sizes.length), sizes));
    }

    private void range(NodeReader n) {
        long start = n.size(0);
        long end = n.size(1);
        long step = n.size(2);
        if (start == 0 && step == 1 && !Sizes.isKnown(end) && end != Sizes.UNKNOWN) {
            give(n, new Meaning.Positions(end, false));
            return;
        }
        if (!Sizes.isKnown(start) || !Sizes.isKnown(end) || step != 1) {
            throw new UnreadableNode("a range that is not from 0 in steps of 1");
        }
        int size = NodeReader.inRange("the size of a range", end - start, 0, 1 << 24);
        spend(size);
        long[] all = new long[size];
        Arrays.setAll(all, i -> start + i);
        give(n, new Numbers(new OnnxTensor.Wholes(ElementKind.INT64, Shape.of(size), all)));
    }

    private void triangle(NodeReader n) {
        long diagonal = n.has(1) ? n.size(1) : 0;
        boolean upper = n.whole("upper", 1) != 0;
        if (!Sizes.isKnown(diagonal)) {
            throw new UnreadableNode("a diagonal that differs from run to run");
        }
        switch (n.meaning(0)) {
            case Meaning.Ones ones -> {
                if (diagonal != (upper ? 1 : 0)) {
                    throw new UnreadableNode("a triangle that is not the mask of causal attention");
                }
                give(n, new Meaning.NotLater(!upper));
            }
            case Numbers numbers -> {
                spend(numbers.tensor().shape().size());
                give(n, Folding.triangle(numbers.tensor(), diagonal, upper));
            }
            default -> throw new UnreadableNode("a triangle that is neither constant nor the mask of causal attention");
        }
    }

    private void not(NodeReader n) {
        if (!(n.meaning(0) instanceof Meaning.NotLater notLater)) {
            throw new UnreadableNode("a negation that is not one of a causal mask");
        }
        give(n, new Meaning.NotLater(!notLater.isVisible()));
    }

    /** Only the comparison of keys with queries is read, of which causal attention is made. */
    private void lessOrEqual(NodeReader n) {
        boolean isNotLater = n.meaning(0) instanceof Meaning.Positions keys
                && n.meaning(1) instanceof Meaning.Positions queries
                && !keys.isColumn()
                && queries.isColumn()
                && keys.size() == queries.size();
        if (!isNotLater) {
            throw new UnreadableNode("a comparison that is not one of positions, for causal attention");
        }
        give(n, new Meaning.NotLater(true));
    }

    private void where(NodeReader n) {
        if (n.meaning(0) instanceof Meaning.NotLater notLater) {
            Flow scores = plain(n.flow(notLater.isVisible() ? 1 : 2));
            if (!hides(n.number(notLater.isVisible() ? 2 : 1))) {
                throw new UnreadableNode("a causal mask that does not hide later keys");
            }
            give(n, Flow.of(step(n, "", new Step.Kind.Causal(), scores.step().dims, scores.step())));
            return;
        }
        boolean isMask = n.meaning(0) instanceof Numbers numbers && numbers.tensor() instanceof OnnxTensor.Wholes;
        int flow = n.isFlow(1) ? 1 : 2;
        if (!isMask || !n.isFlow(flow) || !hides(n.number(3 - flow))) {
            throw new UnreadableNode("a choice that is not a constant mask of attention scores");
        }
        Sizes condition = n.sizes(0);
        spend(condition.numbers().length);
        float[] mask = new float[condition.numbers().length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = condition.numbers()[i] != 0 == (flow == 1) ? 0 : Float.NEGATIVE_INFINITY;
        }
        Tensor added = Tensor.of(mask, condition.shape().dims());
        give(n, Arithmetic.withConstant(this, n, '+', n.flow(flow), added, false));
    }

    /** Whether a score hides a key from a query: its weight is 0 in float32, whatever the other scores are. */
    static boolean hides(double score) {
        return score <= -1e9;
    }

    // Products

    private void gemm(NodeReader n) {
        if (n.real("alpha", 1) != 1 || n.has(2) && n.real("beta", 1) != 1) {
            throw new UnreadableNode("alpha and beta must be 1");
        }
        n.require("transA", 0, 0);
        Flow x = plain(n.flow(0));
        Tensor weight = n.weights(1);
        requireRank("its weight", weight.shape(), 2);
        weight = n.whole("transB", 0) != 0 ? weight.transpose() : weight;
        int units = weight.dim(1);
        Tensor bias = n.weightsOrNull(2);
        if (bias != null) {
            if (bias.size() != units && bias.size() != 1) {
                throw new UnreadableNode("its bias " + bias.shape() + " is no row of " + units);
            }
            Tensor row = Tensor.zeros(units);
            if (bias.size() == units) {
                row.copyFrom(bias.reshape(units));
            } else {
                row.fill(bias.array()[bias.offset()]);
            }
            bias = row;
        }
        give(n, affine(n, n.hint(1), x.step(), weight, bias));
    }

    private void matmul(NodeReader n) {
        if (n.isFlow(0) && n.isFloats(1) && n.floats(1).shape().rank() == 2) {
            give(n, affine(n, n.hint(1), plain(n.flow(0)).step(), n.weights(1), null));
            return;
        }
        Step a = operand(n, 0);
        Step b = operand(n, 1);
        boolean fits = a.rank() >= 2
                && (b.rank() == 2 || b.rank() == a.rank())
                && a.dims[a.rank() - 1] == b.dims[b.rank() - 2];
        for (int i = 0; fits && i < a.rank() - 2; i++) {
            fits = b.rank() == 2 || a.dims[i] == b.dims[i] || b.dims[i] == 1; // as of grouped heads
        }
        if (!fits) {
            throw new UnreadableNode("a product of " + a.shape() + " and " + b.shape()
                    + ", which have different leading axes, or one of which is a vector");
        }
        int[] dims = a.dims.clone();
        dims[dims.length - 1] = b.dims[b.rank() - 1];
        give(n, Flow.of(step(n, "", new Step.Kind.Binary('@'), dims, a, b)));
    }

    /** An input as a step, with its axes in order. */
    Step operand(NodeReader n, int input) {
        return n.isFlow(input) ? plain(n.flow(input)).step() : fixed(n, n.floats(input));
    }

    Step fixed(NodeReader n, Tensor numbers) {
        return step(n, "", new Step.Kind.Fixed(numbers), numbers.shape().dims());
    }

    Flow affine(NodeReader n, String hint, Step in, Tensor matrix, @Nullable Tensor bias) {
        Step x = in;
        Tensor weight = matrix;
        if (isFlatWithChannelsSecond(x) && x.dims[1] == weight.dim(0)) { // rows in the order of channels last
            Step second = x.in.getFirst();
            int rank = second.rank();
            int[] dims = Arrays.copyOfRange(second.dims, 1, rank + 1);
            dims[rank - 1] = weight.dim(1);
            int[] last = new int[rank];
            Arrays.setAll(last, i -> i < rank - 2 ? i + 1 : i == rank - 2 ? 0 : i);
            spend(weight.size());
            weight = weight.reshape(dims).permute(last).reshape(weight.shape());
            x = reshaped(second.in.getFirst(), x.dims);
        }
        if (x.rank() < 1 || x.dims[x.rank() - 1] != weight.dim(0)) {
            throw new UnreadableNode("an input " + x.shape() + " does not fit a weight " + weight.shape());
        }
        spend(weight.size());
        int[] dims = x.dims.clone();
        dims[dims.length - 1] = weight.dim(1);
        return Flow.of(step(n, hint, new Step.Kind.Affine(weight, bias), dims, x));
    }

    /** Whether these are images, or sequences, whose channels were moved from the end, each in one row. */
    private static boolean isFlatWithChannelsSecond(Step x) {
        Step moved = x.kind instanceof Step.Kind.Reshaped ? x.in.getFirst() : x;
        boolean isMoved = x.rank() == 2
                && moved.rank() > 2
                && moved.dims[0] == x.dims[0]
                && moved.shape().withoutFirst().isConcrete()
                && moved.kind instanceof Step.Kind.Permuted(int[] axes)
                && Arrays.equals(axes, channelsSecond(moved).axes());
        return isMoved;
    }

    static void requireRank(String what, Shape shape, int rank) {
        if (shape.rank() != rank) {
            throw new UnreadableNode(what + " " + shape + " has " + shape.rank() + " axes instead of " + rank);
        }
    }

    // Nonlinearities

    private void refuseWithoutPositions() {
        throw new UnreadableNode("it is read in the formula of rotary and sinusoidal positions only");
    }

    private void selu(NodeReader n) {
        boolean isUsual = Math.abs(n.real("alpha", 1.6732632) - 1.6732632) < 1e-5
                && Math.abs(n.real("gamma", 1.0507010) - 1.0507010) < 1e-5;
        if (!isUsual) {
            throw new UnreadableNode("alpha and gamma are not those of the paper");
        }
        apply(n, Nonlinearity.SELU);
    }

    /** min(max(alpha x + beta, 0), 1). */
    private void hardSigmoid(NodeReader n) {
        double alpha = n.real("alpha", 0.2);
        double beta = n.real("beta", 0.5);
        if ((float) alpha == 1f / 6 && beta == 0.5) {
            apply(n, Nonlinearity.HARD_SIGMOID);
        } else {
            unary(n, computed("hardSigmoid", in -> in[0].times(alpha).plus(beta).clip(0, 1)));
        }
    }

    /** max(x, 0) + max(-x, 0), which is exact. */
    private static Node magnitude(Node x) {
        return x.relu().plus(x.negate().relu());
    }

    private void gelu(NodeReader n) {
        switch (n.text("approximate", "none")) {
            case "none" -> apply(n, Nonlinearity.GELU);
            case "tanh" -> apply(n, Nonlinearity.GELU_TANH);
            default -> throw new UnreadableNode("attribute approximate is neither none nor tanh");
        }
    }

    private void clip(NodeReader n) {
        double low = n.has(1) ? n.number(1) : n.real("min", Double.NEGATIVE_INFINITY);
        double high = n.has(2) ? n.number(2) : n.real("max", Double.POSITIVE_INFINITY);
        if (low == -1 && high == 1) {
            apply(n, Nonlinearity.HARD_TANH);
        } else if (low == 0 && high == Double.POSITIVE_INFINITY) {
            apply(n, Nonlinearity.RELU);
        } else {
            unary(n, computed("clip", in -> in[0].clip(low, high)));
        }
    }

    private void softmax(NodeReader n, boolean logarithm) {
        Flow x = n.flow(0);
        int rank = x.step().rank();
        int axis = NodeReader.axis(n.whole("axis", opset < 13 ? 1 : -1), rank);
        if (opset < 13 && axis != rank - 1) {
            throw new UnreadableNode("a softmax of several axes, as before opset 13");
        }
        Flow rows = x.axes()[axis] == rank - 1 ? x : plain(x);
        if (rows.axes()[axis] != rank - 1) {
            throw new UnreadableNode("a softmax along axis " + axis + " of " + rank + ", which is not the last one");
        }
        give(n, unary(n, rows, logarithm ? computed("logSoftmax", in -> in[0].logSoftmax()) : new Step.Kind.Softmax()));
    }

    // Shapes

    private void flatten(NodeReader n) {
        Step x = plain(n.flow(0)).step();
        long axis = n.whole("axis", 1);
        int at = NodeReader.inRange("axis", axis < 0 ? axis + x.rank() : axis, 0, x.rank());
        int[] dims = {product(Arrays.copyOf(x.dims, at)), product(Arrays.copyOfRange(x.dims, at, x.rank()))};
        give(n, Flow.of(reshaped(x, dims)));
    }

    /** The product of sizes; a new unknown size if two of them are unknown. */
    private int product(int... dims) {
        long known = 1;
        int unknown = 0;
        int count = 0;
        for (int dim : dims) {
            if (dim < 0) {
                unknown = dim;
                count++;
            } else {
                known = Math.multiplyExact(known, dim);
            }
        }
        return count == 0 ? Math.toIntExact(known) : count == 1 && known > 0 ? multiple(unknown, known) : symbol();
    }

    private void reshape(NodeReader n) {
        long[] wanted = n.sizes(1).numbers();
        boolean keepsZeros = n.whole("allowzero", 0) != 0;
        if (!n.isFlow(0)) {
            Shape from = Folding.shape(n.meaning(0));
            int[] dims = reshaped(from.dims(), wanted, keepsZeros);
            give(n, Folding.reshaped(n.meaning(0), Shape.of(dims)));
            return;
        }
        Step x = plain(n.flow(0)).step();
        Step result = reshaped(x, reshaped(x.dims, wanted, keepsZeros));
        Step rotated = RotaryPattern.rotated(this, n, x, result);
        give(n, Flow.of(rotated == null ? result : rotated));
    }

    /** The dimensions that a reshape asks for, of which 0 stands for that of the input, -1 for what is left. */
    private int[] reshaped(int[] from, long[] wanted, boolean keepsZeros) {
        int[] dims = new int[wanted.length];
        int inferred = -1;
        for (int i = 0; i < dims.length; i++) {
            long size = wanted[i];
            if (size == -1) {
                if (inferred >= 0) {
                    throw new UnreadableNode("a reshape with two sizes to be inferred");
                }
                inferred = i;
            } else if (size == 0 && !keepsZeros) {
                if (i >= from.length) {
                    throw new UnreadableNode("a reshape that keeps axis " + i + " of " + from.length);
                }
                dims[i] = from[i];
            } else if (size == Sizes.UNKNOWN) {
                dims[i] = symbol();
            } else {
                dims[i] = Sizes.isKnown(size)
                        ? NodeReader.inRange("a dimension", size, 0, Shape.MAX_SIZE)
                        : Sizes.dim(size);
            }
        }
        long known = 1;
        List<Integer> left = new ArrayList<>(); // unknown sizes of the input that the others do not have
        for (int dim : from) {
            if (dim < 0) {
                Multiple of = factors.getOrDefault(dim, new Multiple(dim, 1));
                left.add(of.symbol());
                known = Math.multiplyExact(known, of.factor());
            } else {
                known = Math.multiplyExact(known, dim);
            }
        }
        long others = 1;
        boolean isClear = true;
        for (int i = 0; i < dims.length; i++) {
            if (i != inferred && dims[i] < 0) {
                Multiple of = factors.getOrDefault(dims[i], new Multiple(dims[i], 1));
                isClear &= left.remove((Integer) of.symbol());
                others = Math.multiplyExact(others, of.factor());
            } else if (i != inferred) {
                others = Math.multiplyExact(others, dims[i]);
            }
        }
        boolean fits = true;
        if (inferred >= 0 && isClear && left.size() < 2 && others > 0 && known % others == 0) {
            dims[inferred] = left.isEmpty()
                    ? Math.toIntExact(known / others)
                    : known == 0 ? 0 : multiple(left.getFirst(), known / others);
        } else if (inferred >= 0) {
            fits = !isClear || left.size() > 1;
            dims[inferred] = symbol();
        } else if (isClear && left.isEmpty()) {
            fits = known == others;
        }
        if (!fits) {
            throw new UnreadableNode("a reshape of " + shape(from) + " to " + shape(dims) + ", of other size");
        }
        return dims;
    }

    private static Shape shape(int... dims) {
        return Shape.of(Arrays.stream(dims).map(dim -> Math.max(dim, Shape.ANY)).toArray());
    }

    private long[] axes(NodeReader n) {
        return n.has(1) ? n.wholes(1) : n.wholes("axes");
    }

    private void squeeze(NodeReader n) {
        long[] axes = axes(n);
        if (!n.isFlow(0)) {
            give(n, Folding.reshaped(n.meaning(0), Folding.squeezed(Folding.shape(n.meaning(0)), axes)));
            return;
        }
        Step x = plain(n.flow(0)).step();
        boolean[] gone = new boolean[x.rank()];
        for (int i = 0; i < x.rank() && axes.length == 0; i++) {
            gone[i] = x.dims[i] == 1;
        }
        for (long axis : axes) {
            int at = NodeReader.axis(axis, x.rank());
            gone[at] = true;
            if (x.dims[at] != 1) {
                throw new UnreadableNode("axis " + at + " of " + x.shape() + " is not of size 1");
            }
        }
        int[] dims = new int[x.rank()];
        int count = 0;
        for (int i = 0; i < x.rank(); i++) {
            if (!gone[i]) {
                dims[count++] = x.dims[i];
            }
        }
        give(n, Flow.of(reshaped(x, Arrays.copyOf(dims, count))));
    }

    private void unsqueeze(NodeReader n) {
        long[] axes = axes(n);
        if (n.meaning(0) instanceof Meaning.Positions positions) {
            if (positions.isColumn() || axes.length != 1 || axes[0] < 0 || axes[0] > 1) {
                throw new UnreadableNode("positions that are neither a row nor a column");
            }
            give(n, new Meaning.Positions(positions.size(), axes[0] == 1));
            return;
        }
        if (!n.isFlow(0)) {
            give(n, Folding.reshaped(n.meaning(0), Folding.unsqueezed(Folding.shape(n.meaning(0)), axes)));
            return;
        }
        Step x = plain(n.flow(0)).step();
        Shape marked = Folding.unsqueezed(Shape.of(new int[x.rank()]), axes); // 1 where an axis is new, 0 elsewhere
        int[] dims = marked.dims();
        int from = 0;
        for (int i = 0; i < dims.length; i++) {
            dims[i] = dims[i] == 1 ? 1 : x.dims[from++];
        }
        give(n, Flow.of(reshaped(x, dims)));
    }

    private void transpose(NodeReader n) {
        int rank = n.isFlow(0)
                ? n.flow(0).axes().length
                : Folding.shape(n.meaning(0)).rank();
        int[] axes = new int[rank];
        Arrays.setAll(axes, i -> rank - 1 - i);
        if (n.hasAttribute("perm")) {
            axes = n.ints("perm", rank, 0, 0);
        }
        Shape.of(new int[rank]).permute(axes); // refuses other axes
        if (n.isFlow(0)) {
            Flow x = n.flow(0);
            give(
                    n,
                    new Flow(
                            x.step(),
                            Arrays.stream(axes).map(axis -> x.axes()[axis]).toArray()));
        } else {
            spend(n.floats(0).size());
            give(n, Folding.numbers(n.floats(0).permute(axes)));
        }
    }

    private void concat(NodeReader n) {
        boolean areSizes = true;
        for (int i = 0; i < n.inputs(); i++) {
            areSizes &= n.isSizes(i);
        }
        if (areSizes) {
            List<Sizes> parts = new ArrayList<>();
            for (int i = 0; i < n.inputs(); i++) {
                parts.add(n.sizes(i));
                spend(n.sizes(i).numbers().length);
            }
            give(n, Folding.concat(parts));
            return;
        }
        Flow first = n.isFlow(0) ? n.flow(0) : Flow.of(fixed(n, n.floats(0)));
        List<Flow> parts = new ArrayList<>();
        boolean isOneOrder = true;
        for (int i = 0; i < n.inputs(); i++) {
            parts.add(n.isFlow(i) ? n.flow(i) : Flow.of(fixed(n, n.floats(i))));
            isOneOrder &= parts.getLast().hasOrderOf(first);
        }
        if (!isOneOrder) {
            parts.replaceAll(this::plain);
        }
        int rank = first.axes().length;
        int axis = parts.getFirst().axes()[NodeReader.axis(n.whole("axis", 0), rank)];
        int[] dims = parts.getFirst().step().dims.clone();
        int size = 0;
        for (Flow part : parts) {
            requireRank("an input", part.step().shape(), rank);
            int add = part.step().dims[axis];
            size = size < 0 || add < 0 ? -1 : Math.addExact(size, add);
        }
        dims[axis] = parts.size() == 1 ? dims[axis] : size < 0 ? symbol() : size;
        Step both = Cells.bothDirections(this, n, axis, parts);
        if (both != null) {
            give(n, Flow.of(both));
            return;
        }
        Step[] steps = parts.stream().map(Flow::step).toArray(Step[]::new);
        Step.Kind kind = new Step.Kind.Concatenated(axis);
        give(n, new Flow(step(n, "", kind, dims, steps), parts.getFirst().axes()));
    }

    private void split(NodeReader n) {
        Flow x = n.flow(0);
        int axis = NodeReader.axis(n.whole("axis", 0), x.axes().length);
        int base = x.axes()[axis];
        int size = x.step().dims[base];
        int count = n.node.outputs().size();
        long[] sizes = n.has(1) ? n.wholes(1) : n.wholes("split");
        if (sizes.length == 0 && size > 0) {
            int each = (size + count - 1) / count; // the last one is smaller if they do not divide the size
            sizes = new long[count];
            Arrays.fill(sizes, each);
            sizes[count - 1] = size - (long) each * (count - 1);
        }
        if (size < 0 || sizes.length != count || Arrays.stream(sizes).sum() != size) {
            throw new UnreadableNode("parts of " + Arrays.toString(sizes) + " along an axis of " + size);
        }
        int from = 0;
        for (int i = 0; i < count; i++) {
            int to = from + NodeReader.inRange("a part", sizes[i], 0, size - from);
            give(n, i, part(n, x, base, from, to));
            from = to;
        }
    }

    /** A part of a value along an axis of its step. */
    private Flow part(NodeReader n, Flow x, int axis, int from, int to) {
        int[] dims = x.step().dims.clone();
        dims[axis] = to - from;
        Step.Kind kind = new Step.Kind.Sliced(axis, from, to);
        return new Flow(step(n, "", kind, dims, x.step()), x.axes());
    }

    private void slice(NodeReader n) {
        boolean isOld = opset < 10;
        long[] starts = isOld ? n.wholes("starts") : n.wholes(1);
        int count = starts.length;
        long[] ends = isOld ? n.wholes("ends") : n.sizes(2).numbers();
        long[] axes = new long[count];
        Arrays.setAll(axes, i -> i);
        axes = isOld ? n.wholes("axes", axes) : n.has(3) ? n.wholes(3) : axes;
        long[] steps = new long[count];
        Arrays.fill(steps, 1);
        steps = !isOld && n.has(4) ? n.wholes(4) : steps;
        if (ends.length != count || axes.length != count || steps.length != count) {
            throw new UnreadableNode("starts, ends, axes and steps of different number");
        }
        if (n.isSizes(0)) {
            NodeReader.inRange("the number of axes", count, 1, 1);
            give(n, Folding.slice(n.sizes(0), starts[0], ends[0], steps[0]));
            return;
        }
        if (n.isFloats(0)) {
            boolean isTable = count == 1 && starts[0] == 0 && axes[0] == 0 && steps[0] == 1;
            if (isTable && !Sizes.isKnown(ends[0]) && n.floats(0).shape().rank() == 2) {
                give(n, new Meaning.FirstRows(n.floats(0), ends[0]));
                return;
            }
            boolean isCorner = count == 2
                    && Arrays.equals(starts, new long[2])
                    && Arrays.equals(axes, new long[] {0, 1})
                    && Arrays.equals(steps, new long[] {1, 1})
                    && !Sizes.isKnown(ends[0])
                    && ends[0] != Sizes.UNKNOWN
                    && ends[0] == ends[1];
            if (isCorner && n.floats(0).shape().rank() == 2) {
                give(n, new Meaning.Corner(n.floats(0), ends[0]));
                return;
            }
            spend(Math.multiplyExact((long) n.floats(0).size(), count));
            give(n, Folding.numbers(sliced(n, n.floats(0), starts, ends, axes, steps)));
            return;
        }
        Flow x = n.flow(0);
        for (int i = 0; i < count; i++) {
            int base = x.axes()[NodeReader.axis(axes[i], x.axes().length)];
            int size = x.step().dims[base];
            if (steps[i] != 1) {
                throw new UnreadableNode("a step of " + steps[i]);
            }
            boolean isAll = starts[i] == 0 && (ends[i] >= Shape.MAX_SIZE || size < 0 && ends[i] == Sizes.of(size));
            if (isAll) {
                continue;
            }
            if (size < 0 || !Sizes.isKnown(ends[i])) {
                throw new UnreadableNode("a part of an axis whose size differs from run to run");
            }
            int from = Math.clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, size);
            int to = Math.clamp(ends[i] < 0 ? ends[i] + size : ends[i], from, size);
            x = part(n, x, base, from, to);
        }
        give(n, x);
    }

    /** An expansion of a computed value is read if it changes nothing; that of zeros gives zeros. */
    private void expand(NodeReader n) {
        Flow x = n.flow(0);
        long[] wanted = n.sizes(1).numbers();
        int[] dims = x.dims();
        boolean isSame = wanted.length <= dims.length;
        for (int i = 1; isSame && i <= wanted.length; i++) {
            isSame = wanted[wanted.length - i] == 1 || wanted[wanted.length - i] == Sizes.of(dims[dims.length - i]);
        }
        if (!isSame) {
            throw new UnreadableNode("a repetition of " + x.step().shape());
        }
        give(n, x);
    }

    private static Tensor sliced(NodeReader n, Tensor x, long[] starts, long[] ends, long[] axes, long[] steps) {
        Tensor part = x;
        for (int i = 0; i < starts.length; i++) {
            if (steps[i] != 1 || !Sizes.isKnown(ends[i])) {
                throw new UnreadableNode(
                        "a part of a constant in steps of " + steps[i] + ", or that differs from run to run");
            }
            int axis = NodeReader.axis(axes[i], part.shape().rank());
            int size = part.dim(axis);
            int from = Math.clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, size);
            int to = Math.clamp(ends[i] < 0 ? ends[i] + size : ends[i], from, size);
            Tensor slice = Tensor.zeros(part.shape().withDim(axis, to - from));
            part.sliceInto(axis, from, slice);
            part = slice;
        }
        return part;
    }

    private void gather(NodeReader n) {
        long axis = n.whole("axis", 0);
        if (n.isSizes(0)) {
            if (!n.sizes(1).isKnown()) {
                throw new UnreadableNode("indices that differ from run to run");
            }
            spend(n.sizes(1).numbers().length);
            give(n, Folding.gather(n.sizes(0), n.sizes(1)));
            return;
        }
        if (n.isFloats(0)) {
            Layers.rows(this, n, axis);
            return;
        }
        Flow x = n.flow(0);
        int at = NodeReader.axis(axis, x.axes().length);
        long[] indices = n.wholes(1);
        boolean isOne = n.sizes(1).shape().rank() == 0;
        int base = x.axes()[at];
        int size = x.step().dims[base];
        if (isOne && (indices[0] == -1 || indices[0] == 0) && x.step().rank() > 2 && base == 0) {
            Step.Kind kind = indices[0] == 0 ? new Step.Kind.FirstStep() : new Step.Kind.LastStep();
            give(n, withoutTime(n, kind, x));
            return;
        }
        int from = -1;
        if (indices.length > 0 && (size >= 0 || indices[0] >= 0)) {
            from = NodeReader.inRange(
                    "an index",
                    indices[0] < 0 ? indices[0] + size : indices[0],
                    0,
                    size < 0 ? Shape.MAX_SIZE : size - 1L);
        }
        boolean isRun = from >= 0 && n.sizes(1).shape().rank() < 2;
        for (int i = 1; isRun && i < indices.length; i++) {
            isRun = indices[i] == indices[0] + i;
        }
        if (!isRun || size >= 0 && from + indices.length > size) {
            throw new UnreadableNode(
                    "indices " + Arrays.toString(indices) + " that do not follow each other, or are not in "
                            + x.step().shape());
        }
        Flow part = plain(part(n, x, base, from, from + indices.length));
        if (!isOne) {
            give(n, part);
            return;
        }
        int[] dims = new int[part.step().rank() - 1];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = part.step().dims[i < at ? i : i + 1];
        }
        give(n, Flow.of(reshaped(part.step(), dims)));
    }

    /** An operation on [time x batch x ...] that leaves no time. */
    private Flow withoutTime(NodeReader n, Step.Kind kind, Flow x) {
        if (x.step().dims[0] == 0) {
            throw new UnreadableNode("a sequence of no steps");
        }
        int[] dims = Arrays.copyOfRange(x.step().dims, 1, x.step().rank());
        int[] axes = Arrays.stream(x.axes())
                .filter(axis -> axis > 0)
                .map(axis -> axis - 1)
                .toArray();
        return new Flow(step(n, "", kind, dims, x.step()), axes);
    }

    private void reduce(NodeReader n, String type) {
        Flow x = n.flow(0);
        int rank = x.axes().length;
        long[] given = axes(n);
        boolean keeps = n.whole("keepdims", 1) != 0;
        if (given.length == 0) {
            if (n.whole("noop_with_empty_axes", 0) != 0) {
                give(n, x);
                return;
            }
            given = new long[rank];
            Arrays.setAll(given, i -> i);
        }
        // Along other axes a sum adds in another order, so only images, whose channels move often, stay as they lie;
        // and steps, of which a mean or a maximum is a layer.
        boolean isLayer = given.length == 1 && rank > 2 && !keeps;
        isLayer &= type.equals("ReduceMax") || type.equals("ReduceMean");
        boolean isOverSteps = isLayer && x.axes()[NodeReader.axis(given[0], rank)] == 0;
        x = isOverSteps || x.hasOrderOf(channelsSecond(x.step())) ? x : plain(x);
        if (isLayer && x.axes()[NodeReader.axis(given[0], rank)] == 0) {
            Layer layer = type.equals("ReduceMax") ? new MaxOverTime() : new MeanOverTime();
            give(n, withoutTime(n, new Step.Kind.Made(layer), x));
        } else {
            give(n, reduced(n, type, keeps, x, given));
        }
    }

    private Flow reduced(NodeReader n, String type, boolean keeps, Flow x, long... given) {
        int rank = x.axes().length;
        boolean[] gone = new boolean[rank]; // axes of the step
        for (long axis : given) {
            gone[x.axes()[NodeReader.axis(axis, rank)]] = true;
        }
        int[] axes = new int[rank];
        int count = 0;
        for (int i = 0; i < rank; i++) {
            if (gone[i]) {
                axes[count++] = i;
            }
        }
        int[] all = Arrays.copyOf(axes, count);
        int[] dims = x.step().dims.clone();
        for (int axis : all) {
            dims[axis] = 1;
        }
        boolean isRowMean = type.equals("ReduceMean") && count == 1 && all[0] == rank - 1;
        Step.Kind kind = isRowMean
                ? new Step.Kind.RowMean()
                : new Step.Kind.Computed(
                        type.substring("Reduce".length()), in -> reduced(type, in[0], all), a -> gone[a] ? -1 : a);
        Flow reduced = new Flow(step(n, "", kind, dims, x.step()), x.axes());
        if (keeps) {
            return reduced;
        }
        Flow plain = plain(reduced);
        int[] kept = new int[rank - count];
        int at = 0;
        for (int i = 0; i < rank; i++) {
            if (!gone[x.axes()[i]]) {
                kept[at++] = plain.step().dims[i];
            }
        }
        return Flow.of(reshaped(plain.step(), kept));
    }

    private static Node reduced(String type, Node x, int... axes) {
        return switch (type) {
            case "ReduceMean" -> x.mean(axes);
            case "ReduceSum" -> x.sum(axes);
            case "ReduceMax" -> x.max(axes);
            default -> x.min(axes);
        };
    }
}
