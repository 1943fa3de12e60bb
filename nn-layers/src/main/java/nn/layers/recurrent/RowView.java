package nn.layers.recurrent;

import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A view of some rows of a tensor, kept as long as it is the same tensor. */
final class RowView {
    private @Nullable Tensor of;
    private Tensor view = Tensor.zeros(0);

    /** The rows {@code [from, to)} of a tensor; they are always the same. */
    Tensor of(Tensor tensor, int from, int to) {
        if (tensor != of) {
            view = tensor.rows(from, to);
            of = tensor;
        }
        return view;
    }
}
