package nn.train.diagnose;

import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.tensor.Tensor;

/**
 * What the looks at a training have shown of one weight. Of a large one a sample is read: blocks of neighbours that lie
 * evenly in it. With 1024 elements that change independently the length of a change is off by 2.2 %: sqrt(1 / (2 n)).
 * Of a table, where a step changes the rows that were looked up, 64 times as many are read.
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
        for (int i = 0; i < blocks.length; i++) {
            int ofBefore = i * block;
            int ofValue = parameter.value().offset() + blocks[i];
            int ofSlopes = gradients.of(parameter).offset() + blocks[i];
            for (int k = 0; k < block; k++) {
                double old = before[ofBefore + k];
                double moved = value[ofValue + k] - old;
                double steep = slopes[ofSlopes + k];
                sizes += old * old;
                changes += moved * moved;
                steepness += steep * steep;
            }
        }
        double size = Math.sqrt(sizes);
        double change = Math.sqrt(changes);
        double slope = Math.sqrt(steepness);
        looks++;
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

    WatchReport.Weight reading() {
        return new WatchReport.Weight(path, update, largest, largestAt, gradient, looks, hadGradient);
    }
}
