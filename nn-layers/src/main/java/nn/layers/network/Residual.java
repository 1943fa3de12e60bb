package nn.layers.network;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Consumer;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.ResidualBranch;
import nn.layers.internal.Featurewise;
import nn.layers.internal.LayerShapes;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * Adds the output of its layers to their input: y = x + f(x) (He, Zhang, Ren and Sun, <i>Deep residual learning for
 * image recognition</i>, CVPR 2016). The layers are its children, so a dense layer {@code fc1} in a residual block
 * {@code block1} has the parameters {@code block1.fc1.weight} and {@code block1.fc1.bias}.
 *
 * <p>In general y = a x + g * f(x), with a constant a, 1 by default, and a gain g of the branch, 1 by default:
 *
 * <table>
 * <caption>Gains</caption>
 * <tr><th>scheme</th><th>factory</th></tr>
 * <tr><td>a branch scaled by a constant, as in Inception-ResNet (0.1 to 0.3), or by 1 / sqrt(number of
 * blocks)</td><td>{@code Residual.of(body).gain(0.1)}</td></tr>
 * <tr><td>ReZero: g is one learned number, 0 at first (Bachlechner and others, 2021)</td><td>{@code
 * Residual.of(body).learnedGain(0)}</td></tr>
 * <tr><td>LayerScale: g is a learned number for each feature, 0.1 at first, or 1e-5 beyond 18 blocks (Touvron and
 * others, 2021)</td><td>{@code Residual.of(body).learnedGains(0.1)}</td></tr>
 * <tr><td>DeepNorm: a = (2 N)^(1/4) for N blocks, then a layer normalization; some weights of f are scaled by
 * (8 N)^(-1/4) (Wang and others, 2022)</td><td>{@code Residual.of(body).skip(a)}</td></tr>
 * </table>
 *
 * <p>A learned gain is the parameter {@code gain}, [1] or [features].
 *
 * <p>Shapes: y has the shape of x, and so must the output of the layers. Where they change the shape, as with a stride
 * or more channels, other layers bring x to that shape: y = a s(x) + g * f(x). They are the child {@code shortcut}:
 *
 * <pre>{@code
 * Residual.of(body -> body.layer("conv1", Convolution.channels(64).kernel(3, 3).stride(2, 2).same())
 *                 .batchNorm("bn1").relu()
 *                 .layer("conv2", Convolution.channels(64).kernel(3, 3).same()).batchNorm("bn2"))
 *         .shortcut(skip -> skip.layer("conv", Convolution.channels(64).kernel(1, 1).stride(2, 2)).batchNorm("bn"))
 * }</pre>
 */
public final class Residual implements Layer {
    private static final String SHORTCUT = "shortcut";

    private final Network body;
    private final @Nullable Network shortcut; // null: the input itself
    private final double skip;
    private final double gain; // of the branch; the first one if it is learned
    private final @Nullable Parameter learned; // the gain, [1] or [features]
    private final SequencedMap<String, Layer> children;

    /**
     * Makes the block y = x + f(x).
     *
     * @param body f, whose output has the shape of its input
     */
    public Residual(Network body) {
        this(Objects.requireNonNull(body, "body"), null, 1, 1, null);
    }

    private Residual(Network body, @Nullable Network shortcut, double skip, double gain, @Nullable Parameter learned) {
        this.body = body;
        this.shortcut = shortcut;
        this.skip = skip;
        this.gain = gain;
        this.learned = learned;
        SequencedMap<String, Layer> all = new LinkedHashMap<>(body.children());
        if (shortcut != null && all.put(SHORTCUT, shortcut) != null) {
            throw new IllegalArgumentException("Residual: one of its layers has the name '" + SHORTCUT
                    + "', which is that of the layers beside them; choose another name");
        }
        children = Collections.unmodifiableSequencedMap(all);
    }

    /**
     * Describes a residual block whose input is not known yet:
     *
     * <pre>{@code
     * builder.layer("block1", Residual.of(body -> body.dense("fc1", 64).relu().dense("fc2", 64)))
     * }</pre>
     *
     * @param body adds the layers of f to a builder that knows the block's input and key
     * @return a description of y = x + f(x)
     */
    public static Config of(Consumer<Network.Builder> body) {
        return new Config(Network.chain(body), null, 1, 1, Gain.CONSTANT);
    }

    private enum Gain {
        CONSTANT,
        LEARNED,
        LEARNED_FOR_EACH_FEATURE
    }

    /** The description of a residual block: an immutable factory. */
    public static final class Config implements LayerFactory {
        private final LayerFactory body;
        private final @Nullable LayerFactory shortcut;
        private final double skip;
        private final double gain;
        private final Gain kind;

        private Config(LayerFactory body, @Nullable LayerFactory shortcut, double skip, double gain, Gain kind) {
            this.body = body;
            this.shortcut = shortcut;
            this.skip = skip;
            this.gain = gain;
            this.kind = kind;
            requireFinite("skip", skip);
            requireFinite("gain", gain);
        }

