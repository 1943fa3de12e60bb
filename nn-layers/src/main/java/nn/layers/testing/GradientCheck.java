package nn.layers.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Compares the gradients that a layer's pullback gives with slopes measured on its forward pass, for the input and for
 * each parameter:
 *
 * <pre>{@code
 * GradientCheck.standard().check(layer, x).throwIfFailed();
 * }</pre>
 *
 * <p>With a random cotangent c the layer becomes a function of one number, {@code f = sum(c * output)}. Along a direction d
 * of unit length with random signs, the analytic slope is {@code gradient . d}; the numeric one is a fourth-order central
 * difference, {@code (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h}. The step h is a power of two, the tensors are float32,
 * sums are in double. The error is judged relative to the larger slope, or to the gradient's typical slope {@code |gradient|
 * / sqrt(n)} where a direction happens to be flat; slopes too small for float32 to show are not judged. A dense layer comes
 * out at about 3e-5, so the standard tolerance of 1e-3 catches an error of half a percent. An error in one entry out of
 * thousands is below what a direction shows: check small shapes.
 *
 * <p><b>Kinks.</b> A difference that reaches across the kink of a ReLU measures nothing. So each slope is measured with
 * step h and h/2, and h is halved until the two agree; a direction in which they do not agree by {@code h = step / 64} is
 * passed over for another. This looks at the forward pass alone, so it hides no wrong gradient. An input that lies
 * <em>exactly</em> at a kink has no derivative; choose another.
 *
 * <p>It also checks that a layer keeps its word otherwise: the output has the promised shape, the passes leave input,
 * cotangent and parameters alone, and gradients are added, not set.
 *
 * @param step the first h, a power of two
 * @param directions how many for each tensor, at least 1
 * @param tolerance the largest relative error that passes, above 0
 * @param key names the cotangent, the directions and the passes' own randomness
 */
public record GradientCheck(float step, int directions, double tolerance, Key key) {
    private static final int HALVINGS = 6;
    private static final int ATTEMPTS = 8;
    private static final int ENTRIES_SEARCHED = 1000;

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public GradientCheck {
        if (!(step > 0 && step < 1e9f) || step != Math.scalb(1f, Math.getExponent(step))) {
            throw new IllegalArgumentException("gradient check: step " + step + " is not a power of two, such as 0.125");
        }
        if (directions < 1) {
            throw new IllegalArgumentException("gradient check: " + directions + " directions; at least 1 is needed");
        }
        if (!(tolerance > 0)) {
            throw new IllegalArgumentException("gradient check: tolerance " + tolerance + " must be above 0");
        }
    }

    /**
     * Step 1/8, 8 directions, tolerance 1e-3.
     *
     * @return the check
     */
    public static GradientCheck standard() {
        return new GradientCheck(0.125f, 8, 1e-3, Key.of(0));
    }

    /**
     * This check with another first step: a smaller one for functions that bend sharply.
     *
     * @param h a power of two
     * @return the new check
     * @throws IllegalArgumentException if it is not
     */
    public GradientCheck withStep(float h) {
        return new GradientCheck(h, directions, tolerance, key);
    }

    /**
     * This check with another tolerance.
     *
     * @param largest relative error that passes, above 0
     * @return the new check
     * @throws IllegalArgumentException if it is not above 0
     */
    public GradientCheck withTolerance(double largest) {
        return new GradientCheck(step, directions, largest, key);
    }

    /**
     * What came out.
     *
     * @param worstError the largest relative error of any slope; infinite if one was NaN, 0 if none was measured
     * @param where the tensor with the largest error: {@code x}, or the path of a parameter; empty if none was measured
     * @param failures what is wrong, a sentence each; empty if nothing is
     */
    public record Result(double worstError, String where, List<String> failures) {
        /** Copies the list. */
        public Result {
            failures = List.copyOf(failures);
        }

        /**
         * Whether nothing is wrong.
         *
         * @return true if there are no failures
         */
        public boolean passed() {
            return failures.isEmpty();
        }

        /**
         * Throws if something is wrong.
         *
         * @throws AssertionError with all failures, a line each
         */
        public void throwIfFailed() {
            if (!passed()) {
                throw new AssertionError(String.join("\n", failures));
            }
        }
    }

