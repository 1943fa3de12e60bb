package nn.train;

import nn.layers.Context;
import nn.layers.Layer;
import nn.tensor.Tensor;
import nn.train.internal.BatchAxis;

/** The outputs of a model, not in training, for any number of examples. */
final class Outputs {
    /** Examples at a time: enough for fast products, few enough for little memory. */
    private static final int CHUNK = 512;

    private Outputs() {}

    /**
     * Runs some examples at a time through a model. A row gets the same bits alone or among others, so this is what all
     * at once give.
     *
     * @param model says along which {@linkplain Layer#batchAxis axis} examples are
     * @param x the inputs
     * @return the outputs of all examples
     */
    static Tensor of(Layer model, Tensor x) {
        BatchAxes axes = BatchAxes.of(model);
        int n = x.shape().rank() > axes.in() ? x.dim(axes.in()) : 0;
        if (n <= CHUNK) {
            return one(model, x);
        }
        Tensor all = null;
        for (int from = 0; from < n; from += CHUNK) {
            int to = Math.min(from + CHUNK, n);
            Tensor some = one(model, BatchAxes.some(x, axes.in(), from, to, Context.inference()));
            if (some.shape().rank() <= axes.out() || some.dim(axes.out()) != to - from) {
                return one(model, x); // its examples are not where it says
            }
            if (all == null) {
                all = Tensor.zeros(BatchAxis.resized(some.shape(), axes.out(), n));
            }
            BatchAxis.copy(some, axes.out(), 0, all, from, to - from);
        }
        return all;
    }

    private static Tensor one(Layer model, Tensor x) {
        Metrics.BEFORE_PART.orElse(() -> {}).run();
        return model.forward(x, Context.inference()).output();
    }
}
