package nn.layers.recurrent;

import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Views of some rows of a tensor [time x batch x n] at each of its steps, kept as long as it is the same tensor, as it
 * is in steady steps.
 */
final class TimeSteps {
    private @Nullable Tensor all;
    private Tensor[] steps = {};

    /** Views all rows of this tensor from now on. */
    void of(Tensor tensor) {
        of(tensor, 0, tensor.dim(1));
    }

    /** Views the rows {@code [from, to)} of this tensor from now on; they are always the same. */
    void of(Tensor tensor, int from, int to) {
        if (tensor != all) {
            int n = tensor.dim(2);
            int step = tensor.dim(1) * n;
            Shape rows = Shape.of(to - from, n);
            steps = new Tensor[tensor.dim(0)];
            for (int t = 0; t < steps.length; t++) {
                steps[t] = Tensor.wrap(tensor.array(), tensor.offset() + t * step + from * n, rows);
            }
            all = tensor;
        }
    }

    /** The rows at a step [rows x n]. */
    Tensor at(int step) {
        return steps[step];
    }
}
