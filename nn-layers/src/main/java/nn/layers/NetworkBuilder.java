package nn.layers;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;

/**
 * Describes a {@link Network} layer by layer; {@link #build} works the shapes out and draws the first weights.
 *
 * <p>A layer with parameters has a name, and its weights depend on that name, its sizes and the network's key alone: insert,
 * remove or reorder other layers, and they stay the same to the bit. A layer without parameters needs no name and gets one
 * such as {@code relu1}.
 *
 * <p>A dense layer whose weight initializer is not given takes the one that suits what directly follows it: He normal (with
 * the gain of the slope) before ReLU or leaky ReLU, Glorot uniform before anything else.
 */
public final class NetworkBuilder {
    private final Key key;
    private final List<Part> parts = new ArrayList<>();
    private final Set<String> givenNames = new HashSet<>();
    private Shape input;

    /** Makes a layer once its input and what follows it are known. */
    private interface Plan {
        Layer create(Shape in, Key key, Optional<Nonlinearity> next);
    }

    private record Part(String name, boolean automatic, Plan plan, Optional<Nonlinearity> nonlinearity) {}

    NetworkBuilder(Key key) {
        this.key = Objects.requireNonNull(key, "key");
    }

    /**
     * The input is a batch of so many features, [batch x features].
     *
     * @param features at least 1
     * @return this
     * @throws IllegalArgumentException if the number is below 1, or an input is declared already
     */
    public NetworkBuilder input(int features) {
        return input(Shape.of(Shape.ANY, requireFeatures(features)));
    }

    /**
     * The input is a batch of sequences, [time x batch x features].
     *
     * @param features of a time step, at least 1
     * @return this
     * @throws IllegalArgumentException if the number is below 1, or an input is declared already
     */
    public NetworkBuilder sequence(int features) {
        return input(Shape.of(Shape.ANY, Shape.ANY, requireFeatures(features)));
    }

    /**
     * The input has this shape.
     *
     * @param shape with {@link Shape#ANY} for the dimensions that are free, such as the batch
     * @return this
     * @throws IllegalArgumentException if an input is declared already
     */
    public NetworkBuilder input(Shape shape) {
        if (input != null) {
            throw new IllegalArgumentException("the input is declared twice: as " + input + " and as " + shape);
        }
        input = Objects.requireNonNull(shape, "shape");
        return this;
    }

    private static int requireFeatures(int features) {
        if (features < 1) {
            throw new IllegalArgumentException("an input of " + features + " features: at least 1 is needed");
        }
        return features;
    }

    /**
     * A {@link Dense} layer with zero bias, and the weight that suits what follows.
     *
     * @param name unique, not empty, without dots
     * @param units at least 1
     * @return this
     * @throws IllegalArgumentException if the name is bad or taken
     */
    public NetworkBuilder dense(String name, int units) {
        return dense(name, units, Dense.with());
    }

    /**
     * A {@link Dense} layer with zero bias.
     *
     * @param name unique, not empty, without dots
     * @param units at least 1
     * @param weight initializes the weight
     * @return this
     * @throws IllegalArgumentException if the name is bad or taken
     */
    public NetworkBuilder dense(String name, int units, Initializer weight) {
        return dense(name, units, Dense.with().weight(weight));
    }

    /**
     * A {@link Dense} layer.
     *
     * @param name unique, not empty, without dots
     * @param units at least 1
     * @param options initializers, and whether there is a bias
     * @return this
     * @throws IllegalArgumentException if the name is bad or taken
     */
    public NetworkBuilder dense(String name, int units, Dense.Options options) {
        Objects.requireNonNull(options, "options");
        return named(name, (in, layerKey, next) -> {
            Initializer weight = options.weight().orElseGet(() -> suited(next));
            return Dense.of(features(in), units, options.weight(weight), layerKey);
        });
    }

    /** He's initializer if the function is a ReLU of any slope, Glorot's if not. */
    private static Initializer suited(Optional<Nonlinearity> next) {
        double slope = next.map(f -> f.derivative(-1)).orElse(Double.NaN);
        boolean relu = Double.isFinite(slope) && next.get().equals(Nonlinearity.leakyRelu(slope));
        return relu ? Init.heNormal(slope) : Init.xavierUniform();
    }

    private static int features(Shape in) {
        if (in.rank() == 0 || in.dim(-1) == Shape.ANY) {
            throw new ShapeException("expected a known number of features, got " + in, "[... x features]", in);
        }
        return in.dim(-1);
    }

    /**
     * An {@link Rnn} with the default options: tanh, and the states of all steps as its output.
     *
     * @param name unique, not empty, without dots
     * @param units at least 1
     * @return this
     * @throws IllegalArgumentException if the name is bad or taken
     */
    public NetworkBuilder rnn(String name, int units) {
        return rnn(name, units, Rnn.with());
    }