        private static void requireFinite(String what, double number) {
            if (!Float.isFinite((float) number)) {
                throw new IllegalArgumentException("residual: the " + what + " " + number + " must be finite");
            }
        }

        /**
         * Multiplies the input by a constant: y = a x + g * f(x).
         *
         * @param a finite
         * @return a copy with this factor
         * @throws IllegalArgumentException if it is not finite
         */
        public Config skip(double a) {
            return new Config(body, shortcut, a, gain, kind);
        }

        /**
         * Multiplies the branch by a constant: y = a x + g f(x).
         *
         * @param g finite
         * @return a copy with this gain
         * @throws IllegalArgumentException if it is not finite
         */
        public Config gain(double g) {
            return new Config(body, shortcut, skip, g, Gain.CONSTANT);
        }

        /**
         * Multiplies the branch by one learned number, the parameter {@code gain} [1].
         *
         * @param first its first value, finite
         * @return a copy with this gain
         * @throws IllegalArgumentException if it is not finite
         */
        public Config learnedGain(double first) {
            return new Config(body, shortcut, skip, first, Gain.LEARNED);
        }

        /**
         * Multiplies each feature of the branch by a learned number, the parameter {@code gain} [features].
         *
         * @param first the first value of all of them, finite
         * @return a copy with these gains
         * @throws IllegalArgumentException if it is not finite
         */
        public Config learnedGains(double first) {
            return new Config(body, shortcut, skip, first, Gain.LEARNED_FOR_EACH_FEATURE);
        }

        /**
         * Brings the input to the shape of the branch: y = a s(x) + g * f(x).
         *
         * @param layers adds the layers of s to a builder that knows the block's input and the key of {@code shortcut}
         * @return a copy with these layers
         */
        public Config shortcut(Consumer<Network.Builder> layers) {
            return new Config(body, Network.chain(layers), skip, gain, kind);
        }

        @Override
        public Residual create(Shape in, Key key) {
            Network branch = (Network) body.create(in, key);
            Network beside = shortcut == null ? null : (Network) shortcut.create(in, key.child(SHORTCUT));
            return new Residual(branch, beside, skip, gain, parameter(branch, in, key));
        }

        private @Nullable Parameter parameter(Network branch, Shape in, Key key) {
            if (kind == Gain.CONSTANT) {
                return null;
            }
            int size = kind == Gain.LEARNED ? 1 : Featurewise.features("Residual", branch.outputShape(in));
            Fans fans = new Fans(size, size);
            return Parameter.create(
                    "gain", Parameter.Kind.SCALE, Shape.of(size), fans, Init.constant((float) gain), key);
        }
    }

    /**
     * The layers of the branch.
     *
     * @return f
     */
    public Network body() {
        return body;
    }

    /**
     * The layers beside the branch.
     *
     * @return s; empty if the input itself is added
     */
    public Optional<Network> shortcut() {
        return Optional.ofNullable(shortcut);
    }

    @Override
    public Pass newPass() {
        return new Sum();
    }

    /** Computes a s(x) + g f(x), and backward a times the gradient of s + g times that of f. */
    private final class Sum extends Pass {
        private final Pass inner = body.newPass();
        private final @Nullable Pass beside = shortcut == null ? null : Pass.of(shortcut);
        private Tensor branch = Tensor.zeros(0);

