package nn.layers.recurrent;

import nn.layers.Context;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * The states 0 to time of a pass as rows of one tensor: the first rows are what each step reads, the last what it
 * gives. So the gradient of a recurrent weight is one product. Views are kept from step to step.
 */
final class StateSequence {
    private final TimeSteps steps = new TimeSteps();
    private Shape in = Shape.of(); // of the shape that follows
    private Shape shape = Shape.of();
    private Tensor all = Tensor.zeros(0);
    private Tensor before = all;
    private Tensor after = all;

    /** A saved tensor for the states of a pass over [time x batch x ...], with a copy of the first one. */
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

    /** The state before a step, or after the last one [batch x units]. */
    Tensor at(int step) {
        return steps.at(step);
    }

    /** What the steps read [time x batch x units]. */
    Tensor before() {
        return before;
    }

    /** What the steps give [time x batch x units]. */
    Tensor after() {
        return after;
    }
}
