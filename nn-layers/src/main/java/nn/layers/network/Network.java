package nn.layers.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.LayerTree;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.activation.Activation;
import nn.layers.dense.Dense;
import nn.layers.internal.Idle;
import nn.layers.internal.LayerShapes;
import nn.layers.internal.NullFromLayer;
import nn.layers.internal.summary.Summary;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.LayerNorm;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.layers.regularization.Dropout;
import nn.layers.shape.TimeMajor;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * A chain of layers, each with a name. The names form the paths of the parameters ({@code hidden1.weight}) and
 * determine the keys that drew them: a layer's weights depend on the network's key, the layer's name and its own sizes,
 * and on nothing else in the network.
 *
 * <pre>{@code
 * Network network = Network.builder(Key.of(42)).input(64)
 *         .dense("hidden1", 128).relu()
 *         .dense("out", 10)
 *         .build();
 * Tensor logits = network.predict(batch);   // [batch x 64] to [batch x 10]
 * }</pre>
 *
 * <p>Forward and backward passes iterate, so a chain may be as long as memory allows. A network inside another one is
 * run as a part of the outer chain, so networks may be nested as deep as {@link #layersByPath} allows. A context sees
 * the layers of the inner network, but not that network itself.
 */
public final class Network implements Layer {
    private final Shape input;
    private final SequencedMap<String, Layer> layers;
    private final List<String> names; // of the layers, in order
    private final List<Layer> chain; // the same layers, inner networks replaced by their chains
    private final int[] starts; // index in the chain at which each layer begins
    private final List<Network> inner; // the networks whose layers are part of the chain
    private final int[] innerStarts; // index in the chain at which each of them begins
    private final List<Shape> shapes; // of the outputs of the layers, in order
    private final List<OptionalInt> batchAxes; // of the output, for the first two axes of the input
    private final Idle<PredictionContext> idle = new Idle<>(() -> new PredictionContext(Map.of()));
    private @Nullable SequencedMap<String, Parameter> parameters; // by path; null before the first call

    private Network(Shape input, SequencedMap<String, Layer> layers, List<Shape> shapes, List<OptionalInt> batchAxes) {
        this.input = input;
        this.layers = Collections.unmodifiableSequencedMap(layers);
        this.names = List.copyOf(layers.keySet());
        List<Layer> flat = new ArrayList<>();
        List<Network> networks = new ArrayList<>();
        List<Integer> networkStarts = new ArrayList<>();
        this.starts = new int[layers.size()];
        int i = 0;
        for (Layer layer : layers.values()) {
            int start = flat.size();
            starts[i++] = start;
            if (layer instanceof Network network) {
                networks.add(network);
                networkStarts.add(start);
                networks.addAll(network.inner);
                for (int at : network.innerStarts) {
                    networkStarts.add(start + at);
                }
                flat.addAll(network.chain);
            } else {
                flat.add(layer);
            }
        }
        this.chain = List.copyOf(flat);
        this.inner = List.copyOf(networks);
        this.innerStarts = new int[networkStarts.size()];
        for (int n = 0; n < innerStarts.length; n++) {
            innerStarts[n] = networkStarts.get(n);
        }
        this.shapes = shapes;
        this.batchAxes = batchAxes;
    }

    /**
     * Begins a network.
     *
     * @param key of the weights: a layer gets the child with its name
     * @return a builder, which needs the input first
     */
    public static Builder builder(Key key) {
        return new Builder(Objects.requireNonNull(key, "key"));
    }

    /**
     * Describes a network whose input is not known yet, as a layer of another one. The paths and keys of its layers
     * begin with its name there.
     *
     * @param layers adds the layers to a builder that knows input and key; must not add this chain again
     * @return a factory
     */
    public static LayerFactory chain(Consumer<Builder> layers) {
        return new Chain(Objects.requireNonNull(layers, "layers"));
    }

    /** A factory of inner networks, which refuses to be within itself: it would never end. */
    private static final class Chain implements LayerFactory {
        /** The chains whose layers are being added, the innermost first. */
        private static final ScopedValue<Link> ADDING = ScopedValue.newInstance();

        private static final int MOST_LEVELS = 100;

        private record Link(
                Chain chain, int level, @Nullable Link outer) {}

        private final Consumer<Builder> layers;

        Chain(Consumer<Builder> layers) {
            this.layers = layers;
        }

        @Override
        public Layer create(Shape in, Key key) {
            Link outer = ADDING.isBound() ? ADDING.get() : null;
            for (Link link = outer; link != null; link = link.outer) {
                if (link.chain == this) {
                    throw new IllegalArgumentException("a chain of layers contains itself, and would never end; make"
                            + " another chain for each level, and one without inner layers at last");
                }
            }
            int level = outer == null ? 1 : outer.level + 1;
            if (level > MOST_LEVELS) {
                throw new IllegalStateException("chains of layers are nested more than " + MOST_LEVELS
                        + " deep: does a chain make itself again without an end? Put layers one behind the other in one"
                        + " network");
            }
            Builder builder = builder(key).input(in);
            return ScopedValue.where(ADDING, new Link(this, level, outer)).call(() -> {
                layers.accept(builder);
                return builder.build();
            });
        }
    }

    @Override
    public Pass newPass() {
        return new SequentialPass();
    }

    /** Runs all layers, forward and backward. */
    private final class SequentialPass extends Pass {
        private final Pass[] passes = newPasses();

        SequentialPass() {
            super(Network.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Tensor before = x;
            Tensor value = x;
            int entered = 0;
            for (int i = 0; i < passes.length; i++) {
                entered = enter(i, value.shape(), entered);
                Tensor next = run(i, passes[i], value, context);
                if (i > 0 && !value.overlaps(before) && !value.overlaps(next)) {
                    context.release(value); // has no effect if one of the two layers saved it
                }
                before = value;
                value = next;
            }
            return value;
        }

        @Override
        protected Tensor backward(Tensor dOutput, Gradients gradients) {
            return backward(0, backTo(0, dOutput, gradients), dOutput, gradients);
        }

        @Override
        protected void backwardParameters(Tensor dOutput, Gradients gradients) {
            int first = firstTrained(gradients);
            if (first == passes.length) {
                return;
            }
            Tensor d = backTo(first, dOutput, gradients);
            try {
                passes[first].pullbackParameters(d, gradients);
            } catch (ShapeException e) {
                throw LayerShapes.named(path(first), chain.get(first), e, "");
            } catch (NullFromLayer e) {
                throw e.named(path(first));
            }
            release(d, dOutput);
        }

        @Override
        protected boolean handsOnResults() {
            return true;
        }

        /** Returns the index of the first layer that needs a gradient: the first of all if nothing is frozen. */
        private int firstTrained(Gradients gradients) {
            int first = 0;
            while (gradients.hasFrozen() && first < passes.length && !gradients.isTrained(chain.get(first))) {
                first++;
            }
            return first;
        }

        /** Computes the gradient at the output of a layer. */
        private Tensor backTo(int layer, Tensor dOutput, Gradients gradients) {
            Tensor d = dOutput;
            for (int i = passes.length - 1; i > layer; i--) {
                d = backward(i, d, dOutput, gradients);
            }
            return d;
        }

        private Tensor backward(int layer, Tensor d, Tensor dOutput, Gradients gradients) {
            Tensor before;
            try {
                before = passes[layer].pullback(d, gradients);
            } catch (ShapeException e) {
                throw LayerShapes.named(path(layer), chain.get(layer), e, "");
            } catch (NullFromLayer e) {
                throw e.named(path(layer));
            }
            if (!before.overlaps(d)) {
                release(d, dOutput);
            }
            return before;
        }

        /** Releases a gradient between two layers, which only this chain uses. */
        private void release(Tensor d, Tensor dOutput) {
            if (!d.overlaps(dOutput)) {
                context().release(d);
            }
        }
    }

    /**
     * Computes the output in inference, without keeping a pass. Safe to call from several threads. The output is a new
     * tensor, unless the layers hand on their input. The memory of the tensors between the layers is kept for the next
     * prediction, as long as the heap has room for it. Many predictions with the same weights take less time with a
     * {@link Predictor}.
     *
     * @param x the input, of a shape that matches {@link #inputShape}
     * @return the output
     * @throws ShapeException if the input has another shape
     */
    public Tensor predict(Tensor x) {
        PredictionContext context = idle.take(); // not given back if a layer throws
        // A new pass for each layer, so that its tensors are free at once.
        Tensor output = context.end(predict(x, this::newPass, context));
        idle.giveBack(context);
        return output;
    }

    /** Computes the output by a pass for each layer of the chain; it is in memory of the context. */
    Tensor predict(Tensor x, IntFunction<Pass> passes, PredictionContext context) {
        requireInput(x);
        Tensor value = x;
        int entered = 0;
        for (int i = 0; i < chain.size(); i++) {
            entered = enter(i, value.shape(), entered);
            value = run(i, passes.apply(i), value, context);
            context.keepOnly(value);
        }
        return value;
    }

    /** New passes for the layers of the chain. */
    Pass[] newPasses() {
        Pass[] passes = new Pass[chain.size()];
        for (int i = 0; i < passes.length; i++) {
            passes[i] = newPass(i);
        }
        return passes;
    }

    /**
     * Checks the input of the inner networks that begin at an index of the chain; returns how many have begun by then.
     */
    private int enter(int index, Shape in, int before) {
        int entered = before;
        while (entered < innerStarts.length && innerStarts[entered] == index) {
            Network network = inner.get(entered);
            if (!network.input.matches(in)) {
                try {
                    network.requireInput(in);
                } catch (ShapeException e) {
                    throw LayerShapes.named(path(network, index), network, e, "");
                }
            }
            entered++;
        }
        return entered;
    }

    /** Returns the path of a layer of the chain. */
    private String path(int index) {
        return path(null, index);
    }

    /** Returns the path of a layer of the chain, or of an inner network that begins with it. */
    private String path(@Nullable Network end, int index) {
        StringBuilder path = new StringBuilder();
        Network network = this;
        int place = index;
        while (true) {
            int i = Arrays.binarySearch(network.starts, place);
            i = i < 0 ? -i - 2 : i;
            path.append(path.isEmpty() ? "" : ".").append(network.names.get(i));
            if (!(network.layers.get(network.names.get(i)) instanceof Network next) || next == end) {
                return path.toString();
            }
            place -= network.starts[i];
            network = next;
        }
    }

    private Pass newPass(int index) {
        try {
            return Pass.of(chain.get(index));
        } catch (NullFromLayer e) {
            throw e.named(path(index));
        }
    }

    /** Runs one layer of the chain. */
    private Tensor run(int index, Pass pass, Tensor x, Context context) {
        try {
            return context.run(pass, x);
        } catch (IllegalArgumentException e) {
            throw LayerShapes.named(path(index), chain.get(index), e);
        } catch (NullFromLayer e) {
            throw e.named(path(index));
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        requireInput(in);
        Shape shape = in;
        int entered = 0;
        for (int i = 0; i < chain.size(); i++) {
            entered = enter(i, shape, entered);
            try {
                shape = LayerShapes.outputShape(chain.get(i), chain.get(i)::outputShape, shape);
            } catch (ShapeException e) {
                throw LayerShapes.named(path(i), chain.get(i), e, "");
            } catch (NullFromLayer e) {
                throw e.named(path(i));
            }
        }
        return shape;
    }

    private void requireInput(Tensor x) {
        requireInput(Objects.requireNonNull(x, "x").shape());
    }

    private void requireInput(Shape in) {
        if (!input.matches(in)) {
            Map.Entry<String, Layer> first = layers.firstEntry();
            throw new ShapeException(
                    "input of the network: expected " + input + ", got " + in + ". The first layer is '"
                            + first.getKey() + "' (" + Description.of(first.getValue()) + ")",
                    input.toString(),
                    in);
        }
    }

    /**
     * The shape of the input.
     *
     * @return the shape given to the builder, with {@link Shape#ANY} for the batch (and the time)
     */
    public Shape inputShape() {
        return input;
    }

    /** Passes the axis through the layers. The builder has done so already, as networks may be nested deeply. */
    @Override
    public OptionalInt batchAxis(int in) {
        return in == 0 || in == 1 ? batchAxes.get(in) : Layer.super.batchAxis(in);
    }

    @Override
    public List<String> outputNames() {
        return chain.isEmpty() ? List.of() : chain.getLast().outputNames();
    }

    @Override
    public boolean isRowwise() {
        return true;
    }

    @Override
    public SequencedMap<String, Layer> children() {
        return layers;
    }

    @Override
    public SequencedMap<String, Parameter> parametersByPath() {
        SequencedMap<String, Parameter> found = parameters;
        if (found == null) { // threads that ask at once get equal answers
            found = Collections.unmodifiableSequencedMap(new LayerTree(this).parameters());
            parameters = found;
        }
        return found;
    }

    /**
     * A table of the layers, their output shapes and parameters, and the scheme that each parameter was initialized by.
     * Running statistics are counted apart from the parameters that training changes by their gradients: {@code 16 +
     * 16}.
     *
     * @return several lines, of 80 columns if names and shapes are no longer than usual
     */
    @Override
    public String summary() {
        Summary summary = new Summary();
        summary.input("", input);
        int i = 0;
        for (Map.Entry<String, Layer> layer : layers.entrySet()) {
            summary.layer(layer.getKey(), layer.getValue(), shapes.get(i++));
        }
        return summary.text();
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Value value = x;
        for (Map.Entry<String, Layer> layer : layers.entrySet()) {
            Value in = value;
            value = graph.within(layer.getKey(), () -> layer.getValue().export(graph, in));
        }
        return value;
    }

    /** Such as {@code Network of 3 layers}. */
    @Override
    public String toString() {
        return "Network of " + layers.size() + (layers.size() == 1 ? " layer" : " layers");
    }

    /** Collects layers, computes their shapes, and creates the network. */
    public static final class Builder {
        private record Entry(
                String name,
                boolean automatic,
                LayerFactory factory,
                Optional<Nonlinearity> nonlinearity,
                boolean transparent) {}

        private final Key key;
        private final List<Entry> entries = new ArrayList<>();
        private @Nullable Shape input;

        private Builder(Key key) {
            this.key = key;
        }

        /**
         * Declares an input [batch x features].
         *
         * @param features at least 1
         * @return this builder
         */
        public Builder input(int features) {
            return input(Shape.of(Shape.ANY, features));
        }

        /**
         * Declares an input that is a sequence [time x batch x features].
         *
         * @param features at least 1
         * @return this builder
         */
        public Builder sequence(int features) {
            return input(Shape.of(Shape.ANY, Shape.ANY, features));
        }

        /**
         * Declares an input of tokens, such as the words of texts: whole numbers [batch x time] for an {@link
         * nn.layers.dense.Embedding}. Sequence layers need {@link #timeMajor} first.
         *
         * @return this builder
         */
        public Builder tokens() {
            return input(Shape.of(Shape.ANY, Shape.ANY));
        }

        /**
         * Declares an input of any shape.
         *
         * @param shape with {@link Shape#ANY} for the batch (and the time)
         * @return this builder
         */
        public Builder input(Shape shape) {
            input = Objects.requireNonNull(shape, "input shape");
            return this;
        }

        /**
         * Adds a dense layer with default initialization: weights that {@linkplain nn.init.Gain#suitable suit} the
         * nonlinearity that follows, such as He normal before a ReLU or leaky ReLU; Xavier uniform before tanh and
         * where none follows; zero bias. {@linkplain Layer#isTransparent Transparent} layers between, such
         * as dropout, do not change that.
         *
         * @param name its name
         * @param units features of its output
         * @return this builder
         */
        public Builder dense(String name, int units) {
            return layer(name, Dense.units(units));
        }

        /**
         * Adds a dense layer with a given initializer, and zero bias.
         *
         * @param name its name
         * @param units features of its output
         * @param weight fills [inputs x units]
         * @return this builder
         */
        public Builder dense(String name, int units, Initializer weight) {
            return layer(name, Dense.units(units).weight(weight));
        }

        /**
         * Adds a dense layer with given initializers.
         *
         * @param name its name
         * @param units features of its output
         * @param weight fills [inputs x units]
         * @param bias fills [units]
         * @return this builder
         */
        public Builder dense(String name, int units, Initializer weight, Initializer bias) {
            return layer(name, Dense.units(units).weight(weight).bias(bias));
        }

        /**
         * Adds a layer created for the shape of its input: {@link Dense#units}, {@link Rnn#units}, or a lambda.
         *
         * @param name its name, which determines the paths of its parameters and its key; not empty, no dots, used once
         * @param factory creates it
         * @return this builder
         */
        public Builder layer(String name, LayerFactory factory) {
            entries.add(new Entry(
                    Objects.requireNonNull(name, "layer name"),
                    false,
                    Objects.requireNonNull(factory, "layer '" + name + "'"),
                    notNull(factory.nonlinearity(), name, "its factory's nonlinearity()"),
                    factory.isTransparent()));
            return this;
        }

        /**
         * Adds a recurrent layer that gives all states, with default initialization. {@link #layer} takes {@link
         * Rnn#units} with options.
         *
         * @param name its name
         * @param units features of its state
         * @return this builder
         */
        public Builder rnn(String name, int units) {
            return layer(name, Rnn.units(units));
        }

        /**
         * Adds a long short-term memory that gives all states, with default initialization; the input is a sequence.
         *
         * @param name its name
         * @param units features of its state
         * @return this builder
         */
        public Builder lstm(String name, int units) {
            return layer(name, Lstm.units(units));
        }

        /**
         * Adds a gated recurrent unit that gives all states, with default initialization; the input is a sequence.
         *
         * @param name its name
         * @param units features of its state
         * @return this builder
         */
        public Builder gru(String name, int units) {
            return layer(name, Gru.units(units));
        }

        /**
         * Swaps batch and time: batch-first data, [batch x time x ...], become [time x batch x ...], as recurrent
         * layers need them. A network for batch-first data begins with it; a second one after the recurrent layers
         * makes their outputs batch-first. It has no parameters, so it needs no name.
         *
         * @return this builder
         */
        public Builder timeMajor() {
            TimeMajor layer = new TimeMajor();
            entries.add(
                    new Entry("time" + (entries.size() + 1), true, (in, layerKey) -> layer, Optional.empty(), true));
            return this;
        }

        /**
         * Adds a {@linkplain LayerNorm layer normalization}.
         *
         * @param name its name
         * @return this builder
         */
        public Builder layerNorm(String name) {
            return layer(name, LayerNorm.standard());
        }

        /**
         * Adds a {@linkplain BatchNorm batch normalization}.
         *
         * @param name its name
         * @return this builder
         */
        public Builder batchNorm(String name) {
            return layer(name, BatchNorm.standard());
        }

        /**
         * Adds a {@linkplain Dropout dropout}. It needs a name because its key comes from the name.
         *
         * @param name its name
         * @param rate the share of values that are set to zero in training, from 0 to below 1
         * @return this builder
         * @throws IllegalArgumentException if the rate is out of its range
         */
        public Builder dropout(String name, double rate) {
            return layer(name, Dropout.of(rate));
        }

        /**
         * Adds an existing layer. A layer used in several places has its parameters once.
         *
         * @param name its name in this place
         * @param layer the layer
         * @return this builder
         */
        public Builder layer(String name, Layer layer) {
            Objects.requireNonNull(name, "layer name");
            Objects.requireNonNull(layer, "layer '" + name + "'");
            entries.add(new Entry(
                    name,
                    false,
                    (in, layerKey) -> layer,
                    notNull(layer.activation(), name, "its activation()"),
                    layer.isTransparent()));
            return this;
        }

        /** The answer of a layer or factory to a question that it need not know; null is refused by naming it. */
        private static <T> T notNull(T answer, String name, String question) {
            return Objects.requireNonNull(
                    answer, () -> "layer '" + name + "': " + question + " returned null; return an empty one");
        }

        /**
         * Adds a nonlinearity. It has no parameters, so it needs no name: a ReLU that is the second layer is called
         * {@code relu2}.
         *
         * @param f a constant, a pair of lambdas by {@link Nonlinearity#of}, or a custom class, which may have a
         *     {@linkplain Nonlinearity#newKernel kernel} for speed
         * @return this builder
         */
        public Builder activation(Nonlinearity f) {
            Activation activation = new Activation(f);
            // "leaky relu(0.1)" that comes third is called leaky3.
            String name = firstWord(f.name()) + (entries.size() + 1);
            entries.add(new Entry(name, true, (in, layerKey) -> activation, Optional.of(f), false));
            return this;
        }

        private static String firstWord(String text) {
            int end = 0;
            while (end < text.length() && Character.isLetterOrDigit(text.charAt(end)) && text.charAt(end) < 128) {
                end++;
            }
            return text.substring(0, end);
        }

        /**
         * ReLU.
         *
         * @return this builder
         */
        public Builder relu() {
            return activation(Nonlinearity.RELU);
        }

        /**
         * Leaky ReLU.
         *
         * @param slope the slope below 0, finite; 0.01 is usual
         * @return this builder
         * @throws IllegalArgumentException if the slope is NaN or infinite
         */
        public Builder leakyRelu(double slope) {
            return activation(Nonlinearity.leakyRelu(slope));
        }

        /**
         * ELU: {@code exp(x) - 1} below 0.
         *
         * @return this builder
         */
        public Builder elu() {
            return activation(Nonlinearity.elu(1));
        }

        /**
         * SELU, which keeps mean 0 and variance 1; a dense layer before it is LeCun normal.
         *
         * @return this builder
         */
        public Builder selu() {
            return activation(Nonlinearity.SELU);
        }

        /**
         * GELU, exactly: {@code x Phi(x)}.
         *
         * @return this builder
         */
        public Builder gelu() {
            return activation(Nonlinearity.GELU);
        }

        /**
         * SiLU, also called swish: {@code x sigmoid(x)}.
         *
         * @return this builder
         */
        public Builder silu() {
            return activation(Nonlinearity.SILU);
        }

        /**
         * Softplus: {@code log(1 + exp(x))}.
         *
         * @return this builder
         */
        public Builder softplus() {
            return activation(Nonlinearity.SOFTPLUS);
        }

        /**
         * The logistic function.
         *
         * @return this builder
         */
        public Builder sigmoid() {
            return activation(Nonlinearity.SIGMOID);
        }

        /**
         * tanh.
         *
         * @return this builder
         */
        public Builder tanh() {
            return activation(Nonlinearity.TANH);
        }

        /**
         * Creates the layers and checks that they fit together.
         *
         * @return the network, initialized
         * @throws ShapeException if a layer cannot take the output of the one before; the message names both
         * @throws IllegalArgumentException if a layer has no units or inputs; if its name is empty, has a dot, or was
         *     used before; or if it reads the batch axis of its input as time ({@link Layer#batchAxis})
         * @throws IllegalStateException if no input was declared, or there is no layer
         */
        public Network build() {
            Shape in = input;
            if (in == null) {
                throw new IllegalStateException("the builder does not know the input: call input(features) first");
            }
            if (entries.isEmpty()) {
                throw new IllegalStateException("a network needs a layer");
            }
            Set<String> given = requireNames();
            SequencedMap<String, Layer> layers = new LinkedHashMap<>();
            List<Shape> shapes = new ArrayList<>();
            ShapeOrigin origin = new ShapeOrigin(in, layers, shapes);
            Shape shape = in;
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get(i);
                String name = entry.name();
                while (entry.automatic() && (given.contains(name) || layers.containsKey(name))) {
                    name += "_"; // a name given by the user has priority; nothing depends on this one
                }
                LayerFactory factory =
                        following(i).map(entry.factory()::followedBy).orElse(entry.factory());
                Layer layer = create(name, factory, shape, origin);
                requireTree(name, layer);
                try {
                    shape = LayerShapes.outputShape(layer, layer::outputShape, shape);
                } catch (ShapeException e) {
                    throw LayerShapes.named(name, layer, e, origin.of(name, e));
                } catch (NullFromLayer e) {
                    throw e.named(name);
                }
                layers.put(name, layer);
                shapes.add(shape);
            }
            return new Network(in, layers, shapes, batchAxes(layers));
        }

        /**
         * Returns the batch axes of the output for the first two axes of the input; refuses layers that agree on
         * neither.
         */
        private static List<OptionalInt> batchAxes(SequencedMap<String, Layer> layers) {
            OptionalInt first = OptionalInt.of(0);
            OptionalInt second = OptionalInt.of(1);
            for (Map.Entry<String, Layer> entry : layers.entrySet()) {
                Layer layer = entry.getValue();
                boolean batchFirst = first.equals(OptionalInt.of(0)) || second.equals(OptionalInt.of(0));
                first = first.isPresent() ? batchAxis(entry, first.getAsInt()) : first;
                second = second.isPresent() ? batchAxis(entry, second.getAsInt()) : second;
                if (first.isEmpty() && second.isEmpty()) {
                    String takes = batchFirst
                            ? "[time x batch x ...], but is given [batch x ...]"
                            : "[batch x ...], but is given [time x batch x ...]";
                    throw new IllegalArgumentException("layer '" + entry.getKey() + "' (" + Layer.describe(layer)
                            + ") takes " + takes + " by the layers before it; put timeMajor() between them, or remove"
                            + " one that is there");
                }
            }
            return List.of(first, second);
        }

        private static OptionalInt batchAxis(Map.Entry<String, Layer> entry, int in) {
            return notNull(entry.getValue().batchAxis(in), entry.getKey(), "its batchAxis(" + in + ")");
        }

        /** Returns the nonlinearity after a layer; transparent layers between do not count. */
        private Optional<Nonlinearity> following(int index) {
            int next = index + 1;
            while (next < entries.size() && entries.get(next).transparent()) {
                next++;
            }
            return next < entries.size() ? entries.get(next).nonlinearity() : Optional.empty();
        }

        /** Refuses a layer that contains itself, which would be asked for its shape endlessly. */
        private static void requireTree(String name, Layer layer) {
            if (!(layer instanceof Network)) { // its layers were checked when it was built
                new LayerTree(name, layer);
            }
        }

        private Layer create(String name, LayerFactory factory, Shape in, ShapeOrigin origin) {
            try {
                return Objects.requireNonNull(
                        factory.create(in, key.child(name)), "the factory of layer '" + name + "' gave null");
            } catch (ShapeException e) {
                // A refusal of another shape comes from an inner layer, and says where that shape comes from.
                String from = e.actual().equals(in) ? origin.of(name, e) : "";
                throw LayerShapes.reworded("layer '" + name + "': " + e.getMessage() + from, e);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("layer '" + name + "': " + e.getMessage(), e);
            }
        }

        private Set<String> requireNames() {
            Set<String> given = new HashSet<>();
            for (Entry entry : entries) {
                String name = entry.name();
                String problem = name.isEmpty()
                        ? "is empty"
                        : name.indexOf('.') >= 0 ? "has a dot, which separates the parts of a path" : "was used before";
                if (name.isEmpty() || name.indexOf('.') >= 0 || !entry.automatic() && !given.add(name)) {
                    throw new IllegalArgumentException(
                            "layer name '" + name + "' " + problem + ": names determine paths of parameters and keys");
                }
            }
            return given;
        }
    }
}
