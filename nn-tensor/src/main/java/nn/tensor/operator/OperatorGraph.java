package nn.tensor.operator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Collects the operators of a computation, in an order in which they can run. Whoever describes itself, such as a layer
 * y = x W + b, takes its input and returns its output:
 *
 * <pre>{@code
 * Value export(OperatorGraph graph, Value x) {
 *     Value w = graph.constant("weight", kernel.value());                           // W [inputs x units]
 *     Value product = graph.call("MatMul", x, w).gives(x.shape().withLast(kernel.value().dim(1)));
 *     return graph.elementwise("Add", product, graph.constant("bias", shift.value()));
 * }
 * }</pre>
 *
 * <p>Types, inputs, attributes and outputs are those of the <a href="https://onnx.ai/onnx/operators/">ONNX
 * standard</a>, opset {@value #OPSET}: the lowest in which mean pooling has dilations, and normalization of layers is
 * one operator. This class checks none of them; the caller states the shape of each result.
 *
 * <p>In this library channels come last, and the standard's operators on images have them second. So {@link
 * #transpose} writes its operator only when somebody reads the transpose: two that follow each other become one or
 * none, and {@link #elementwise} operators work on the value as it is. A chain of convolutions, nonlinearities and
 * poolings is transposed once before and once after.
 */
public final class OperatorGraph {
    /** The version of the standard's operators. */
    public static final int OPSET = 19;

    private final @Nullable OperatorGraph outer; // of a body
    private final List<Value> inputs = new ArrayList<>();
    private final List<Operator> operators = new ArrayList<>();
    private final SequencedMap<String, Value> outputs = new LinkedHashMap<>();
    private final List<Constant> constants = new ArrayList<>();
    private final Map<Tensor, Value> known = new IdentityHashMap<>(); // the constant of each tensor
    private final Map<String, Value> names; // every value, but transposes that are not written
    private final Map<String, Integer> numbers; // the last one that was added to each name
    private final List<String> scope; // the names of the layers around what is described now
    private @Nullable Value lengths; // of padded sequences

    /** Creates an empty graph. */
    public OperatorGraph() {
        outer = null;
        names = new HashMap<>();
        numbers = new HashMap<>();
        scope = new ArrayList<>();
    }

    private OperatorGraph(OperatorGraph outer) {
        this.outer = outer;
        names = outer.names; // which the standard wants to be unique, bodies included
        numbers = outer.numbers;
        scope = outer.scope;
    }

    /**
     * Begins a graph that an operator of this one runs, such as for each step of a sequence. It may read values of this
     * graph, and its constants are added to this one.
     *
     * @return an empty graph, for an {@link Attribute.Body}
     */
    public OperatorGraph body() {
        return new OperatorGraph(this);
    }

    /**
     * Declares an input.
     *
     * @param name its name, also for whoever runs the graph
     * @param kind the type of its numbers
     * @param shape its shape; {@link Shape#ANY} where a dimension differs from run to run
     * @return the input
     * @throws IllegalArgumentException if the name is empty, or is used and this is no {@link #body}
     */
    public Value input(String name, ElementKind kind, Shape shape) {
        Value value = new Value("", Objects.requireNonNull(kind, "kind"), Objects.requireNonNull(shape, "shape"));
        declare("input", name, value);
        inputs.add(value);
        return value;
    }

    /**
     * Declares an output.
     *
     * @param name its name, also for whoever runs the graph
     * @param value of this graph
     * @throws IllegalArgumentException if the name is empty, or is used and this is no {@link #body}
     */
    public void output(String name, Value value) {
        Value result = written(Objects.requireNonNull(value, "value"));
        boolean isOwn = operators.stream().anyMatch(o -> o.outputs().contains(result));
        Value named = isOwn && !outputs.containsValue(result)
                ? result
                : call("Identity", result).gives(result.kind(), result.shape());
        declare("output", name, named);
        outputs.put(named.name(), named);
    }

    /**
     * Names an input or output. What had that name before, such as a parameter, gets another. The names of a body are
     * not seen from outside, so they may differ from those asked for.
     */
    private void declare(String what, String name, Value value) {
        if (outer != null) {
            value.rename(free(within(name, "/")));
            names.put(value.name(), value);
            return;
        }
        Value before = names.get(Objects.requireNonNull(name, "name"));
        boolean isUsed = before != null && before.name().equals(name); // or else by an operator alone
        if (name.isEmpty() || isUsed && (inputs.contains(before) || outputs.containsValue(before))) {
            throw new IllegalArgumentException(what + " '" + name + "': a name is not empty and is used once");
        }
        if (before != null && isUsed) {
            before.rename(free(name));
            names.put(before.name(), before);
        }
        value.rename(name);
        names.put(name, value);
    }

    /**
     * Adds numbers that are not computed, such as a weight. The same tensor is added once, however often it is asked
     * for, so a shared weight stays shared.
     *
     * @param name its name within the layer that is described, such as {@code weight}
     * @param numbers not copied, and not to be changed before the graph is written
     * @return the constant
     */
    public Value constant(String name, Tensor numbers) {
        if (outer != null) {
            return outer.constant(name, numbers);
        }
        return known.computeIfAbsent(Objects.requireNonNull(numbers, "numbers"), tensor -> {
            Value value = create(within(name, "."), ElementKind.FLOAT32, tensor.shape());
            constants.add(new Constant.Floats(value, tensor));
            return value;
        });
    }

    /**
     * Adds a number.
     *
     * @param name its name within the layer that is described
     * @param number as a float
     * @return a constant without axes, []
     */
    public Value number(String name, double number) {
        Tensor scalar = Tensor.zeros();
        scalar.fill((float) number);
        return constant(name, scalar);
    }

    /**
     * Adds a number of kind {@link ElementKind#FLOAT64}.
     *
     * @param name its name within the layer that is described
     * @param number any
     * @return a constant without axes, []
     */
    public Value number64(String name, double number) {
        return add(name, ElementKind.FLOAT64, Shape.of(), value -> new Constant.Doubles(value, number));
    }

    /**
     * Adds numbers of kind {@link ElementKind#FLOAT64}.
     *
     * @param name its name within the layer that is described
     * @param numbers any
     * @return a constant [n]
     */
    public Value numbers64(String name, double... numbers) {
        return add(name, ElementKind.FLOAT64, Shape.of(numbers.length), value -> new Constant.Doubles(value, numbers));
    }

    /**
     * Adds a whole number.
     *
     * @param name its name within the layer that is described
     * @param number any
     * @return a constant without axes, []
     */
    public Value whole(String name, long number) {
        return add(name, ElementKind.INT64, Shape.of(), value -> new Constant.Wholes(value, number));
    }

    /**
     * Adds whole numbers, such as axes.
     *
     * @param name its name within the layer that is described
     * @param numbers any
     * @return a constant [n]
     */
    public Value wholes(String name, long... numbers) {
        return add(name, ElementKind.INT64, Shape.of(numbers.length), value -> new Constant.Wholes(value, numbers));
    }

    private interface Maker {
        Constant of(Value value);
    }

    private Value add(String name, ElementKind kind, Shape shape, Maker maker) {
        if (outer != null) {
            return outer.add(name, kind, shape, maker);
        }
        Value value = create(within(name, "."), kind, shape);
        constants.add(maker.of(value));
        return value;
    }

    /**
     * Begins an operator.
     *
     * @param type its name in the standard, such as {@code Gemm}
     * @param inputs in the order of the standard; {@link Value#NONE} where an optional one is left out
     * @return takes attributes and the shape of the result; without the latter nothing is added
     */
    public Call call(String type, Value... inputs) {
        return new Call(Objects.requireNonNull(type, "type"), inputs.clone());
    }

    /** An operator that is not complete yet. */
    public final class Call {
        private final String type;
        private final Value[] inputs;
        private final SequencedMap<String, Attribute> attributes = new LinkedHashMap<>();

        private Call(String type, Value... inputs) {
            this.type = type;
            this.inputs = inputs;
        }

        /**
         * Sets an attribute.
         *
         * @param name in the standard
         * @param attribute its value
         * @return this
         */
        public Call with(String name, Attribute attribute) {
            attributes.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(attribute, "attribute"));
            return this;
        }

        /**
         * Sets an attribute that is a whole number.
         *
         * @param name in the standard
         * @param number its value
         * @return this
         */
        public Call with(String name, long number) {
            return with(name, new Attribute.Whole(number));
        }

        /**
         * Sets an attribute that is a real number.
         *
         * @param name in the standard
         * @param number its value
         * @return this
         */
        public Call with(String name, float number) {
            return with(name, new Attribute.Real(number));
        }

        /**
         * Sets an attribute that is a text.
         *
         * @param name in the standard
         * @param text its value
         * @return this
         */
        public Call with(String name, String text) {
            return with(name, new Attribute.Text(text));
        }

        /**
         * Sets an attribute that is a list of whole numbers.
         *
         * @param name in the standard
         * @param numbers its value
         * @return this
         */
        public Call with(String name, long[] numbers) {
            return with(name, new Attribute.Wholes(numbers));
        }

        /**
         * Adds the operator, whose result has the type {@link ElementKind#FLOAT32}.
         *
         * @param shape of the result
         * @return the result
         */
        public Value gives(Shape shape) {
            return gives(ElementKind.FLOAT32, shape);
        }

        /**
         * Adds the operator.
         *
         * @param kind the type of the result's numbers
         * @param shape of the result
         * @return the result
         */
        public Value gives(ElementKind kind, Shape shape) {
            return give(kind, List.of(shape)).getFirst();
        }

        /**
         * Adds an operator with several results of type {@link ElementKind#FLOAT32}.
         *
         * @param shapes of the results
         * @return the results, in order
         */
        public List<Value> givesAll(List<Shape> shapes) {
            return give(ElementKind.FLOAT32, shapes);
        }

        /**
         * Adds an operator that computes each element by itself, with as many inputs as {@link #elementwise} takes.
         *
         * @return the result, of the shape of the first input
         */
        public Value elementwise() {
            Value first = inputs[0];
            Value source = first.source;
            if (source == null || first.written != null || !isInOrder(first.axes)) {
                return gives(first.kind(), first.shape());
            }
            Value result =
                    new Call(type, orderedAs(first.axes)).with(attributes).gives(source.kind(), source.shape());
            return transpose(result, first.axes);
        }

        private Call with(Map<String, Attribute> all) {
            attributes.putAll(all);
            return this;
        }

        /** Whether all inputs can be read in the order of the first one's source. */
        private boolean isInOrder(int... axes) {
            for (Value input : inputs) {
                boolean fits = input.shape().rank() == 0
                        || input.source != null && input.written == null && Arrays.equals(input.axes, axes);
                if (!fits) {
                    return false;
                }
            }
            return true;
        }

        private Value[] orderedAs(int... axes) {
            return Arrays.stream(inputs)
                    .map(input -> input.source != null && Arrays.equals(input.axes, axes) ? input.source : input)
                    .toArray(Value[]::new);
        }

        private List<Value> give(ElementKind kind, List<Shape> shapes) {
            List<Value> results = new ArrayList<>();
            for (Shape shape : shapes) {
                results.add(create(within(type, "/"), kind, shape));
            }
            String name = results.getFirst().name();
            List<Value> all = new ArrayList<>();
            for (Value input : inputs) {
                all.add(written(Objects.requireNonNull(input, "an input")));
            }
            while (!all.isEmpty() && all.getLast() == Value.NONE) {
                all.removeLast();
            }
            operators.add(new Operator(type, name, all, attributes, results));
            return List.copyOf(results);
        }
    }

    /** The value itself, or the result of the transpose that is now written. */
    private Value written(Value value) {
        Value source = value.source;
        if (source == null) {
            return value;
        }
        Value held = value.written;
        if (held == null) {
            long[] axes = Arrays.stream(value.axes).asLongStream().toArray();
            held = call("Transpose", source).with("perm", axes).gives(value.kind(), value.shape());
            value.written = held;
        }
        return held;
    }

    /**
     * Adds an operator without attributes that computes each element by itself, such as {@code Relu} or {@code Add}.
     *
     * @param type its name in the standard
     * @param inputs the first has the shape of the result; others may be of fewer axes, as the standard repeats them
     * @return the result
     */
    public Value elementwise(String type, Value... inputs) {
        return call(type, inputs).elementwise();
    }

    /**
     * Changes the order of axes. The operator is written when somebody reads the result; none is written for the
     * order that the value has.
     *
     * @param x any
     * @param axes for each axis of the result the axis of x, each once
     * @return the result
     * @throws IllegalArgumentException if these are not the axes of x
     */
    public Value transpose(Value x, int... axes) {
        Value from = x;
        int[] order = axes.clone();
        Value source = x.source;
        if (source != null) {
            for (int i = 0; i < order.length; i++) {
                order[i] = x.axes[axes[i]];
            }
            from = source;
        }
        for (int i = 0; i < order.length; i++) {
            if (order[i] != i) {
                return Value.transposeOf(from, order);
            }
        }
        return from;
    }

    /**
     * Moves the last axis to the second place, as the standard has channels.
     *
     * @param x [batch x ... x channels]
     * @return [batch x channels x ...]
     */
    public Value channelsSecond(Value x) {
        int rank = x.shape().rank();
        int[] axes = new int[rank];
        for (int i = 0; i < rank; i++) {
            axes[i] = i == 0 ? 0 : i == 1 ? rank - 1 : i - 1;
        }
        return transpose(x, axes);
    }

    /**
     * Moves the second axis to the last place, as this library has channels.
     *
     * @param x [batch x channels x ...]
     * @return [batch x ... x channels]
     */
    public Value channelsLast(Value x) {
        int rank = x.shape().rank();
        int[] axes = new int[rank];
        for (int i = 0; i < rank; i++) {
            axes[i] = i == 0 ? 0 : i == rank - 1 ? 1 : i + 1;
        }
        return transpose(x, axes);
    }

    /**
     * Gives a value another shape, with its elements in row-major order.
     *
     * @param x any
     * @param shape of the result. The last unknown dimension follows from the others; any other one, and all before it,
     *     must be those of x
     * @return the result
     * @throws UnsupportedOperationException if more dimensions are unknown, or the result is empty
     */
    public Value reshape(Value x, Shape shape) {
        long[] dims = new long[shape.rank()];
        int last = -1; // the last unknown dimension follows from the others
        for (int i = 0; i < dims.length; i++) {
            last = shape.dim(i) == Shape.ANY ? i : last;
        }
        boolean same = true; // whether all dimensions before are those of x
        for (int i = 0; i < dims.length; i++) {
            same &= i < x.shape().rank() && x.shape().dim(i) == shape.dim(i);
            if (shape.dim(i) == 0) {
                throw refused("a reshape to " + shape + ", which has no elements");
            }
            if (shape.dim(i) == Shape.ANY && i != last && !same) {
                throw refused("a reshape of " + x.shape() + " to " + shape + ", of which more than one size is unknown;"
                        + " give the model an input of known sizes");
            }
            dims[i] = shape.dim(i) != Shape.ANY ? shape.dim(i) : i == last ? -1 : 0; // 0: as in x
        }
        return call("Reshape", x, wholes("shape", dims)).gives(x.kind(), shape);
    }

    /**
     * The size of one axis, for operators that need it as a value.
     *
     * @param x any
     * @param axis from 0
     * @return [1], of kind {@link ElementKind#INT64}: a constant if the size is known
     */
    public Value size(Value x, int axis) {
        int size = x.shape().dim(axis);
        return size != Shape.ANY
                ? wholes("size", size)
                : call("Shape", x)
                        .with("start", (long) axis)
                        .with("end", axis + 1L)
                        .gives(ElementKind.INT64, Shape.of(1));
    }

    /**
     * Converts numbers to another type.
     *
     * @param x any
     * @param kind the type
     * @return of the same shape; x itself if it has that type
     */
    public Value cast(Value x, ElementKind kind) {
        return x.kind() == kind ? x : call("Cast", x).with("to", code(kind)).gives(kind, x.shape());
    }

    /**
     * The number of a type in the standard.
     *
     * @param kind the type
     * @return such as 1 for {@link ElementKind#FLOAT32}
     */
    public static long code(ElementKind kind) {
        return switch (kind) {
            case FLOAT32 -> 1;
            case INT32 -> 6;
            case INT64 -> 7;
            case BOOL -> 9;
            case FLOAT64 -> 11;
        };
    }

    /**
     * Describes a part under a name, which becomes a part of the names of its constants and operators.
     *
     * @param <T> the type of what it gives
     * @param name such as that of a layer
     * @param part describes it
     * @return what the part gives
     */
    public <T> T within(String name, Supplier<T> part) {
        scope.add(Objects.requireNonNull(name, "name"));
        try {
            return part.get();
        } finally {
            scope.removeLast();
        }
    }

    /**
     * Describes a part whose input consists of padded sequences [time x batch x ...].
     *
     * @param <T> the type of what it gives
     * @param steps the number of steps of each sequence before its padding, [batch], of kind {@link ElementKind#INT32}
     * @param part describes it
     * @return what the part gives
     */
    public <T> T withLengths(Value steps, Supplier<T> part) {
        Value before = lengths;
        lengths = Objects.requireNonNull(steps, "steps");
        try {
            return part.get();
        } finally {
            lengths = before;
        }
    }

    /**
     * The lengths of the padded sequences that are described now.
     *
     * @return [batch], of kind {@link ElementKind#INT32}; empty if all steps count
     */
    public Optional<Value> lengths() {
        return Optional.ofNullable(lengths);
    }

    /**
     * The path of what is described now.
     *
     * @return the names given to {@link #within}, such as {@code encoder.hidden1}; empty outside of all
     */
    public String path() {
        return String.join(".", scope);
    }

    /**
     * Makes the exception for something that standard operators cannot say.
     *
     * @param what what that is, and what helps
     * @return the exception, to be thrown; its message begins with the path
     */
    public UnsupportedOperationException refused(String what) {
        return new UnsupportedOperationException(
                (scope.isEmpty() ? "" : "layer '" + path() + "': ") + "standard operators cannot say " + what);
    }

    private String within(String name, String separator) {
        return scope.isEmpty() ? name : path() + separator + name;
    }

    private Value create(String wanted, ElementKind kind, Shape shape) {
        Value value = new Value(free(wanted), kind, shape);
        names.put(value.name(), value);
        return value;
    }

    /** The name, or, if it is used, the name with a number. */
    private String free(String name) {
        String other = name;
        while (names.containsKey(other)) {
            other = name + "_" + numbers.merge(name, 2, (last, two) -> last + 1);
        }
        return other;
    }

    /**
     * The inputs.
     *
     * @return in the order in which they were declared
     */
    public List<Value> inputs() {
        return Collections.unmodifiableList(inputs);
    }

    /**
     * The outputs.
     *
     * @return by name, in the order in which they were declared
     */
    public SequencedMap<String, Value> outputs() {
        return Collections.unmodifiableSequencedMap(outputs);
    }

    /**
     * The operators.
     *
     * @return each after those whose results it reads
     */
    public List<Operator> operators() {
        return Collections.unmodifiableList(operators);
    }

    /**
     * The constants.
     *
     * @return in the order in which they were added; none in a {@link #body}
     */
    public List<Constant> constants() {
        return Collections.unmodifiableList(constants);
    }
}
