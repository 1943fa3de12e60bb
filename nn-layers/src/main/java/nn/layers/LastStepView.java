package nn.layers;

import nn.tensor.Tensor;

/** The last step of a sequence; of the same tensor the same view, as in steady steps. */
public final class LastStepView {
    private Tensor of;
    private Tensor view;

    /** No view yet. */
    public LastStepView() {}

    /**
     * The steps after which each sequence ends.
     *
     * @param states the steps [time x batch x ...], time at least 1
     * @param lengths of padded sequences; null if all steps count
     * @param context gives a tensor, if there are lengths
     * @return [batch x ...]; a view, if all steps count
     */
    public Tensor of(Tensor states, Lengths lengths, Context context) {
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
