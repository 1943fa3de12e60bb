package nn.train;

import java.util.function.BiConsumer;
import java.util.function.Supplier;
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

    /** Rows at a time: enough for fast products, few enough for little memory. */
    private static final int CHUNK = 512;

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
        return (double) right[0] / x.dim(0);
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
        int n = x.dim(0);
        Labels.requireOneEach(user, labels, n);
        for (int from = 0; from < n; from += CHUNK) {
            int to = Math.min(from + CHUNK, n);
            Tensor logits = output(model, x.rows(from, to), Context.inference());
            Labels.requireFit(user, logits, labels.rows(from, to));
            int[] some = new int[to - from];
            for (int i = 0; i < some.length; i++) {
                some[i] = Labels.at(user, labels, from + i, logits.dim(1));
            }
            consumer.accept(logits, some);
        }
    }

    /**
     * The coefficient of determination, {@code 1 - sum (y - output)^2 / sum (y - mean)^2}, the mean being that of each
     * output by itself over the rows, and both sums over rows and outputs: 1 for a perfect model, 0 for one that always
     * gives the mean, below 0 for a worse one.
     *
     * @param model gives the shape of y
     * @param x the inputs [n x ...]
     * @param y the targets [n x ...], not all rows the same
     * @return at most 1
     * @throws IllegalArgumentException if there are no rows, a value is NaN or infinite, the shapes do not fit, or all
     *     rows of y are the same
     */
    public static double rSquared(Layer model, Tensor x, Tensor y) {
        Data.requireUsable("x", x);
        Data.requireUsable("y", y);
        requireAsMany("R squared", x, y);
        int n = y.dim(0);
        int width = y.size() / n;
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
        double squares = 0;
        for (int from = 0; from < n; from += CHUNK) {
            int to = Math.min(from + CHUNK, n);
            Tensor output = output(model, x.rows(from, to), Context.inference());
            Tensor wanted = y.rows(from, to);
            Elements.requireFit("R squared", output, wanted);
            for (int i = 0; i < output.size(); i++) {
                double d = (double) wanted.array()[wanted.offset() + i] - output.array()[output.offset() + i];
                squares += d * d;
            }
        }
        return 1 - squares / spread;
    }

    /**
     * The loss of a model on data, outside of training.
     *
     * @param model gives what the loss takes
     * @param loss the loss
     * @param x the inputs [n x ...]
     * @param y the targets [n x ...]; if x has another number of rows, as sequences [time x batch x ...] do, all go
     *     through the model at once
     * @return as of all rows at once; not finite if an output is not
     * @throws IllegalArgumentException if there are no rows, a value is NaN or infinite, or as the model and the loss
     *     say
     */
    public static double loss(Layer model, Loss loss, Tensor x, Tensor y) {
        return loss(model, loss, x, y, Context::inference, () -> {});
    }

    /** The same in a context for each part, after which something is done. */
    static double loss(
            Layer model, Loss loss, Tensor x, Tensor y, Supplier<Context> contexts, Runnable afterPart) {
        Data.requireUsable("x", x);
        Data.requireUsable("y", y);
        int n = y.dim(0);
        int chunk = x.dim(0) == n ? CHUNK : n;
        if (n <= chunk) {
            return value(model, loss, x, y, contexts.get());
        }
        double total = 0;
        for (int from = 0; from < n; from += chunk) {
            int to = Math.min(from + chunk, n);
            Tensor some = y.rows(from, to);
            double share = loss.share(some, y);
            if (share > 0) {
                total += share * value(model, loss, x.rows(from, to), some, contexts.get());
            }
            afterPart.run();
        }
        return total;
    }

    private static double value(Layer model, Loss loss, Tensor x, Tensor y, Context context) {
        return loss.of(output(model, x, context), y, context).value();
    }

    private static Tensor output(Layer model, Tensor x, Context context) {
        BEFORE_PART.orElse(() -> {}).run();
        return context.run(model, x).output();
    }

    private static void requireAsMany(String user, Tensor x, Tensor y) {
        if (x.dim(0) != y.dim(0)) {
            throw new IllegalArgumentException(
                    user + ": x of shape " + x.shape() + " and y of shape " + y.shape()
                            + " differ in the number of rows");
        }
    }
}