    /**
     * Checks a layer at an input. Parameters are changed for the time of the check and come back to the bit.
     *
     * @param layer the layer; no other thread may use it meanwhile
     * @param x a batch of a few rows; not changed
     * @return the largest error and the failures
     * @throws IllegalArgumentException if the input or an output is not finite
     */
    public Result check(Layer layer, Tensor x) {
        return new Run(layer, x).result();
    }

    /** A measured slope, and the smallest difference of slopes that float32 can show at this step. */
    private record Slope(double value, double resolution, boolean settled) {}

    /** One check under way. */
    private final class Run {
        private final Layer layer;
        private final Tensor x;
        private final Tensor cotangent;
        private final double outputRounding;
        private final List<String> failures = new ArrayList<>();
        private double worstError;
        private String where = "";

        Run(Layer layer, Tensor x) {
            this.layer = layer;
            this.x = x.copy();
            Tensor output = output();
            if (!x.isFinite() || !output.isFinite()) {
                throw new IllegalArgumentException(
                        "gradient check of " + layer + ": input and output must be finite to measure slopes");
            }
            cotangent = Tensor.zeros(output.shape());
            key.child("cotangent").normal(cotangent, 0, 1);
            outputRounding = 0x1p-23 * output.multiply(cotangent).norm();
        }

        private Context context() {
            return Context.training(key.child("pass"));
        }

        /** From a copy of the input, in case the layer writes into it. */
        private Tensor output() {
            return layer.forward(x.copy(), context()).output();
        }

        Result result() {
            Gradients gradients = new Gradients(layer.parameters());
            Tensor dx = analytic(gradients);
            if (dx != null) {
                compare("x", x, dx);
                for (Map.Entry<String, Parameter> entry : layer.parametersByPath().entrySet()) {
                    compare(entry.getKey(), entry.getValue().value(), gradients.of(entry.getValue()));
                }
            }
            return new Result(worstError, where, failures);
        }

        /** The gradient at the input, and those of the parameters; null if shapes are wrong, so nothing can be compared. */
        private Tensor analytic(Gradients gradients) {
            Tensor in = x.copy();
            List<Tensor> weights = layer.parameters().stream().map(p -> p.value().copy()).toList();
            Pass pass = layer.forward(in, context());
            expectSame("forward changed its input", x, in);
            Shape promised = layer.outputShape(x.shape());
            if (!promised.matches(pass.output().shape())) {
                failures.add("outputShape promises " + promised + " for an input of shape " + x.shape()
                        + ", but forward gives " + pass.output().shape());
                return null;
            }
            Tensor output = pass.output().copy();
            Tensor dy = cotangent.copy();
            Tensor dx = pass.pullback().apply(dy, gradients);
            if (!dx.shape().equals(x.shape())) {
                failures.add("the pullback gives a gradient of shape " + dx.shape() + " at an input of shape " + x.shape());
                return null;
            }
            Tensor result = dx.copy();
            expectSame("the pullback changed the input", x, in);
            expectSame("the pullback changed the output", output, pass.output());
            expectSame("the pullback changed the gradient it was given", cotangent, dy);
            for (int i = 0; i < weights.size(); i++) {
                Parameter p = layer.parameters().get(i);
                expectSame("a pass changed the parameter " + p, weights.get(i), p.value());
            }
            expectAddition(gradients);
            return result;
        }

        private void expectSame(String complaint, Tensor before, Tensor after) {
            if (!before.bitEquals(after)) {
                failures.add(complaint);
            }
        }

        /** A second pass into gradients that hold those of a first has to double them. */
        private void expectAddition(Gradients once) {
            Gradients twice = new Gradients(layer.parameters());
            twice.add(once);
            layer.forward(x.copy(), context()).pullback().apply(cotangent.copy(), twice);
            for (Parameter p : once.parameters()) {
                Tensor excess = twice.of(p).subtract(once.of(p)).subtract(once.of(p));
                if (excess.norm() > 1e-3 * once.of(p).norm()) {
                    failures.add(p.name() + ": a second pass does not add its gradient to that of the first; use the ...AddInto"
                            + " operations on Gradients.of(parameter)");
                }
            }
        }

