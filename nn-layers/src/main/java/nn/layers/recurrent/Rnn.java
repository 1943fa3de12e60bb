package nn.layers.recurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.ElementwiseKernel;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.Sequences;
import nn.layers.WeightMapping;
import nn.layers.internal.NullFromLayer;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.operator.Attribute;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * A simple recurrent layer (Elman, 1990): h_t = f(x_t Wx + h_{t-1} Wh + b), where f is tanh or any other nonlinearity.
 * Gradients are computed by backpropagation through all time steps.
 *
 * <p>Shapes: x [time x batch x inputs]; states h_t [batch x units]; the output is all states [time x batch x units],
 * or the last one [batch x units]. Parameters: {@code input} Wx [inputs x units], {@code recurrent} Wh [units x
 * units], {@code bias} b [units]. The fans are (inputs, units) for Wx and b, (units, units) for Wh.
 *
 * <p>By default, as in Keras, Wx is Xavier uniform, Wh orthogonal, and b zero. An orthogonal Wh preserves the length of
 * a state, so it does not make gradients vanish or explode over many steps (Saxe, McClelland and Ganguli, 2013).
 *
 * <p>A state h_t of a sequence, or the gradient at it, becomes zero where all of its numbers are below {@link
 * Tensor#TINY}: subnormal numbers would cost many times as much. Threads share out the sequences of a batch.
 */
public final class Rnn implements Recurrent {
    private final Config config;
    private final int inputs;
    private final int units;
    private final Parameter input;
    private final Parameter recurrent;
    private final @Nullable Parameter bias; // null if there is none

    private Rnn(int inputs, Config config, Key key) {
        this.config = config;
        this.inputs = inputs;
        this.units = config.units;
        if (inputs < 1 || units < 1) {
            throw new IllegalArgumentException(
                    "Rnn " + inputs + " -> " + units + ": a layer has at least one input and one unit");
        }
        Fans in = new Fans(inputs, units);
        Fans state = new Fans(units, units);
        input = Parameter.create("input", Parameter.Kind.WEIGHT, Shape.of(inputs, units), in, config.input, key);
        recurrent = Parameter.create(
                "recurrent", Parameter.Kind.RECURRENT, Shape.of(units, units), state, config.recurrent, key);
        bias = config.bias == null
                ? null
                : Parameter.create("bias", Parameter.Kind.BIAS, Shape.of(units), in, config.bias, key);
    }

    /**
     * Describes a recurrent layer whose inputs are not known yet.
     *
     * @param units features of a state, at least 1
     * @return a description with tanh, a bias and default initialization, which outputs all states
     */
    public static Config units(int units) {
        return new Config(units, Nonlinearity.TANH, false, Init.xavierUniform(), Init.orthogonal(), Init.zeros());
    }

    /** The description of a recurrent layer: an immutable factory. */
    public static final class Config implements Recurrent.Factory {
        private final int units;
        private final Nonlinearity nonlinearity;
        private final boolean last;
        private final Initializer input;
        private final Initializer recurrent;
        private final @Nullable Initializer bias; // null: no bias

        private Config(
                int units,
                Nonlinearity nonlinearity,
                boolean last,
                Initializer input,
                Initializer recurrent,
                @Nullable Initializer bias) {
            this.units = units;
            this.nonlinearity = Objects.requireNonNull(nonlinearity, "nonlinearity");
            this.last = last;
            this.input = Objects.requireNonNull(input, "input initializer");
            this.recurrent = Objects.requireNonNull(recurrent, "recurrent initializer");
            this.bias = bias;
        }

        /**
         * Sets the nonlinearity, such as {@link Nonlinearity#RELU}.
         *
         * @param f the nonlinearity
         * @return a copy with this nonlinearity
         */
        public Config activation(Nonlinearity f) {
            return new Config(units, f, last, input, recurrent, bias);
        }

        /**
         * Outputs the last state [batch x units] only.
         *
         * @return a copy that outputs the last state
         */
        public Config last() {
            return new Config(units, nonlinearity, true, input, recurrent, bias);
        }

        /**
         * Sets the initializer of the input weight.
         *
         * @param initializer fills [inputs x units]
         * @return a copy with this initializer
         */
        public Config input(Initializer initializer) {
            return new Config(units, nonlinearity, last, initializer, recurrent, bias);
        }

        /**
         * Sets the initializer of the recurrent weight.
         *
         * @param initializer fills [units x units]
         * @return a copy with this initializer
         */
        public Config recurrent(Initializer initializer) {
            return new Config(units, nonlinearity, last, input, initializer, bias);
        }

        /**
         * Sets the initializer of the bias.
         *
         * @param initializer fills [units]
         * @return a copy with this initializer
         */
        public Config bias(Initializer initializer) {
            Objects.requireNonNull(initializer, "bias initializer");
            return new Config(units, nonlinearity, last, input, recurrent, initializer);
        }

        /**
         * Leaves out the bias.
         *
         * @return a copy without a bias
         */
        public Config withoutBias() {
            return new Config(units, nonlinearity, last, input, recurrent, null);
        }

        @Override
        public Rnn create(Shape in, Key key) {
            return create(Sequences.inputs("Rnn", in), key);
        }

        /**
         * Makes the layer.
         *
         * @param inputs features of a step, at least 1
         * @param key the layer's key, which determines the weights
         * @return the layer
         * @throws IllegalArgumentException if a size is below 1
         */
        public Rnn create(int inputs, Key key) {
            return new Rnn(inputs, this, key);
        }
    }

    @Override
    public RecurrentPass newPass() {
        return new States();
    }

    /** Computes all states, and their gradients by backpropagation through time. */
    private final class States extends RecurrentPass {
        private static final Tensor NONE = Tensor.zeros(0); // before the first backward pass

        private final ElementwiseKernel activation = NullFromLayer.kernel(Rnn.this, config.nonlinearity);
        private final StateSequence hs = new StateSequence();
        private final RowParts<Rows> parts = new RowParts<>(Rows::new, Rows[]::new);
        private Tensor x;
        private Tensor z; // the states if f's gradient is computed from its output
        private Tensor dz = NONE;
        private Tensor recurrentValue = NONE; // Wh
        private Tensor transposed = NONE; // Wh'
        private Tensor dStates = NONE;
        private State dState = new State(List.of());

        States() {
            super(Rnn.this);
        }

        @Override
        protected Tensor forward(Tensor x, State state, Context context) {
            this.x = save(x);
            hs.begin(x.dim(0), state.part(0), context);
            Tensor h = hs.after();
            z = activation.gradientFromOutput() ? h : save(context.empty(h.shape()));
            // One product for the inputs of all steps; each step adds its recurrent part to its rows.
            if (bias == null) {
                context.linearInto(x, input, z);
            } else {
                context.affineInto(x, input, bias, z);
            }
            recurrentValue = context.value(recurrent);
            parts.forward(x.dim(1), x.dim(0) * multiplications());
            state.part(0).copyFrom(hs.at(x.dim(0)));
            return h;
        }

        @Override
        protected Tensor backward(Tensor dStates, State dState, Gradients gradients) {
            backwardParameters(dStates, dState, gradients);
            Tensor dx = context().empty(inputShape());
            dz.matmulInto(input.value(), Transposed.RIGHT, dx);
            return dx;
        }

        @Override
        protected void backwardParameters(Tensor dStates, State dState, Gradients gradients) {
            this.dStates = dStates;
            this.dState = dState;
            dz = context().empty(z.shape());
            // Wh' is computed once, so that each step is a plain product.
            transposed = context().empty(recurrent.value().shape());
            recurrent.value().transposeInto(transposed);
            parts.backward(x.dim(1), x.dim(0) * multiplications());
            gradients.addWeightGradient(input, x, dz);
            gradients.addWeightGradient(recurrent, hs.before(), dz);
            if (bias != null) {
                gradients.addSumOfRows(bias, dz);
            }
        }

        /** The number of multiply-adds of one step of a row. */
        private double multiplications() {
            return (double) units * units;
        }

        /** All steps of some rows. */
        private final class Rows extends RowParts.Rows {
            private final ElementwiseKernel f =
                    from == 0 ? activation : NullFromLayer.kernel(Rnn.this, config.nonlinearity);
            private final TimeSteps zs = new TimeSteps();
            private final TimeSteps h = new TimeSteps();
            private final TimeSteps dy = new TimeSteps();
            private final TimeSteps dzs = new TimeSteps();
            private final RowView dh = new RowView();

            Rows(int from, int to) {
                super(from, to);
            }

            @Override
            void view() {
                zs.of(z, from, to);
                h.of(hs.all(), from, to);
            }

            @Override
            void forward() {
                for (int t = 0; t < x.dim(0); t++) {
                    h.at(t).matmulAddInto(recurrentValue, Transposed.NONE, zs.at(t));
                    f.apply(zs.at(t), h.at(t + 1));
                    h.at(t + 1).clearTinyRowsInPlace();
                }
            }

            @Override
            void backward() {
                dy.of(dStates, from, to);
                dzs.of(dz, from, to);
                Tensor dh = this.dh.of(dState.part(0), from, to);
                for (int t = x.dim(0) - 1; t >= 0; t--) {
                    dh.addInPlace(dy.at(t));
                    f.gradient(zs.at(t), dh, dzs.at(t));
                    dzs.at(t).matmulInto(transposed, Transposed.NONE, dh);
                    dh.clearTinyRowsInPlace();
                }
            }
        }
    }

    @Override
    public boolean lastOnly() {
        return config.last;
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(List.of(input, recurrent));
        if (bias != null) {
            all.add(bias);
        }
        return List.copyOf(all);
    }

    @Override
    public List<WeightMapping> torchMapping() {
        return TorchCells.simple(input, recurrent, bias);
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public int units() {
        return units;
    }

    @Override
    public List<Integer> stateSizes() {
        return List.of(units);
    }

    @Override
    public Value exportSteps(OperatorGraph graph, Value x, boolean backwards) {
        String f = standardName();
        if (!f.isEmpty()) {
            Tensor in = input.value().transpose();
            Tensor state = recurrent.value().transpose();
            Value biases = Value.NONE;
            if (bias != null) {
                Tensor both = Tensor.zeros(1, 2 * units); // the second one, of the states, is zero
                both.row(0).rows(0, units).copyFrom(bias.value());
                biases = graph.constant("bias", both);
            }
            OperatorGraph.Call call = RecurrentOperators.call(graph, "RNN", x, backwards, in, state, biases)
                    .with("activations", new Attribute.Texts(List.of(f)));
            return RecurrentOperators.steps(graph, call, x, units, 1);
        }
        if (backwards && graph.lengths().isPresent()) {
            Value steps = exportSteps(graph, Sequences.exportReversed(graph, x), false);
            return Sequences.exportReversed(graph, steps);
        }
        return scanned(graph, x, backwards);
    }

    /** The standard's name of the nonlinearity; empty if its RNN has none. */
    private String standardName() {
        return config.nonlinearity.equals(Nonlinearity.TANH)
                ? "Tanh"
                : config.nonlinearity.equals(Nonlinearity.RELU)
                        ? "Relu"
                        : config.nonlinearity.equals(Nonlinearity.SIGMOID) ? "Sigmoid" : "";
    }

    /** The steps of any nonlinearity, by a graph that is run for each of them. */
    private Value scanned(OperatorGraph graph, Value x, boolean backwards) {
        Shape all = x.shape().withLast(units);
        Value z =
                graph.call("MatMul", x, graph.constant("input", input.value())).gives(all);
        z = bias == null ? z : graph.elementwise("Add", z, graph.constant("bias", bias.value()));
        OperatorGraph body = graph.body();
        Value before = body.input("before", ElementKind.FLOAT32, all.withoutFirst());
        Value step = body.input("step", ElementKind.FLOAT32, all.withoutFirst());
        Value carried = body.call("MatMul", before, body.constant("recurrent", recurrent.value()))
                .gives(before.shape());
        Value h = config.nonlinearity.export(body, body.elementwise("Add", step, carried));
        body.output("after", h);
        body.output("state", body.call("Identity", h).gives(h.shape()));
        long direction = backwards ? 1 : 0;
        Value steps = graph.call("Scan", RecurrentOperators.zeros(graph, x, units), z)
                .with("body", new Attribute.Body(body))
                .with("num_scan_inputs", 1)
                .with("scan_input_directions", new long[] {direction})
                .with("scan_output_directions", new long[] {direction})
                .givesAll(List.of(all.withoutFirst(), all))
                .get(1);
        return Sequences.exportWithoutPadding(graph, steps, 0);
    }

    /** Returns a text such as {@code Rnn 8 -> 64 (tanh)}. */
    @Override
    public String toString() {
        return "Rnn " + inputs + " -> " + units + " (" + config.nonlinearity.name() + ")";
    }
}
