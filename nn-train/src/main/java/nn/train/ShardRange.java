package nn.train;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import nn.layers.BatchParts;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.PartProducts;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.internal.pass.PartPass;
import org.jspecify.annotations.Nullable;

/** Shards with neighbouring rows, which one thread runs at once. Kept from step to step. */
final class ShardRange {
    /** The largest number of shards, a power of two: each needs gradients of its own while the range runs. */
    static final int MOST = 64;

    private final PartPass pass;
    private final BatchParts parts;
    private final int[] shards = new int[MOST];
    private final int[] ends = new int[MOST]; // the example after the last one of each
    private final Tensor[] targets = new Tensor[MOST];
    private final double[] shares = new double[MOST];
    private final double[] losses = new double[MOST];
    private final Gradients[] gradients = new Gradients[MOST];
    private int first; // shard
    private int count; // of shards that have examples
    private int begin; // the first example
    private @Nullable Tensor all; // inputs of the batch
    private @Nullable Tensor input; // the rows of the range, as long as the steps have the same tensor
    private int inputBegin;

    ShardRange(PartPass pass) {
        this.pass = pass;
        this.parts = pass.parts();
    }

    /**
     * Returns whether most of a model is computed faster in a range than shard by shard: the batch is the first axis in
     * all of it, and half of its parameters or more are in layers that run on all rows at once.
     */
    static boolean suits(Layer model) {
        Set<String> together = new HashSet<>(); // paths of layers that run on all rows, as what they are in does
        for (Map.Entry<String, Layer> entry : model.layersByPath().entrySet()) {
            String path = entry.getKey();
            if (entry.getValue().batchAxis(0).orElse(-1) != 0) {
                return false;
            }
            if (entry.getValue().isRowwise() && (path.isEmpty() || together.contains(parent(path)))) {
                together.add(path);
            }
        }
        double most = 0;
        double size = 0;
        for (Map.Entry<String, Parameter> entry : model.parametersByPath().entrySet()) {
            double elements = entry.getValue().value().size();
            size += elements;
            most += together.contains(parent(entry.getKey())) ? elements : 0;
        }
        return most >= size / 2;
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    PartPass pass() {
        return pass;
    }

    /** Makes the range empty. */
    void clear(int firstShard) {
        first = firstShard;
        count = 0;
    }

    /** Adds a shard with examples, the next ones after those of the shards before. */
    void add(int shard, int from, int to, Tensor target, double share) {
        begin = count == 0 ? from : begin;
        shards[count] = shard;
        ends[count] = to;
        targets[count] = target;
        shares[count] = share;
        count++;
    }

    int count() {
        return count;
    }

    int shard(int i) {
        return shards[i];
    }

    /** Returns the share of a shard's loss in that of the batch. */
    double share(int i) {
        return shares[i];
    }

    /** Returns the loss of a shard. */
    double loss(int i) {
        return losses[i];
    }

    Gradients gradients(int i) {
        return gradients[i];
    }

    /** Gives a shard cleared gradients. */
    void setGradients(int i, Gradients into) {
        gradients[i] = into;
    }

    /**
     * Runs the shards, up to one that is not among them.
     *
     * @param x the inputs of the batch [examples x ...]
     * @param end one more than the last shard of the range, which may be empty
     */
    void run(Tensor x, int end, Key stepKey, PartProducts products) {
        parts.begin(products, first, end);
        for (int i = 0; i < count; i++) {
            parts.add(shards[i], ends[i] - (i == 0 ? begin : ends[i - 1]), stepKey, gradients[i]);
        }
        try {
            pass.runParts(input(x), targets, shares, losses);
        } finally {
            parts.end();
        }
    }

    private Tensor input(Tensor x) {
        int rows = ends[count - 1] - begin;
        if (begin == 0 && rows == x.dim(0)) {
            return x;
        }
        Tensor known = input;
        if (known == null || x != all || inputBegin != begin || known.dim(0) != rows) {
            known = x.rows(begin, begin + rows);
            input = known;
            all = x;
            inputBegin = begin;
        }
        return known;
    }
}