        Sum() {
            super(Residual.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Pass skipPass = beside;
            Tensor kept = skipPass == null ? x : context.run(skipPass, x);
            branch = inner.runIn(context, x); // not by context.run: the layers of f are the children, f is not
            Tensor y = context.empty(outputShape());
            if (skip == 1 && gain == 1 && learned == null) {
                kept.addInto(branch, y);
            } else {
                weightedSum(kept, y, context);
            }
            if (learned != null) {
                save(branch);
            }
            release(context, branch, x, kept);
            release(context, kept, x, x);
            return y;
        }

        private void weightedSum(Tensor kept, Tensor y, Context context) {
            Tensor gains = learned == null ? null : context.value(learned);
            if (gains != null && gains.size() > 1) {
                y.fillRows(gains);
                y.multiplyInto(branch, y);
                y.addScaledInPlace((float) skip, kept);
                return;
            }
            y.copyFrom(kept);
            if (skip != 1) {
                y.scaleInPlace((float) skip);
            }
            y.addScaledInPlace(gains == null ? (float) gain : first(gains), branch);
        }

        /** Releases a tensor of the layers inside, unless it has the memory of one of two others. */
        private static void release(Context context, Tensor done, Tensor x, Tensor other) {
            if (!done.overlaps(x) && !done.overlaps(other)) {
                context.release(done);
            }
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dBranch = gradientAtBranch(dy, gradients);
            Tensor ofBranch = inner.pullback(dBranch, gradients);
            Tensor dKept = scaled(skip, dy);
            Pass skipPass = beside;
            Tensor ofSkip = skipPass == null ? dKept : skipPass.pullback(dKept, gradients);
            boolean isOwn = !ofBranch.overlaps(dy) && !ofBranch.overlaps(dBranch) && !ofBranch.overlaps(ofSkip);
            Tensor dx = isOwn ? context().reuse(ofBranch) : context().empty(inputShape());
            ofSkip.addInto(ofBranch, dx);
            if (dx != ofBranch) {
                release(context(), ofBranch, dy, dBranch);
            }
            release(context(), dBranch, dy, dKept);
            release(context(), ofSkip, dy, dKept);
            release(context(), dKept, dy, dy);
            return dx;
        }

        @Override
        protected void backwardParameters(Tensor dy, Gradients gradients) {
            Tensor dBranch = gradientAtBranch(dy, gradients);
            inner.pullbackParameters(dBranch, gradients);
            release(context(), dBranch, dy, dy);
            Pass skipPass = beside;
            if (skipPass != null) {
                Tensor dKept = scaled(skip, dy);
                skipPass.pullbackParameters(dKept, gradients);
                release(context(), dKept, dy, dy);
            }
        }

        /** The gradient at f(x); adds that at a learned gain. */
        private Tensor gradientAtBranch(Tensor dy, Gradients gradients) {
            Parameter gains = learned;
            if (gains == null) {
                return scaled(gain, dy);
            }
            if (gains.value().size() == 1) {
                Tensor dGain = gradients.of(gains);
                dGain.array()[dGain.offset()] += (float) dy.dot(branch);
                return scaled(first(gains.value()), dy);
            }
            Tensor d = context().empty(dy.shape());
            dy.multiplyInto(branch, d);
            gradients.addSumOfRows(gains, d);
            d.fillRows(gains.value());
            d.multiplyInto(dy, d);
            return d;
        }

        private static float first(Tensor gains) {
            return gains.array()[gains.offset()];
        }

        private Tensor scaled(double factor, Tensor dy) {
            if (factor == 1) {
                return dy;
            }
            Tensor d = context().empty(dy.shape());
            d.copyFrom(dy);
            d.scaleInPlace((float) factor);
            return d;
        }
    }

    /** Returns the same axis if the layers keep it. */
    @Override
    public OptionalInt batchAxis(int in) {
        OptionalInt out = body.batchAxis(in);
        OptionalInt kept = shortcut == null ? OptionalInt.of(in) : shortcut.batchAxis(in);
        return out.equals(kept) ? out : OptionalInt.empty();
    }

    @Override
    public Shape outputShape(Shape in) {
        Shape out = LayerShapes.outputShape(body, body::outputShape, in);
        if (shortcut == null) {
            return requireKept(in, out);
        }
        Shape kept = LayerShapes.outputShape(shortcut, shortcut::outputShape, in);
        if (!out.equals(kept)) {
            throw new ShapeException(
                    this + ": its layers give " + out + " for " + in + ", and its shortcut gives " + kept
                            + "; make both shapes the same",
                    out.toString(),
                    kept);
        }
        return out;
    }

    private Shape requireKept(Shape in, Shape out) {
        if (!out.equals(in)) {
            throw new ShapeException(
                    this + ": expected its layers to keep the shape " + in + ", got " + out
                            + "; give the last of them, '"
                            + body.children().lastEntry().getKey() + "', that size",
                    in.toString(),
                    out);
        }
        return in;
    }

    /** Whether no single number is learned: its gradient is a sum over all rows. */
    @Override
    public boolean isRowwise() {
        return learned == null || learned.value().size() > 1;
    }

    @Override
    public SequencedMap<String, Layer> children() {
        return children;
    }

    /** Returns f. */
    @Override
    public List<ResidualBranch> residualBranches() {
        return List.of(new ResidualBranch(List.copyOf(body.parametersByPath().values())));
    }

    /** Returns the learned gain, and the parameters of the layers. */
    @Override
    public List<Parameter> parameters() {
        return learned == null ? Layer.super.parameters() : List.of(learned);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Network beside = shortcut;
        Value kept = beside == null ? x : graph.within(SHORTCUT, () -> beside.export(graph, x));
        Value branch = body.export(graph, x);
        if (learned != null) {
            branch = graph.elementwise("Mul", branch, graph.constant("gain", learned.value()));
        } else if (gain != 1) {
            branch = graph.elementwise("Mul", branch, graph.number("gain", gain));
        }
        if (skip != 1) {
            kept = graph.elementwise("Mul", kept, graph.number("skip", skip));
        }
        return graph.elementwise("Add", kept, branch);
    }

    /** Such as {@code Residual of 3 layers}, or {@code Residual of 3 layers (skip 2.0, learned gain)}. */
    @Override
    public String toString() {
        int count = body.children().size();
        StringBuilder more = new StringBuilder();
        if (skip != 1) {
            more.append(", skip ").append(skip);
        }
        if (learned != null) {
            more.append(learned.value().size() == 1 ? ", learned gain" : ", learned gains");
        } else if (gain != 1) {
            more.append(", gain ").append(gain);
        }
        if (shortcut != null) {
            more.append(", with a shortcut");
        }
        String layers = "Residual of " + count + (count == 1 ? " layer" : " layers");
        return more.isEmpty() ? layers : layers + " (" + more.substring(2) + ")";
    }
}
