package nn.layers.recurrent;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.VarianceScaling;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.Sequences;
import nn.layers.WeightMapping;
import nn.tensor.Fma;
import nn.tensor.Key;
import nn.tensor.Normalization;
import nn.tensor.RecurrentCells;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.operator.Attribute;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The linear recurrent unit: a recurrence of complex numbers without a nonlinearity, each by itself (Orvieto, Smith,
 * Gu, Fernando, Gulcehre, Pascanu and De, <i>Resurrecting recurrent neural networks for long sequences</i>, ICML 2023):
 *
 * <pre>
 * h_t = lambda * h_{t-1} + gamma * (x_t B)        lambda = exp(-exp(nu_log) + i exp(theta_log)), gamma = exp(gamma_log)
 * y_t = Re(h_t C) + D * x_t
 * </pre>
 *
 * <p>where * multiplies element by element. |lambda| is at most 1 whatever the parameters are, so the state never grows
 * without bound, and near 1 it remembers thousands of steps. The first lambdas lie on a {@link Ring}. The first gamma
 * is sqrt(1 - |lambda|^2), so that for white inputs of variance 1 the state has E|h_t|^2 = 1 - |lambda|^(2 t), near 1
 * once the sequence is longer than its memory.
 *
 * <p>Shapes: x and y [time x batch x features]; the state [batch x 2 states], its real parts before its imaginary ones.
 * Parameters: {@code nu_log}, {@code theta_log}, {@code gamma_log} [states]; {@code B_re}, {@code B_im} [features x
 * states]; {@code C_re}, {@code C_im} [states x features]; {@code D} [features]. By default, as in the paper, B has
 * entries of variance 1 / (2 features) in each part, C 1 / states, and D 1, all normal.
 *
 * <p>A nonlinearity stands between such layers, not in them: a dense layer, or a {@link nn.layers.dense.GatedDense},
 * in a {@link nn.layers.network.Residual}. The number of features does not change.
 *
 * <p>Steps are computed one after the other, and threads share out the sequences of a batch. Parts of a state, and of
 * the gradient at it, become zero below {@link Tensor#TINY}. The functions of nu_log, theta_log and gamma_log are
 * computed in double, from StrictMath and series, so the bits are the same everywhere.
 */
public final class LinearRecurrence implements Recurrent {
    private static final double PER_QUARTER = 2 / Math.PI;
    private static final double QUARTER = Math.PI / 2;
    private static final double QUARTER_REST = 6.123233995736766e-17; // pi / 2 less the double QUARTER

    private final int features;
    private final int states;
    private final boolean last;
    private final Parameter nuLog;
    private final Parameter thetaLog;
    private final Parameter gammaLog;
    private final Parameter inputReal;
    private final Parameter inputImaginary;
    private final Parameter outputReal;
    private final Parameter outputImaginary;
    private final Parameter direct;

    private LinearRecurrence(int features, Config config, Key key) {
        this.features = features;
        this.states = config.states;
        this.last = config.last;
        if (features < 1 || states < 1) {
            throw new IllegalArgumentException("LinearRecurrence " + features + " (" + states
                    + " states): a layer has at least one feature and one state");
        }
        Fans each = new Fans(states, states);
        nuLog = scale("nu_log", states, each, config.ring.magnitudes(), key);
        thetaLog = scale("theta_log", states, each, config.ring.phases(), key);
        gammaLog = scale("gamma_log", states, each, config.ring.gains(nuLog.key()), key);
        Fans in = new Fans(features, states);
        Fans out = new Fans(states, features);
        inputReal = weight("B_re", Shape.of(features, states), in, config.input, key);
        inputImaginary = weight("B_im", Shape.of(features, states), in, config.input, key);
        outputReal = weight("C_re", Shape.of(states, features), out, config.output, key);
        outputImaginary = weight("C_im", Shape.of(states, features), out, config.output, key);
        direct = scale("D", features, new Fans(features, features), config.direct, key);
    }

    private static Parameter scale(String name, int size, Fans fans, Initializer initializer, Key key) {
        return Parameter.create(name, Parameter.Kind.SCALE, Shape.of(size), fans, initializer, key);
    }

    private static Parameter weight(String name, Shape shape, Fans fans, Initializer initializer, Key key) {
        return Parameter.create(name, Parameter.Kind.WEIGHT, shape, fans, initializer, key);
    }

    /**
     * Describes a linear recurrence whose features are not known yet.
     *
     * @param states the number of complex states, at least 1
     * @return a description with lambdas all over the unit disk and default initialization, which outputs all steps
     */
    public static Config states(int states) {
        return new Config(
                states,
                false,
                new Ring(0, 1, 2 * Math.PI),
                new VarianceScaling(Math.sqrt(0.5), Fan.IN, Distribution.NORMAL),
                Init.lecunNormal(),
                Init.normal(1));
    }

    /** The description of a linear recurrence: an immutable factory. */
    public static final class Config implements Recurrent.Factory {
        private final int states;
        private final boolean last;
        private final Ring ring;
        private final Initializer input;
        private final Initializer output;
        private final Initializer direct;

        private Config(int states, boolean last, Ring ring, Initializer input, Initializer output, Initializer direct) {
            this.states = states;
            this.last = last;
            this.ring = Objects.requireNonNull(ring, "ring");
            this.input = Objects.requireNonNull(input, "input initializer");
            this.output = Objects.requireNonNull(output, "output initializer");
            this.direct = Objects.requireNonNull(direct, "direct initializer");
        }

        /**
         * Sets where the first lambdas lie. For long memory the paper takes a narrow ring and a small phase, such as
         * 0.99, 0.999 and pi / 10.
         *
         * @param where the ring
         * @return a copy with this ring
         */
        public Config ring(Ring where) {
            return new Config(states, last, where, input, output, direct);
        }

        /**
         * Outputs the last step [batch x features] only.
         *
         * @return a copy that outputs the last step
         */
        public Config last() {
            return new Config(states, true, ring, input, output, direct);
        }

        /**
         * Sets the initializer of both parts of B.
         *
         * @param initializer fills [features x states]
         * @return a copy with this initializer
         */
        public Config input(Initializer initializer) {
            return new Config(states, last, ring, initializer, output, direct);
        }

        /**
         * Sets the initializer of both parts of C.
         *
         * @param initializer fills [states x features]
         * @return a copy with this initializer
         */
        public Config output(Initializer initializer) {
            return new Config(states, last, ring, input, initializer, direct);
        }

        /**
         * Sets the initializer of D.
         *
         * @param initializer fills [features]
         * @return a copy with this initializer
         */
        public Config direct(Initializer initializer) {
            return new Config(states, last, ring, input, output, initializer);
        }

        @Override
        public LinearRecurrence create(Shape in, Key key) {
            return create(Sequences.inputs("LinearRecurrence", in), key);
        }

        /**
         * Makes the layer.
         *
         * @param features of a step, at least 1
         * @param key the layer's key, which determines the weights
         * @return the layer
         * @throws IllegalArgumentException if a size is below 1
         */
        public LinearRecurrence create(int features, Key key) {
            return new LinearRecurrence(features, this, Objects.requireNonNull(key, "key"));
        }
    }

    @Override
    public RecurrentPass newPass() {
        return new States();
    }

    private static float at(Tensor x, int i) {
        return x.array()[x.offset() + i];
    }

    /** Computes all states, and their gradients by backpropagation through time. */
    private final class States extends RecurrentPass {
        private static final Tensor NONE = Tensor.zeros(0); // before the first pass

        private final StateSequence hs = new StateSequence();
        private final RowParts<Rows> parts = new RowParts<>(Rows::new, Rows[]::new);
        private final Tensor lambda = Tensor.zeros(2, states);
        private final Tensor conjugate = Tensor.zeros(2, states);
        private final double[] gammas = new double[states];
        private final double[] zeros = new double[2 * states];
        private final double[] ones = new double[2 * states];
        private final double[] sums = new double[2 * states];
        private final double[] dots = new double[2 * states];
        private final double[] crossDots = new double[2 * states];
        private final Shape inputs = Shape.of(features, 2 * states);
        private final Shape outputs = Shape.of(2 * states, features);
        private Shape steps = Shape.of(0, 0, 0); // of the gradients at all states
        private Tensor x = NONE;
        private Tensor in = NONE; // gamma B, real parts before imaginary ones
        private Tensor out = NONE; // the real parts of C above the negative imaginary ones
        private Tensor dhs = NONE;
        private State dState = new State(List.of());

        States() {
            super(LinearRecurrence.this);
            Arrays.fill(ones, 1);
        }

        @Override
        protected Tensor forward(Tensor x, State state, Context context) {
            this.x = save(x);
            computeLambda(context);
            in = save(context.empty(inputs));
            out = save(context.empty(outputs));
            joinWeights(context);
            hs.begin(x.dim(0), state.part(0), context);
            // One product for the inputs of all steps; each step then adds lambda times the state before.
            x.matmulInto(in, Transposed.NONE, hs.after());
            parts.forward(x.dim(1), 4.0 * states * x.dim(0));
            Tensor y = context.empty(x.shape());
            y.fillRows(context.value(direct));
            y.multiplyInto(x, y);
            hs.after().matmulAddInto(out, Transposed.NONE, y);
            state.part(0).copyFrom(hs.at(x.dim(0)));
            return y;
        }

        private void computeLambda(Context context) {
            Tensor nuLogs = context.value(nuLog);
            Tensor thetaLogs = context.value(thetaLog);
            Tensor gammaLogs = context.value(gammaLog);
            for (int j = 0; j < states; j++) {
                double magnitude = StrictMath.exp(-StrictMath.exp(at(nuLogs, j)));
                double phase = StrictMath.exp(at(thetaLogs, j));
                double quarters = Math.rint(phase * PER_QUARTER);
                double rest = Fma.fma(-quarters, QUARTER_REST, Fma.fma(-quarters, QUARTER, phase));
                double sin = sine(rest);
                double cos = cosine(rest);
                int quarter = (int) ((long) quarters & 3);
                double real = quarter == 0 ? cos : quarter == 1 ? -sin : quarter == 2 ? -cos : sin;
                double imaginary = quarter == 0 ? sin : quarter == 1 ? cos : quarter == 2 ? -sin : -cos;
                lambda.array()[j] = (float) (magnitude * real);
                lambda.array()[states + j] = (float) (magnitude * imaginary);
                gammas[j] = StrictMath.exp(at(gammaLogs, j));
            }
            conjugate.copyFrom(lambda);
            for (int j = states; j < 2 * states; j++) {
                conjugate.array()[j] = -conjugate.array()[j];
            }
        }

        /** The sine of a number within pi / 4, by its series; StrictMath's would make an object. */
        private static double sine(double x) {
            double sum = 1;
            for (int k = 16; k > 0; k -= 2) {
                sum = 1 - x * x * sum / (k * (k + 1));
            }
            return x * sum;
        }

        /** The cosine of a number within pi / 4. */
        private static double cosine(double x) {
            double sum = 1;
            for (int k = 17; k > 0; k -= 2) {
                sum = 1 - x * x * sum / (k * (k + 1));
            }
            return sum;
        }

        private void joinWeights(Context context) {
            Tensor real = context.value(inputReal);
            Tensor imaginary = context.value(inputImaginary);
            Tensor realOut = context.value(outputReal);
            Tensor imaginaryOut = context.value(outputImaginary);
            for (int i = 0; i < features; i++) {
                int row = in.offset() + 2 * i * states;
                for (int j = 0; j < states; j++) {
                    in.array()[row + j] = (float) (gammas[j] * at(real, i * states + j));
                    in.array()[row + states + j] = (float) (gammas[j] * at(imaginary, i * states + j));
                }
            }
            int half = states * features;
            for (int i = 0; i < half; i++) {
                out.array()[out.offset() + i] = at(realOut, i);
                out.array()[out.offset() + half + i] = -at(imaginaryOut, i);
            }
        }

        @Override
        protected Tensor backward(Tensor dStates, State dState, Gradients gradients) {
            backwardParameters(dStates, dState, gradients);
            Tensor dx = context().empty(inputShape());
            dx.fillRows(direct.value());
            dx.multiplyInto(dStates, dx);
            dhs.matmulAddInto(in, Transposed.RIGHT, dx);
            return dx;
        }

        @Override
        protected void backwardParameters(Tensor dStates, State dState, Gradients gradients) {
            this.dState = dState;
            Tensor h = hs.after();
            steps = h.shape();
            dhs = context().empty(steps);
            dStates.matmulInto(out, Transposed.RIGHT, dhs);
            parts.backward(x.dim(1), 4.0 * states * x.dim(0));
            addInputGradients(gradients);
            addOutputGradients(dStates, gradients);
            addLambdaGradients(gradients);
        }

        private void addInputGradients(Gradients gradients) {
            Tensor dIn = context().empty(inputs);
            x.matmulInto(dhs, Transposed.LEFT, dIn);
            Tensor real = gradients.of(inputReal);
            Tensor imaginary = gradients.of(inputImaginary);
            Tensor dGamma = gradients.of(gammaLog);
            for (int j = 0; j < states; j++) {
                double sum = 0;
                for (int i = 0; i < features; i++) {
                    int at = i * states + j;
                    double dReal = gammas[j] * at(dIn, 2 * i * states + j);
                    double dImaginary = gammas[j] * at(dIn, (2 * i + 1) * states + j);
                    real.array()[real.offset() + at] += (float) dReal;
                    imaginary.array()[imaginary.offset() + at] += (float) dImaginary;
                    sum += dReal * at(inputReal.value(), at) + dImaginary * at(inputImaginary.value(), at);
                }
                dGamma.array()[dGamma.offset() + j] += (float) sum;
            }
            context().release(dIn);
        }

        private void addOutputGradients(Tensor dStates, Gradients gradients) {
            Tensor dOut = context().empty(outputs);
            hs.after().matmulInto(dStates, Transposed.LEFT, dOut);
            Tensor real = gradients.of(outputReal);
            Tensor imaginary = gradients.of(outputImaginary);
            int half = states * features;
            for (int i = 0; i < half; i++) {
                real.array()[real.offset() + i] += at(dOut, i);
                imaginary.array()[imaginary.offset() + i] -= at(dOut, half + i);
            }
            context().release(dOut);
            Tensor products = context().empty(x.shape());
            dStates.multiplyInto(x, products);
            gradients.addSumOfRows(direct, products);
            context().release(products);
        }

        /**
         * With g the gradient at a state, that at lambda is the sum of conj(h_{t-1}) g_t. Lambda times -exp(nu_log) is
         * its derivative by nu_log, and i exp(theta_log) lambda that by theta_log.
         */
        private void addLambdaGradients(Gradients gradients) {
            Normalization.columnDots(hs.before(), dhs, zeros, ones, sums, dots);
            Tensor swapped = context().empty(steps);
            swapParts(hs.before(), swapped);
            Normalization.columnDots(swapped, dhs, zeros, ones, sums, crossDots);
            context().release(swapped);
            Tensor dNu = gradients.of(nuLog);
            Tensor dTheta = gradients.of(thetaLog);
            for (int j = 0; j < states; j++) {
                double real = dots[j] + dots[states + j];
                double imaginary = crossDots[states + j] - crossDots[j];
                float a = lambda.array()[j];
                float b = lambda.array()[states + j];
                double nu = StrictMath.exp(at(nuLog.value(), j));
                double theta = StrictMath.exp(at(thetaLog.value(), j));
                dNu.array()[dNu.offset() + j] -= (float) (nu * (real * a + imaginary * b));
                dTheta.array()[dTheta.offset() + j] += (float) (theta * (imaginary * a - real * b));
            }
        }

        /** Rows with their imaginary parts before their real ones. */
        private void swapParts(Tensor rows, Tensor to) {
            for (int at = 0; at < rows.size(); at += 2 * states) {
                System.arraycopy(rows.array(), rows.offset() + at, to.array(), to.offset() + at + states, states);
                System.arraycopy(rows.array(), rows.offset() + at + states, to.array(), to.offset() + at, states);
            }
        }

        /** All steps of some rows. */
        private final class Rows extends RowParts.Rows {
            private final TimeSteps h = new TimeSteps();
            private final TimeSteps dh = new TimeSteps();
            private final RowView ofFirst = new RowView();

            Rows(int from, int to) {
                super(from, to);
            }

            @Override
            void view() {
                h.of(hs.all(), from, to);
            }

            @Override
            void forward() {
                for (int t = 0; t < x.dim(0); t++) {
                    RecurrentCells.linear(lambda, h.at(t), h.at(t + 1));
                }
            }

            @Override
            void backward() {
                if (x.dim(0) == 0) {
                    return; // the gradient at the first state is that at the last
                }
                dh.of(dhs, from, to);
                Tensor state = ofFirst.of(dState.part(0), from, to);
                dh.at(x.dim(0) - 1).addInPlace(state);
                for (int t = x.dim(0) - 1; t > 0; t--) {
                    RecurrentCells.linear(conjugate, dh.at(t), dh.at(t - 1));
                }
                state.fill(0);
                RecurrentCells.linear(conjugate, dh.at(0), state);
            }
        }
    }

    @Override
    public boolean lastOnly() {
        return last;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(nuLog, thetaLog, gammaLog, inputReal, inputImaginary, outputReal, outputImaginary, direct);
    }

    /** The names of the paper, with B [states x features] and C [features x states]. */
    @Override
    public List<WeightMapping> torchMapping() {
        return List.of(
                WeightMapping.of("nu_log", nuLog),
                WeightMapping.of("theta_log", thetaLog),
                WeightMapping.of("gamma_log", gammaLog),
                WeightMapping.transposed("B_re", inputReal),
                WeightMapping.transposed("B_im", inputImaginary),
                WeightMapping.transposed("C_re", outputReal),
                WeightMapping.transposed("C_im", outputImaginary),
                WeightMapping.of("D", direct));
    }

    @Override
    public int inputs() {
        return features;
    }

    @Override
    public int units() {
        return features;
    }

    @Override
    public List<Integer> stateSizes() {
        return List.of(2 * states);
    }

    @Override
    public Value exportSteps(OperatorGraph graph, Value x, boolean backwards) {
        if (backwards && graph.lengths().isPresent()) {
            Value steps = exportSteps(graph, Sequences.exportReversed(graph, x), false);
            return Sequences.exportReversed(graph, steps);
        }
        States numbers = new States();
        numbers.computeLambda(Context.inference());
        numbers.in = Tensor.zeros(numbers.inputs);
        numbers.out = Tensor.zeros(numbers.outputs);
        numbers.joinWeights(Context.inference());
        Tensor half = Tensor.zeros(features, states);
        Value[] inputs = new Value[2]; // real and imaginary parts of the inputs of the state
        Shape all = x.shape().withLast(states);
        for (int i = 0; i < 2; i++) {
            Tensor part = half.copy();
            numbers.in.sliceInto(1, i * states, part);
            inputs[i] = graph.call("MatMul", x, graph.constant(i == 0 ? "input_re" : "input_im", part))
                    .gives(all);
        }
        long direction = backwards ? 1 : 0;
        Value zeros = RecurrentOperators.zeros(graph, x, states);
        List<Value> parts = graph.call("Scan", zeros, zeros, inputs[0], inputs[1])
                .with("body", new Attribute.Body(step(graph, numbers.lambda, all.withoutFirst())))
                .with("num_scan_inputs", 2)
                .with("scan_input_directions", new long[] {direction, direction})
                .with("scan_output_directions", new long[] {direction, direction})
                .givesAll(List.of(all.withoutFirst(), all.withoutFirst(), all, all));
        Value both = graph.call("Concat", parts.get(2), parts.get(3))
                .with("axis", -1)
                .gives(all.withLast(2 * states));
        Value y = graph.call("MatMul", both, graph.constant("output", numbers.out))
                .gives(x.shape());
        Value past = graph.elementwise("Mul", x, graph.constant("D", direct.value()));
        return Sequences.exportWithoutPadding(graph, graph.elementwise("Add", y, past), 0);
    }

    /** One step: the product of two complex numbers, and an addition. */
    private static OperatorGraph step(OperatorGraph graph, Tensor lambda, Shape state) {
        OperatorGraph body = graph.body();
        Value hr = body.input("real", ElementKind.FLOAT32, state);
        Value hi = body.input("imaginary", ElementKind.FLOAT32, state);
        Value xr = body.input("step_re", ElementKind.FLOAT32, state);
        Value xi = body.input("step_im", ElementKind.FLOAT32, state);
        Value lr = body.constant("lambda_re", lambda.row(0));
        Value li = body.constant("lambda_im", lambda.row(1));
        Value real = body.elementwise("Sub", body.elementwise("Mul", hr, lr), body.elementwise("Mul", hi, li));
        Value imaginary = body.elementwise("Add", body.elementwise("Mul", hi, lr), body.elementwise("Mul", hr, li));
        Value nextReal = body.elementwise("Add", real, xr);
        Value nextImaginary = body.elementwise("Add", imaginary, xi);
        body.output("real_after", nextReal);
        body.output("imaginary_after", nextImaginary);
        body.output("real_step", body.call("Identity", nextReal).gives(state));
        body.output("imaginary_step", body.call("Identity", nextImaginary).gives(state));
        return body;
    }

    /** Returns a text such as {@code LinearRecurrence 64 (128 states)}. */
    @Override
    public String toString() {
        return "LinearRecurrence " + features + " (" + states + (states == 1 ? " state)" : " states)");
    }
}