        /** Measures along directions, and on failure looks for the entry to blame. */
        private void compare(String name, Tensor target, Tensor gradient) {
            if (target.size() == 0) {
                return;
            }
            double typical = gradient.norm() / Math.sqrt(target.size());
            int measured = 0;
            for (int i = 0; measured < directions && i < ATTEMPTS * directions; i++) {
                Tensor direction = direction(target.shape(), key.child(name).child(i));
                double analytic = gradient.dot(direction);
                Slope numeric = slope(target, direction, typical);
                if (!numeric.settled()) {
                    continue;
                }
                measured++;
                double error = error(analytic, numeric, typical);
                if (where.isEmpty() || error > worstError) {
                    worstError = error;
                    where = name;
                }
                if (error > tolerance) {
                    failures.add(text("%s: analytic %.6g, numeric %.6g along direction %d (relative error %.1e > %.1e)%s",
                            name, analytic, numeric.value(), i, error, tolerance,
                            worstEntry(name, target, gradient, typical)));
                    return;
                }
            }
            if (measured == 0) {
                failures.add(name + ": no slope could be measured, differences do not settle down to step "
                        + Math.scalb(step, -HALVINGS) + "; is there a kink at this input, or randomness outside the"
                        + " context's key?");
            }
        }

        private double error(double analytic, Slope numeric, double typical) {
            double scale = Math.max(Math.max(Math.abs(analytic), Math.abs(numeric.value())), typical);
            scale = Math.max(scale, numeric.resolution() / tolerance);
            double error = scale == 0 ? 0 : Math.abs(analytic - numeric.value()) / scale;
            return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
        }

        /** Every entry costs some passes, so a large tensor is searched at evenly spaced ones. */
        private String worstEntry(String name, Tensor target, Tensor gradient, double typical) {
            String worst = "";
            double largest = 0;
            int stride = (target.size() - 1) / ENTRIES_SEARCHED + 1;
            for (int i = 0; i < target.size(); i += stride) {
                Tensor direction = Tensor.zeros(target.shape());
                direction.array()[i] = 1;
                double analytic = gradient.dot(direction);
                Slope numeric = slope(target, direction, typical);
                double difference = Math.abs(analytic - numeric.value());
                if (numeric.settled() && !(difference <= largest)) {
                    largest = difference;
                    worst = text("; worst entry %s%s: analytic %.6g, numeric %.6g",
                            name, index(i, target.shape()), analytic, numeric.value());
                }
            }
            return worst;
        }

        /** The slope of f along a direction: halves the step until two differences agree. */
        private Slope slope(Tensor target, Tensor direction, double typical) {
            float h = step;
            double outer = rise(target, direction, 2 * h);
            double inner = rise(target, direction, h);
            double coarse = fourthOrder(inner, outer, h);
            for (int i = 0; i < HALVINGS; i++) {
                h /= 2;
                outer = inner;
                inner = rise(target, direction, h);
                double fine = fourthOrder(inner, outer, h);
                double resolution = outputRounding / h;
                double scale = Math.max(Math.max(Math.abs(fine), typical), resolution / tolerance);
                if (!(Math.abs(fine - coarse) > tolerance / 4 * scale)) {
                    return new Slope(fine, resolution, true);
                }
                coarse = fine;
            }
            return new Slope(coarse, outputRounding / h, false);
        }

        private static double fourthOrder(double inner, double outer, float h) {
            return (8 * inner - outer) / (12 * h);
        }

        /** f(h) - f(-h). */
        private double rise(Tensor target, Tensor direction, float h) {
            return valueAt(target, direction, h) - valueAt(target, direction, -h);
        }

        private double valueAt(Tensor target, Tensor direction, float distance) {
            Tensor held = target.copy();
            target.addScaledInPlace(distance, direction);
            try {
                return output().dot(cotangent);
            } finally {
                target.copyFrom(held);
            }
        }
    }

    /** Unit length, random signs: each entry has the same magnitude, so none is lost in rounding. */
    private static Tensor direction(Shape shape, Key key) {
        Tensor direction = Tensor.zeros(shape);
        key.uniform(direction, -1, 1);
        double magnitude = 1 / Math.sqrt(direction.size());
        direction.mapInto(u -> Math.copySign(magnitude, u), direction);
        return direction;
    }

    private static String index(int flat, Shape shape) {
        String text = "";
        int rest = flat;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            text = rest % shape.dim(axis) + (text.isEmpty() ? "" : ",") + text;
            rest /= shape.dim(axis);
        }
        return "[" + text + "]";
    }

    private static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
