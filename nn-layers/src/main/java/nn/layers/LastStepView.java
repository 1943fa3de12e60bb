package nn.layers;

import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The last step of sequences. The same tensor gets the same view, so a steady step creates no objects. */
public final class LastStepView {
    private @Nullable Tensor of;
    private @Nullable Tensor view;

    /** No view yet. */
    public LastStepView() {}

    /**
     * Returns the last step of each sequence.
     *
     * @param states the steps [time x batch x ...], time at least 1
     * @param lengths of padded sequences; null if all steps count
     * @param context gives a tensor, if there are lengths
     * @return [batch x ...]; a view, if all steps count
     */
    @SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
    public Tensor of(Tensor states, @Nullable Lengths lengths, Context context) {
        if (lengths != null) {
            Tensor ends = context.empty(states.shape().withoutFirst());
            lengths.lastSteps(states, ends);
            return ends;
        }
        Tensor last = view;
        if (last == null || states != of) {
            last = states.row(states.dim(0) - 1);
            view = last;
            of = states;
        }
        return last;
    }
}
