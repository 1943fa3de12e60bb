package nn.layers;

import java.util.List;
import java.util.OptionalInt;
import nn.init.Init;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997) with a forget gate (Gers, Schmidhuber and Cummins, 2000). A
 * state is an output h and a cell c. With a gate's pre-activation {@code z = x_t Wx + h_{t-1} Wh + b}, each gate with
 * parameters of its own:
 *
 * <pre>
 * i = sigmoid(z of input)      f = sigmoid(z of forget)
 * g = tanh(z of candidate)     o = sigmoid(z of output)
 * c_t = f c_{t-1} + i g        h_t = o tanh(c_t)
 * </pre>
 *
 * <p>Shapes: x [time x batch x inputs]; h_t and c_t [batch x units]; the output is all h_t [time x batch x units], or
 * the last one [batch x units]. The {@linkplain Gate gates} are {@code input}, {@code forget}, {@code candidate} and
 * {@code output}, in the order in which PyTorch stacks them (its {@code weight_ih} is [4 units x inputs], the
 * transposes of ours one above the other; its two biases are one here, their sum).
 *
 * <p>By default input weights are Glorot uniform, recurrent weights orthogonal, and biases zero, except that the forget
 * gate's is 1: a gate that begins half shut forgets a signal within a few steps (Jozefowicz, Zaremba and Sutskever,
 * <i>An empirical exploration of recurrent network architectures</i>, ICML 2015).
 */
public final class Lstm implements Recurrent {
    private static final List<String> GATES = List.of("input", "forget", "candidate", "output");

    private final int inputs;
    private final int units;
    private final boolean last;
    private final List<Gate> gates;

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
     * @return all states, default initialization
     */
    public static GatedConfig<Lstm> units(int units) {
        return GatedConfig.standard("Lstm", Lstm::new, units, GATES).bias("forget", Init.ones());
    }

    @Override
    public Pass forward(Tensor x, Context context) {
        return Sequences.forward(this, last, x, context);
    }

    @Override
    public Shape outputShape(Shape in) {
        return Sequences.outputShape(this, last, in);
    }

    @Override
    public OptionalInt batchAxis(int in) {
        return Sequences.batchAxis(in, last);
    }

    /**
     * {@inheritDoc}
     *
     * <p>A state's parts are h and c, each [batch x units].
     */
    @Override
    public Run run(Tensor x, State initial, Context context) {
        Sequences.require(this, x, initial);
        int time = x.dim(0);
        int batch = x.dim(1);
        Shape sequence = Shape.of(time, batch, units);
        // Of each gate, z and then its squashed value, at all steps: one product for the inputs of all steps.
        Tensor values = context.empty(Shape.of(gates.size(), time, batch, units));
        for (int g = 0; g < gates.size(); g++) {
            gates.get(g).fromInputs(x, values.row(g));
        }
        // States 0 to time, as in Rnn: what each step reads, and then what it gives.
        Tensor h = context.empty(Shape.of(time + 1, batch, units));
        Tensor c = context.empty(h.shape());
        h.row(0).copyFrom(initial.part(0));
        c.row(0).copyFrom(initial.part(1));
        Tensor squashed = context.empty(sequence); // tanh of the cells
        Tensor scratch = context.empty(initial.part(0).shape());
        for (int t = 0; t < time; t++) {
            Step step = new Step(values, t);
            step.forward(h.row(t), c.row(t), c.row(t + 1), squashed.row(t), h.row(t + 1), scratch);
        }
        Tensor states = h.rows(1, time + 1);
        return new Run(states, State.of(h.row(time), c.row(time)), (dStates, dLast, gradients) -> {
            Tensor dz = context.empty(values.shape());
            Tensor dh = Sequences.beginning(dLast, 0, scratch.shape(), context);
            Tensor dc = Sequences.beginning(dLast, 1, scratch.shape(), context);
            List<Tensor> backwards = gates.stream().map(gate -> gate.recurrentTransposed(context)).toList();
            for (int t = time - 1; t >= 0; t--) {
                dh.addInPlace(dStates.row(t));
                Step dStep = new Step(dz, t);
                new Step(values, t).backward(c.row(t), squashed.row(t), dh, dc, dStep, scratch);
                dStep.toStateBefore(backwards, dh);
            }
            Tensor before = h.rows(0, time);
            Tensor dx = context.empty(x.shape());
            for (int g = 0; g < gates.size(); g++) {
                Gate gate = gates.get(g);
                gate.addInputGradients(x, dz.row(g), gradients);
                gate.addStateGradient(before, dz.row(g), gradients);
                gate.inputGradient(dz.row(g), g == 0, dx);
            }
            return new StateGradient(dx, State.of(dh, dc));
        });
    }

    /** The gates at one step, their values or the gradients at their pre-activations; each [batch x units]. */
    private final class Step {
        private final Tensor input;
        private final Tensor forget;
        private final Tensor candidate;
        private final Tensor output;

        Step(Tensor all, int t) {
            input = all.row(0).row(t);
            forget = all.row(1).row(t);
            candidate = all.row(2).row(t);
            output = all.row(3).row(t);
        }

        private List<Tensor> all() {
            return List.of(input, forget, candidate, output);
        }

        void forward(Tensor before, Tensor cellBefore, Tensor cell, Tensor squashed, Tensor h, Tensor scratch) {
            for (int g = 0; g < gates.size(); g++) {
                gates.get(g).addFromState(before, all().get(g));
            }
            input.sigmoidInto(input);
            forget.sigmoidInto(forget);
            candidate.tanhInto(candidate);
            output.sigmoidInto(output);
            forget.multiplyInto(cellBefore, cell);
            input.multiplyInto(candidate, scratch);
            cell.addInPlace(scratch);
            cell.tanhInto(squashed);
            output.multiplyInto(squashed, h);
        }

        /** From dh and dc at the end of the step: dz of each gate, and dc at its beginning. */
        void backward(Tensor cellBefore, Tensor squashed, Tensor dh, Tensor dc, Step dz, Tensor scratch) {
            dh.multiplyInto(output, scratch);
            squashed.tanhGradInto(scratch, scratch);
            dc.addInPlace(scratch);
            dh.multiplyInto(squashed, scratch);
            Gate.sigmoidGradient(output, scratch, dz.output);
            dc.multiplyInto(candidate, scratch);
            Gate.sigmoidGradient(input, scratch, dz.input);
            dc.multiplyInto(input, scratch);
            candidate.tanhGradInto(scratch, dz.candidate);
            dc.multiplyInto(cellBefore, scratch);
            Gate.sigmoidGradient(forget, scratch, dz.forget);
            dc.multiplyInto(forget, dc);
        }

        /** dh at the beginning of the step, from dz. */
        void toStateBefore(List<Tensor> backwards, Tensor dh) {
            input.matmulInto(backwards.get(0), Transposed.NONE, dh);
            for (int g = 1; g < gates.size(); g++) {
                all().get(g).matmulAddInto(backwards.get(g), Transposed.NONE, dh);
            }
        }
    }

    /**
     * One gate.
     *
     * @param name {@code input}, {@code forget}, {@code candidate} or {@code output}
     * @return its parameters
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

    /** Such as {@code Lstm 8 -> 64}. */
    @Override
    public String toString() {
        return "Lstm " + inputs + " -> " + units;
    }
}
