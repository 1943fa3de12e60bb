package nn.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/**
 * A simple recurrent layer (Elman, <i>Finding structure in time</i>, 1990): at each time step t
 *
 * <pre>{@code
 * z_t = x_t Wx + h_{t-1} Wh + b      h_t = f(z_t)
 * }</pre>
 *
 * <p>x is [time x batch x inputs], Wx [inputs x units], Wh [units x units], b [units], the state h_t [batch x units]. The
 * output is the states of all steps, [time x batch x units], or the last one, [batch x units]. The state before the
 * first step is zero, or {@linkplain #forward(Tensor, Tensor, Context) what you give}.
 *
 * <p>The gradient goes back through all time steps (Werbos, <i>Backpropagation through time</i>, 1990): from the last step
 * to the first, {@code dz_t = dh_t f'(z_t)}, where dh_t comes from the output at t and, as {@code dz_{t+1} Wh'}, from the
 * step after.
 *
 * <p>Born as Keras has it: Wx Glorot uniform, Wh orthogonal (Saxe and others, 2014), b zero, f tanh. For f = ReLU, {@code
 * Rnn.with().nonlinearity(Nonlinearity.RELU).recurrent(Init.identity())} is the network of Le, Jaitly and Hinton (2015).
 */
public final class Rnn implements Layer {
    private final Parameter input;
    private final Parameter recurrent;
    private final Optional<Parameter> bias;
    private final Nonlinearity nonlinearity;
    private final boolean lastOnly;

    private Rnn(
            Parameter input, Parameter recurrent, Optional<Parameter> bias, Nonlinearity nonlinearity, boolean lastOnly) {
        this.input = input;
        this.recurrent = recurrent;
        this.bias = bias;
        this.nonlinearity = nonlinearity;
        this.lastOnly = lastOnly;
    }

    /**
     * What a recurrent layer computes and how it begins. Change one thing at a time: {@code
     * Rnn.with().nonlinearity(Nonlinearity.RELU).last()}.
     *
     * @param nonlinearity f
     * @param input initializes Wx
     * @param recurrent initializes Wh
     * @param bias initializes b; empty for a layer without one
     * @param lastOnly whether the output is the last state alone
     */
    public record Options(
            Nonlinearity nonlinearity,
            Initializer input,
            Initializer recurrent,
            Optional<Initializer> bias,
            boolean lastOnly) {
        /** Refuses null. */
        public Options {
            Objects.requireNonNull(nonlinearity, "nonlinearity");
            Objects.requireNonNull(input, "input");
            Objects.requireNonNull(recurrent, "recurrent");
            Objects.requireNonNull(bias, "bias");
        }

        /**
         * These options with another nonlinearity.
         *
         * @param f the function
         * @return the new options
         */
        public Options nonlinearity(Nonlinearity f) {
            return new Options(f, input, recurrent, bias, lastOnly);
        }

        /**
         * These options with another initializer for the input weight.
         *
         * @param initializer for Wx
         * @return the new options
         */
        public Options input(Initializer initializer) {
            return new Options(nonlinearity, initializer, recurrent, bias, lastOnly);
        }

        /**
         * These options with another initializer for the recurrent weight.
         *
         * @param initializer for Wh
         * @return the new options
         */
        public Options recurrent(Initializer initializer) {
            return new Options(nonlinearity, input, initializer, bias, lastOnly);
        }

        /**
         * These options with another bias initializer.
         *
         * @param initializer for b
         * @return the new options
         */
        public Options bias(Initializer initializer) {
            return new Options(nonlinearity, input, recurrent, Optional.of(initializer), lastOnly);
        }

        /**
         * These options without a bias.
         *
         * @return the new options
         */
        public Options withoutBias() {
            return new Options(nonlinearity, input, recurrent, Optional.empty(), lastOnly);
        }

        /**
         * These options with the last state, [batch x units], as the output.
         *
         * @return the new options
         */
        public Options last() {
            return new Options(nonlinearity, input, recurrent, bias, true);
        }
    }

