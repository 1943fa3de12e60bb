package nn.layers.recurrent;

import java.util.List;
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
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997) with a forget gate (Gers, Schmidhuber and Cummins, 2000). A
 * state consists of an output h and a cell c. The pre-activation of a gate is {@code z = x_t Wx + h_{t-1} Wh + b}, with
 * parameters for each gate:
 *
 * <pre>
 * i = sigmoid(z of input)      f = sigmoid(z of forget)
 * g = tanh(z of candidate)     o = sigmoid(z of output)
 * c_t = f c_{t-1} + i g        h_t = o tanh(c_t)
 * </pre>
 *
 * <p>Shapes: x [time x batch x inputs]; h_t and c_t [batch x units]; the output is all h_t [time x batch x units], or
 * the last one [batch x units]. The {@linkplain Gate gates} are {@code input}, {@code forget}, {@code candidate} and
 * {@code output}, in the order of PyTorch, whose {@code weight_ih} [4 units x inputs] stacks the transposes of these
 * input weights. Each gate has one bias here, the sum of PyTorch's two.
 *
 * <p>By default input weights are Xavier uniform, recurrent weights orthogonal, and biases zero, except the forget
 * gate's, which is 1: a forget gate that begins half closed loses a signal within a few steps (Jozefowicz, Zaremba and
 * Sutskever, <i>An empirical exploration of recurrent network architectures</i>, ICML 2015).
 *
 * <p>Numbers of a state, and of the gradient that passes from a step to the one before, become zero below {@link
 * Tensor#TINY}: subnormal numbers would cost many times as much. Threads share out the sequences of a batch.
 */
public final class Lstm implements Recurrent {
    private static final List<String> GATES = List.of("input", "forget", "candidate", "output");

    private final int inputs;
    private final int units;
    private final boolean last;
    private final List<Gate> gates;
    private final Idle<Work> idle = new Idle<>(Work::new);

    private Lstm(int inputs, GatedConfig<Lstm> config, Key key) {
        this.inputs = inputs;
        this.units = config.units();
        this.last = config.lastOnly();
        this.gates = config.gates(inputs, key);
    }

    /**
     * Describes a layer whose inputs are not known yet.
     *
     * @param units features of the output and of the cell, at least 1
     * @return a description that outputs all states, with default initialization
     */
    public static GatedConfig<Lstm> units(int units) {
        return GatedConfig.standard("Lstm", Lstm::new, units, GATES).bias("forget", Init.ones());
    }

    @Override
    public RecurrentPass newPass() {
        return new States();
    }

    /** What a pass works in and hands on to no other. */
    private final class Work {
        final GateBlock weights = new GateBlock(gates);
        final WorkTensor values = new WorkTensor();
        final WorkTensor cells = new WorkTensor();
        final WorkTensor tanhs = new WorkTensor();
    }

    /** Computes all states, whose parts are h and c, and their gradients by backpropagation through time. */
    private final class States extends RecurrentPass {
        private static final Tensor NONE = Tensor.zeros(0); // before the first backward pass

        private final StateSequence hs = new StateSequence();
        private final StateSequence cs = new StateSequence(); // of a chunk
        private final RowParts<Rows> parts = new RowParts<>(Rows::new, Rows[]::new);
        private final Chunks chunks = new Chunks(GATES.size() * units);
        private final Work own = new Work(); // of training
        private Work work = own;
        private Tensor x;
        private Tensor firstCell;
        private Tensor values; // of the gates, at the steps of a chunk; in the end the gradients dz
        private Tensor tanhs; // of the cells at the same steps
        private Tensor dStates = NONE;
        private State dState = new State(List.of());

        States() {
            super(Lstm.this);
        }

        @Override
        protected Tensor forward(Tensor x, State state, Context context) {
            this.x = save(x);
            firstCell = save(context.empty(state.part(1).shape()));
            firstCell.copyFrom(state.part(1));
            work = context.training() ? own : idle.take();
            hs.begin(x.dim(0), state.part(0), context);
            chunks.begin(x, context.training());
            run(context);
            state.part(0).copyFrom(hs.at(x.dim(0)));
            state.part(1).copyFrom(cs.at(chunks.steps()));
            if (!context.training()) {
                idle.giveBack(work);
                work = own;
            }
            return hs.after();
        }

        /** Computes all states from the first, chunk by chunk; in training, all steps are one chunk. */
        private void run(Context context) {
            work.weights.copyWeights();
            values = work.values.of(chunks.shape(), context);
            cs.begin(chunks.most(), firstCell, work.cells, context);
            tanhs = work.tanhs.of(cs.after().shape(), context);
            while (chunks.next()) {
                // The values are z first. One product computes the inputs' part of it at all steps.
                work.weights.fromInputs(chunks.of(x), chunks.firstOf(values), context);
                if (chunks.first() > 0) {
                    cs.at(0).copyFrom(cs.at(chunks.most()));
                }
                parts.forward(x.dim(1), chunks.steps() * multiplications());
            }
        }

        @Override
        protected Tensor backward(Tensor dStates, State dState, Gradients gradients) {
            backwardParameters(dStates, dState, gradients);
            Tensor dx = context().empty(inputShape());
            work.weights.inputGradient(values, dx);
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
            parts.backward(x.dim(1), x.dim(0) * multiplications());
            Tensor dz = values;
            work.weights.addInputGradients(x, dz, gradients, context());
            work.weights.addStateGradient(hs.before(), dz, gradients, context());
        }

        /** The number of multiply-adds of one step of a row. */
        private double multiplications() {
            return (double) GATES.size() * units * units;
        }

        /** All steps of some rows. */
        private final class Rows extends RowParts.Rows {
            private final TimeSteps z = new TimeSteps();
            private final TimeSteps h = new TimeSteps();
            private final TimeSteps c = new TimeSteps();
            private final TimeSteps tanh = new TimeSteps();
            private final TimeSteps dy = new TimeSteps();
            private final RowView dh = new RowView();
            private final RowView dc = new RowView();

            Rows(int from, int to) {
                super(from, to);
            }

            @Override
            void view() {
                z.of(values, from, to);
                h.of(hs.all(), from, to);
                c.of(cs.all(), from, to);
                tanh.of(tanhs, from, to);
            }

            @Override
            void forward() {
                int first = chunks.first();
                for (int t = 0; t < chunks.steps(); t++) {
                    h.at(first + t).matmulAddInto(work.weights.recurrent(), Transposed.NONE, z.at(t));
                    RecurrentCells.lstm(z.at(t), c.at(t), c.at(t + 1), tanh.at(t), h.at(first + t + 1));
                }
            }

            @Override
            void backward() {
                dy.of(dStates, from, to);
                Tensor dh = this.dh.of(dState.part(0), from, to);
                Tensor dc = this.dc.of(dState.part(1), from, to);
                for (int t = x.dim(0) - 1; t >= 0; t--) {
                    Tensor dz = z.at(t);
                    RecurrentCells.lstmGradient(dz, c.at(t), tanh.at(t), dy.at(t), dh, dc);
                    dz.matmulInto(work.weights.transposed(), Transposed.NONE, dh);
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
     * @param name {@code input}, {@code forget}, {@code candidate} or {@code output}
     * @return the gate, with its parameters
     * @throws IllegalArgumentException if there is no such gate
     */
    public Gate gate(String name) {
        return Gate.named("Lstm", gates, name);
    }

    @Override
    public List<Parameter> parameters() {
        return gates.stream().flatMap(Gate::parameters).toList();
    }

    @Override
    public List<WeightMapping> torchMapping() {
        return TorchCells.gated(gates);
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
        return List.of(units, units);
    }

    @Override
    public Value exportSteps(OperatorGraph graph, Value x, boolean backwards) {
        RecurrentOperators cell = new RecurrentOperators(gates, 0, 3, 1, 2); // the standard's order: i, o, f, c
        return cell.describe(graph, "LSTM", x, backwards, cell.biases(List.of()));
    }

    /** Returns a text such as {@code Lstm 8 -> 64}. */
    @Override
    public String toString() {
        return "Lstm " + inputs + " -> " + units;
    }
}
