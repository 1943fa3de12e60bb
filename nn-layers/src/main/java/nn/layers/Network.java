package nn.layers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import nn.init.Initializer;
import nn.init.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * Layers in a chain, each with a name. The names lead to the parameters ({@code hidden1.weight}) and to the keys that drew
 * them: a layer's weights depend on the network's key, the layer's name and its own sizes, and on nothing else in the
 * network.
 *
 * <pre>{@code
 * Network network = Network.builder(Key.of(42)).input(64)
 *         .dense("hidden1", 128).relu()
 *         .dense("out", 10)
 *         .build();
 * Tensor logits = network.predict(batch);   // [batch x 64] to [batch x 10]
 * }</pre>
 *
 * <p>Forward and backward iterate, so a chain may be as long as memory allows.
 */
public final class Network implements Layer {
    private final Shape input;
    private final SequencedMap<String, Layer> layers;
    private final List<Shape> shapes; // of the outputs, in order

    private Network(Shape input, SequencedMap<String, Layer> layers, List<Shape> shapes) {
        this.input = input;
        this.layers = Collections.unmodifiableSequencedMap(layers);
        this.shapes = shapes;
    }

    /**
     * Begins a network.
     *
     * @param key names the weights: a layer gets the child of its name
     * @return a builder that wants to know the input first
     */
    public static Builder builder(Key key) {
        return new Builder(Objects.requireNonNull(key, "key"));
    }

    @Override
    public Pass forward(Tensor x, Context context) {
        Objects.requireNonNull(x, "x");
        List<Pullback> pullbacks = new ArrayList<>(layers.size());
        Tensor value = x;
        for (Map.Entry<String, Layer> entry : layers.entrySet()) {
            Pass pass;
            try {
                pass = entry.getValue().forward(value, context);
            } catch (ShapeException e) {
                throw inLayer(entry.getKey(), e);
            }
            pullbacks.add(pass.pullback());
            value = pass.output();
        }
        return new Pass(value, (dOutput, gradients) -> {
            Tensor d = dOutput;
            for (int i = pullbacks.size() - 1; i >= 0; i--) {
                d = pullbacks.get(i).apply(d, gradients);
            }
            return d;
        });
    }

    /**
     * The output alone, as in {@link #forward} outside of training. Safe to call from several threads.
     *
     * @param x the input, of a shape that matches {@link #inputShape}
     * @return the output
     * @throws ShapeException if the input has another shape
     */
    public Tensor predict(Tensor x) {
        return forward(x, Context.inference()).output();
    }

    @Override
    public Shape outputShape(Shape in) {
        Shape shape = in;
        for (Map.Entry<String, Layer> entry : layers.entrySet()) {
            try {
                shape = entry.getValue().outputShape(shape);
            } catch (ShapeException e) {
                throw inLayer(entry.getKey(), e);
            }
        }
        return shape;
    }

    private static ShapeException inLayer(String name, ShapeException e) {
        ShapeException named = new ShapeException("layer '" + name + "': " + e.getMessage(), e.expected(), e.actual());
        named.initCause(e);
        return named;
    }

    /**
     * What the network takes.
     *
     * @return the shape given to the builder, with {@link Shape#ANY} for the batch (and the time)
     */
    public Shape inputShape() {
        return input;
    }

    @Override
    public SequencedMap<String, Layer> children() {
        return layers;
    }

    /**
     * The parameters by path, each once: {@code hidden1.weight}.
     *
     * @return in the order of the layers
     */
    public SequencedMap<String, Parameter> parametersByPath() {
        return ParameterPaths.of(this);
    }

    /**
     * A table of the layers, their output shapes and parameters, and the scheme that each parameter was initialized by.
     *
     * @return several lines of at most 80 columns
     */
    public String summary() {
        return Summary.of(this, shapes);
    }

    /** The layers in a line. */
    @Override
    public String toString() {
        return "Network" + layers;
    }

    /** Collects layers, carries shapes along, and makes the network. */
    public static final class Builder {
        private record Entry(String name, LayerFactory factory, Optional<Nonlinearity> nonlinearity) {}

        private final Key key;
        private final List<Entry> entries = new ArrayList<>();
        private Shape input;

        private Builder(Key key) {
            this.key = key;
        }

        /**
         * The input is [batch x features].
         *
         * @param features at least 1
         * @return this builder
         */
        public Builder input(int features) {
            return input(Shape.of(Shape.ANY, features));
        }

        /**
         * The input is a sequence [time x batch x features].
         *
         * @param features at least 1
         * @return this builder
         */
        public Builder sequence(int features) {
            return input(Shape.of(Shape.ANY, Shape.ANY, features));
        }