    /**
     * The default options: tanh, Glorot uniform, orthogonal, zero bias, the states of all steps.
     *
     * @return the options
     */
    public static Options with() {
        return new Options(
                Nonlinearity.TANH, Init.xavierUniform(), Init.orthogonal(), Optional.of(Init.zeros()), false);
    }

    /**
     * A layer with the default options.
     *
     * @param inputs features of a time step, at least 1
     * @param units features of the state, at least 1
     * @param key the layer's; its parameters take the children {@code input}, {@code recurrent} and {@code bias}
     * @return the layer
     * @throws IllegalArgumentException if a size is below 1
     */
    public static Rnn of(int inputs, int units, Key key) {
        return of(inputs, units, with(), key);
    }

    /**
     * A layer as the options say.
     *
     * @param inputs features of a time step, at least 1
     * @param units features of the state, at least 1
     * @param options nonlinearity, initializers, bias and output
     * @param key the layer's; its parameters take the children {@code input}, {@code recurrent} and {@code bias}
     * @return the layer
     * @throws IllegalArgumentException if a size is below 1, or an initializer gives a value that is not finite
     * @throws ShapeException if an initializer cannot fill the shape
     */
    public static Rnn of(int inputs, int units, Options options, Key key) {
        if (inputs < 1 || units < 1) {
            throw new IllegalArgumentException(
                    "Rnn " + inputs + " -> " + units + ": a layer has at least one input and one unit");
        }
        Fans fromInput = new Fans(inputs, units);
        Fans fromState = new Fans(units, units);
        return new Rnn(
                Parameter.create(
                        "input", Parameter.Kind.WEIGHT, Shape.of(inputs, units), fromInput, options.input(), key),
                Parameter.create(
                        "recurrent",
                        Parameter.Kind.RECURRENT,
                        Shape.of(units, units),
                        fromState,
                        options.recurrent(),
                        key),
                options.bias()
                        .map(b -> Parameter.create("bias", Parameter.Kind.BIAS, Shape.of(units), fromInput, b, key)),
                options.nonlinearity(),
                options.lastOnly());
    }

    /**
     * A forward pass from a given state.
     *
     * @param output [time x batch x units], or the last state [batch x units]
     * @param pullback takes the gradient back to the input and to the given state; to be called once at most
     */
    public record StatePass(Tensor output, StatePullback pullback) {}

    /** The backward half of a forward pass from a given state. */
    @FunctionalInterface
    public interface StatePullback {
        /**
         * Takes a gradient from the output back, and adds each parameter's gradient to the ones given.
         *
         * @param dOutput gradient at the output, of the output's shape; not changed
         * @param into receives the parameters' gradients, by addition
         * @return the gradients at the input and at the state
         */
        StateGradients apply(Tensor dOutput, Gradients into);
    }

    /**
     * What comes out of the beginning of a sequence.
     *
     * @param x gradient at the input, [time x batch x inputs]
     * @param state gradient at the state before the first step, [batch x units]
     */
    public record StateGradients(Tensor x, Tensor state) {}

    @Override
    public Pass forward(Tensor x, Context context) {
        requireInput(x.shape());
        Tensor zero = context.empty(Shape.of(x.dim(1), units()));
        zero.fill(0f);
        StatePass pass = forward(x, zero, context);
        return new Pass(pass.output(), (dy, into) -> pass.pullback().apply(dy, into).x());
    }

