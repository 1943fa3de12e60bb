package nn.layers.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import nn.init.Fans;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.ResidualBranch;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Counts the products that an output and an input of a linear layer take part in, and compares them with the fans that
 * its weight declares: groups or strides that are not divided, and swapped fans, are named. The counts are sums of the
 * layer's own output and gradient for an input and a weight of ones.
 *
 * <pre>{@code
 * FanCheck.of(layer, Shape.of(1, 32, 32, 16)).throwIfFailed();
 * }</pre>
 *
 * <p>A padded layer has fewer products at its edges, which fans do not count, so declared fans may be a quarter larger:
 * give an input of 16 places or more along each axis of a kernel.
 *
 * @param declared the fans of the weight
 * @param counted products of an output and of an input, on average
 * @param failures a sentence for each fan that is wrong
 */
public record FanCheck(Fans declared, Fans counted, List<String> failures) {
    private static final double EDGES = 1.25;
    private static final double ROUNDING = 1e-3;

    /** Copies the list. */
    public FanCheck {
        Objects.requireNonNull(declared, "declared");
        Objects.requireNonNull(counted, "counted");
        failures = List.copyOf(failures);
    }

    /**
     * Counts the products of a layer. Its parameters are changed for the count and restored.
     *
     * @param layer with one weight of two axes or more, and linear in its input if its biases are 0
     * @param input a shape that the layer takes, every dimension known
     * @return the counts
     * @throws IllegalArgumentException if the layer has no weight or several, takes indices, or is not linear
     * @throws nn.tensor.ShapeException if the layer cannot take the shape
     * @throws NullPointerException if an argument is null
     */
    public static FanCheck of(Layer layer, Shape input) {
        List<Parameter> all = List.copyOf(layer.parametersByPath().values());
        List<Parameter> weights = all.stream().filter(ResidualBranch::isMatrix).toList();
        if (weights.size() != 1 || layer.takesIndices()) {
            throw new IllegalArgumentException("fan check of " + Layer.describe(layer) + ": it has " + weights.size()
                    + " weights; products are counted for layers of one weight that do not take indices");
        }
        Parameter weight = weights.getFirst();
        List<Tensor> saved = all.stream().map(p -> p.value().copy()).toList();
        try {
            all.forEach(p -> p.value().fill(p == weight ? 1f : 0f));
            Tensor ones = Tensor.full(1f, input.dims());
            Pass pass = layer.forward(ones, Context.inference());
            Tensor output = pass.output().copy();
            Tensor twice = layer.forward(Tensor.full(2f, input.dims()), Context.inference())
                    .output();
            if (Math.abs(twice.sum() - 2 * output.sum()) > ROUNDING * Math.abs(output.sum())) {
                throw new IllegalArgumentException("fan check of " + Layer.describe(layer)
                        + ": twice the input does not give twice the output; take the nonlinearity out of the layer");
            }
            Tensor dInput = pass.pullback(Tensor.full(1f, output.shape().dims()), new Gradients(layer.parameters()));
            return compared(layer, weight.fans(), new Fans(output.mean(), dInput.mean()));
        } finally {
            for (int i = 0; i < saved.size(); i++) {
                all.get(i).value().copyFrom(saved.get(i));
            }
        }
    }

    private static FanCheck compared(Layer layer, Fans declared, Fans counted) {
        List<String> failures = new ArrayList<>();
        boolean swapped = fits(declared.in(), counted.out()) && fits(declared.out(), counted.in());
        if (!fits(declared.in(), counted.in()) || !fits(declared.out(), counted.out())) {
            if (swapped) {
                failures.add(Layer.describe(layer) + ": its weight declares the fans " + declared
                        + ", which are swapped: an output adds up " + number(counted.in()) + " products, and an input"
                        + " takes part in " + number(counted.out()));
            } else {
                add(failures, layer, "fan in", declared.in(), "an output adds up", counted.in());
                add(failures, layer, "fan out", declared.out(), "an input takes part in", counted.out());
            }
        }
        return new FanCheck(declared, counted, failures);
    }

    private static boolean fits(double declared, double counted) {
        return declared >= counted * (1 - ROUNDING) && declared <= counted * EDGES;
    }

    private static void add(
            List<String> failures, Layer layer, String fan, double declared, String what, double counted) {
        if (!fits(declared, counted)) {
            long times = Math.round(declared / counted);
            String cause = times >= 2 && fits(declared / times, counted)
                    ? ", 1 / " + times + " of that: are groups or strides not divided?"
                    : "";
            failures.add(Layer.describe(layer) + ": its weight declares a " + fan + " of " + number(declared) + ", but "
                    + what + " " + number(counted) + " products" + cause);
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }

    /**
     * Throws if a fan is wrong; for tests.
     *
     * @return this
     * @throws AssertionError if one is; the message has all failures
     */
    public FanCheck throwIfFailed() {
        if (!failures.isEmpty()) {
            throw new AssertionError(String.join("\n  ", failures));
        }
        return this;
    }
}
