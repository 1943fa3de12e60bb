package nn.layers.recurrent;

import java.util.List;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.WeightMapping;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

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
     * @return a description that outputs all states, with default initialization
     */
    public static GatedConfig<Lstm> units(int units) {
        return GatedConfig.standard("Lstm", Lstm::new, units, GATES).bias("forget", Init.ones());
    }

    @Override
    public RecurrentPass newPass() {
        return new States();
    }

    /** Computes all states, whose parts are h and c, and their gradients by backpropagation through time. */
    private final class States extends RecurrentPass {
        private final GateSteps values = new GateSteps(GATES.size(), units);
        private final GateSteps dValues = new GateSteps(GATES.size(), units);
        private final StateSequence hs = new StateSequence();
        private final StateSequence cs = new StateSequence();
        private final TimeSteps tanhs = new TimeSteps();
        private final TimeSteps dhs = new TimeSteps();
        private final Tensor[] transposed = new Tensor[GATES.size()];
        private Tensor x;

        States() {
            super(Lstm.this);
        }

        @Override
        protected Tensor forward(Tensor x, State state, Context context) {
            int time = x.dim(0);
            this.x = save(x);
            // The values are z first. One product computes the inputs' part of it at all steps.
            values.of(save(context.empty(values.shape(inputShape()))));
            for (int g = 0; g < gates.size(); g++) {
                gates.get(g).fromInputs(x, values.gate(g));
            }
            hs.begin(inputShape(), state.part(0), context);
            cs.begin(inputShape(), state.part(1), context);
            tanhs.of(save(context.empty(hs.after().shape()))); // of the cells
            Tensor scratch = context.empty(state.part(0).shape());
            for (int t = 0; t < time; t++) {
                step(t, scratch);
            }
            context.release(scratch);
            state.part(0).copyFrom(hs.at(time));
            state.part(1).copyFrom(cs.at(time));
            return hs.after();
        }

        private void step(int t, Tensor scratch) {
            Tensor input = values.at(0, t);
            Tensor forget = values.at(1, t);
            Tensor candidate = values.at(2, t);
            Tensor output = values.at(3, t);
            Tensor cell = cs.at(t + 1);
            for (int g = 0; g < gates.size(); g++) {
                gates.get(g).addFromState(hs.at(t), values.at(g, t));
            }
            input.sigmoidInto(input);
            forget.sigmoidInto(forget);
            candidate.tanhInto(candidate);
            output.sigmoidInto(output);
            forget.multiplyInto(cs.at(t), cell);
            input.multiplyInto(candidate, scratch);
            cell.addInPlace(scratch);
            cell.tanhInto(tanhs.at(t));
            output.multiplyInto(tanhs.at(t), hs.at(t + 1));
        }

        @Override
        protected Tensor backward(Tensor dStates, State dState, Gradients gradients) {
            Tensor dh = dState.part(0);
            Tensor dc = dState.part(1);
            dValues.of(context().empty(dValues.shape(inputShape())));
            dhs.of(dStates);
            for (int g = 0; g < gates.size(); g++) {
                transposed[g] = gates.get(g).recurrentTransposed(context());
            }
            Tensor scratch = context().empty(dh.shape());
            for (int t = x.dim(0) - 1; t >= 0; t--) {
                dh.addInPlace(dhs.at(t));
                stepBackward(t, dh, dc, scratch);
                dValues.at(0, t).matmulInto(transposed[0], Transposed.NONE, dh);
                for (int g = 1; g < gates.size(); g++) {
                    dValues.at(g, t).matmulAddInto(transposed[g], Transposed.NONE, dh);
                }
            }
            Tensor dx = context().empty(inputShape());
            for (int g = 0; g < gates.size(); g++) {
                gates.get(g).addInputGradients(x, dValues.gate(g), gradients);
                gates.get(g).addStateGradient(hs.before(), dValues.gate(g), gradients);
                gates.get(g).inputGradient(dValues.gate(g), g == 0, dx);
            }
            return dx;
        }

        /** Computes dz of each gate from dh and dc after the step, and then dc before it. */
        private void stepBackward(int t, Tensor dh, Tensor dc, Tensor scratch) {
            Tensor input = values.at(0, t);
            Tensor forget = values.at(1, t);
            Tensor candidate = values.at(2, t);
            Tensor output = values.at(3, t);
            dh.multiplyInto(output, scratch);
            tanhs.at(t).tanhGradInto(scratch, scratch);
            dc.addInPlace(scratch);
            dh.multiplyInto(tanhs.at(t), scratch);
            Gate.sigmoidGradient(output, scratch, dValues.at(3, t));
            dc.multiplyInto(candidate, scratch);
            Gate.sigmoidGradient(input, scratch, dValues.at(0, t));
            dc.multiplyInto(input, scratch);
            candidate.tanhGradInto(scratch, dValues.at(2, t));
            dc.multiplyInto(cs.at(t), scratch);
            Gate.sigmoidGradient(forget, scratch, dValues.at(1, t));
            dc.multiplyInto(forget, dc);
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

    /** Returns a text such as {@code Lstm 8 -> 64}. */
    @Override
    public String toString() {
        return "Lstm " + inputs + " -> " + units;
    }
}
