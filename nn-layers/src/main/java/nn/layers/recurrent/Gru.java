package nn.layers.recurrent;

import java.util.ArrayList;
import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.WeightMapping;
import nn.layers.internal.Idle;
import nn.tensor.Key;
import nn.tensor.RecurrentCells;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * The gated recurrent unit (Cho and others, 2014) in the form of cuDNN, PyTorch and Keras, where the reset gate acts
 * after the recurrent product. The pre-activation of a gate is {@code z = x_t Wx + h_{t-1} Wh + b}, with parameters for
 * each gate:
 *
 * <pre>
 * r = sigmoid(z of reset)                u = sigmoid(z of update)
 * q = h_{t-1} Wh of candidate + b'       n = tanh(x_t Wx of candidate + b of candidate + r q)
 * h_t = (1 - u) n + u h_{t-1}
 * </pre>
 *
 * <p>Shapes: x [time x batch x inputs]; h_t [batch x units]; the output is all h_t [time x batch x units], or the last
 * one [batch x units]. The {@linkplain Gate gates} are {@code reset}, {@code update} and {@code candidate}, in the
 * order of PyTorch, whose {@code weight_ih} [3 units x inputs] stacks the transposes of these input weights. Reset and
 * update have one bias here, the sum of PyTorch's two. The bias b', with the path {@code candidate_recurrent_bias}, is
 * the candidate's part of PyTorch's {@code bias_hh}.
 *
 * <p>By default input weights are Xavier uniform, recurrent weights orthogonal, and biases zero. The initial b' is
 * always zero.
 *
 * <p>Numbers of a state, and of the gradient that passes from a step to the one before, become zero below {@link
 * Tensor#TINY}: subnormal numbers would cost many times as much. Threads share out the sequences of a batch.
 */
public final class Gru implements Recurrent {
    private static final List<String> GATES = List.of("reset", "update", "candidate");

    private final int inputs;
    private final int units;
    private final boolean last;
    private final List<Gate> gates;
    private final Gate reset;
    private final Gate update;
    private final Gate candidate;
    private final Parameter recurrentBias;
    private final Idle<Work> idle = new Idle<>(Work::new);

    private Gru(int inputs, GatedConfig<Gru> config, Key key) {
        this.inputs = inputs;
        this.units = config.units();
        this.last = config.lastOnly();
        this.gates = config.gates(inputs, key);
        reset = gates.get(0);
        update = gates.get(1);
        candidate = gates.get(2);
        recurrentBias = Parameter.create(
                "candidate_recurrent_bias",
                Parameter.Kind.BIAS,
                Shape.of(units),
                new Fans(units, units),
                Init.zeros(),
                key);
    }

    /**
     * Describes a layer whose inputs are not known yet.
     *
     * @param units features of the state, at least 1
     * @return a description that outputs all states, with default initialization
     */
    public static GatedConfig<Gru> units(int units) {
        return GatedConfig.standard("Gru", Gru::new, units, GATES);
    }

    @Override
    public RecurrentPass newPass() {
        return new States();
    }

    /** What a pass works in and hands on to no other. */
    private final class Work {
        final GateBlock weights = new GateBlock(List.of(reset, update));
        final GateBlock candidateWeights = new GateBlock(List.of(candidate));
        final WorkTensor inputs = new WorkTensor(); // of inference
        final WorkTensor values = new WorkTensor();
        final WorkTensor candidates = new WorkTensor();
        final WorkTensor recurrents = new WorkTensor();

        Tensor recurrentBias = Tensor.zeros(0); // before the first pass

        void copyWeights(Context context, int batch) {
            weights.copyWeights(context, batch);
            candidateWeights.copyWeights(context, batch);
            recurrentBias = context.value(Gru.this.recurrentBias);
        }
    }

    /** Computes all states, and their gradients by backpropagation through time. */
    private final class States extends RecurrentPass {
        private static final Tensor NONE = Tensor.zeros(0); // before the first pass

        private final StateSequence hs = new StateSequence();
        private final RowParts<Rows> parts = new RowParts<>(Rows::new, Rows[]::new);
        private final ValueShapes shapes = new ValueShapes(2 * units);
        private final ValueShapes candidateShapes = new ValueShapes(units);
        private final Work own = new Work(); // of training
        private Work work = own;
        private Tensor x;
        private @Nullable Tensor inputs; // of inference, at the steps of a chunk; null in training
        private Tensor values = NONE; // r and u at all steps or those of a chunk; in the end the gradients dz
        private Tensor candidates = NONE; // n; in the end the gradients
        private Tensor recurrents = NONE; // q; in the end the gradients
        private Tensor dStates = NONE;
        private State dState = new State(List.of());

        States() {
            super(Gru.this);
        }

        @Override
        protected Tensor forward(Tensor x, State state, Context context) {
            this.x = save(x);
            hs.begin(x.dim(0), state.part(0), context);
            if (context.training()) {
                run(context);
            } else {
                infer(context);
            }
            state.part(0).copyFrom(hs.at(x.dim(0)));
            return hs.after();
        }

        /** Computes all states from the first, and keeps what the gradients need. */
        private void run(Context context) {
            work.copyWeights(context, x.dim(1));
            values = work.values.of(shapes.all(x), context);
            candidates = work.candidates.of(candidateShapes.all(x), context);
            recurrents = work.recurrents.of(candidates.shape(), context);
            inputs = null;
            // The values are z first. One product computes the inputs' part of it at all steps.
            work.weights.fromInputs(x, values);
            work.candidateWeights.fromInputs(x, candidates);
            parts.forward(x.dim(1), x.dim(0) * multiplications());
        }

        /** Computes the states only. */
        private void infer(Context context) {
            work = idle.take();
            work.copyWeights(context, x.dim(1));
            values = work.values.of(shapes.chunk(x), context);
            candidates = work.candidates.of(values.shape().withLast(units), context);
            recurrents = work.recurrents.of(candidates.shape(), context);
            inputs = work.inputs.of(values.shape().withLast(Gru.this.inputs), context);
            parts.forward(x.dim(1), x.dim(0) * (multiplications() + GATES.size() * units * (double) Gru.this.inputs));
            idle.giveBack(work);
            work = own;
        }

        @Override
        protected Tensor backward(Tensor dStates, State dState, Gradients gradients) {
            backwardParameters(dStates, dState, gradients);
            Tensor dx = context().empty(inputShape());
            work.weights.inputGradient(values, dx);
            work.candidateWeights.addInputGradient(candidates, dx);
            return dx;
        }

        @Override
        protected void backwardParameters(Tensor dStates, State dState, Gradients gradients) {
            if (!context().training()) {
                run(context()); // inference kept no values
            }
            this.dStates = dStates;
            this.dState = dState;
            work.weights.transpose();
            work.candidateWeights.transpose();
            parts.backward(x.dim(1), x.dim(0) * multiplications());
            work.weights.addInputGradients(x, values, gradients, context());
            work.weights.addStateGradient(hs.before(), values, gradients, context());
            work.candidateWeights.addInputGradients(x, candidates, gradients, context());
            work.candidateWeights.addStateGradient(hs.before(), recurrents, gradients, context());
            gradients.addSumOfRows(recurrentBias, recurrents);
        }

        /** The number of multiply-adds of one step of a row. */
        private double multiplications() {
            return (double) GATES.size() * units * units;
        }

        /** All steps of some rows. */
        private final class Rows extends RowParts.Rows {
            private final TimeSteps z = new TimeSteps();
            private final TimeSteps n = new TimeSteps();
            private final TimeSteps q = new TimeSteps();
            private final TimeSteps h = new TimeSteps();
            private final TimeSteps dy = new TimeSteps();
            private final RowView dh = new RowView();

            Rows(int from, int to) {
                super(from, to);
            }

            @Override
            void view() {
                h.of(hs.all(), from, to);
                if (inputs == null) {
                    z.of(values, from, to);
                    n.of(candidates, from, to);
                    q.of(recurrents, from, to);
                }
            }

            @Override
            void forward() {
                if (inputs != null) {
                    infer(inputs);
                    return;
                }
                for (int t = 0; t < x.dim(0); t++) {
                    step(t, t);
                }
            }

            /** Goes through all steps chunk by chunk, whose values stay in a cache of this thread. */
            private void infer(Tensor chunk) {
                Tensor gates = own(values);
                Tensor next = own(candidates);
                z.of(gates);
                n.of(next);
                q.of(own(recurrents));
                for (int first = 0; first < x.dim(0); first += gates.dim(0)) {
                    int steps = Math.min(gates.dim(0), x.dim(0) - first);
                    Tensor some = ownSteps(x, first, steps, chunk);
                    work.weights.fromInputs(some, gates.rows(0, steps));
                    work.candidateWeights.fromInputs(some, next.rows(0, steps));
                    for (int t = 0; t < steps; t++) {
                        step(first + t, t);
                    }
                }
            }

            /** Step t, whose values are at a place among those that are held. */
            private void step(int t, int place) {
                Tensor before = h.at(t);
                work.weights.addStateProduct(before, z.at(place));
                before.matmulPlusRowInto(work.candidateWeights.recurrent(), work.recurrentBias, q.at(place));
                RecurrentCells.gru(z.at(place), n.at(place), q.at(place), before, h.at(t + 1));
            }

            @Override
            void backward() {
                dy.of(dStates, from, to);
                Tensor dh = this.dh.of(dState.part(0), from, to);
                for (int t = x.dim(0) - 1; t >= 0; t--) {
                    RecurrentCells.gruGradient(z.at(t), n.at(t), q.at(t), h.at(t), dy.at(t), dh);
                    z.at(t).matmulAddInto(work.weights.transposed(), Transposed.NONE, dh);
                    q.at(t).matmulAddInto(work.candidateWeights.transposed(), Transposed.NONE, dh);
                }
            }
        }
    }

    @Override
    public boolean lastOnly() {
        return last;
    }

    /**
     * Returns one gate.
     *
     * @param name {@code reset}, {@code update} or {@code candidate}
     * @return the gate, with its parameters
     * @throws IllegalArgumentException if there is no such gate
     */
    public Gate gate(String name) {
        return Gate.named("Gru", gates, name);
    }

    /**
     * The candidate's recurrent bias, which the reset gate multiplies.
     *
     * @return b' [units]
     */
    public Parameter recurrentBias() {
        return recurrentBias;
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all =
                new ArrayList<>(gates.stream().flatMap(Gate::parameters).toList());
        all.add(recurrentBias);
        return List.copyOf(all);
    }

    @Override
    public List<WeightMapping> torchMapping() {
        return TorchCells.gated(gates, recurrentBias);
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
        RecurrentOperators cell = new RecurrentOperators(gates, 1, 0, 2); // the standard's order: z, r, h
        return cell.describe(graph, "GRU", x, backwards, cell.biases(List.of(recurrentBias)));
    }

    /** Returns a text such as {@code Gru 8 -> 64}. */
    @Override
    public String toString() {
        return "Gru " + inputs + " -> " + units;
    }
}
