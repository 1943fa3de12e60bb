package nn.train.diagnose;

import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.tensor.Tensor;

/**
 * What the looks at a training have shown of one weight. Of a large one a sample is read: blocks of neighbours that lie
 * evenly in it. With 1024 elements that change independently the length of a change is off by 2.2 %: sqrt(1 / (2 n)).
 * Of a table, where a step changes the rows that were looked up, 64 times as many are read.
 *
 * <p>Signal and noise of the gradient: let m be the mean of the gradients g_i of the looks with weights w_i that add up
 * to 1, V the mean of |g_i - m|^2 with the same weights, and c the sum of w_i^2, so that m scatters as the mean of 1 /
 * c gradients does. If the gradients are independent, with the mean G and the mean squared distance N from it, then E
 * |m|^2 = |G|^2 + c N and E V = (1 - c) N. So V / (1 - c) estimates N, and |m|^2 - c V / (1 - c) estimates |G|^2, both
 * without bias. These are the estimates of McCandlish and others (2018), appendix A.1, with batches of B and of B / c
 * examples.
 */
final class WeightWatch {
    private static final int BLOCK = 64; // elements
    private static final int BLOCKS = 16;
    private static final int TABLE_BLOCKS = 1024;

    /** Weights that are smaller than this share of 1 / sqrt(fan in) begin near zero on purpose, and grow from there. */
    private static final double SMALL = 0.1;

    private final String path;
    private final Parameter parameter;
    private final int[] blocks; // where they begin, in the order of memory
    private final int block; // elements of each
    private final float[] before; // the sample before the step
    private final float[] meanGradient; // m, of the sample
    private double deviation; // V
    private double squaredWeights; // c
    private int looks;
    private boolean hadGradient;
    private double update = Double.NaN; // running mean
    private double gradient = Double.NaN; // running mean
    private double largest;
    private long largestAt;

    WeightWatch(String path, Parameter parameter, boolean isTable) {
        this.path = path;
        this.parameter = parameter;
        int size = parameter.value().size();
        int most = isTable ? TABLE_BLOCKS : BLOCKS;
        boolean isSmall = size <= BLOCK * most;
        this.blocks = new int[isSmall ? 1 : most];
        this.block = isSmall ? size : BLOCK;
        for (int i = 1; i < blocks.length; i++) {
            blocks[i] = (int) ((long) i * (size - block) / (blocks.length - 1));
        }
        this.before = new float[blocks.length * block];
        this.meanGradient = new float[before.length];
    }

    /** Begins a look, before the step. */
    void begin() {
        Tensor value = parameter.value();
        for (int i = 0; i < blocks.length; i++) {
            System.arraycopy(value.array(), value.offset() + blocks[i], before, i * block, block);
        }
    }

    /** Ends a look of a step that was taken. */
    void end(Gradients gradients, long step) {
        if (gradients.isFrozen(parameter)) {
            return;
        }
        float[] value = parameter.value().array();
        float[] slopes = gradients.of(parameter).array();
        double sizes = 0; // sums of squares
        double changes = 0;
        double steepness = 0;
        double differences = 0;
        looks++;
        double share = Math.max(UnitWatch.NEW, 1.0 / looks); // of this look in m; the first ones have equal shares
        for (int i = 0; i < blocks.length; i++) {
            int ofBefore = i * block;
            int ofValue = parameter.value().offset() + blocks[i];
            int ofSlopes = gradients.of(parameter).offset() + blocks[i];
            for (int k = 0; k < block; k++) {
                double old = before[ofBefore + k];
                double moved = value[ofValue + k] - old;
                double steep = slopes[ofSlopes + k];
                double difference = steep - meanGradient[ofBefore + k];
                meanGradient[ofBefore + k] += (float) (share * difference);
                sizes += old * old;
                changes += moved * moved;
                steepness += steep * steep;
                differences += difference * difference;
            }
        }
        deviation = (1 - share) * (deviation + share * differences);
        squaredWeights = (1 - share) * (1 - share) * squaredWeights + share * share;
        double size = Math.sqrt(sizes);
        double change = Math.sqrt(changes);
        double slope = Math.sqrt(steepness);
        // The sample of a table may miss the rows in use.
        hadGradient = hadGradient || slope > 0 || gradients.of(parameter).maxAbs() > 0;
        if (size == 0) {
            return;
        }
        update = mean(update, change / size);
        gradient = mean(gradient, slope / size);
        double rootMeanSquare = size / Math.sqrt(before.length);
        boolean isSmall = rootMeanSquare * Math.sqrt(parameter.fans().in()) < SMALL;
        if (!isSmall && change / size > largest) {
            largest = change / size;
            largestAt = step;
        }
    }

    private static double mean(double old, double now) {
        return Double.isNaN(old) ? now : (1 - UnitWatch.NEW) * old + UnitWatch.NEW * now;
    }

    double update() {
        return update;
    }

    double gradient() {
        return gradient;
    }

    /** Signal over noise, |G|^2 / N; 0 if the estimate is negative; NaN before two looks, or without a gradient. */
    double signalToNoise() {
        double squaredMean = 0;
        for (float element : meanGradient) {
            squaredMean += (double) element * element;
        }
        return Math.max(0, (1 - squaredWeights) * squaredMean / deviation - squaredWeights);
    }

    WatchReport.Weight reading() {
        return new WatchReport.Weight(path, update, largest, largestAt, gradient, signalToNoise(), looks, hadGradient);
    }
}
