package nn.layers.dense;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import nn.init.Initializer;
import nn.init.nonlinearity.ElementwiseKernel;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Pass;
import nn.layers.internal.Featurewise;
import nn.layers.internal.NullFromLayer;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * The gated feed-forward layer of transformers: y = (f(x Wg + bg) * (x Wu + bu)) Wd + bd, where * multiplies element by
 * element (Shazeer, <i>GLU variants improve transformer</i>, 2020). The nonlinearity f acts on the gate:
 *
 * <table>
 * <caption>Names of the variants</caption>
 * <tr><th>f</th><th>name</th></tr>
 * <tr><td>{@link Nonlinearity#SILU}, the default</td><td>SwiGLU</td></tr>
 * <tr><td>{@link Nonlinearity#GELU}</td><td>GEGLU</td></tr>
 * <tr><td>{@link Nonlinearity#SIGMOID}</td><td>GLU (Dauphin and others, 2017)</td></tr>
 * <tr><td>{@link Nonlinearity#RELU}</td><td>ReGLU</td></tr>
 * <tr><td>{@link Nonlinearity#LINEAR}</td><td>bilinear</td></tr>
 * </table>
 *
 * <p>Shapes: x [... x inputs], y [... x units]. The layer is made of three {@linkplain Dense dense layers} with keys
 * and fans of their own: {@code gate} and {@code up}, inputs to hidden, and {@code down}, hidden to units. So the
 * parameters of a layer {@code ffn} are {@code ffn.gate.weight}, {@code ffn.gate.bias} and so on.
 *
 * <p>By default the weights are those of a dense layer in a network: {@code gate} suits f, {@code down} suits the
 * nonlinearity that follows, and {@code up} is Xavier uniform. Biases are zero. The layer has three weights where a
 * plain block has two, so 2/3 of the hidden units give as many parameters.
 */
public final class GatedDense implements Layer {
    private final Dense gate;
    private final Dense up;
    private final Dense down;
    private final Nonlinearity nonlinearity;
    private final SequencedMap<String, Layer> children;

    private GatedDense(int inputs, Config config, Key key) {
        nonlinearity = config.nonlinearity;
        int units = config.units == Config.AS_INPUTS ? inputs : config.units;
        if (inputs < 1 || config.hidden < 1 || units < 1) {
            throw new IllegalArgumentException("GatedDense " + inputs + " -> " + config.hidden + " -> " + units
                    + ": a layer has at least one input, one hidden unit and one unit");
        }
        gate = config.dense(config.hidden, config.gate).followedBy(nonlinearity).create(inputs, key.child("gate"));
        up = config.dense(config.hidden, config.up).create(inputs, key.child("up"));
        Dense.Config last = config.dense(units, config.down);
        down = (config.next == null ? last : last.followedBy(config.next)).create(config.hidden, key.child("down"));
        SequencedMap<String, Layer> byName = new LinkedHashMap<>();
        byName.put("gate", gate);
        byName.put("up", up);
        byName.put("down", down);
        children = Collections.unmodifiableSequencedMap(byName);
    }

    /**
     * Describes a gated layer whose inputs are not known yet.
     *
     * @param hidden the number of hidden units, at least 1
     * @return a description with SiLU as the gate's nonlinearity, biases, default initialization, and as many units as
     *     inputs
     */
    public static Config hidden(int hidden) {
        return new Config(hidden, Config.AS_INPUTS, Nonlinearity.SILU, true, null, null, null, null);
    }

    /** The description of a gated layer: an immutable factory. */
    public static final class Config implements LayerFactory {
        private static final int AS_INPUTS = -1;

        private final int hidden;
        private final int units;
        private final Nonlinearity nonlinearity;
        private final boolean biased;
        private final @Nullable Initializer gate; // null: the default
        private final @Nullable Initializer up;
        private final @Nullable Initializer down;
        private final @Nullable Nonlinearity next; // null: not known

        private Config(
                int hidden,
                int units,
                Nonlinearity nonlinearity,
                boolean biased,
                @Nullable Initializer gate,
                @Nullable Initializer up,
                @Nullable Initializer down,
                @Nullable Nonlinearity next) {
            this.hidden = hidden;
            this.units = units;
            this.nonlinearity = Objects.requireNonNull(nonlinearity, "nonlinearity");
            this.biased = biased;
            this.gate = gate;
            this.up = up;
            this.down = down;
            this.next = next;
        }

        /**
         * Sets the nonlinearity of the gate.
         *
         * @param f such as {@link Nonlinearity#GELU}
         * @return a copy with this nonlinearity
         */
        public Config activation(Nonlinearity f) {
            return new Config(hidden, units, f, biased, gate, up, down, next);
        }

        /**
         * Sets the number of features of the output, if it is not that of the input.
         *
         * @param units at least 1
         * @return a copy with this number
         * @throws IllegalArgumentException if it is below 1
         */
        public Config units(int units) {
            if (units < 1) {
                throw new IllegalArgumentException("GatedDense: " + units + " units; a layer has at least one");
            }
            return new Config(hidden, units, nonlinearity, biased, gate, up, down, next);
        }

        /**
         * Leaves out all three biases.
         *
         * @return a copy without biases
         */
        public Config withoutBias() {
            return new Config(hidden, units, nonlinearity, false, gate, up, down, next);
        }

        /**
         * Sets the initializer of the gate's weight.
         *
         * @param initializer fills [inputs x hidden]
         * @return a copy with this initializer
         */
        public Config gate(Initializer initializer) {
            Objects.requireNonNull(initializer, "gate initializer");
            return new Config(hidden, units, nonlinearity, biased, initializer, up, down, next);
        }

        /**
         * Sets the initializer of the weight that the gate is multiplied with.
         *
         * @param initializer fills [inputs x hidden]
         * @return a copy with this initializer
         */
        public Config up(Initializer initializer) {
            Objects.requireNonNull(initializer, "up initializer");
            return new Config(hidden, units, nonlinearity, biased, gate, initializer, down, next);
        }

        /**
         * Sets the initializer of the last weight.
         *
         * @param initializer fills [hidden x units]
         * @return a copy with this initializer
         */
        public Config down(Initializer initializer) {
            Objects.requireNonNull(initializer, "down initializer");
            return new Config(hidden, units, nonlinearity, biased, gate, up, initializer, next);
        }

        @Override
        public Config followedBy(Nonlinearity following) {
            Objects.requireNonNull(following, "next");
            return new Config(hidden, units, nonlinearity, biased, gate, up, down, following);
        }

        @Override
        public GatedDense create(Shape in, Key key) {
            return new GatedDense(Featurewise.features("GatedDense", in), this, key);
        }

        private Dense.Config dense(int outputs, @Nullable Initializer weight) {
            Dense.Config dense = Dense.units(outputs);
            dense = biased ? dense : dense.withoutBias();
            return weight == null ? dense : dense.weight(weight);
        }
    }

    @Override
    public Pass newPass() {
        return new Gated();
    }

    /** Runs the three dense layers, and the product between them. */
    private final class Gated extends Pass {
        private final Pass gatePass = Pass.of(gate);
        private final Pass upPass = Pass.of(up);
        private final Pass downPass = Pass.of(down);
        private final ElementwiseKernel f = NullFromLayer.kernel(GatedDense.this, nonlinearity);
        private Tensor z = Tensor.zeros(0); // the gate's pre-activation
        private Tensor g = Tensor.zeros(0); // f(z)
        private Tensor u = Tensor.zeros(0);

        Gated() {
            super(GatedDense.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            z = context.run(gatePass, x);
            g = save(context.empty(z.shape()));
            f.apply(z, g);
            if (f.gradientFromOutput()) {
                context.release(z);
            } else {
                save(z);
            }
            u = save(context.run(upPass, x));
            Tensor product = context.empty(z.shape());
            g.multiplyInto(u, product);
            Tensor y = context.run(downPass, product);
            context.release(product);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dProduct = downPass.pullback(dy, gradients);
            Tensor d = context().empty(dProduct.shape());
            dProduct.multiplyInto(g, d); // of u
            Tensor ofUp = upPass.pullback(d, gradients);
            toGate(dProduct, d);
            Tensor ofGate = gatePass.pullback(d, gradients);
            Tensor dx = context().empty(inputShape());
            ofUp.addInto(ofGate, dx);
            context().release(dProduct);
            context().release(d);
            context().release(ofUp);
            context().release(ofGate);
            return dx;
        }

        @Override
        protected void backwardParameters(Tensor dy, Gradients gradients) {
            Tensor dProduct = downPass.pullback(dy, gradients);
            Tensor d = context().empty(dProduct.shape());
            dProduct.multiplyInto(g, d);
            upPass.pullbackParameters(d, gradients);
            toGate(dProduct, d);
            gatePass.pullbackParameters(d, gradients);
            context().release(dProduct);
            context().release(d);
        }

        /** The gradient at z from that at the product, which is overwritten. */
        private void toGate(Tensor dProduct, Tensor dz) {
            dProduct.multiplyInto(u, dProduct); // now the gradient at f(z)
            f.gradient(f.gradientFromOutput() ? g : z, dProduct, dz);
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        return Featurewise.require(this, gate.inputs(), in).withLast(down.units());
    }

    @Override
    public boolean isRowwise() {
        return true;
    }

    @Override
    public SequencedMap<String, Layer> children() {
        return children;
    }

    /**
     * The nonlinearity of the gate.
     *
     * @return f
     */
    public Nonlinearity nonlinearity() {
        return nonlinearity;
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Value z = graph.within("gate", () -> gate.export(graph, x));
        Value u = graph.within("up", () -> up.export(graph, x));
        Value product = graph.elementwise("Mul", nonlinearity.export(graph, z), u);
        return graph.within("down", () -> down.export(graph, product));
    }

    /** Returns a text such as {@code GatedDense 64 -> 170 -> 64 (silu)}. */
    @Override
    public String toString() {
        return "GatedDense " + gate.inputs() + " -> " + gate.units() + " -> " + down.units() + " ("
                + nonlinearity.name() + ")";
    }
}