    /**
     * An {@link Rnn}.
     *
     * @param name unique, not empty, without dots
     * @param units at least 1
     * @param options nonlinearity, initializers, bias and output
     * @return this
     * @throws IllegalArgumentException if the name is bad or taken
     */
    public NetworkBuilder rnn(String name, int units, Rnn.Options options) {
        Objects.requireNonNull(options, "options");
        return named(name, (in, layerKey, next) -> Rnn.of(features(in), units, options, layerKey));
    }

    /**
     * ReLU on every element.
     *
     * @return this
     */
    public NetworkBuilder relu() {
        return activation(Nonlinearity.RELU);
    }

    /**
     * Tanh on every element.
     *
     * @return this
     */
    public NetworkBuilder tanh() {
        return activation(Nonlinearity.TANH);
    }

    /**
     * A nonlinearity on every element.
     *
     * @param nonlinearity the function
     * @return this
     */
    public NetworkBuilder activation(Nonlinearity nonlinearity) {
        String name = nonlinearity.name();
        return unnamed(name.matches("\\w+") ? name : "activation", new Activation(nonlinearity));
    }

    /**
     * From [batch x time x features] to [time x batch x features], for data that come with the batch first.
     *
     * @return this
     */
    public NetworkBuilder timeMajor() {
        return unnamed("timeMajor", new TimeMajor());
    }

    /**
     * A layer of your own, made when the shape of its input is known.
     *
     * @param name unique, not empty, without dots
     * @param factory makes the layer
     * @return this
     * @throws IllegalArgumentException if the name is bad or taken
     */
    public NetworkBuilder layer(String name, LayerFactory factory) {
        Objects.requireNonNull(factory, "factory");
        return named(name, (in, layerKey, next) -> factory.create(in, layerKey));
    }

    /**
     * A layer that exists already. It may stand in several places or networks; its parameters are then shared.
     *
     * @param name unique, not empty, without dots
     * @param layer the layer
     * @return this
     * @throws IllegalArgumentException if the name is bad or taken
     */
    public NetworkBuilder layer(String name, Layer layer) {
        Objects.requireNonNull(layer, "layer");
        parts.add(new Part(claim(name), false, (in, layerKey, next) -> layer, nonlinearityOf(layer)));
        return this;
    }

    private NetworkBuilder named(String name, Plan plan) {
        parts.add(new Part(claim(name), false, plan, Optional.empty()));
        return this;
    }

    private NetworkBuilder unnamed(String base, Layer layer) {
        parts.add(new Part(base, true, (in, layerKey, next) -> layer, nonlinearityOf(layer)));
        return this;
    }

    private static Optional<Nonlinearity> nonlinearityOf(Layer layer) {
        return layer instanceof Activation(Nonlinearity f) ? Optional.of(f) : Optional.empty();
    }

    private String claim(String name) {
        if (name.isEmpty() || name.indexOf('.') >= 0) {
            throw new IllegalArgumentException(
                    "layer name '" + name + "': not empty, and without dots, which separate the names in a path");
        }
        if (!givenNames.add(name)) {
            throw new IllegalArgumentException("two layers are named '" + name + "': give one another name");
        }
        return name;
    }

    /**
     * Makes the layers.
     *
     * @return the network
     * @throws IllegalArgumentException if there is no input or no layer, or a layer has a size below 1
     * @throws ShapeException if a layer cannot take what the one before gives; the message names both
     */
    public Network build() {
        if (input == null) {
            throw new IllegalArgumentException("the network has no input: declare it, as in .input(64)");
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("the network has no layer: add one, as in .dense(\"logits\", 10)");
        }
        Map<String, Integer> counts = new HashMap<>();
        List<Network.Step> steps = new ArrayList<>(parts.size());
        Shape shape = input;
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            String name = part.automatic() ? freeName(part.name(), counts) : part.name();
            Optional<Nonlinearity> next =
                    i + 1 < parts.size() ? parts.get(i + 1).nonlinearity() : Optional.empty();
            Layer layer = create(part.plan(), name, shape, next);
            Shape out;
            try {
                out = layer.outputShape(shape);
            } catch (ShapeException e) {
                throw Misfit.of(input, steps, name, layer, e);
            }
            steps.add(new Network.Step(name, layer, shape, out));
            shape = out;
        }
        return new Network(input, steps);
    }

    /** Such as {@code relu1}: the next number that no given name has taken. */
    private String freeName(String base, Map<String, Integer> counts) {
        String name;
        do {
            name = base + counts.merge(base, 1, Integer::sum);
        } while (givenNames.contains(name));
        return name;
    }

    private Layer create(Plan plan, String name, Shape in, Optional<Nonlinearity> next) {
        try {
            Layer layer = plan.create(in, key.child(name), next);
            return Objects.requireNonNull(layer, () -> "layer '" + name + "': its factory gave null");
        } catch (ShapeException e) {
            ShapeException located =
                    new ShapeException("layer '" + name + "': " + e.getMessage(), e.expected(), e.actual());
            located.initCause(e);
            throw located;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("layer '" + name + "': " + e.getMessage(), e);
        }
    }
}
