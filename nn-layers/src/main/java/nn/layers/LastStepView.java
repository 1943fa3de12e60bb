package nn.layers;

import nn.tensor.Tensor;

/** The last step of a sequence; of the same tensor the same view, as in steady steps. */
final class LastStepView {
    private Tensor of;
    private Tensor view;

    /** The states after each sequence's last step [batch x units]; a view, if all have the same number of steps. */
    Tensor of(Tensor states, Lengths lengths, Context context) {
        if (lengths != null) {
            Tensor last = context.empty(states.shape().withoutFirst());
            lengths.lastSteps(states, last);
            return last;
        }
        if (states != of) {
            view = states.row(states.dim(0) - 1);
            of = states;
        }
        return view;
    }
}
