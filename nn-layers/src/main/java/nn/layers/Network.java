package nn.layers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
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
    private final Shape inputShape;
    private final List<Step> steps;
    private final SequencedMap<String, Layer> children;
    private final SequencedMap<String, Parameter> parametersByPath;

    /** A layer in its place. */
    record Step(String name, Layer layer, Shape in, Shape out) {}

    private Network(Shape inputShape, List<Step> steps) {
        this.inputShape = inputShape;
        this.steps = List.copyOf(steps);
        SequencedMap<String, Layer> byName = new LinkedHashMap<>();
        steps.forEach(step -> byName.put(step.name(), step.layer()));
        this.children = Collections.unmodifiableSequencedMap(byName);
        this.parametersByPath = Collections.unmodifiableSequencedMap(ParameterPaths.of(this));
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
        List<Pullback> pullbacks = new ArrayList<>(steps.size());
        Tensor y = through(x, context, pullbacks::add);
        return new Pass(y, (dy, gradients) -> {
            Tensor d = dy;
            for (Pullback pullback : pullbacks.reversed()) {
                d = pullback.apply(d, gradients);
            }
            return d;
        });
    }

    /**
     * The output alone, as in {@link #forward} outside of training. Safe to call from several threads.
     *
     * @param x the input, of a shape that matches {@link #inputShape}; not changed
     * @return the output
     * @throws ShapeException if the input has another shape
     */
    public Tensor predict(Tensor x) {
        return through(x, Context.inference(), pullback -> {}); // what only a pullback holds is free at once
    }

    private Tensor through(Tensor x, Context context, Consumer<Pullback> pullbacks) {
        requireInput(x.shape());
        Tensor value = x;
        for (int i = 0; i < steps.size(); i++) {
            Pass pass;
            try {
                pass = steps.get(i).layer().forward(value, context);
            } catch (ShapeException e) {
                throw misfit(i, e);
            }
            pullbacks.accept(pass.pullback());
            value = pass.output();
        }
        return value;
    }

    @Override
    public Shape outputShape(Shape in) {
        requireInput(in);
        Shape shape = in;
        for (int i = 0; i < steps.size(); i++) {
            try {
                shape = steps.get(i).layer().outputShape(shape);
            } catch (ShapeException e) {
                throw misfit(i, e);
            }
        }
        return shape;
    }

    private ShapeException misfit(int at, ShapeException complaint) {
        Step step = steps.get(at);
        return Misfit.of(inputShape, steps.subList(0, at), step.name(), Misfit.describe(step.layer()), complaint);
    }

    private void requireInput(Shape in) {
        if (!inputShape.matches(in)) {
            Step first = steps.getFirst();
            throw new ShapeException(
                    "input of the network: expected " + inputShape + ", got " + in + ". The first layer is '"
                            + first.name() + "' (" + Misfit.describe(first.layer()) + ")",
                    inputShape.toString(),
                    in);
        }
    }

    /**
     * What the network takes.
     *
     * @return the shape given to the builder, with {@link Shape#ANY} for the batch (and the time)
     */
    public Shape inputShape() {
        return inputShape;
    }

    @Override
    public SequencedMap<String, Layer> children() {
        return children;
    }

    @Override
    public List<Parameter> parameters() {
        return List.copyOf(parametersByPath.values());
    }

    @Override
    public SequencedMap<String, Parameter> parametersByPath() {
        return parametersByPath;
    }

    /**
     * A table of the layers, their output shapes and parameters, and the scheme that each parameter was initialized by.
     *
     * @return several lines of at most 80 columns, each ended by a line feed
     */
    public String summary() {
        return Summary.of(inputShape, steps);
    }

    /** Such as {@code Network of 3 layers, [? x 64] -> [? x 10]}. */
    @Override
    public String toString() {
        return "Network of " + steps.size() + (steps.size() == 1 ? " layer, " : " layers, ") + inputShape + " -> "
                + steps.getLast().out();
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
            // "leaky relu(0.1)" as the third layer is called leaky3: it has no parameters, so no key depends on it.
            String name = f.name().replaceAll("[^A-Za-z0-9].*", "") + (entries.size() + 1);
            entries.add(new Entry(name, (in, layerKey) -> activation, Optional.of(f)));
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
            List<Step> steps = new ArrayList<>();
            Set<String> taken = new HashSet<>();
            Shape shape = input;
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get(i);
                requireName(entry.name(), taken);
                Optional<Nonlinearity> next =
                        i + 1 < entries.size() ? entries.get(i + 1).nonlinearity() : Optional.empty();
                LayerFactory factory = next.map(entry.factory()::followedBy).orElse(entry.factory());
                Step step = step(entry.name(), factory, shape, steps);
                steps.add(step);
                shape = step.out();
            }
            return new Network(input, steps);
        }

        private Step step(String name, LayerFactory factory, Shape in, List<Step> before) {
            Layer layer = null;
            try {
                layer = factory.create(in, key.child(name));
                Objects.requireNonNull(layer, "the factory of layer '" + name + "' gave null");
                return new Step(name, layer, in, layer.outputShape(in));
            } catch (ShapeException e) {
                throw Misfit.of(input, before, name, layer == null ? "" : Misfit.describe(layer), e);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("layer '" + name + "': " + e.getMessage(), e);
            }
        }

        private static void requireName(String name, Set<String> taken) {
            String problem = name.isEmpty()
                    ? "is empty"
                    : name.indexOf('.') >= 0 ? "has a dot, which separates the parts of a path" : "was used before";
            if (name.isEmpty() || name.indexOf('.') >= 0 || !taken.add(name)) {
                throw new IllegalArgumentException(
                        "layer name '" + name + "' " + problem + ": names lead to parameters and keys");
            }
        }
    }
}
