package nn.layers.attention;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Lengths;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.WeightMapping;
import nn.layers.graph.Node;
import nn.layers.internal.AttentionOperators;
import nn.tensor.AttentionHeads;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head attention (Vaswani and others, <i>Attention is all you need</i>, 2017): every position makes a query, a
 * key and a value of its features, and takes the mean of all values, weighted by how well their keys fit its query.
 *
 * <pre>{@code
 * builder.layer("attention", Attention.heads(8).causal());
 * LayerFactory grouped = Attention.heads(8).keyValueHeads(2).causal().rotary(Rotary.halves()).withoutBias();
 * }</pre>
 *
 * <p>Shapes: x and y [batch x time x inputs]. Parameters: {@code query} [inputs x heads * size], {@code key} and {@code
 * value} [memory inputs x key heads * size], {@code output} [heads * size x inputs], and a bias of each, {@code
 * queryBias} [heads * size] and so on. Every matrix is a parameter of its own, with its own fans (rows, columns), key
 * and initializer. A head is a range of neighbouring columns. The size of a head is inputs / heads, unless it is given.
 *
 * <p>By default matrices are Xavier uniform and biases zero.
 *
 * <p>Inside a {@link nn.layers.network.Masking}, no query sees a key of the padding; queries of the padding are
 * computed as any other. In a {@linkplain Carry carrying} context, causal attention remembers keys and values, so that
 * a sequence can be run in chunks, or position by position, with the same bits as at once. Each pass copies what it
 * remembers. As with recurrent layers, gradients stay in their chunk. Attention that is not causal needs whole
 * sequences and carries nothing.
 *
 * <p>Attention to another sequence (cross-attention) has two inputs, so it is used in a {@link
 * nn.layers.graph.Graph}, by {@link #across(Node, Node)}.
 */
public final class Attention implements Layer {
    private final Config config;
    private final int inputs;
    private final int memoryInputs;
    private final int size;
    private final AttentionHeads heads;
    private final Parameter query;
    private final Parameter key;
    private final Parameter value;
    private final Parameter output;
    private final @Nullable Parameter queryBias; // null, as the other ones, if there is none
    private final @Nullable Parameter keyBias;
    private final @Nullable Parameter valueBias;
    private final @Nullable Parameter outputBias;

    private Attention(int inputs, Config config, Key layerKey) {
        this.config = config;
        this.inputs = inputs;
        memoryInputs = config.memory == 0 ? inputs : config.memory;
        int count = config.heads;
        if (config.size == 0 && (inputs < 1 || inputs % count != 0)) {
            throw new IllegalArgumentException("Attention of " + count + " heads on " + inputs
                    + " features: the heads must divide the features; choose another number of heads or features, or"
                    + " give the size of a head by headSize(n)");
        }
        if (inputs < 1) {
            throw new IllegalArgumentException("Attention on " + inputs + " features; a layer has at least one input");
        }
        size = config.size == 0 ? inputs / count : config.size;
        if (config.rotary != null) {
            config.rotary.rotatedOf(size);
        }
        config.requireVisibleKeys();
        double scale = Double.isNaN(config.scale) ? 1 / Math.sqrt(size) : config.scale;
        heads = AttentionHeads.of(count, config.keyHeads(), config.causal, scale);
        int width = Math.multiplyExact(count, size);
        int keyWidth = config.keyHeads() * size;
        query = weight("query", inputs, width, config.weights, layerKey);
        key = weight("key", memoryInputs, keyWidth, config.weights, layerKey);
        value = weight("value", memoryInputs, keyWidth, config.weights, layerKey);
        output = weight("output", width, inputs, config.output, layerKey);
        queryBias = bias(query, layerKey);
        keyBias = bias(key, layerKey);
        valueBias = bias(value, layerKey);
        outputBias = bias(output, layerKey);
    }

    private static Parameter weight(String name, int rows, int columns, Initializer initializer, Key layerKey) {
        return Parameter.create(
                name, Parameter.Kind.WEIGHT, Shape.of(rows, columns), Fans.dense(rows, columns), initializer, layerKey);
    }

    private @Nullable Parameter bias(Parameter weight, Key layerKey) {
        Shape shape = Shape.of(weight.value().dim(1));
        return config.bias
                ? Parameter.create(
                        weight.name() + "Bias", Parameter.Kind.BIAS, shape, weight.fans(), Init.zeros(), layerKey)
                : null;
    }

    /**
     * Describes attention whose inputs are not known yet.
     *
     * @param heads at least 1; must divide the number of features, unless the size of a head is given
     * @return a description with as many heads of keys and values, biases and default initialization; every query sees
     *     every key
     * @throws IllegalArgumentException if the number is below 1
     */
    public static Config heads(int heads) {
        return new Config(
                heads, 0, 0, 0, Double.NaN, false, true, null, null, Init.xavierUniform(), Init.xavierUniform());
    }

    /** The description of attention: an immutable factory. */
    public static final class Config implements LayerFactory {
        private final int heads;
        private final int keyValueHeads; // 0: as many
        private final int size; // of a head; 0: inputs / heads
        private final int memory; // inputs of keys and values; 0: as those of the queries
        private final double scale; // NaN: 1 / sqrt(size)
        private final boolean causal;
        private final boolean bias;
        private final @Nullable Rotary rotary;
        private final @Nullable Tensor mask;
        private final Initializer weights;
        private final Initializer output;

        private Config(
                int heads,
                int keyValueHeads,
                int size,
                int memory,
                double scale,
                boolean causal,
                boolean bias,
                @Nullable Rotary rotary,
                @Nullable Tensor mask,
                Initializer weights,
                Initializer output) {
            this.heads = heads;
            this.keyValueHeads = keyValueHeads;
            this.size = size;
            this.memory = memory;
            this.scale = scale;
            this.causal = causal;
            this.bias = bias;
            this.rotary = rotary;
            this.mask = mask;
            this.weights = weights;
            this.output = output;
            if (heads < 1) {
                throw new IllegalArgumentException("attention of " + heads + " heads; give at least 1");
            }
        }

        /** Refuses a fixed mask that leaves a query without a key, where its softmax is not defined. */
        private void requireVisibleKeys() {
            Tensor added = mask;
            for (int query = 0; added != null && query < added.dim(0); query++) {
                int keys = causal ? query + 1 : added.dim(1);
                int key = 0;
                while (key < keys && added.get(query, key) == Float.NEGATIVE_INFINITY) {
                    key++;
                }
                if (key == keys) {
                    throw new IllegalArgumentException("attention: the mask hides every key from query " + query
                            + (causal ? ", as causal attention hides those after it" : "")
                            + ", so its softmax is not defined; leave at least one key visible, such as the query's"
                            + " own, at row " + query + ", column " + query);
                }
            }
        }

        private int keyHeads() {
            return keyValueHeads == 0 ? heads : keyValueHeads;
        }

        /**
         * Sets the number of heads of keys and values, fewer than those of queries: each serves a group of neighbouring
         * heads of queries, which saves memory in a {@link Carry} (Ainslie and others, <i>GQA</i>, 2023).
         *
         * @param count a divisor of the heads; 1 for a single one (multi-query attention)
         * @return a copy with this number
         * @throws IllegalArgumentException if it does not divide the heads
         */
        public Config keyValueHeads(int count) {
            if (count < 1 || heads % count != 0) {
                throw new IllegalArgumentException("attention of " + heads + " heads with " + count
                        + " heads of keys and values: each of these serves as many heads of queries, so give"
                        + " keyValueHeads a divisor of " + heads);
            }
            return new Config(heads, count, size, memory, scale, causal, bias, rotary, mask, weights, output);
        }

        /**
         * Sets the size of a head.
         *
         * @param features of a query, a key and a value in one head, at least 1; by default inputs / heads
         * @return a copy with this size
         * @throws IllegalArgumentException if it is below 1
         */
        public Config headSize(int features) {
            requirePositive("headSize", features);
            return new Config(
                    heads, keyValueHeads, features, memory, scale, causal, bias, rotary, mask, weights, output);
        }

        /**
         * Sets the number of features of the sequence that keys and values come from, for attention {@linkplain
         * Attention#across across} two sequences of different width.
         *
         * @param features at least 1; by default as many as the inputs
         * @return a copy with this number
         * @throws IllegalArgumentException if it is below 1
         */
        public Config memory(int features) {
            requirePositive("memory", features);
            return new Config(heads, keyValueHeads, size, features, scale, causal, bias, rotary, mask, weights, output);
        }

        private static void requirePositive(String name, int features) {
            if (features < 1) {
                throw new IllegalArgumentException(
                        "attention: " + name + "(" + features + "); give at least 1 feature");
            }
        }

        /**
         * Lets no query see a later position.
         *
         * @return a copy that is causal
         */
        public Config causal() {
            return new Config(heads, keyValueHeads, size, memory, scale, true, bias, rotary, mask, weights, output);
        }

        /**
         * Leaves out all four biases.
         *
         * @return a copy without biases
         */
        public Config withoutBias() {
            return new Config(heads, keyValueHeads, size, memory, scale, causal, false, rotary, mask, weights, output);
        }

        /**
         * Rotates queries and keys by their positions.
         *
         * @param positions how
         * @return a copy with rotary positions
         */
        public Config rotary(Rotary positions) {
            Objects.requireNonNull(positions, "rotary positions");
            return new Config(
                    heads, keyValueHeads, size, memory, scale, causal, bias, positions, mask, weights, output);
        }

        /**
         * Sets the factor of the scores.
         *
         * @param factor finite; by default 1 / sqrt(size of a head)
         * @return a copy with this factor
         * @throws IllegalArgumentException if it is not finite
         */
        public Config scale(double factor) {
            if (!Double.isFinite(factor)) {
                throw new IllegalArgumentException("attention: scale is " + factor + "; it must be finite");
            }
            return new Config(heads, keyValueHeads, size, memory, factor, causal, bias, rotary, mask, weights, output);
        }

        /**
         * Sets a fixed mask, which is added to the scores of every head: minus infinity hides a key from a query. It
         * adds to causal attention and to padding. A mask that hides every key from a query is refused when the layer
         * is made. A mask for each example, or one that is trained, is an input of
         * {@link Attention#across(Node, Node, Node)}.
         *
         * @param added [positions x positions], a row for each query, for sequences of up to that length; not copied
         * @return a copy with this mask
         * @throws ShapeException if it is not square
         * @throws IllegalArgumentException if it has NaN or plus infinity
         */
        public Config mask(Tensor added) {
            Shape shape = added.shape();
            if (shape.rank() != 2 || shape.dim(0) != shape.dim(1)) {
                throw new ShapeException(
                        "attention: expected a mask [positions x positions], got " + shape,
                        "[positions x positions]",
                        shape);
            }
            for (int i = 0; i < added.size(); i++) {
                float element = added.array()[added.offset() + i];
                if (!(element < Float.POSITIVE_INFINITY)) {
                    throw new IllegalArgumentException("attention: the mask has " + element + " at row "
                            + i / shape.dim(1) + "; give finite numbers, or minus infinity to hide a key");
                }
            }
            return new Config(heads, keyValueHeads, size, memory, scale, causal, bias, rotary, added, weights, output);
        }

        /**
         * Sets the initializer of the matrices of queries, keys and values.
         *
         * @param initializer fills each of them, [inputs x heads * size], with its own key
         * @return a copy with this initializer
         */
        public Config weights(Initializer initializer) {
            Objects.requireNonNull(initializer, "weights initializer");
            return new Config(
                    heads, keyValueHeads, size, memory, scale, causal, bias, rotary, mask, initializer, output);
        }

        /**
         * Sets the initializer of the output's matrix.
         *
         * @param initializer fills [heads * size x inputs]; zeros make the layer give nothing at first
         * @return a copy with this initializer
         */
        public Config output(Initializer initializer) {
            Objects.requireNonNull(initializer, "output initializer");
            return new Config(
                    heads, keyValueHeads, size, memory, scale, causal, bias, rotary, mask, weights, initializer);
        }

        @Override
        public Attention create(Shape in, Key layerKey) {
            if (in.rank() != 3 || in.dim(2) == Shape.ANY) {
                String expected = "[batch x time x features] with a known number of features";
                throw new ShapeException(
                        "Attention: expected " + expected + ", got " + in, "[batch x time x features]", in);
            }
            return create(in.dim(2), layerKey);
        }

        /**
         * Makes the layer.
         *
         * @param inputs features of a position, at least 1
         * @param layerKey the layer's key, which determines the weights
         * @return the layer
         * @throws IllegalArgumentException if the heads do not divide the inputs, or the rotary positions do not fit
         *     the size of a head
         */
        public Attention create(int inputs, Key layerKey) {
            return new Attention(inputs, this, layerKey);
        }
    }

    /**
     * Attention across two sequences, for a graph: queries come from one, keys and values from the other.
     *
     * <pre>{@code
     * Graph.Builder graph = Graph.builder(key);
     * Node source = graph.input("source", 20, 64);
     * Node target = graph.input("target", 12, 32);
     * Attention attention = (Attention) graph.make("cross", Attention.heads(4).memory(64), target);
     * Node y = target.plus(attention.across(target, source));
     * }</pre>
     *
     * <p>The graph then runs the operations of this layer and not its pass, so a context that looks at layers, such as
     * that of {@link nn.layers.Lsuv}, does not see it.
     *
     * @param x where queries come from, [batch x queries x inputs]
     * @param memory where keys and values come from, [batch x keys x memory inputs]
     * @return [batch x queries x inputs]
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalStateException if this attention has rotary positions or a fixed mask, which are of one sequence
     */
    public Node across(Node x, Node memory) {
        requireTwoSequences();
        return projected(Node.attention(
                heads,
                projected(x, query, queryBias),
                projected(memory, key, keyBias),
                projected(memory, value, valueBias)));
    }

    /**
     * Attention across two sequences with a mask, as {@link #across(Node, Node)}.
     *
     * @param x where queries come from, [batch x queries x inputs]
     * @param memory where keys and values come from, [batch x keys x memory inputs]
     * @param mask added to the scores, of a shape that can be repeated to [batch x heads x queries x keys]: an input of
     *     the graph, or a parameter. Minus infinity hides a key
     * @return [batch x queries x inputs]
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalStateException if this attention has rotary positions or a fixed mask, which are of one sequence
     */
    public Node across(Node x, Node memory, Node mask) {
        requireTwoSequences();
        return projected(Node.attention(
                heads,
                projected(x, query, queryBias),
                projected(memory, key, keyBias),
                projected(memory, value, valueBias),
                mask));
    }

    private void requireTwoSequences() {
        if (config.rotary != null || config.mask != null) {
            throw new IllegalStateException(this + ": rotary positions and a fixed mask belong to one sequence; leave"
                    + " them out here, and give the mask as an input");
        }
    }

    private Node projected(Node attended) {
        return projected(attended, output, outputBias);
    }

    private static Node projected(Node x, Parameter weight, @Nullable Parameter bias) {
        Node product = x.matmul(weight);
        return bias == null ? product : product.plus(bias);
    }

    @Override
    public Pass newPass() {
        return new Attending();
    }

    /** Computes the attention of a sequence to itself, and its gradients. */
    private final class Attending extends Pass {
        private Tensor x;
        private Tensor q;
        private Tensor k; // with those that were carried
        private Tensor v;
        private Tensor statistics;
        private Tensor attended;
        private int past; // positions that were carried
        private @Nullable Tensor mask;
        private int @Nullable [] lengths; // null: all positions count
        private int[] lengthsHeld = {};
        private @Nullable Tensor angles; // for the rotation of all positions so far
        private Shape queryShape = Shape.of();
        private Shape keyShape = Shape.of(); // of the keys of this pass
        private Shape allKeysShape = Shape.of();
        private Shape statisticsShape = Shape.of();

        Attending() {
            super(Attention.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            this.x = save(x);
            Recurrent.State carried = carried(x, context);
            past = carried == null ? 0 : positions(carried);
            setShapes(x.shape());
            lengths = lengths(x, context);
            q = project(x, query, queryBias, queryShape, context);
            Tensor newKeys = project(x, key, keyBias, keyShape, context);
            Tensor newValues = project(x, value, valueBias, keyShape, context);
            rotate(config.heads, q, past, false);
            rotate(config.keyHeads(), newKeys, past, false);
            k = carried == null ? newKeys : joined(carried.part(0), newKeys, context);
            v = carried == null ? newValues : joined(carried.part(1), newValues, context);
            if (config.causal && context.carries()) {
                Shape flat = Shape.of(x.dim(0), (past + x.dim(1)) * key.value().dim(1));
                context.carry(Attention.this, Recurrent.State.of(k.reshape(flat), v.reshape(flat)));
            }
            mask = mask(x.dim(1));
            statistics = context.empty(statisticsShape);
            attended = context.empty(queryShape);
            heads.attendInto(q, k, v, mask, lengths, statistics, attended);
            save(q);
            save(k);
            save(v);
            save(statistics);
            save(attended);
            return project(attended, output, outputBias, outputShape(), context);
        }

        private Tensor project(Tensor from, Parameter weight, @Nullable Parameter bias, Shape shape, Context context) {
            Tensor to = context.empty(shape);
            if (bias == null) {
                context.linearInto(from, weight, to);
            } else {
                context.affineInto(from, weight, bias, to);
            }
            return to;
        }

        private void setShapes(Shape in) {
            int batch = in.dim(0);
            int time = in.dim(1);
            boolean isSame = queryShape.rank() == 3
                    && queryShape.dim(0) == batch
                    && queryShape.dim(1) == time
                    && allKeysShape.dim(1) == past + time;
            if (!isSame) {
                queryShape = Shape.of(batch, time, query.value().dim(1));
                keyShape = Shape.of(batch, time, key.value().dim(1));
                allKeysShape = keyShape.withDim(1, past + time);
                statisticsShape = heads.statisticsShape(queryShape);
            }
        }

        /** The keys and values of the passes before; null if there are none. */
        private Recurrent.@Nullable State carried(Tensor x, Context context) {
            if (!config.causal || !context.carries()) {
                return null;
            }
            Recurrent.State state = context.carried(Attention.this).orElse(null);
            if (state == null) {
                return null;
            }
            int width = key.value().dim(1);
            boolean fits = state.parts().size() == 2
                    && state.part(0).shape().rank() == 2
                    && state.part(0).shape().equals(state.part(1).shape())
                    && state.part(0).dim(1) % width == 0;
            if (!fits) {
                throw new IllegalArgumentException(Attention.this + ": the state carried has parts of shapes "
                        + state.parts().stream().map(Tensor::shape).toList() + "; expected keys and values [batch x"
                        + " positions * " + width + "] of this layer. Is it of another model? Begin with a new Carry");
            }
            Carry.requireRows(Attention.this, state, x.dim(0));
            return state;
        }

        private int positions(Recurrent.State state) {
            return state.part(0).dim(1) / key.value().dim(1);
        }

        private int @Nullable [] lengths(Tensor x, Context context) {
            Lengths known = Lengths.of(Attention.this, x, 0, context);
            if (known == null) {
                return null;
            }
            known.requireSteps(Attention.this, "key to attend to");
            if (config.causal && context.carries()) {
                throw new IllegalArgumentException(Attention.this + ": padded sequences cannot be carried, as the next"
                        + " chunk would come after the padding; carry sequences of one length, or one at a time");
            }
            if (lengthsHeld.length != known.batch()) {
                lengthsHeld = new int[known.batch()];
            }
            for (int b = 0; b < lengthsHeld.length; b++) {
                lengthsHeld[b] = known.length(b);
            }
            return lengthsHeld;
        }

        /** The rows of the fixed mask for the positions of this pass. */
        private @Nullable Tensor mask(int time) {
            Tensor all = config.mask;
            if (all == null) {
                return null;
            }
            if (past + time > all.dim(0)) {
                throw new IllegalArgumentException(Attention.this + ": the mask " + all.shape()
                        + " is for sequences of up to " + all.dim(0) + " positions, got " + (past + time)
                        + "; give a larger mask, or shorter sequences");
            }
            Tensor held = mask;
            boolean isHeld = held != null && held.dim(0) == time && held.offset() == all.offset() + past * all.dim(1);
            return isHeld ? held : all.rows(past, past + time);
        }

        /** The carried positions [batch x positions * width] and the new ones, one after the other. */
        private Tensor joined(Tensor before, Tensor after, Context context) {
            Tensor all = context.empty(allKeysShape);
            int batch = after.dim(0);
            int old = before.dim(1);
            int added = after.dim(1) * after.dim(2);
            for (int b = 0; b < batch; b++) {
                int at = all.offset() + b * (old + added);
                System.arraycopy(before.array(), before.offset() + b * old, all.array(), at, old);
                System.arraycopy(after.array(), after.offset() + b * added, all.array(), at + old, added);
            }
            return all;
        }

        private void rotate(int count, Tensor t, int first, boolean back) {
            Rotary rotary = config.rotary;
            if (rotary == null) {
                return;
            }
            int needed = first + t.dim(1);
            Tensor held = angles;
            if (held == null || held.dim(0) < needed) {
                held = rotary.table(first == 0 ? needed : 2 * needed, size); // twice: more will follow one by one
                angles = held;
            }
            rotary.rotateInto(t, count, held, first, back, t);
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor[] d = gradients(dy, gradients);
            Tensor dx = context().empty(inputShape());
            d[0].matmulInto(query.value(), Transposed.RIGHT, dx);
            d[1].matmulAddInto(key.value(), Transposed.RIGHT, dx);
            d[2].matmulAddInto(value.value(), Transposed.RIGHT, dx);
            return dx;
        }

        @Override
        protected void backwardParameters(Tensor dy, Gradients gradients) {
            gradients(dy, gradients);
        }

        private final Tensor[] projected = new Tensor[3]; // gradients at q, k and v

        /** Adds the gradients of the parameters; returns those at queries, keys and values of this pass. */
        private Tensor[] gradients(Tensor dy, Gradients gradients) {
            Context context = context();
            add(gradients, output, outputBias, attended, dy);
            Tensor dAttended = context.empty(queryShape);
            dy.matmulInto(output.value(), Transposed.RIGHT, dAttended);
            Tensor dq = context.empty(queryShape);
            Tensor dk = context.empty(allKeysShape);
            Tensor dv = context.empty(allKeysShape);
            heads.attendGradInto(q, k, v, mask, lengths, statistics, attended, dAttended, dq, dk, dv);
            context.release(dAttended);
            projected[0] = dq;
            projected[1] = past == 0 ? dk : added(dk);
            projected[2] = past == 0 ? dv : added(dv);
            rotate(config.heads, dq, past, true);
            rotate(config.keyHeads(), projected[1], past, true);
            add(gradients, query, queryBias, x, projected[0]);
            add(gradients, key, keyBias, x, projected[1]);
            add(gradients, value, valueBias, x, projected[2]);
            return projected;
        }

        /** The gradient at the positions of this pass, without those that were carried. */
        private Tensor added(Tensor all) {
            Tensor some = context().empty(keyShape);
            int batch = keyShape.dim(0);
            int from = all.dim(1) * all.dim(2);
            int to = some.dim(1) * some.dim(2);
            for (int b = 0; b < batch; b++) {
                System.arraycopy(
                        all.array(), all.offset() + (b + 1) * from - to, some.array(), some.offset() + b * to, to);
            }
            return some;
        }

        private static void add(
                Gradients gradients, Parameter weight, @Nullable Parameter bias, Tensor from, Tensor d) {
            gradients.addWeightGradient(weight, from, d);
            if (bias != null) {
                gradients.addSumOfRows(bias, d);
            }
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() != 3 || in.dim(2) != inputs) {
            String expected = "[batch x time x " + inputs + "]";
            throw new ShapeException(this + ": expected " + expected + ", got " + in, expected, in);
        }
        if (memoryInputs != inputs) {
            throw new ShapeException(
                    this + ": keys and values come from another sequence, of " + memoryInputs
                            + " features; use across(x, memory) in a graph",
                    "two inputs",
                    in);
        }
        return in;
    }

    /** Axis 0 counts the examples; axis 1 is the time. */
    @Override
    public OptionalInt batchAxis(int in) {
        return in == 0 ? OptionalInt.of(0) : OptionalInt.empty();
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(List.of(query, key, value, output));
        if (queryBias != null && keyBias != null && valueBias != null && outputBias != null) {
            all.addAll(List.of(queryBias, keyBias, valueBias, outputBias));
        }
        return List.copyOf(all);
    }

    /**
     * Maps the parameters to those of {@code torch.nn.MultiheadAttention}: {@code in_proj_weight}, in which queries,
     * keys and values are one below the other, or {@code q_proj_weight}, {@code k_proj_weight} and {@code
     * v_proj_weight} if they differ in width; {@code in_proj_bias}, {@code out_proj.weight} and {@code out_proj.bias}.
     */
    @Override
    public List<WeightMapping> torchMapping() {
        List<WeightMapping> all = new ArrayList<>();
        boolean alike = memoryInputs == inputs && config.keyHeads() == config.heads;
        if (alike) {
            all.add(new WeightMapping("in_proj_weight", parts(WeightMapping.Form.TRANSPOSED, query, key, value)));
        } else {
            all.add(WeightMapping.transposed("q_proj_weight", query));
            all.add(WeightMapping.transposed("k_proj_weight", key));
            all.add(WeightMapping.transposed("v_proj_weight", value));
        }
        if (queryBias != null && keyBias != null && valueBias != null) {
            all.add(new WeightMapping("in_proj_bias", parts(WeightMapping.Form.PLAIN, queryBias, keyBias, valueBias)));
        }
        all.add(WeightMapping.transposed("out_proj.weight", output));
        if (outputBias != null) {
            all.add(WeightMapping.of("out_proj.bias", outputBias));
        }
        return List.copyOf(all);
    }

    private static List<WeightMapping.Part> parts(WeightMapping.Form form, Parameter... parameters) {
        List<WeightMapping.Part> parts = new ArrayList<>();
        for (Parameter parameter : parameters) {
            parts.add(new WeightMapping.Part(parameter, form));
        }
        return parts;
    }

    /**
     * The features of a position.
     *
     * @return at least 1
     */
    public int inputs() {
        return inputs;
    }

    /**
     * The features of a query, a key and a value in one head.
     *
     * @return at least 1
     */
    public int headSize() {
        return size;
    }

    /**
     * The rotary positions.
     *
     * @return empty if queries and keys are not rotated
     */
    public Optional<Rotary> rotary() {
        return Optional.ofNullable(config.rotary);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        outputShape(x.shape()); // refuses others
        Value q = exported(graph, x, query, queryBias);
        Value k = exported(graph, x, key, keyBias);
        Value v = exported(graph, x, value, valueBias);
        Rotary positions = config.rotary;
        if (positions != null) {
            q = positions.export(graph, q, config.heads);
            k = positions.export(graph, k, config.keyHeads());
        }
        Value attended = AttentionOperators.describe(graph, heads, q, k, v, exportedMask(graph, x));
        return exported(graph, attended, output, outputBias);
    }

    private static Value exported(OperatorGraph graph, Value x, Parameter weight, @Nullable Parameter bias) {
        Shape out = x.shape().withLast(weight.value().dim(1));
        Value product = graph.call("MatMul", x, graph.constant(weight.name(), weight.value()))
                .gives(out);
        return bias == null ? product : graph.elementwise("Add", product, graph.constant(bias.name(), bias.value()));
    }

    /** The part of the fixed mask that a sequence of this length needs. */
    private Value exportedMask(OperatorGraph graph, Value x) {
        Tensor given = config.mask;
        if (given == null) {
            return Value.NONE;
        }
        int time = x.shape().dim(1);
        if (time > given.dim(0)) {
            throw graph.refused(time + " positions, as the mask has fewer");
        }
        Value all = graph.constant("mask", given);
        if (time == given.dim(0)) {
            return all;
        }
        Value size = graph.size(x, 1);
        Value ends = graph.call("Concat", size, size).with("axis", 0).gives(ElementKind.INT64, Shape.of(2));
        return graph.call("Slice", all, graph.wholes("starts", 0, 0), ends, graph.wholes("axes", 0, 1))
                .gives(Shape.of(time, time));
    }

    /** Such as {@code Attention 128, 8 heads, causal}, and all else that differs from the default. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(
                "Attention " + inputs + ", " + config.heads + (config.heads == 1 ? " head" : " heads"));
        if (size * config.heads != inputs) {
            text.append(" of ").append(size);
        }
        if (config.keyHeads() != config.heads) {
            text.append(", ").append(config.keyHeads()).append(" of keys and values");
        }
        if (memoryInputs != inputs) {
            text.append(", memory of ").append(memoryInputs);
        }
        if (config.causal) {
            text.append(", causal");
        }
        if (!Double.isNaN(config.scale)) {
            text.append(", scale ").append(config.scale);
        }
        if (config.rotary != null) {
            text.append(", ").append(config.rotary);
        }
        if (config.mask != null) {
            text.append(", mask ").append(config.mask.shape()).append(' ').append(config.mask.sha256(), 0, 8);
        }
        return text.toString();
    }
}
