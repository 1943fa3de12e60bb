package nn.layers.recurrent;

import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Views of a tensor [gates x time x batch x units] at each gate and step, kept as long as it is the same tensor. */
final class GateSteps {
    private final int units;
    private final Tensor[] gates;
    private final TimeSteps[] steps;
    private Shape input = Shape.of(); // of the shape that follows
    private Shape shape = Shape.of();
    private @Nullable Tensor all;

    GateSteps(int gates, int units) {
        this.units = units;
        this.gates = new Tensor[gates];
        this.steps = new TimeSteps[gates];
    }

    /** The tensor's shape for an input [time x batch x inputs]. */
    Shape shape(Shape input) {
        if (input != this.input) {
            this.input = input;
            shape = Shape.of(gates.length, input.dim(0), input.dim(1), units);
        }
        return shape;
    }

    /** Views this tensor from now on. */
    void of(Tensor tensor) {
        if (tensor != all) {
            for (int g = 0; g < gates.length; g++) {
                gates[g] = tensor.row(g);
                steps[g] = new TimeSteps();
                steps[g].of(gates[g]);
            }
            all = tensor;
        }
    }

    /** One gate at all steps [time x batch x units]. */
    Tensor gate(int gate) {
        return gates[gate];
    }

    /** One gate at one step [batch x units]. */
    Tensor at(int gate, int step) {
        return steps[gate].at(step);
    }
}
