package nn.train.internal;

import nn.layers.Context;
import nn.layers.Layer;
import nn.tensor.Tensor;

/** The outputs of a model, not in training, for any number of examples. */
public final class Outputs {
    /** Examples at a time: enough for fast products, few enough for little memory. */
    private static final int CHUNK = 512;

    /**
     * Called before some rows go through a model, to throw where a measurement is no longer wanted. A trainer binds it,
     * so that its metrics, which know nothing of it, end soon after a fit is cancelled.
     */
    public static final ScopedValue<Runnable> BEFORE_PART = ScopedValue.newInstance();

    private Outputs() {}

    /**
     * Runs some examples at a time through a model. A row gets the same bits alone or among others, so this is what all
     * at once give.
     *
     * @param model says along which {@linkplain Layer#batchAxis axis} examples are
     * @param x the inputs
     * @return the outputs of all examples
     */
    public static Tensor of(Layer model, Tensor x) {
        BatchAxes axes = BatchAxes.of(model);
        int n = x.shape().rank() > axes.in() ? x.dim(axes.in()) : 0;
        if (n <= CHUNK) {
            return one(model, x);
        }
        Tensor first = some(model, x, axes, 0, CHUNK);
        if (!hasExamples(first, axes, CHUNK)) {
            return one(model, x);
        }
        Tensor all = Tensor.zeros(BatchAxis.resized(first.shape(), axes.out(), n));
        BatchAxis.copy(first, axes.out(), 0, all, 0, CHUNK);
        for (int from = CHUNK; from < n; from += CHUNK) {
            int count = Math.min(CHUNK, n - from);
            Tensor some = some(model, x, axes, from, count);
            if (!hasExamples(some, axes, count)) {
                return one(model, x);
            }
            BatchAxis.copy(some, axes.out(), 0, all, from, count);
        }
        return all;
    }

    private static Tensor some(Layer model, Tensor x, BatchAxes axes, int from, int count) {
        return one(model, BatchAxes.some(x, axes.in(), from, from + count, Context.inference()));
    }

    /** Returns whether an output holds its examples along the axis that the model names. */
    private static boolean hasExamples(Tensor output, BatchAxes axes, int count) {
        return output.shape().rank() > axes.out() && output.dim(axes.out()) == count;
    }

    private static Tensor one(Layer model, Tensor x) {
        BEFORE_PART.orElse(() -> {}).run();
        return model.forward(x, Context.inference()).output();
    }
}
