package nn.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import nn.init.Fans;
import nn.init.Init;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;

/**
 * The gated recurrent unit (Cho and others, 2014) in the form of cuDNN, PyTorch and Keras, where the reset gate acts
 * after the recurrent product. With a gate's pre-activation {@code z = x_t Wx + h_{t-1} Wh + b}, each gate with
 * parameters of its own:
 *
 * <pre>
 * r = sigmoid(z of reset)                u = sigmoid(z of update)
 * q = h_{t-1} Wh of candidate + b'       n = tanh(x_t Wx of candidate + b of candidate + r q)
 * h_t = (1 - u) n + u h_{t-1}
 * </pre>
 *
 * <p>Shapes: x [time x batch x inputs]; h_t [batch x units]; the output is all h_t [time x batch x units], or the last
 * one [batch x units]. The {@linkplain Gate gates} are {@code reset}, {@code update} and {@code candidate}, in the
 * order in which PyTorch stacks them (its {@code weight_ih} is [3 units x inputs], the transposes of ours one above the
 * other; its two biases of reset and update are one here, their sum; b' is the candidate's part of its {@code
 * bias_hh}). The path of b' is {@code candidate_recurrent_bias}.
 *
 * <p>By default input weights are Glorot uniform, recurrent weights orthogonal, and biases zero; b' always begins at
 * zero.
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
     * @return all states, default initialization
     */
    public static GatedConfig<Gru> units(int units) {
        return GatedConfig.standard("Gru", Gru::new, units, GATES);
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

    @Override
    public Run run(Tensor x, State initial, Context context) {
        Sequences.require(this, x, initial);
        int time = x.dim(0);
        int batch = x.dim(1);
        // Of each gate, z and then its squashed value, at all steps: one product for the inputs of all steps.
        Tensor values = context.empty(Shape.of(gates.size(), time, batch, units));
        for (int g = 0; g < gates.size(); g++) {
            gates.get(g).fromInputs(x, values.row(g));
        }
        Tensor resets = values.row(0);
        Tensor updates = values.row(1);
        Tensor candidates = values.row(2);
        Tensor recurrents = context.empty(candidates.shape()); // q
        recurrents.fillRows(recurrentBias.value());
        // States 0 to time, as in Rnn: what each step reads, and then what it gives.
        Tensor h = context.empty(Shape.of(time + 1, batch, units));
        h.row(0).copyFrom(initial.part(0));
        Tensor scratch = context.empty(initial.part(0).shape());
        for (int t = 0; t < time; t++) {
            Tensor before = h.row(t);
            Tensor r = resets.row(t);
            Tensor u = updates.row(t);
            Tensor n = candidates.row(t);
            Tensor q = recurrents.row(t);
            reset.addFromState(before, r);
            update.addFromState(before, u);
            candidate.addFromState(before, q);
            r.sigmoidInto(r);
            u.sigmoidInto(u);
            r.multiplyInto(q, scratch);
            n.addInPlace(scratch);
            n.tanhInto(n);
            before.subtractInto(n, scratch); // h_t = n + u (h_{t-1} - n)
            scratch.multiplyInto(u, scratch);
            n.addInto(scratch, h.row(t + 1));
        }
        return new Run(h.rows(1, time + 1), State.of(h.row(time)), (dStates, dLast, gradients) -> {
            Tensor dz = context.empty(values.shape());
            Tensor dq = context.empty(recurrents.shape());
            Tensor dh = Sequences.beginning(dLast, 0, scratch.shape(), context);
            List<Tensor> backwards = gates.stream().map(gate -> gate.recurrentTransposed(context)).toList();
            for (int t = time - 1; t >= 0; t--) {
                Tensor r = resets.row(t);
                Tensor u = updates.row(t);
                Tensor n = candidates.row(t);
                Tensor dr = dz.row(0).row(t);
                Tensor du = dz.row(1).row(t);
                Tensor dn = dz.row(2).row(t);
                dh.addInPlace(dStates.row(t));
                h.row(t).subtractInto(n, scratch);
                scratch.multiplyInto(dh, scratch);
                Gate.sigmoidGradient(u, scratch, du);
                dh.multiplyInto(u, scratch); // goes on to the state before; the rest is the candidate's
                dh.subtractInto(scratch, dh);
                n.tanhGradInto(dh, dn);
                dh.copyFrom(scratch);
                dn.multiplyInto(recurrents.row(t), scratch);
                Gate.sigmoidGradient(r, scratch, dr);
                dn.multiplyInto(r, dq.row(t));
                dr.matmulAddInto(backwards.get(0), Transposed.NONE, dh);
                du.matmulAddInto(backwards.get(1), Transposed.NONE, dh);
                dq.row(t).matmulAddInto(backwards.get(2), Transposed.NONE, dh);
            }
            Tensor before = h.rows(0, time);
            reset.addStateGradient(before, dz.row(0), gradients);
            update.addStateGradient(before, dz.row(1), gradients);
            candidate.addStateGradient(before, dq, gradients);
            dq.addSumOfRowsInto(gradients.of(recurrentBias));
            Tensor dx = context.empty(x.shape());
            for (int g = 0; g < gates.size(); g++) {
                gates.get(g).addInputGradients(x, dz.row(g), gradients);
                gates.get(g).inputGradient(dz.row(g), g == 0, dx);
            }
            return new StateGradient(dx, State.of(dh));
        });
    }

    /**
     * One gate.
     *
     * @param name {@code reset}, {@code update} or {@code candidate}
     * @return its parameters
     * @throws IllegalArgumentException if there is no such gate
     */
    public Gate gate(String name) {
        return Gate.named("Gru", gates, name);
    }

    /**
     * The bias within the reset gate's reach.
     *
     * @return b' [units]
     */
    public Parameter recurrentBias() {
        return recurrentBias;
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(gates.stream().flatMap(Gate::parameters).toList());
        all.add(recurrentBias);
        return List.copyOf(all);
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

    /** Such as {@code Gru 8 -> 64}. */
    @Override
    public String toString() {
        return "Gru " + inputs + " -> " + units;
    }
}
