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
    private Shape shape = Shape.of(0, 0, 0);
    private Tensor all = Tensor.zeros(0);
    private Tensor before = all;
    private Tensor after = all;

    /** Takes and saves a tensor for the states of all steps, and copies the first state [batch x units] into it. */
    void begin(int time, Tensor first, Context context) {
        Tensor tensor = context.empty(shape(time, first));
        context.save(tensor);
        begin(time, first, tensor);
    }

    /** The same for states that the pass does not hand on. */
    void begin(int time, Tensor first, WorkTensor work, Context context) {
        begin(time, first, work.of(shape(time, first), context));
    }

    private Shape shape(int time, Tensor first) {
        if (shape.dim(0) != time + 1 || shape.dim(1) != first.dim(0) || shape.dim(2) != first.dim(1)) {
            shape = Shape.of(time + 1, first.dim(0), first.dim(1));
        }
        return shape;
    }

    private void begin(int time, Tensor first, Tensor tensor) {
        if (tensor != all) {
            all = tensor;
            before = all.rows(0, time);
            after = all.rows(1, time + 1);
        }
        steps.of(all);
        steps.at(0).copyFrom(first);
    }

    /** All states [time + 1 x batch x units]. */
    Tensor all() {
        return all;
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
