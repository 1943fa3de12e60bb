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
import nn.tensor.Key;
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

    /** Computes all states, and their gradients by backpropagation through time. */
    private final class States extends RecurrentPass {
        private final GateSteps values = new GateSteps(GATES.size(), units);
        private final GateSteps dValues = new GateSteps(GATES.size(), units);
        private final TimeSteps qs = new TimeSteps();
        private final TimeSteps dqs = new TimeSteps();
        private final StateSequence hs = new StateSequence();
        private final TimeSteps dhs = new TimeSteps();
        private final Tensor[] transposed = new Tensor[GATES.size()];
        private Tensor x;

        States() {
            super(Gru.this);
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
            Tensor recurrents = save(context.empty(values.gate(0).shape())); // q
            recurrents.fillRows(recurrentBias.value());
            qs.of(recurrents);
            hs.begin(inputShape(), state.part(0), context);
            Tensor scratch = context.empty(state.part(0).shape());
            for (int t = 0; t < time; t++) {
                step(t, scratch);
            }
            context.release(scratch);
            state.part(0).copyFrom(hs.at(time));
            return hs.after();
        }

        private void step(int t, Tensor scratch) {
            Tensor last = hs.at(t);
            Tensor r = values.at(0, t);
            Tensor u = values.at(1, t);
            Tensor n = values.at(2, t);
            Tensor q = qs.at(t);
            reset.addFromState(last, r);
            update.addFromState(last, u);
            candidate.addFromState(last, q);
            r.sigmoidInto(r);
            u.sigmoidInto(u);
            r.multiplyInto(q, scratch);
            n.addInPlace(scratch);
            n.tanhInto(n);
            last.subtractInto(n, scratch); // h_t = n + u (h_{t-1} - n)
            scratch.multiplyInto(u, scratch);
            n.addInto(scratch, hs.at(t + 1));
        }

        @Override
        protected Tensor backward(Tensor dStates, State dState, Gradients gradients) {
            Tensor dh = dState.part(0);
            dValues.of(context().empty(dValues.shape(inputShape())));
            Tensor dq = context().empty(values.gate(0).shape());
            dqs.of(dq);
            dhs.of(dStates);
            for (int g = 0; g < gates.size(); g++) {
                transposed[g] = gates.get(g).recurrentTransposed(context());
            }
            Tensor scratch = context().empty(dh.shape());
            for (int t = x.dim(0) - 1; t >= 0; t--) {
                dh.addInPlace(dhs.at(t));
                stepBackward(t, dh, scratch);
            }
            reset.addStateGradient(hs.before(), dValues.gate(0), gradients);
            update.addStateGradient(hs.before(), dValues.gate(1), gradients);
            candidate.addStateGradient(hs.before(), dq, gradients);
            dq.addSumOfRowsInto(gradients.of(recurrentBias));
            Tensor dx = context().empty(inputShape());
            for (int g = 0; g < gates.size(); g++) {
                gates.get(g).addInputGradients(x, dValues.gate(g), gradients);
                gates.get(g).inputGradient(dValues.gate(g), g == 0, dx);
            }
            return dx;
        }

        /** Computes dz of each gate from dh after the step, and then dh before it. */
        private void stepBackward(int t, Tensor dh, Tensor scratch) {
            Tensor r = values.at(0, t);
            Tensor u = values.at(1, t);
            Tensor n = values.at(2, t);
            Tensor dr = dValues.at(0, t);
            Tensor du = dValues.at(1, t);
            Tensor dn = dValues.at(2, t);
            hs.at(t).subtractInto(n, scratch);
            scratch.multiplyInto(dh, scratch);
            Gate.sigmoidGradient(u, scratch, du);
            dh.multiplyInto(u, scratch); // goes to the state before the step; the rest goes to n
            dh.subtractInto(scratch, dh);
            n.tanhGradInto(dh, dn);
            dh.copyFrom(scratch);
            dn.multiplyInto(qs.at(t), scratch);
            Gate.sigmoidGradient(r, scratch, dr);
            dn.multiplyInto(r, dqs.at(t));
            dr.matmulAddInto(transposed[0], Transposed.NONE, dh);
            du.matmulAddInto(transposed[1], Transposed.NONE, dh);
            dqs.at(t).matmulAddInto(transposed[2], Transposed.NONE, dh);
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
