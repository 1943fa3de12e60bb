package nn.train;

import java.util.function.BiConsumer;
import nn.layers.Context;
import nn.layers.Layer;
import nn.tensor.Tensor;

/** Measures of a model on data that it is not trained on. */
public final class Metrics {
    /**
     * Called before some rows go through a model, to throw where a measurement is no longer wanted. A trainer binds it,
     * so that its metrics, which know nothing of it, end soon after a fit is cancelled.
     */
    static final ScopedValue<Runnable> BEFORE_PART = ScopedValue.newInstance();

    private Metrics() {}

    /**
     * The share of rows whose largest output stands at their label.
     *
     * @param model gives [batch x classes]
     * @param x the inputs [n x ...]
     * @param labels [n], whole numbers from 0 to classes - 1
     * @return from 0 to 1
     * @throws IllegalArgumentException if there are no rows, x has a NaN or infinite value, or the shapes or labels do
     *     not fit
     */
    public static double accuracy(Layer model, Tensor x, Tensor labels) {
        return topK(model, x, labels, 1);
    }

    /**
     * The share of rows whose label is among their k largest outputs. Of equal outputs that of the lower class counts
     * as the larger; NaN is the smallest.
     *
     * @param model gives [batch x classes]
     * @param x the inputs [n x ...]
     * @param labels [n], whole numbers from 0 to classes - 1
     * @param k 1 or more
     * @return from 0 to 1
     * @throws IllegalArgumentException if k is below 1, there are no rows, x has a NaN or infinite value, or the shapes
     *     or labels do not fit
     */
    public static double topK(Layer model, Tensor x, Tensor labels, int k) {
        if (k < 1) {
            throw new IllegalArgumentException("top k: k is " + k + "; it must be 1 or more");
        }
        String user = k == 1 ? "accuracy" : "top " + k;
        long[] right = {0};
        chunks(user, model, x, labels, (logits, some) -> {
            int classes = logits.dim(1);
            for (int i = 0; i < some.length; i++) {
                if (rank(logits, i, some[i], classes) < k) {
                    right[0]++;
                }
            }
        });
        return (double) right[0] / labels.dim(0);
    }

    /** How many outputs of a row come before that of its label. */
    private static int rank(Tensor logits, int row, int label, int classes) {
        int at = logits.offset() + row * classes;
        float own = logits.array()[at + label];
        int before = 0;
        for (int j = 0; j < classes; j++) {
            float other = logits.array()[at + j];
            boolean tie = other == own || Float.isNaN(other) && Float.isNaN(own);
            if (tie ? j < label : other > own || Float.isNaN(own)) {
                before++;
            }
        }
        return before;
    }

    /**
     * Counts which class is taken for which.
     *
     * @param model gives [batch x classes]
     * @param x the inputs [n x ...]
     * @param labels [n], whole numbers from 0 to classes - 1
     * @return the counts
     * @throws IllegalArgumentException as for {@link #accuracy}
     */
    public static ConfusionMatrix confusion(Layer model, Tensor x, Tensor labels) {
        long[][][] counts = new long[1][][];
        chunks("confusion matrix", model, x, labels, (logits, some) -> {
            if (counts[0] == null) {
                counts[0] = new long[logits.dim(1)][logits.dim(1)];
            }
            int[] best = logits.argMaxRows();
            for (int i = 0; i < best.length; i++) {
                counts[0][some[i]][best[i]]++;
            }
        });
        return new ConfusionMatrix(counts[0]);
    }

    /** Hands on the logits of some rows at a time, with their labels, all checked. */
    private static void chunks(
            String user, Layer model, Tensor x, Tensor labels, BiConsumer<Tensor, int[]> consumer) {
        Data.requireUsable("x", x);
        Data.requireUsable("labels", labels);
        int in = BatchAxes.of(model).in();
        int n = x.dim(x.shape().rank() > in ? in : 0);
        Labels.requireOneEach(user, labels, n);
        Tensor logits = Outputs.of(model, x);
        Labels.requireFit(user, logits, labels);
        int[] some = new int[n];
        for (int i = 0; i < n; i++) {
            some[i] = Labels.at(user, labels, i, logits.dim(1));
        }
        consumer.accept(logits, some);
    }

    /**
     * The coefficient of determination, {@code 1 - sum (y - output)^2 / sum (y - mean)^2}, the mean being that of each
     * feature (the last axis) by itself over all rows, which are examples and, in sequences, their steps; both sums are
     * over rows and features: 1 for a perfect model, 0 for one that always gives the mean, below 0 for a worse one.
     *
     * @param model gives the shape of y
     * @param x the inputs: [n x ...], or [time x n x ...] for a model of time-major sequences
     * @param y the targets [n], [n x features], or with more leading axes, not all rows the same
     * @return at most 1
     * @throws IllegalArgumentException if there are no rows, a value is NaN or infinite, the shapes do not fit, or all
     *     rows of y are the same
     */
    public static double rSquared(Layer model, Tensor x, Tensor y) {
        Data.requireUsable("x", x);
        Data.requireUsable("y", y);
        BatchAxes axes = BatchAxes.of(model);
        requireAsMany("R squared", axes, x, y);
        int width = y.shape().rank() == 1 ? 1 : y.dim(-1);
        int n = y.size() / width;
        double[] means = new double[width];
        for (int i = 0; i < y.size(); i++) {
            means[i % width] += y.array()[y.offset() + i] / (double) n;
        }
        double spread = 0;
        for (int i = 0; i < y.size(); i++) {
            double d = y.array()[y.offset() + i] - means[i % width];
            spread += d * d;
        }
        if (spread == 0) {
            throw new IllegalArgumentException(
                    "R squared: all " + n + " rows of y are the same, so there is nothing to explain");
        }
        Tensor output = Outputs.of(model, x);
        Elements.requireFit("R squared", output, y);
        double squares = 0;
        for (int i = 0; i < output.size(); i++) {
            double d = (double) y.array()[y.offset() + i] - output.array()[output.offset() + i];
            squares += d * d;
        }
        return 1 - squares / spread;
    }

    /**
     * The loss of a model on data, outside of training: the mean or the sum over all examples, as the loss {@linkplain
     * Loss#reduction says}. Examples go through the model some at a time, along the axis that the model {@linkplain
     * Layer#batchAxis says}; the loss is taken of all their outputs at once, so it is the same to the bit as without
     * cutting.
     *
     * @param model gives what the loss takes
     * @param loss the loss
     * @param x the inputs: [n x ...], or [time x n x ...] for a model of time-major sequences
     * @param y the targets of all outputs
     * @return as of all examples at once; not finite if an output is not
     * @throws IllegalArgumentException if there are no examples, a value is NaN or infinite, or as the model and the
     *     loss say
     */
    public static double loss(Layer model, Loss loss, Tensor x, Tensor y) {
        Data.requireUsable("x", x);
        Data.requireUsable("y", y);
        BatchAxes.of(model).requireAsMany(x, y);
        return loss.of(Outputs.of(model, x), y, Context.inference()).value();
    }

    private static void requireAsMany(String user, BatchAxes axes, Tensor x, Tensor y) {
        if (x.shape().rank() <= axes.in() || y.shape().rank() <= axes.out()
                || x.dim(axes.in()) != y.dim(axes.out())) {
            throw new IllegalArgumentException(
                    user + ": x of shape " + x.shape() + " and y of shape " + y.shape()
                            + " differ in the number of rows");
        }
    }
}
