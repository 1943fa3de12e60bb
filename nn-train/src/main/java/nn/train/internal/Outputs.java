package nn.train.internal;

import nn.layers.Context;
import nn.layers.Layer;
import nn.tensor.Tensor;

/** Computes the outputs of a model in inference, for any number of examples. */
public final class Outputs {
    /** Number of examples at a time: enough for fast products, and few enough for little memory. */
    private static final int CHUNK = 512;

    /**
     * Called before each chunk of examples goes through a model. A trainer binds it to a check that throws, so that
     * metrics, which do not know of it, end soon after a fit is cancelled.
     */
    public static final ScopedValue<Runnable> BEFORE_CHUNK = ScopedValue.newInstance();

    private Outputs() {}

    /**
     * Runs a model on chunks of examples. A row gets the same bits alone or in a batch, so the result equals that of
     * one run on all examples.
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
        return one(model, BatchAxes.slice(x, axes.in(), from, from + count, Context.inference()));
    }

    /** Returns whether an output holds its examples along the axis that the model names. */
    private static boolean hasExamples(Tensor output, BatchAxes axes, int count) {
        return output.shape().rank() > axes.out() && output.dim(axes.out()) == count;
    }

    private static Tensor one(Layer model, Tensor x) {
        BEFORE_CHUNK.orElse(() -> {}).run();
        return model.forward(x, Context.inference()).output();
    }
}
