package nn.layers.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.ReleaseCheck;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Compares the gradients of a layer's backward pass with slopes measured on its forward pass, for the input and for
 * each parameter:
 *
 * <pre>{@code
 * GradientCheck.standard().check(layer, x).throwIfFailed();
 * }</pre>
 *
 * <p>With a random cotangent c the layer becomes a function of one number, {@code f = sum(c * output)}. Along a
 * direction d of unit length with random signs, the analytic slope is {@code gradient . d}; the numeric one is a
 * fourth-order central difference, {@code (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h}. The step h is a power of two,
 * the tensors are float32, sums are in double. The error is judged relative to the larger slope, or to the gradient's
 * typical slope {@code |gradient| / sqrt(n)} where a direction happens to be flat; slopes too small for float32 are not
 * judged. A dense layer has an error of about 1e-5, a recurrent one of 3e-5, so the standard tolerance of 1e-3 catches
 * an error of half a percent. An error in one of thousands of entries hardly changes the slope along a direction, so
 * check small shapes.
 *
 * <p><b>Kinks.</b> A difference across the kink of a ReLU does not measure the slope. So h is halved until three
 * differences in a row agree and f bends as a smooth function does. A direction that is not smooth at {@code h = step /
 * 64} is replaced by another one; later ones have fewer entries. This choice does not depend on the analytic slope, so
 * no wrong gradient is skipped. If no direction is smooth (an input <em>exactly</em> at a kink, or hundreds of ReLUs
 * one after another) the check fails and says so: choose another input, or fewer rows, steps and units.
 *
 * <p>It also checks that the output has the promised shape, that passes do not change input, cotangent or parameters,
 * that gradients are added and not set, and that the backward pass reads only what the forward pass {@linkplain
 * Pass#save saved} (other tensors are filled with NaN). Parameters of kind {@link Parameter.Kind#STATISTIC STATISTIC}
 * have no gradient to measure.
 *
 * @param step the first h, a power of two
 * @param directions how many for each tensor, at least 1
 * @param tolerance the largest relative error that passes, above 0
 * @param key names the cotangent, the directions and the passes' own randomness
 * @param training whether the passes are in training, as by default, or in inference
 * @param input whether the input has a gradient, as by default; indices have none
 */
public record GradientCheck(float step, int directions, double tolerance, Key key, boolean training, boolean input) {
    private static final int HALVINGS = 6;
    private static final int ATTEMPTS = 8;
    private static final int ENTRIES_SEARCHED = 1000;

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public GradientCheck {
        Objects.requireNonNull(key, "key");
        if (!(step > 0 && step < 1e9f) || step != Math.scalb(1f, Math.getExponent(step))) {
            throw new IllegalArgumentException(
                    "gradient check: step " + step + " is not a power of two, such as 0.125");
        }
        if (directions < 1) {
            throw new IllegalArgumentException("gradient check: " + directions + " directions; at least 1 is needed");
        }
        if (!(tolerance > 0)) {
            throw new IllegalArgumentException("gradient check: tolerance " + tolerance + " must be above 0");
        }
    }

    /**
     * A check of passes in training that includes the gradient at the input.
     *
     * @param step the first h, a power of two
     * @param directions how many for each tensor, at least 1
     * @param tolerance the largest relative error that passes, above 0
     * @param key names the cotangent, the directions and the passes' own randomness
     * @throws IllegalArgumentException if one is out of its range
     */
    public GradientCheck(float step, int directions, double tolerance, Key key) {
        this(step, directions, tolerance, key, true, true);
    }

    /**
     * Returns the standard check: step 1/8, 8 directions, tolerance 1e-3.
     *
     * @return the check
     */
    public static GradientCheck standard() {
        return new GradientCheck(0.125f, 8, 1e-3, Key.of(0));
    }

    /**
     * Returns this check with another first step. Functions that bend sharply need a smaller one.
     *
     * @param h a power of two
     * @return the new check
     * @throws IllegalArgumentException if it is not a power of two
     */
    public GradientCheck withStep(float h) {
        return new GradientCheck(h, directions, tolerance, key, training, input);
    }

    /**
     * Returns this check with another tolerance.
     *
     * @param largest relative error that passes, above 0
     * @return the new check
     * @throws IllegalArgumentException if it is not above 0
     */
    public GradientCheck withTolerance(double largest) {
        return new GradientCheck(step, directions, largest, key, training, input);
    }

    /**
     * Returns this check for passes in inference, for layers that behave differently there.
     *
     * @return the new check
     */
    public GradientCheck inInference() {
        return new GradientCheck(step, directions, tolerance, key, false, input);
    }

    /**
     * Returns this check for inputs that are indices: only the parameters are measured, and the gradient at the input
     * must be all zeros.
     *
     * @return the new check
     */
    public GradientCheck ofParameters() {
        return new GradientCheck(step, directions, tolerance, key, training, false);
    }

    /**
     * The result of a check.
     *
     * @param worstError the largest relative error of any slope; infinite if one was NaN, 0 if none was measured
     * @param where the tensor with the largest error: {@code x}, or the path of a parameter; empty if there is no error
     * @param failures one sentence for each fault found; empty if the check passed
     */
    public record Result(double worstError, String where, List<String> failures) {
        /** Copies the list. */
        public Result {
            failures = List.copyOf(failures);
        }

        /**
         * Whether the check passed.
         *
         * @return true if there are no failures
         */
        public boolean passed() {
            return failures.isEmpty();
        }

        /**
         * Throws an error if the check failed.
         *
         * @throws AssertionError with all failures, one on each line
         */
        public void throwIfFailed() {
            if (!passed()) {
                throw new AssertionError(String.join("\n", failures));
            }
        }
    }

    /**
     * Checks a layer at an input. Parameters are changed during the check, and then restored to the bit.
     *
     * @param layer the layer; no other thread may use it during the check
     * @param x a batch of a few rows; not changed
     * @return the largest error and the failures
     * @throws IllegalArgumentException if the input or an output is not finite
     * @throws ShapeException if the layer cannot take the input
     */
    public Result check(Layer layer, Tensor x) {
        Objects.requireNonNull(layer, "layer").outputShape(x.shape());
        try {
            return new Run(layer, x).result();
        } catch (ShapeException e) {
            return new Result(0, "", List.of(e.getMessage())); // an output of another shape than promised
        }
    }

    /** A measured slope, and the smallest difference of slopes that float32 can show at this step. */
    private record Slope(double value, double resolution, boolean settled) {}

    /** f(h) - f(-h) and f(h) - 2 f(0) + f(-h). */
    private record Pair(float h, double rise, double bend) {}

    /** A check in progress. */
    private final class Run {
        private final Layer layer;
        private final Tensor x;
        private final Tensor cotangent;
        private final double undisturbed;
        private final double outputRounding;
        private final List<String> failures = new ArrayList<>();
        private double worstError;
        private String where = "";

        Run(Layer layer, Tensor x) {
            this.layer = Objects.requireNonNull(layer, "layer");
            this.x = x.copy();
            Tensor output = output();
            if (!x.isFinite() || !output.isFinite()) {
                throw new IllegalArgumentException("gradient check of " + Description.of(layer)
                        + ": input and output must be finite to measure" + " slopes");
            }
            cotangent = Tensor.zeros(output.shape());
            key.child("cotangent").normal(cotangent, 0, 1);
            undisturbed = output.dot(cotangent);
            outputRounding = 0x1p-23 * output.multiply(cotangent).norm();
        }

        private Context context() {
            return training ? Context.training(key.child("pass")) : Context.inference();
        }

        /** Runs the layer on a copy of the input, in case it writes into it. */
        private Tensor output() {
            return layer.forward(x.copy(), context()).output();
        }

        Result result() {
            Gradients gradients = new Gradients(layer);
            Tensor dx = analytic(gradients);
            if (dx != null) {
                if (input) {
                    compare("x", x, dx, OptionalInt.empty());
                } else if (dx.maxAbs() != 0) {
                    failures.add("x: indices have no gradient, but the pullback gives one of norm " + dx.norm());
                }
                for (Map.Entry<String, Parameter> entry :
                        layer.parametersByPath().entrySet()) {
                    Parameter p = entry.getValue();
                    if (p.kind() != Parameter.Kind.STATISTIC) {
                        expectNoneForPadding(entry.getKey(), p, gradients.of(p));
                        compare(entry.getKey(), p.value(), gradients.of(p), p.paddingRow());
                    }
                }
            }
            return new Result(worstError, where, failures);
        }

        /** Checks the row for padding of an embedding: it is zero, and has no gradient although it has a slope. */
        private void expectNoneForPadding(String name, Parameter p, Tensor gradient) {
            p.paddingRow().ifPresent(row -> {
                if (p.value().row(row).maxAbs() != 0) {
                    failures.add(name + ": row " + row + " is that of padding, and is not zero");
                }
                if (gradient.row(row).maxAbs() != 0) {
                    failures.add(name + ": row " + row + " is that of padding, and gets a gradient of norm "
                            + gradient.row(row).norm() + ", so training would move it; add none to it");
                }
            });
        }

        /**
         * Computes the gradient at the input, and those of the parameters; null if a wrong shape leaves nothing to
         * compare.
         */
        private @Nullable Tensor analytic(Gradients gradients) {
            Tensor in = x.copy();
            List<Parameter> parameters = List.copyOf(layer.parametersByPath().values());
            List<Tensor> weights =
                    parameters.stream().map(p -> p.value().copy()).toList();
            Pass pass = layer.forward(in, context());
            expectSame("forward changed its input", "x", x, in);
            Tensor output = pass.output().copy();
            Tensor dy = cotangent.copy();
            Tensor dx;
            try {
                dx = pass.pullback(dy, gradients);
            } catch (ShapeException e) {
                failures.add(e.getMessage()); // a gradient of another shape than the input's
                return null;
            }
            Tensor result = dx.copy();
            expectSame("the pullback changed the input", "x", x, in);
            expectSame("the pullback changed the output", "y", output, pass.output());
            expectSame("the pullback changed the gradient it was given", "dOutput", cotangent, dy);
            for (int i = 0; i < weights.size(); i++) {
                Parameter p = parameters.get(i);
                expectSame("a pass changed the parameter " + p, p.name(), weights.get(i), p.value());
            }
            expectAddition(gradients);
            expectSaved(result, gradients);
            return result;
        }

        private void expectSame(String complaint, String name, Tensor before, Tensor after) {
            Entries.difference(name, before, after).ifPresent(text -> failures.add(complaint + ": " + text));
        }

        /** Checks that a second pass doubles the gradients of the first. */
        private void expectAddition(Gradients once) {
            Gradients twice = new Gradients(layer);
            twice.add(once);
            layer.forward(x.copy(), context()).pullback(cotangent.copy(), twice);
            double rounding = 0x1p-20 * once.norm(); // a bias before a normalization has no other gradient
            for (Parameter p : once.parameters()) {
                Tensor excess = twice.of(p).subtract(once.of(p)).subtract(once.of(p));
                if (excess.norm() > 1e-3 * once.of(p).norm() + rounding) {
                    Tensor doubled = once.of(p).add(once.of(p));
                    failures.add(p.name() + ": a second pass does not add its gradient to that of the first; use the"
                            + " ...AddInto operations on Gradients.of(parameter)"
                            + Entries.difference(p.name(), doubled, twice.of(p))
                                    .map(text -> ": " + text)
                                    .orElse(""));
                }
            }
        }

        /** Runs the layer with every tensor that it did not save filled with NaN, input and output included. */
        private void expectSaved(Tensor dx, Gradients gradients) {
            if (!dx.isFinite() || !Double.isFinite(gradients.norm()) || !failures.isEmpty()) {
                return; // other faults come first
            }
            ReleaseCheck released = new ReleaseCheck(context());
            Tensor in = released.empty(x.shape());
            in.copyFrom(x);
            Gradients into = new Gradients(layer);
            Pass pass = layer.forward(in, released);
            if (!pass.output().overlaps(in)) {
                released.release(in);
                released.release(pass.output());
            }
            try {
                Tensor result = pass.pullback(cotangent.copy(), into);
                if (!result.isFinite() || !Double.isFinite(into.norm())) {
                    failures.add(Layer.describe(layer) + ": its backward reads a tensor that its forward did not save;"
                            + " call save(tensor) in forward");
                }
            } catch (IllegalStateException e) {
                failures.add(e.getMessage());
            }
        }

        /** Measures along directions, and after a failure looks for the wrong entry. */
        private void compare(String name, Tensor target, Tensor gradient, OptionalInt padding) {
            if (target.size() == 0) {
                return;
            }
            double typical = gradient.norm() / Math.sqrt(target.size());
            int measured = 0;
            double worst = 0;
            String failure = "";
            for (int i = 0; measured < directions && i < ATTEMPTS * directions; i++) {
                Tensor direction = direction(
                        target.shape(),
                        Math.scalb(1f, -i / directions),
                        key.child(name).child(i));
                padding.ifPresent(row -> direction.row(row).fill(0f));
                Slope numeric = slope(target, direction, typical);
                if (!numeric.settled()) {
                    continue;
                }
                measured++;
                double analytic = gradient.dot(direction);
                double error = error(analytic, numeric, typical);
                if (error > worst) {
                    worst = error;
                    failure = text(
                            "%s: analytic %.6g, numeric %.6g along direction %d (relative error %.1e > %.1e)",
                            name, analytic, numeric.value(), i, error, tolerance);
                }
            }
            if (measured == 0) {
                failures.add(name + ": no slope could be measured, differences do not settle down to step "
                        + Math.scalb(step, -HALVINGS) + "; is there a kink at this input, or randomness outside the"
                        + " context's key? Try another input, or fewer rows and units");
            } else if (worst > tolerance) {
                failures.add(failure + worstEntry(name, target, gradient, typical, padding));
            }
            if (worst > worstError) {
                worstError = worst;
                where = name;
            }
        }

        private double error(double analytic, Slope numeric, double typical) {
            double larger = Math.max(Math.abs(analytic), Math.abs(numeric.value()));
            double scale = scale(larger, typical, numeric.resolution());
            double error = scale == 0 ? 0 : Math.abs(analytic - numeric.value()) / scale;
            return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
        }

        /** Returns the scale of relative errors, which is a number even if the gradient has a NaN. */
        private double scale(double slope, double typical, double resolution) {
            double floor = resolution / tolerance;
            return Math.max(Double.isNaN(slope) ? 0 : slope, Double.isNaN(typical) ? floor : Math.max(typical, floor));
        }

        /**
         * Describes the entry with the largest error. Every entry costs some passes, so a large tensor is searched at
         * evenly spaced ones.
         */
        private String worstEntry(String name, Tensor target, Tensor gradient, double typical, OptionalInt padding) {
            String worst = "";
            double largest = 0;
            int stride = (target.size() - 1) / ENTRIES_SEARCHED + 1;
            for (int i = 0; i < target.size(); i += stride) {
                Tensor direction = Tensor.zeros(target.shape());
                direction.array()[i] = 1;
                padding.ifPresent(row -> direction.row(row).fill(0f));
                Slope numeric = slope(target, direction, typical);
                double analytic = gradient.array()[gradient.offset() + i];
                double difference = Math.abs(analytic - numeric.value());
                if (Double.isNaN(difference)) {
                    difference = Double.POSITIVE_INFINITY;
                }
                if (numeric.settled() && difference > largest) {
                    largest = difference;
                    worst = text(
                            "; worst entry %s%s: analytic %.6g, numeric %.6g",
                            name, Entries.index(i, target.shape()), analytic, numeric.value());
                }
            }
            return worst;
        }

        /**
         * Measures the slope of f along a direction: halves the step until three differences agree and there is no sign
         * of a kink.
         */
        private Slope slope(Tensor target, Tensor direction, double typical) {
            Pair outer = pair(target, direction, 2 * step);
            Pair inner = pair(target, direction, step);
            Slope slope = new Slope(fourthOrder(outer, inner), outputRounding / step, false);
            boolean agreedBefore = false;
            for (int i = 0; i < HALVINGS; i++) {
                outer = inner;
                inner = pair(target, direction, outer.h() / 2);
                double fine = fourthOrder(outer, inner);
                double resolution = outputRounding / inner.h();
                double scale = scale(Math.abs(fine), typical, resolution);
                // The bend f(h) - 2 f(0) + f(-h) is proportional to h * h where f is smooth, but to h across a kink,
                // even across one that is so near that the differences agree.
                boolean agreed = Math.abs(fine - slope.value()) <= tolerance / 4 * scale
                        && Math.abs(outer.bend() - 4 * inner.bend()) <= tolerance * scale * outer.h();
                if (agreed && agreedBefore) {
                    return new Slope(slope.value(), slope.resolution(), true);
                }
                agreedBefore = agreed;
                slope = new Slope(fine, resolution, false);
            }
            return slope;
        }

        private static double fourthOrder(Pair outer, Pair inner) {
            return (8 * inner.rise() - outer.rise()) / (12 * inner.h());
        }

        private Pair pair(Tensor target, Tensor direction, float h) {
            double ahead = valueAt(target, direction, h);
            double behind = valueAt(target, direction, -h);
            return new Pair(h, ahead - behind, ahead + behind - 2 * undisturbed);
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

    /**
     * Returns a direction of unit length with random signs. A share of the entries has one magnitude, so that none is
     * lost in rounding. The others are zero, which leaves some units near their kinks unchanged.
     */
    private static Tensor direction(Shape shape, float share, Key key) {
        Tensor direction = Tensor.zeros(shape);
        key.uniform(direction, -1, 1);
        float limit = Math.min(1 - share, direction.maxAbs()); // the largest entry is always in
        direction.mapInto(u -> Math.abs(u) >= limit ? Math.copySign(1, u) : 0, direction);
        direction.scaleInPlace((float) (1 / direction.norm()));
        return direction;
    }

    private static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
