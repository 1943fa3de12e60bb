package nn.layers.recurrent;

import nn.layers.Context;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * The states of a pass, as rows 0 to time of one tensor: step t reads row t and writes row t + 1. So the states before
 * all steps are one view, and the gradient of a recurrent weight is one product. Views are kept for the next pass.
 */
final class StateSequence {
    private final TimeSteps steps = new TimeSteps();
    private Shape in = Shape.of(); // of the shape that follows
    private Shape shape = Shape.of();
    private Tensor all = Tensor.zeros(0);
    private Tensor before = all;
    private Tensor after = all;

    /** Takes and saves a tensor for a pass over [time x batch x ...], and copies the first state into it. */
    void begin(Shape input, Tensor first, Context context) {
        if (input != in) {
            in = input;
            shape = Shape.of(input.dim(0) + 1, first.dim(0), first.dim(1));
        }
        Tensor tensor = context.empty(shape);
        context.save(tensor);
        if (tensor != all) {
            all = tensor;
            before = all.rows(0, input.dim(0));
            after = all.rows(1, input.dim(0) + 1);
        }
        steps.of(all);
        steps.at(0).copyFrom(first);
    }

    /** The state [batch x units] before a step; at time, that after the last step. */
    Tensor at(int step) {
        return steps.at(step);
    }

    /** The states before each step [time x batch x units]. */
    Tensor before() {
        return before;
    }

    /** The states after each step [time x batch x units]. */
    Tensor after() {
        return after;
    }
}
