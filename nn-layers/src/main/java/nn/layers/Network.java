package nn.layers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * A chain of named layers, each fed with the output of the one before. Made by a {@linkplain #builder builder}, which
 * works the shapes out and draws the first weights:
 *
 * <pre>{@code
 * Network net = Network.builder(Key.of(42))
 *         .input(64)
 *         .dense("hidden1", 128).relu()
 *         .dense("logits", 10)
 *         .build();
 * Tensor logits = net.predict(images);   // [batch x 64] -> [batch x 10]
 * }</pre>
 *
 * <p>Both passes iterate, so depth costs no stack. A network is a layer, and may stand in another one.
 */
public final class Network implements Layer {
    private final Shape inputShape;
    private final List<Step> steps;
    private final SequencedMap<String, Layer> children;
    private final SequencedMap<String, Parameter> parametersByPath;

    /** A layer in its place. */
    record Step(String name, Layer layer, Shape in, Shape out) {}

    Network(Shape inputShape, List<Step> steps) {
        this.inputShape = inputShape;
        this.steps = List.copyOf(steps);
        SequencedMap<String, Layer> byName = new LinkedHashMap<>();
        for (Step step : steps) {
            byName.put(step.name(), step.layer());
        }
        this.children = Collections.unmodifiableSequencedMap(byName);
        this.parametersByPath = Collections.unmodifiableSequencedMap(ParameterPaths.of(this));
    }

    /**
     * Begins a network.
     *
     * @param key names the randomness of the first weights: a layer's key is the child with its name
     * @return a builder without layers
     */
    public static NetworkBuilder builder(Key key) {
        return new NetworkBuilder(key);
    }

    @Override
    public Pass forward(Tensor x, Context context) {
        List<Pullback> pullbacks = new ArrayList<>(steps.size());
        Tensor y = through(x, context, pullbacks::add);
        return new Pass(y, (dy, into) -> {
            Tensor gradient = dy;
            for (Pullback pullback : pullbacks.reversed()) {
                gradient = pullback.apply(gradient, into);
            }
            return gradient;
        });
    }

    /**
     * Computes the output for use, not for training. Any number of threads may do so at once.
     *
     * @param x the input, of a shape that {@link #inputShape} matches; not changed
     * @return the output
     * @throws ShapeException if the input has another shape
     */
    public Tensor predict(Tensor x) {
        return through(x, Context.inference(), pullback -> {}); // what only a pullback holds is free at once
    }

    private Tensor through(Tensor x, Context context, Consumer<Pullback> pullbacks) {
        outputShape(x.shape());
        Tensor h = x;
        for (int i = 0; i < steps.size(); i++) {
            Pass pass;
            try {
                pass = steps.get(i).layer().forward(h, context);
            } catch (ShapeException e) {
                throw Misfit.of(inputShape, steps.subList(0, i), steps.get(i).name(), steps.get(i).layer(), e);
            }
            pullbacks.accept(pass.pullback());
            h = pass.output();
        }
        return h;
    }

    @Override
    public Shape outputShape(Shape in) {
        if (!inputShape.matches(in)) {
            Step first = steps.getFirst();
            throw new ShapeException(
                    "input of the network: expected " + inputShape + ", got " + in + ". The first layer is '"
                            + first.name() + "' (" + Misfit.describe(first.layer()) + ")",
                    inputShape.toString(),
                    in);
        }
        Shape shape = in;
        for (Step step : steps) {
            shape = step.layer().outputShape(shape);
        }
        return shape;
    }

    /**
     * The shape of the input, with {@link Shape#ANY} for the dimensions that are free.
     *
     * @return such as {@code [? x 64]}
     */
    public Shape inputShape() {
        return inputShape;
    }

    /** The layers in order, by name. */
    @Override
    public SequencedMap<String, Layer> children() {
        return children;
    }

    /** The parameters of all layers, each once, in order. */
    @Override
    public List<Parameter> parameters() {
        return List.copyOf(parametersByPath.values());
    }

    @Override
    public SequencedMap<String, Parameter> parametersByPath() {
        return parametersByPath;
    }

    /**
     * A table for people, in 80 columns: each layer's name, kind, output and number of parameters, how each parameter was
     * initialized, and the totals.
     *
     * @return some lines, each ended by a line feed
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
}