        /**
         * The input has another form.
         *
         * @param shape with {@link Shape#ANY} for the batch (and the time)
         * @return this builder
         */
        public Builder input(Shape shape) {
            input = Objects.requireNonNull(shape, "input shape");
            return this;
        }

        /**
         * A dense layer with default initialization: He normal directly before a ReLU or leaky ReLU, Glorot uniform
         * elsewhere, zero bias.
         *
         * @param name its name
         * @param units features of its output
         * @return this builder
         */
        public Builder dense(String name, int units) {
            return layer(name, Dense.units(units));
        }

        /**
         * A dense layer with a scheme of your own, and zero bias.
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
         * A dense layer with schemes of your own.
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
         * A layer made from the shape of its input: {@link Dense#units}, {@link Rnn#units}, or a lambda of your own.
         *
         * @param name its name, which leads to its parameters and its key; not empty, no dots, used once
         * @param factory makes it
         * @return this builder
         */
        public Builder layer(String name, LayerFactory factory) {
            entries.add(new Entry(
                    Objects.requireNonNull(name, "layer name"),
                    Objects.requireNonNull(factory, "layer '" + name + "'"),
                    Optional.empty()));
            return this;
        }

        /**
         * A layer that exists already. One that stands in several places has its parameters once.
         *
         * @param name its name in this place
         * @param layer the layer
         * @return this builder
         */
        public Builder layer(String name, Layer layer) {
            Objects.requireNonNull(layer, "layer '" + name + "'");
            return layer(name, (in, layerKey) -> layer);
        }

        /**
         * A nonlinearity.
         *
         * @param f a named one, or a pair of lambdas by {@link Nonlinearity#of}
         * @return this builder
         */
        public Builder activation(Nonlinearity f) {
            Activation activation = new Activation(f);
            entries.add(new Entry(f.name() + (entries.size() + 1), (in, layerKey) -> activation, Optional.of(f)));
            return this;
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
         * tanh.
         *
         * @return this builder
         */
        public Builder tanh() {
            return activation(Nonlinearity.TANH);
        }

        /**
         * Makes the layers and checks that they chain.
         *
         * @return the network, initialized
         * @throws ShapeException if a layer cannot take what the one before gives; names both
         * @throws IllegalArgumentException if a layer is of no size, or its name is empty, has a dot, or was used before
         * @throws IllegalStateException if no input was declared, or there is no layer
         */
        public Network build() {
            if (input == null) {
                throw new IllegalStateException("the builder does not know the input: call input(features) first");
            }
            if (entries.isEmpty()) {
                throw new IllegalStateException("a network needs a layer");
            }
            SequencedMap<String, Layer> layers = new LinkedHashMap<>();
            List<Shape> shapes = new ArrayList<>();
            Shape shape = input;
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get(i);
                requireName(entry.name(), layers);
                LayerFactory factory = entry.factory();
                Optional<Nonlinearity> next =
                        i + 1 < entries.size() ? entries.get(i + 1).nonlinearity() : Optional.empty();
                if (next.isPresent()) {
                    factory = factory.followedBy(next.get());
                }
                try {
                    Layer layer = factory.create(shape, key.child(entry.name()));
                    shape = Objects.requireNonNull(layer, "the factory of layer '" + entry.name() + "' gave null")
                            .outputShape(shape);
                    layers.put(entry.name(), layer);
                    shapes.add(shape);
                } catch (ShapeException e) {
                    throw doesNotChain(entry.name(), layers, shape, e);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("layer '" + entry.name() + "': " + e.getMessage(), e);
                }
            }
            return new Network(input, layers, shapes);
        }

        private static void requireName(String name, Map<String, Layer> taken) {
            String problem = name.isEmpty()
                    ? "is empty"
                    : name.indexOf('.') >= 0 ? "has a dot, which separates the parts of a path" : "was used before";
            if (name.isEmpty() || name.indexOf('.') >= 0 || taken.containsKey(name)) {
                throw new IllegalArgumentException(
                        "layer name '" + name + "' " + problem + ": names lead to parameters and keys");
            }
        }

        private ShapeException doesNotChain(
                String name, SequencedMap<String, Layer> before, Shape shape, ShapeException e) {
            String hint;
            if (before.isEmpty()) {
                hint = "The network's input is " + shape + ".";
            } else {
                Map.Entry<String, Layer> last = before.lastEntry();
                hint = "The layer before, '" + last.getKey() + "' (" + last.getValue() + "), gives " + shape
                        + ": make one of the two fit the other.";
            }
            ShapeException both = new ShapeException(
                    "layer '" + name + "' (" + e.getMessage() + "). " + hint, e.expected(), e.actual());
            both.initCause(e);
            return both;
        }
    }
}
