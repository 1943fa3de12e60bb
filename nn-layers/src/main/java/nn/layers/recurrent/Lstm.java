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
import org.jspecify.annotations.Nullable;

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
        final WorkTensor inputs = new WorkTensor(); // of inference
        final WorkTensor cells = new WorkTensor();
        final WorkTensor tanhs = new WorkTensor();
    }

    /** Computes all states, whose parts are h and c, and their gradients by backpropagation through time. */
    private final class States extends RecurrentPass {
        private static final Tensor NONE = Tensor.zeros(0); // before the first pass

        private final StateSequence hs = new StateSequence();
        private final StateSequence cs = new StateSequence(); // of training
        private final RowParts<Rows> parts = new RowParts<>(Rows::new, Rows[]::new);
        private final ValueShapes shapes = new ValueShapes(GATES.size() * units);
        private final Work own = new Work(); // of training
        private Work work = own;
        private Tensor x;
        private Tensor firstCell;
        private Tensor values = NONE; // of the gates, at all steps or those of a chunk; in the end the gradients dz
        private Tensor tanhs = NONE; // of the cells at the same steps
        private Tensor inputs = NONE; // of inference, at the steps of a chunk
        private @Nullable Tensor cells; // of inference, from step to step; null in training
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
            hs.begin(x.dim(0), state.part(0), context);
            if (context.training()) {
                run(context);
                state.part(1).copyFrom(cs.at(x.dim(0)));
            } else {
                infer(state.part(1), context);
            }
            state.part(0).copyFrom(hs.at(x.dim(0)));
            return hs.after();
        }

        /** Computes all states from the first, and keeps what the gradients need. */
        private void run(Context context) {
            work.weights.copyWeights(context, x.dim(1));
            values = work.values.of(shapes.all(x), context);
            cs.begin(x.dim(0), firstCell, work.cells, context);
            tanhs = work.tanhs.of(cs.after().shape(), context);
            cells = null;
            // The values are z first. One product computes the inputs' part of it at all steps.
            work.weights.fromInputs(x, values);
            parts.forward(x.dim(1), x.dim(0) * multiplications());
        }

        /** Computes the states only, in place of the first cells. */
        private void infer(Tensor cells, Context context) {
            work = idle.take();
            work.weights.copyWeights(context, x.dim(1));
            values = work.values.of(shapes.chunk(x), context);
            inputs = work.inputs.of(values.shape().withLast(Lstm.this.inputs), context);
            this.cells = cells;
            parts.forward(x.dim(1), x.dim(0) * (multiplications() + GATES.size() * units * (double) Lstm.this.inputs));
            idle.giveBack(work);
            work = own;
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
                run(context()); // inference kept no values
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
                h.of(hs.all(), from, to);
                if (cells == null) {
                    z.of(values, from, to);
                    c.of(cs.all(), from, to);
                    tanh.of(tanhs, from, to);
                }
            }

            @Override
            void forward() {
                if (cells != null) {
                    infer(cells.rows(from, to));
                    return;
                }
                for (int t = 0; t < x.dim(0); t++) {
                    work.weights.addStateProduct(h.at(t), z.at(t));
                    RecurrentCells.lstm(z.at(t), c.at(t), c.at(t + 1), tanh.at(t), h.at(t + 1));
                }
            }

            /** Goes through all steps chunk by chunk, whose values stay in a cache of this thread. */
            private void infer(Tensor cell) {
                Tensor gates = own(values);
                z.of(gates);
                for (int first = 0; first < x.dim(0); first += gates.dim(0)) {
                    int steps = Math.min(gates.dim(0), x.dim(0) - first);
                    work.weights.fromInputs(ownSteps(x, first, steps, inputs), gates.rows(0, steps));
                    for (int t = 0; t < steps; t++) {
                        Tensor next = h.at(first + t + 1);
                        work.weights.addStateProduct(h.at(first + t), z.at(t));
                        RecurrentCells.lstm(z.at(t), cell, cell, next, next);
                    }
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
