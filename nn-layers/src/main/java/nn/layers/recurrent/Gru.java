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
        final WorkTensor values = new WorkTensor();
        final WorkTensor candidates = new WorkTensor();
        final WorkTensor recurrents = new WorkTensor();
    }

    /** Computes all states, and their gradients by backpropagation through time. */
    private final class States extends RecurrentPass {
        private static final Tensor NONE = Tensor.zeros(0); // before the first backward pass

        private final StateSequence hs = new StateSequence();
        private final RowParts<Rows> parts = new RowParts<>(Rows::new, Rows[]::new);
        private final Chunks chunks = new Chunks(2 * units);
        private final Chunks candidateChunks = new Chunks(units);
        private final Work own = new Work(); // of training
        private Work work = own;
        private Tensor x;
        private Tensor values; // r and u at the steps of a chunk; in the end the gradients dz
        private Tensor candidates; // n; in the end the gradients
        private Tensor recurrents; // q; in the end the gradients
        private Tensor dStates = NONE;
        private State dState = new State(List.of());

        States() {
            super(Gru.this);
        }

        @Override
        protected Tensor forward(Tensor x, State state, Context context) {
            this.x = save(x);
            work = context.training() ? own : idle.take();
            hs.begin(x.dim(0), state.part(0), context);
            chunks.begin(x, context.training());
            run(context);
            state.part(0).copyFrom(hs.at(x.dim(0)));
            if (!context.training()) {
                idle.giveBack(work);
                work = own;
            }
            return hs.after();
        }

        /** Computes all states from the first, chunk by chunk; in training, all steps are one chunk. */
        private void run(Context context) {
            candidateChunks.begin(x, chunks.most());
            work.weights.copyWeights();
            work.candidateWeights.copyWeights();
            values = work.values.of(chunks.shape(), context);
            candidates = work.candidates.of(candidateChunks.shape(), context);
            recurrents = work.recurrents.of(candidateChunks.shape(), context);
            while (chunks.next()) {
                candidateChunks.next();
                // The values are z first. One product computes the inputs' part of it at all steps.
                work.weights.fromInputs(chunks.of(x), chunks.firstOf(values));
                work.candidateWeights.fromInputs(chunks.of(x), candidateChunks.firstOf(candidates));
                parts.forward(x.dim(1), chunks.steps() * multiplications());
            }
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
                chunks.begin(x, true); // inference kept no values
                run(context());
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
            recurrents.addSumOfRowsInto(gradients.of(recurrentBias));
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
                z.of(values, from, to);
                n.of(candidates, from, to);
                q.of(recurrents, from, to);
                h.of(hs.all(), from, to);
            }

            @Override
            void forward() {
                int first = chunks.first();
                for (int t = 0; t < chunks.steps(); t++) {
                    Tensor before = h.at(first + t);
                    before.matmulAddInto(work.weights.recurrent(), Transposed.NONE, z.at(t));
                    before.matmulPlusRowInto(work.candidateWeights.recurrent(), recurrentBias.value(), q.at(t));
                    RecurrentCells.gru(z.at(t), n.at(t), q.at(t), before, h.at(first + t + 1));
                }
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

    /** Returns a text such as {@code Gru 8 -> 64}. */
    @Override
    public String toString() {
        return "Gru " + inputs + " -> " + units;
    }
}