    /**
     * Computes the output from a given state, as where a long sequence is read in parts: the last state of one part is
     * the next part's first.
     *
     * @param x the input, [time x batch x inputs]
     * @param state before the first step, [batch x units]; not changed
     * @param context gives scratch tensors
     * @return the output and its pullback
     * @throws ShapeException if a shape is another, or there is no time step whose state would be the last
     */
    public StatePass forward(Tensor x, Tensor state, Context context) {
        requireInput(x.shape());
        int time = x.dim(0);
        requireState(x, state);

        // All inputs in one product; the recurrent product of each step is then added to its rows.
        Tensor z = context.empty(x.shape().withLast(units()));
        bias.ifPresentOrElse(b -> z.fillRows(b.value()), () -> z.fill(0f));
        x.matmulAddInto(input.value(), Transposed.NONE, z);

        // States 0 to time, one more than steps: the first rows are what each step reads, the last what it gives.
        Tensor states = context.empty(Shape.of(time + 1, x.dim(1), units()));
        states.row(0).copyFrom(state);
        for (int t = 0; t < time; t++) {
            states.row(t).matmulAddInto(recurrent.value(), Transposed.NONE, z.row(t));
            Pointwise.apply(nonlinearity, z.row(t), states.row(t + 1));
        }
        Tensor before = states.rows(0, time);
        Tensor after = states.rows(1, time + 1);
        Tensor output = lastOnly ? states.row(time) : after;
        return new StatePass(output, (dOutput, into) -> {
            Shapes.requireGradient(this, output, dOutput);
            Tensor dz = context.empty(z.shape());
            Tensor dh = context.empty(state.shape());
            Tensor recurrentTransposed = recurrent.value().transpose(); // once, instead of in each step's product
            if (lastOnly) {
                dh.copyFrom(dOutput);
            } else {
                dh.fill(0f);
            }
            for (int t = time - 1; t >= 0; t--) {
                if (!lastOnly) {
                    dh.addInPlace(dOutput.row(t));
                }
                Pointwise.gradient(nonlinearity, z.row(t), after.row(t), dh, dz.row(t));
                dz.row(t).matmulInto(recurrentTransposed, Transposed.NONE, dh);
            }
            x.matmulAddInto(dz, Transposed.LEFT, into.of(input));
            before.matmulAddInto(dz, Transposed.LEFT, into.of(recurrent));
            bias.ifPresent(b -> dz.addRowSumsInto(into.of(b)));
            Tensor dx = context.empty(x.shape());
            dz.matmulInto(input.value(), Transposed.RIGHT, dx);
            return new StateGradients(dx, dh);
        });
    }

    private void requireState(Tensor x, Tensor state) {
        Shape wanted = Shape.of(x.dim(1), units());
        if (!state.shape().equals(wanted)) {
            throw Shapes.mismatch(this, "a state of shape " + wanted, state.shape(), "one row for each of the batch");
        }
    }

    private void requireInput(Shape in) {
        String expected = "[time x batch x " + inputs() + "]";
        if (in.rank() != 3 || in.dim(2) != inputs()) {
            String hint = in.rank() == 2 ? "a sequence is wanted; does an Rnn before give its last state only?" : "";
            throw Shapes.mismatch(this, expected, in, hint);
        }
        if (lastOnly && in.dim(0) == 0) {
            throw Shapes.mismatch(this, expected, in, "without a time step there is no last state");
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        requireInput(in);
        return lastOnly ? Shape.of(in.dim(1), units()) : in.withLast(units());
    }

    /**
     * The number of features that a time step has.
     *
     * @return at least 1
     */
    public int inputs() {
        return input.value().dim(0);
    }

    /**
     * The number of features of the state.
     *
     * @return at least 1
     */
    public int units() {
        return input.value().dim(1);
    }

    /**
     * Wx, [inputs x units], named {@code input}.
     *
     * @return the parameter
     */
    public Parameter input() {
        return input;
    }

    /**
     * Wh, [units x units], named {@code recurrent}.
     *
     * @return the parameter
     */
    public Parameter recurrent() {
        return recurrent;
    }

    /**
     * b, [units], named {@code bias}.
     *
     * @return the parameter, if there is one
     */
    public Optional<Parameter> bias() {
        return bias;
    }

    /** The input weight, the recurrent weight, then the bias if there is one. */
    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(List.of(input, recurrent));
        bias.ifPresent(all::add);
        return List.copyOf(all);
    }

    /** Such as {@code Rnn 8 -> 64, tanh}. */
    @Override
    public String toString() {
        return "Rnn " + inputs() + " -> " + units() + ", " + nonlinearity.name();
    }
}
