package nn.train.diagnose;

import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.tensor.Tensor;

/**
 * What the looks at a training have shown of one weight. Of a large one a sample is read: blocks of neighbours that lie
 * evenly in it. With 16384 elements that change independently the length of a change is off by 0.6 %: sqrt(1 / (2 n)).
 * Of a table, where a step changes the rows that were looked up, sixteen times as many are read.
 */
final class WeightWatch {
    private static final int BLOCK = 64; // elements
    private static final int BLOCKS = 256;
    private static final int TABLE_BLOCKS = 4096;

    /** Weights that are smaller than this share of 1 / sqrt(fan in) begin near zero on purpose, and grow from there. */
    private static final double SMALL = 0.1;

    private final String path;
    private final Parameter parameter;
    private final int[] blocks; // where they begin, in the order of memory
    private final int block; // elements of each
    private final float[] before; // the elements of the sample
    private int looks;
    private int looksWithGradient;
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
        Tensor after = parameter.value();
        Tensor slopes = gradients.of(parameter);
        double squares = 0;
        double changes = 0;
        double slopeSquares = 0;
        for (int i = 0; i < blocks.length; i++) {
            int at = after.offset() + blocks[i];
            int slopeAt = slopes.offset() + blocks[i];
            for (int k = 0; k < block; k++) {
                double old = before[i * block + k];
                double change = after.array()[at + k] - old;
                double slope = slopes.array()[slopeAt + k];
                squares += old * old;
                changes += change * change;
                slopeSquares += slope * slope;
            }
        }
        double size = Math.sqrt(squares);
        double change = Math.sqrt(changes);
        double slope = Math.sqrt(slopeSquares);
        boolean hasSlope = slope > 0 || slopes.maxAbs() > 0; // of a table, the sample may miss the rows in use
        looks++;
        looksWithGradient += hasSlope ? 1 : 0;
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

    WatchReport.Weight reading() {
        return new WatchReport.Weight(path, update, largest, largestAt, gradient, looks, looksWithGradient);
    }
}
