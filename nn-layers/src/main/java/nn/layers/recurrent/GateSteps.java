package nn.layers.recurrent;

import nn.tensor.Tensor;

/** Views of a tensor [gates x time x ...] at each gate and step; kept as long as it is the same tensor. */
final class GateSteps {
    private Tensor all;
    private Tensor[] gates = {};
    private TimeSteps[] steps = {};

    /** The tensor to look at. */
    void of(Tensor tensor) {
        if (tensor != all) {
            gates = new Tensor[tensor.dim(0)];
            steps = new TimeSteps[gates.length];
            for (int g = 0; g < gates.length; g++) {
                gates[g] = tensor.row(g);
                steps[g] = new TimeSteps();
                steps[g].of(gates[g]);
            }
            all = tensor;
        }
    }

    /** The tensor itself. */
    Tensor all() {
        return all;
    }

    /** One gate at all steps [time x ...]. */
    Tensor gate(int gate) {
        return gates[gate];
    }

    /** One gate at one step [...]. */
    Tensor at(int gate, int step) {
        return steps[gate].at(step);
    }
}
