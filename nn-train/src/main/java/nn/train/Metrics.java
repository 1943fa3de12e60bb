package nn.train;

import nn.layers.Context;
import nn.layers.Layer;
import nn.tensor.Tensor;

/** Measures of a model on data that it is not trained on. */
public final class Metrics {
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
        Data.requireUsable("x", x);
        Data.requireUsable("labels", labels);
        int n = x.dim(0);
        Labels.requireOneEach("accuracy", labels, n);
        long right = 0;
        for (int from = 0; from < n; from += CHUNK) {
            int to = Math.min(from + CHUNK, n);
            right += hits(model.forward(x.rows(from, to), Context.inference()).output(), labels, from, to);
        }
        return (double) right / n;
    }

    private static int hits(Tensor logits, Tensor labels, int from, int to) {
        Labels.requireFit("accuracy", logits, labels.rows(from, to));
        int[] best = logits.argMaxRows();
        int hits = 0;
        for (int i = 0; i < best.length; i++) {
            if (best[i] == Labels.at("accuracy", labels, from + i, logits.dim(1))) {
                hits++;
            }
        }
        return hits;
    }
}
